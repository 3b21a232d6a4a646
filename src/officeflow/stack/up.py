"""Starting the stack: what runs already stays, what is missing is made, what broke is repaired."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from officeflow.errors import InvalidInput, Unavailable
from officeflow.layout import Layout, read_json, write_private
from officeflow.program import typed
from officeflow.runtime import holders, processes
from officeflow.runtime.own_ports import told
from officeflow.stack import ports
from officeflow.stack.airflow.services import prepare_airflow
from officeflow.stack.airflow.settings import setup_for
from officeflow.stack.calling import DECIDED
from officeflow.stack.parts import EVERYTHING, backing_services, platform_services
from officeflow.stack.passed_on import PassedOn
from officeflow.stack.progress import Progress, Step
from officeflow.stack.servers import kafka, postgres, valkey
from officeflow.stack.stack import GIVEN_BY, Given, Stack
from officeflow.stack.supervision.logfiles import last_lines
from officeflow.stack.supervision.service import Service
from officeflow.stack.supervision.states import ProcessState
from officeflow.stack.supervision.supervisor import Supervisor

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
    passed: PassedOn | None = None,
    further: Collection[str] = (),
) -> Stack:
    """Bring these parts up and return when every one of them is ready; `Unavailable` says what did not come,
    and why.

    Safe to call at any time and from two processes. A part that runs goes on running, unless its
    configuration changed. A `tied` stack ends with the calling process. `executor` is `local` or `celery`;
    None is what it was at the last start. `changes` are variables of Airflow's processes that are wanted
    instead of the stack's own, for this start; `passed` is what the caller has set for the processes.
    `further` are counterparts that a demonstration wants beside those that are always there: they go on until
    the stack is stopped.
    """
    layout.prepare()
    with _only_one(layout):
        supervisor = Supervisor(layout, tied=tied)
        given = given or Given()
        before = read_json(layout.state_file)
        executor = executor or before.get("executor", "local")
        running = before.get("further", ()) if supervisor.is_running() else ()
        wanted = tuple(sorted({*further, *running}))
        chosen = _ports(layout, supervisor, progress, before, wanted)
        stack = Stack(layout, chosen, given, executor, changes or {}, passed or PassedOn(), wanted)
        _check(stack, progress)
        backing, where = backing_services(stack, parts, progress)
        services = [*backing, *platform_services(stack, parts)]
        _configure(supervisor, services, stack, progress)
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
        _note_pids(layout, supervisor, before)
    return stack


@contextlib.contextmanager
def _only_one(layout: Layout) -> Iterator[None]:
    """Two starts of one home come after each other."""
    with os.fdopen(os.open(layout.home / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ports(
    layout: Layout,
    supervisor: Supervisor,
    progress: Progress,
    before: Mapping[str, Any],
    further: Sequence[str],
) -> dict[str, int]:
    with progress.step("Ports") as step:
        usual = ports.defaults(further)
        wanted = ports.wanted(layout, usual)
        if supervisor.is_running():
            taken, had = holders.strangers(layout), before.get("ports", {})
            killed, in_use = [], [name for name in wanted if name in had and wanted[name] not in taken]
        else:
            killed, in_use = processes.end_leftovers(layout.run), []
        held = {name: holders.anyone(port) for name, port in wanted.items() if name not in in_use}
        chosen = ports.choose(layout, usual, in_use=in_use, usual=usual)
        said = [f"ended what an earlier start left: {', '.join(killed)}"] if killed else []
        said += [
            _moved(name, wanted[name], port, held[name])
            for name, port in chosen.items()
            if port != wanted[name]
        ]
        if unusual := [
            f"{name} {port}"
            for name, port in chosen.items()
            if wanted[name] == port != usual[name] and not in_use
        ]:
            said.append(f"not the usual ones: {', '.join(unusual)}")
        step.say("; ".join(said))
    return chosen


def _moved(name: str, before: int, now: int, holder: holders.Holder | None) -> str:
    return f"{name} {now} instead of {before}, which {holder or 'another checkout'} has"


def _check(stack: Stack, progress: Progress) -> None:
    """What is to be used instead of started must be there; addresses hold passwords, so only the variable is
    named.
    """
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
                    raise Unavailable(
                        f"what {GIVEN_BY[name]} names does not answer", hint="start it, or unset the variable"
                    )


def _configure(supervisor: Supervisor, services: Sequence[Service], stack: Stack, progress: Progress) -> None:
    """Say what the caller has set since the last start, and who starts anew: what that one is at is finished
    first, which takes time.
    """
    told = stack.passed.differences(read_json(stack.layout.state_file).get("passed", {}))
    with progress.step("Settings") as step:
        step.say("; ".join(told))
        changed = supervisor.configure(services)
        step.say("; ".join([*told, *([f"these start anew: {', '.join(changed)}"] if changed else [])]))


def _running_parts(supervisor: Supervisor) -> frozenset[str]:
    """Parts whose processes all run with the present configuration: their tables were seen to when they
    started.
    """
    states = {name: info["statename"] for name, info in supervisor.states().items()}
    airflow = [state for name, state in states.items() if name.startswith("airflow-")]
    return frozenset({"airflow"}) if airflow and set(airflow) == {ProcessState.RUNNING} else frozenset()


def _migrate(stack: Stack, parts: frozenset[str], progress: Progress) -> None:
    if parts & {"airflow", "listeners"}:
        from officeflow.database import migrate
        from officeflow.database.roles import Logins

        with progress.step("OfficeFlow's tables"):
            migrate.upgrade(
                stack.database_url,
                logins=Logins(
                    stack.database_tenant_url, stack.database_service_url, stack.database_gateway_url
                ),
            )
    if "airflow" in parts:
        with progress.step("Airflow's tables and accounts"):
            prepare_airflow(setup_for(stack))
        _grant_parking(stack, progress)


def _grant_parking(stack: Stack, progress: Progress) -> None:
    """The login by which runs are parked: made by a superuser on our own server, on another one by Airflow's
    owner. Where that one may not, nothing is parked, and all else works.
    """
    from officeflow.database import parking_login

    if not stack.parking_database_url:
        return
    owner = stack.airflow_database_url
    maker = owner if stack.given.airflow_database_url else stack.postgres_url("postgres", "postgres")
    with progress.step("Parking's login") as step:
        try:
            parking_login.ensure(stack.parking_database_url, maker_url=maker, owner_url=owner)
        except InvalidInput as error:
            step.say(str(error))


def _start(supervisor: Supervisor, services: Sequence[Service], progress: Progress) -> None:
    """Start these in order of priority, and wait for all of them together: each bears that another is not
    ready yet.
    """
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
            if state["statename"] == ProcessState.RUNNING and _is_ready(supervisor.layout, service):
                del waiting[name]
            elif (
                state["statename"] == ProcessState.FATAL
                or len(seen[name]) > RESTARTS_BEFORE_GIVING_UP
                or time.monotonic() > deadlines[name]
            ):
                raise _did_not_come(supervisor.layout, service, state["statename"])
        step.say(f"waiting for {', '.join(waiting)}" if waiting else "")
        if waiting:
            time.sleep(
                0.1 if time.monotonic() - started < 5 else 0.5
            )  # asking costs time that those who start need


def _is_ready(layout: Layout, service: Service) -> bool:
    """To ask whether it is ready may take a password: that is sent to the process itself, and not to who has
    its port.
    """
    if holders.strangers(layout, dict.fromkeys(service.ports.values(), service.name)):
        return False
    return service.ready is None or service.ready()


def _did_not_come(layout: Layout, service: Service, state: str) -> Unavailable:
    for port, found in holders.strangers(layout, dict.fromkeys(service.ports.values(), service.name)).items():
        return Unavailable(told(service.name, port, found), hint=f"`{typed('up')}` takes another port")
    log = layout.log_file(service.name)
    tail = "\n  ".join(last_lines(log, 8))
    why = (
        "ends as soon as it starts"
        if state != ProcessState.RUNNING
        else f"is not ready after {service.start_seconds:.0f} s"
    )
    return Unavailable(
        f"{service.name} {why}; the end of {log}:\n  {tail}", hint=f"`{typed('up')}` tries again"
    )


def _note_pids(layout: Layout, supervisor: Supervisor, before: Mapping[str, Any]) -> None:
    """What runs when all is up: a process that has another pid later was started again by supervisord.

    `ready` is since when that is so, noted where something was started: what failed before had nobody to talk
    to.
    """
    state = read_json(layout.state_file)
    pids = {name: info["pid"] for name, info in supervisor.states().items()}
    ready = before.get("ready") if pids == before.get("pids") else dt.datetime.now(dt.UTC).isoformat()
    write_private(layout.state_file, json.dumps({**state, "pids": pids, "ready": ready}, indent=1))


def _write_state(stack: Stack, services: Sequence[Service], where: postgres.Place | None) -> None:
    now = {port: service.name for service in services for port in service.ports.values()}
    before = holders.services_by_port(stack.layout)
    state: Mapping[str, object] = {
        "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "ports": dict(stack.ports),
        "services": [
            {"name": s.name, "priority": s.priority, "ports": dict(s.ports), "urls": dict(s.urls)}
            for s in services
        ],
        "left_ports": {
            port: name for port, name in before.items() if name in now.values() and port not in now
        },
        "executor": stack.executor,
        "further": list(stack.further),
        "given": [name for name in Given.__dataclass_fields__ if getattr(stack.given, name)],
        "fallback": str(where.fallback) if where and where.fallback else None,
        "environment": stack.environment,
        "passed": stack.passed.all,
        "decided": [*DECIDED],
    }
    write_private(stack.layout.state_file, json.dumps(state, indent=1))
