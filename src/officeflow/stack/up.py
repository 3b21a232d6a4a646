"""Starting the stack: what runs already stays, what is missing is made, what broke is repaired."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from officeflow.errors import Unavailable
from officeflow.program import typed
from officeflow.stack import kafka, ports, postgres, processes, valkey
from officeflow.stack.airflow_services import prepare_airflow
from officeflow.stack.airflow_settings import setup_for
from officeflow.stack.layout import Layout, read_json, write_private
from officeflow.stack.logfiles import last_lines
from officeflow.stack.parts import EVERYTHING, backing_services, platform_services
from officeflow.stack.progress import Progress, Step
from officeflow.stack.service import Service
from officeflow.stack.stack import GIVEN_BY, Given, Stack
from officeflow.stack.supervision import Supervisor

RESTARTS_BEFORE_GIVING_UP = 4


def start_stack(
    layout: Layout,
    *,
    progress: Progress,
    given: Given | None = None,
    parts: frozenset[str] = EVERYTHING,
    tied: bool = False,
    executor: str | None = None,
    changes: Mapping[str, str] | None = None,
) -> Stack:
    """Bring these parts up and return when every one of them is ready; `Unavailable` says what did not come, and why.

    Safe to call at any time and from two processes. A part that runs goes on running, unless its configuration changed. A `tied` stack
    ends with the calling process. `executor` is `local` or `celery`; None is what it was at the last start.
    `changes` are variables of Airflow's processes that are wanted instead of the stack's own, for this start.
    """
    layout.prepare()
    with _only_one(layout):
        supervisor = Supervisor(layout, tied=tied)
        given = given or Given()
        executor = executor or read_json(layout.state_file).get("executor", "local")
        stack = Stack(layout, _ports(layout, supervisor, progress), given, executor, changes or {})
        _check(stack, progress)
        backing, where = backing_services(stack, parts, progress)
        services = [*backing, *platform_services(stack, parts)]
        supervisor.configure(services)
        _write_state(stack, services, where)
        _start(supervisor, backing, progress)
        if where and not given.both_databases:
            with progress.step("Databases"):
                postgres.create_databases(stack)
        if any(service.name == "kafka" for service in backing):
            with progress.step("Kafka's rights"):
                kafka.grant(stack)
        _migrate(stack, parts - _running_parts(supervisor), progress)
        _start(supervisor, [service for service in services if service not in backing], progress)
        _note_pids(layout, supervisor)
    return stack


@contextlib.contextmanager
def _only_one(layout: Layout) -> Iterator[None]:
    """Two starts of one home come after each other."""
    with os.fdopen(os.open(layout.home / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ports(layout: Layout, supervisor: Supervisor, progress: Progress) -> dict[str, int]:
    with progress.step("Ports") as step:
        if supervisor.is_running():
            return ports.choose(layout, ports.DEFAULTS, in_use=ports.DEFAULTS)
        killed = processes.end_leftovers(layout.run)
        chosen = ports.choose(layout, ports.DEFAULTS)
        said = [f"ended what an earlier start left: {', '.join(killed)}"] if killed else []
        if moved := [f"{name} {port}" for name, port in chosen.items() if port != ports.DEFAULTS[name]]:
            said.append(f"not the usual ones: {', '.join(moved)}")
        step.say("; ".join(said))
    return chosen


def _check(stack: Stack, progress: Progress) -> None:
    """What is to be used instead of started must be there; addresses hold passwords, so only the variable is named."""
    checks: Mapping[str, Callable[[], bool]] = {
        "kafka_bootstrap": lambda: kafka.answers(stack.kafka),
        "database_url": lambda: postgres.answers(stack.database_url),
        "airflow_database_url": lambda: postgres.answers(stack.airflow_database_url),
        "redis_url": lambda: valkey.answers_at(stack.redis_url),
    }
    named = [name for name in checks if getattr(stack.given, name)]
    if named:
        with progress.step("Given services: " + ", ".join(named)):
            for name in named:
                if not checks[name]():
                    raise Unavailable(f"what {GIVEN_BY[name]} names does not answer", hint="start it, or unset the variable")


def _running_parts(supervisor: Supervisor) -> frozenset[str]:
    """Parts whose processes all run with the present configuration: their tables were seen to when they started."""
    states = {name: info["statename"] for name, info in supervisor.states().items()}
    airflow = [state for name, state in states.items() if name.startswith("airflow-")]
    return frozenset({"airflow"}) if airflow and set(airflow) == {"RUNNING"} else frozenset()


def _migrate(stack: Stack, parts: frozenset[str], progress: Progress) -> None:
    if parts & {"airflow", "listeners"}:
        from officeflow.database import migrate
        from officeflow.database.roles import Logins

        with progress.step("OfficeFlow's tables"):
            migrate.upgrade(stack.database_url, logins=Logins(stack.database_tenant_url, stack.database_service_url))
    if "airflow" in parts:
        with progress.step("Airflow's tables and accounts"):
            prepare_airflow(setup_for(stack))


def _start(supervisor: Supervisor, services: Sequence[Service], progress: Progress) -> None:
    """Start these in order of priority, and wait for all of them together: each bears that another is not ready yet."""
    ordered = sorted(services, key=lambda service: service.priority)
    if not ordered:
        return
    with progress.step("Starting " + ", ".join(service.name for service in ordered)) as step:
        supervisor.start(service.name for service in ordered)
        _await(supervisor, ordered, step)


def _await(supervisor: Supervisor, batch: Sequence[Service], step: Step) -> None:
    waiting = {service.name: service for service in batch}
    started = time.monotonic()
    deadlines = {service.name: started + service.start_seconds for service in batch}
    seen: dict[str, set[int]] = {name: set() for name in waiting}
    while waiting:
        states = supervisor.states()
        for name, service in list(waiting.items()):
            state = states[name]
            seen[name].add(state["pid"])
            if state["statename"] == "RUNNING" and (service.ready is None or service.ready()):
                del waiting[name]
            elif state["statename"] == "FATAL" or len(seen[name]) > RESTARTS_BEFORE_GIVING_UP or time.monotonic() > deadlines[name]:
                raise _did_not_come(supervisor.layout, service, state["statename"])
        step.say(f"waiting for {', '.join(waiting)}" if waiting else "")
        if waiting:
            time.sleep(0.1 if time.monotonic() - started < 5 else 0.5)  # asking costs time that those who start need


def _did_not_come(layout: Layout, service: Service, state: str) -> Unavailable:
    log = layout.log_file(service.name)
    tail = "\n  ".join(last_lines(log, 8))
    why = "ends as soon as it starts" if state != "RUNNING" else f"is not ready after {service.start_seconds:.0f} s"
    return Unavailable(f"{service.name} {why}; the end of {log}:\n  {tail}", hint=f"`{typed('up')}` tries again")


def _note_pids(layout: Layout, supervisor: Supervisor) -> None:
    """What runs when all is up: a process that has another pid later was started again by supervisord."""
    pids = {name: info["pid"] for name, info in supervisor.states().items()}
    write_private(layout.state_file, json.dumps({**read_json(layout.state_file), "pids": pids}, indent=1))


def _write_state(stack: Stack, services: Iterable[Service], where: postgres.Place | None) -> None:
    state: Mapping[str, object] = {
        "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "ports": dict(stack.ports),
        "services": [{"name": s.name, "priority": s.priority, "ports": dict(s.ports), "urls": dict(s.urls)} for s in services],
        "executor": stack.executor,
        "given": [name for name in Given.__dataclass_fields__ if getattr(stack.given, name)],
        "fallback": str(where.fallback) if where and where.fallback else None,
        "environment": stack.environment,
    }
    write_private(stack.layout.state_file, json.dumps(state, indent=1))
