"""`bench crash`: events are worked off while `kill -9` hits every process of ours and of Airflow, and workers
in the middle of acts.

Each event is to have three effects: an account (SCIM), a mail (SMTP) and a meeting (CalDAV). What happened is
counted in those systems' own journals, and once more by what is there at the end: by login, recipient and
title, for the directory and the calendar do not keep the identities that we give to what we make (with
`--identities kept` they do). What nobody can tell is asked; the benchmark answers as a person would, by
looking into the system. At the end the same is done without the ledger, by a patch that only this benchmark's
processes find: there must be doubles, or the counting proves nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks import counting, frame, seen
from benchmarks.bench import Bench
from benchmarks.held_wire import HeldWire
from benchmarks.kills import OURS_AND_AIRFLOWS, ActKiller, Killer
from officeflow.database.tables import AuditRecord, NodeRun, WorkflowRun
from officeflow.demo import setup
from officeflow.demo.run import systems
from officeflow.events.producer import EventProducer, NewEvent, compose
from officeflow.events.topics import EMPLOYEE_ONBOARD
from officeflow.stack.servers import counterparts
from officeflow.stack.supervision.supervisor import Supervisor
from officeflow.statuses import ActStatus

SYSTEMS = ("scim", "smtp", "caldav")
DAG = "acme__bench-crash"
WITHOUT_LEDGER = Path(__file__).parent / "without_ledger"
WORKFLOW = {
    "slug": "bench-crash",
    "name": "Benchmark of crashes",
    "trigger": {"events": [EMPLOYEE_ONBOARD]},
    "nodes": [
        {
            "id": "account",
            "type": "identity.create_account",
            "connection": "directory",
            "params": {
                "login": "${{ event.payload.work_email }}",
                "external_id": "${{ event.employee }}",
                "family_name": "Bench",
                "on_conflict": "number",
            },
        },
        {
            "id": "mail",
            "type": "email.send",
            "connection": "mail",
            "params": {
                "to": ["${{ event.payload.work_email }}"],
                "subject": "Welcome",
                "text": "Hello {{ event.employee }}",
            },
        },
        {
            "id": "meeting",
            "type": "calendar.create_event",
            "connection": "calendar",
            "params": {
                "title": "First day of {{ event.employee }}",
                "date": "2026-12-01",
                "time": "09:30",
                "time_zone": "UTC",
            },
        },
    ],
    "edges": [{"from": "account", "to": "mail"}, {"from": "account", "to": "meeting"}],
}


def tell(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


@dataclass
class Sender:
    """Produces the events in a thread of its own, one after the other, also while a process is away."""

    bench: Bench
    count: int
    per_second: float
    sent: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        threading.Thread(target=self._send_all, daemon=True).start()

    def _send_all(self) -> None:
        producer = EventProducer(self.bench.stack.kafka)
        org_id = self.bench.org.org_id
        for number in range(self.count):
            event = f"crash-{number:04d}-{uuid.uuid4().hex[:8]}"
            payload = {
                "given_name": "Kim",
                "family_name": "Bench",
                "work_email": login(event),
                "start_date": "2026-12-01",
            }
            new = NewEvent(
                kind=EMPLOYEE_ONBOARD,
                organization=setup.ORG,
                employee=event,
                payload=payload,
                time=dt.datetime.now(dt.UTC),
                source="https://hr.example",
                id=event,
            )
            producer.send([compose(new, org_id=org_id)])
            self.sent.append(event)
            time.sleep(1 / self.per_second)
        self.done.set()


def login(event: str) -> str:
    return f"{event}@acme.example"


@contextlib.contextmanager
def held_wires(bench: Bench, killer: ActKiller) -> Iterator[None]:
    """All three systems are reached through wires that hold the answers to writes."""
    ports = bench.stack.ports
    with contextlib.ExitStack() as wires:
        held = {
            name: wires.enter_context(HeldWire(ports[name], partial(killer.on_answer, name))).port
            for name in SYSTEMS
        }
        connections = [
            each.model_copy(
                update={
                    "fields": {
                        name: _through(held, ports, each.provider, value)
                        for name, value in each.fields.items()
                    }
                }
            )
            for each in counterparts.connections(bench.stack)
        ]
        setup.ensure_connections(bench.api, connections)
        yield


def _through(held: dict[str, int], ports: Any, provider: str, value: str) -> str:
    port = str(ports[provider])
    return value.replace(f":{port}/", f":{held[provider]}/") if value != port else str(held[provider])


@dataclass(frozen=True)
class Outcome:
    count: counting.Count
    runs: int
    ended: Counter[str]
    asked: int
    resumed: int
    killed: Counter[str]
    at: Counter[str]
    """Of those that acted, at which system."""
    unfinished: tuple[str, ...]


def run(
    bench: Bench, options: argparse.Namespace, *, events: int, services: Sequence[str], ask: bool
) -> Outcome:
    """Send, kill, and wait until all is worked off or the time is over."""
    bench.publish(WORKFLOW)
    killer = ActKiller(SYSTEMS)
    with held_wires(bench, killer):
        sender = Sender(bench, events, options.per_second)
        sender.start()
        kills = Killer(Supervisor(bench.stack.layout), bench.api, killer, tell)
        kills.in_turn(services, going_on=lambda: not sender.done.is_set())
        tell("all events are sent and the last kill is over")
        sender.done.wait(60)
        resolver = Resolver(bench)
        unfinished = drain(bench, sender.sent, resolver if ask else None, seconds=options.limit)
    return outcome(bench, sender.sent, resolver, killer, unfinished)


def drain(bench: Bench, sent: Sequence[str], resolver: Resolver | None, *, seconds: float) -> tuple[str, ...]:
    """Wait for the end of every event's run; the events whose run has not ended well when the time is
    over.
    """
    deadline = time.monotonic() + seconds
    told = 0.0
    while True:
        states = run_states(bench)
        open_events = tuple(event for event in sent if not {"success"} & set(states.get(event, ())))
        done_for = resolver is None and all(set(states.get(event, ())) & {"failed"} for event in open_events)
        if not open_events or done_for or time.monotonic() > deadline:
            return open_events
        if resolver is not None:
            resolver.answer_all()
        if time.monotonic() - told > 15:
            told = time.monotonic()
            tell(f"{len(open_events)} of {len(sent)} runs have not ended well so far")
        time.sleep(1)


def run_states(bench: Bench) -> dict[str, list[str]]:
    rows = bench.airflow_tables.execute(
        "select conf->'event'->>'id', state from dag_run where dag_id = %s", (DAG,)
    ).fetchall()
    states: dict[str, list[str]] = {}
    for event, state in rows:
        states.setdefault(event, []).append(state)
    return states


class Resolver:
    """Answers what is asked: looks into the system, and says it with `officeflow ledger resolve`."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.not_done: Counter[str] = Counter()
        """Of each act's key, how often the answer was that it was not done."""

    def answer_all(self) -> None:
        questions = open_questions(self._bench)
        there = seen.everything(systems(self._bench.stack)) if questions else Counter[counting.Act]()
        for key, node, event, where in questions:
            found = bool(there[event, node])
            command = [
                sys.executable,
                "-m",
                "officeflow.cli.main",
                "ledger",
                "resolve",
                where,
                node,
                "--done" if found else "--not-done",
            ]
            command += ["--why", "looked into the system", "--login", "admin", "--password-stdin"]
            password = self._bench.stack.secrets["airflow_admin"]
            answered = subprocess.run(
                command, input=f"{password}\n", capture_output=True, text=True, check=False
            )
            said = (
                "answered" if answered.returncode == 0 else f"not answered: {answered.stderr.strip()[-200:]}"
            )
            tell(f"{node} of {event} was asked; there: {'yes' if found else 'no'}; {said}")
            self.not_done[key] += 1 if not found and answered.returncode == 0 else 0


