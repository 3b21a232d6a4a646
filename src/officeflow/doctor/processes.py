"""The supervised processes, and what ours say of themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from officeflow.counts import counted
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.layout import read_json
from officeflow.monitoring import duties
from officeflow.program import typed
from officeflow.runtime import holders, own_ports
from officeflow.stack.parts import HEALTH_NAMES
from officeflow.stack.supervision import control
from officeflow.stack.supervision.states import ProcessState

AREA = "processes"
JUST_STARTED = 30
"""Seconds for which it is told that a process was started again."""

SILENT_SECONDS = 15.0

PATIENT_SECONDS = 180
"""A broker or a database that starts anew is away for less."""
BOUND_FOR = {"event": "to Kafka", "letter": "into the quarantine"}

SERVICES = {health_name: name for name, health_name in HEALTH_NAMES.items()}
"""What `officeflow logs` calls the process that writes the health file of this name."""


def supervised(subject: Subject) -> Iterator[Finding]:
    if not subject.state:
        yield warning(
            f"no stack was started in {subject.layout.home}: processes that run elsewhere cannot be seen from"
            " here"
        )
        return
    found = control.status(subject.layout, with_memory=False)
    if not found.running:
        yield problem("the stack does not run", typed("up"))
        return
    down = [service for service in found.services if service.state != ProcessState.RUNNING]
    for service in down:
        yield problem(
            f"{service.name} is {service.state}", f"{typed('logs')} {service.name}, then {typed('up')}"
        )
    first = subject.state.get("pids", {})  # of those that `up` waited for; none before it has ended
    if young := [
        s.name
        for s in found.services
        if s.pid and s.seconds < JUST_STARTED and s.pid != first.get(s.name, s.pid)
    ]:
        yield warning(
            f"started again a moment ago: {', '.join(young)}", f"{typed('logs NAME')} says why it ended"
        )
    if not down:
        yield ok(f"running: {counted(len(found.services), 'process', 'processes')}")


def ports(subject: Subject) -> Iterator[Finding]:
    """Whether each server has its own port. Whoever else has it is sent nothing."""
    known = holders.services_by_port(subject.layout)
    found = holders.strangers(subject.layout, known)
    runs = control.is_running(subject.layout)
    for port, holder in found.items():
        says, do = (
            own_ports.told(known[port], port, holder),
            f"`{typed('up')}` takes another port; or stop that program",
        )
        yield (
            problem(f"{says}: nothing is sent there, and {known[port]} cannot be reached", do)
            if runs
            else warning(says, do)
        )
    if known and not found:
        yield ok(f"none of the {len(known)} ports of the stack is held by another program")


def health(subject: Subject) -> Iterator[Finding]:
    """What the listener, the steward and the gateway say: each writes its file every second."""
    for path in sorted(subject.layout.health.glob("*.json")):
        name = SERVICES.get(path.stem, path.stem)
        age, told = time.time() - path.stat().st_mtime, read_json(path)
        if age > SILENT_SECONDS:
            yield problem(
                f"the {name} has said nothing for {age:.0f} s: it hangs or is gone", f"{typed('logs')} {name}"
            )
            continue
        if told.get("error"):
            yield problem(f"the {name} is {told.get('state')}: {told['error']}", f"{typed('logs')} {name}")
        for away, why in told.get("problems", {}).items():
            yield warning(f"the {name} does without {away}: {why}")
        staying = list(_staying(name, told))
        yield from staying
        if held := told.get("held"):
            yield warning(
                f"the {name} holds {', '.join(held)} for some minutes: too much is bad there",
                f"{typed('quarantine list')} shows what came",
            )
        failing = duties.failing(told, subject.state)
        for duty, why in failing.items():
            yield problem(f"the {name}'s duty {duty} fails: {why}", f"{typed('logs')} {name}")
        if not told.get("error") and not failing and not staying:
            yield ok(f"the {name} is {told.get('state')}")


def _staying(name: str, told: Mapping[str, Any]) -> Iterator[Finding]:
    """Deliveries that were accepted and go no further: their senders think them done."""
    for kind, delayed in told.get("cannot_leave", {}).items():
        if delayed["seconds"] >= PATIENT_SECONDS:
            waiting = counted(told.get("spool", {}).get(kind, 0), "delivery", "deliveries")
            yield problem(
                f"for {delayed['seconds'] // 60} min {waiting} cannot go from the {name}'s disk"
                f" {BOUND_FOR.get(kind, 'on')}: {delayed['why']}",
                f"mend that, and they go by themselves; `{typed('logs')} {name}`",
            )


CHECKS = (
    Check(area=AREA, name="supervised", examine=supervised),
    Check(area=AREA, name="ports", examine=ports),
    Check(area=AREA, name="health", examine=health),
)