def open_questions(bench: Bench) -> list[tuple[str, str, str, str]]:
    """Of each act that waits for an answer: key, node, event, `<DAG>/<run>`."""
    with bench.database.tenant(bench.org.org_id) as session:
        query = (
            select(
                NodeRun.idempotency_key, NodeRun.node_key, WorkflowRun.correlation_id, WorkflowRun.dag_run_id
            )
            .join(WorkflowRun, WorkflowRun.run_id == NodeRun.run_id)
            .where(NodeRun.status == ActStatus.ASKED)
        )
        return [(key, node, event, f"{DAG}/{run_id}") for key, node, event, run_id in session.execute(query)]


def outcome(
    bench: Bench, sent: Sequence[str], resolver: Resolver, killer: ActKiller, unfinished: tuple[str, ...]
) -> Outcome:
    data = bench.stack.layout.data
    journals = {
        name: counting.journal(data / name / "requests.jsonl") for name in ("scim", "inbox", "caldav")
    }
    done = counting.effects(journals["scim"], journals["inbox"], journals["caldav"]) | seen.everything(
        systems(bench.stack)
    )
    still_open = {(event, node) for _, node, event, _ in open_questions(bench)}
    states = run_states(bench)
    with bench.database.tenant(bench.org.org_id) as session:
        attempts = {
            key: int(number)
            for key, number in session.execute(select(NodeRun.idempotency_key, NodeRun.attempt))
        }
        key = AuditRecord.details["key"].astext
        failed = select(key, func.count()).where(AuditRecord.action == "act.failed").group_by(key)
        failures = (
            Counter({str(act): int(number) for act, number in session.execute(failed)}) + resolver.not_done
        )
        asked = session.scalar(select(func.count()).where(AuditRecord.action == "act.asked")) or 0
    return Outcome(
        count=counting.count(sent, done, still_open),
        runs=sum(map(len, states.values())),
        ended=Counter(state for found in states.values() for state in found),
        asked=asked,
        resumed=counting.resumed(attempts, failures),
        killed=killer.killed,
        at=killer.at,
        unfinished=unfinished,
    )


def show(title: str, found: Outcome) -> None:
    count = found.count
    print(
        f"{title}: sent {count.sent}, runs {found.runs} ({_listed(found.ended)}), effects {count.effects} of"
        f" {3 * count.sent},"
    )
    print(
        f"  lost {count.lost}, doubled {count.doubled}, asked {found.asked}, STARTED rows resumed"
        f" {found.resumed}"
    )
    print(f"  killed: {_listed(found.killed)}; those that acted, at {_listed(found.at)}")
    if count.strange:
        print(f"  effects of no event that was sent: {count.strange}")
    if found.unfinished:
        print(
            f"  not finished when the time was over: {len(found.unfinished)}, such as"
            f" {', '.join(found.unfinished[:5])}"
        )


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())


@contextlib.contextmanager
def forgetful(*, wanted: bool) -> Iterator[None]:
    """The counterparts of a stack that is started in here lose the identities that we give."""
    before = os.environ.pop(counterparts.FORGETFUL, None)
    try:
        os.environ.update({counterparts.FORGETFUL: "yes"} if wanted else {})
        yield
    finally:
        os.environ.pop(counterparts.FORGETFUL, None)
        os.environ.update({counterparts.FORGETFUL: before} if before is not None else {})


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    results = []
    if options.quick:
        options.events, options.bypassed_events, options.per_second = 12, 8, 0.5
    if options.only != "bypassed":
        with (
            forgetful(wanted=options.identities == "lost"),
            frame.bench_stack(executor=options.executor) as bench,
        ):
            found = run(bench, options, events=options.events, services=OURS_AND_AIRFLOWS, ask=True)
        show("with the ledger", found)
        results += [
            frame.Result("crash.lost", found.count.lost, "max:0"),
            frame.Result("crash.doubled", found.count.doubled, "max:0"),
            frame.Result("crash.resumed", found.resumed, "min:1"),
        ]
    if options.only != "ledger":
        with frame.bench_stack(
            executor=options.executor, environment={"PYTHONPATH": str(WITHOUT_LEDGER)}
        ) as bench:
            found = run(
                bench,
                options,
                events=options.bypassed_events,
                services=("listener", "steward", "airflow-scheduler"),
                ask=False,
            )
        show("the ledger bypassed", found)
        results.append(frame.Result("crash.bypassed_doubles", found.count.doubled, "min:1"))
    return results


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=300, help="How many events.")
    parser.add_argument("--bypassed-events", type=int, default=60, help="How many events without the ledger.")
    parser.add_argument("--per-second", type=float, default=2.0, help="How many events are sent in a second.")
    parser.add_argument(
        "--limit", type=float, default=300, help="Seconds after the last kill until the rest is not finished."
    )
    parser.add_argument(
        "--executor", choices=("local", "celery"), default="local", help="Airflow's executor."
    )
    parser.add_argument(
        "--identities",
        choices=("lost", "kept"),
        default="lost",
        help="Whether the systems keep employee numbers and UIDs, with the ledger.",
    )
    parser.add_argument("--only", choices=("ledger", "bypassed"), help="One half alone.")
    parser.add_argument("--quick", action="store_true", help="A smoke test: few events.")


if __name__ == "__main__":
    frame.main(measure, options)
