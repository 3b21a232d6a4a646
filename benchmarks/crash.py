"""`bench crash`: events are worked off while `kill -9` hits every process of ours and of Airflow, and workers
in the middle of acts.

Each event is to have three effects: an account (SCIM), a mail (SMTP) and a meeting (CalDAV). Before the mail
its run waits for some seconds and then for an approval, so it is parked twice and answered once; the run of
every fourth event fails then, and its account and its meeting are taken back. What happened is counted in
those systems' own journals, and once more by what is there at the end: by login, recipient and title, for the
directory and the calendar do not keep the identities that we give to what we make (with `--identities kept`
they do). What nobody can tell is asked; the benchmark answers as a person would, by looking into the system.
At the end the same is done without the ledger and without waiting, by a patch that only this benchmark's
processes find: there must be doubles, or the counting proves nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks import counting, frame, seen
from benchmarks.bench import Bench
from benchmarks.crash_people import Approver, Resolver, open_questions
from benchmarks.crash_runs import PLAIN, WORKFLOWS, Sender, not_ended_well, run_states
from benchmarks.held_wire import HeldWire
from benchmarks.kills import ANSWERING, OURS_AND_AIRFLOWS, PARKING, ActKiller, Killer
from officeflow.database.tables import AuditRecord, NodeRun
from officeflow.demo import setup
from officeflow.demo.run import systems
from officeflow.stack.servers import counterparts
from officeflow.stack.supervision.supervisor import Supervisor

SYSTEMS = ("scim", "smtp", "caldav")
WITHOUT_LEDGER = Path(__file__).parent / "without_ledger"
ACTING_TYPES = ("identity.create_account", "email.send", "calendar.create_event")
DOOMED_EVERY = 4
"""Every so many-th event's run fails and is undone."""


def tell(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


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
    undone: counting.Undone
    runs: int
    ended: Counter[str]
    parked: int
    answered: int
    asked: int
    resumed: int
    killed: Counter[str]
    at: Counter[str]
    """Of those that acted, at which system."""
    unfinished: tuple[str, ...]


def run_bypassed(bench: Bench, options: argparse.Namespace) -> Outcome:
    """Send and kill until all events are sent, and wait until all runs have ended or the time is over."""
    for workflow in PLAIN:
        bench.publish(workflow)
    killer, sender = ActKiller(SYSTEMS), Sender(bench, options.bypassed_events, options.per_second)
    with held_wires(bench, killer):
        sender.start()
        kills = Killer(Supervisor(bench.stack.layout), bench.api, killer, tell)
        kills.in_turn(("listener", "steward", "airflow-scheduler"), going_on=lambda: not sender.done.is_set())
        sender.done.wait(60)
        unfinished = drain(bench, sender, None, seconds=options.limit)
    return outcome(bench, sender, killer, unfinished)


def run(bench: Bench, options: argparse.Namespace) -> Outcome:
    """Send, kill, answer what is asked, and wait until all is worked off or the time is over."""
    for workflow in WORKFLOWS:
        bench.publish(workflow)
    killer, resolver = ActKiller(SYSTEMS), Resolver(bench, tell)
    sender = Sender(bench, options.events, options.per_second, DOOMED_EVERY)
    with held_wires(bench, killer), Approver(bench) as approver:
        sender.start()
        moments = {PARKING: approver.is_parking, ANSWERING: approver.is_answering}
        kills = Killer(Supervisor(bench.stack.layout), bench.api, killer, tell, moments, undoing=True)
        kills.in_turn(OURS_AND_AIRFLOWS, going_on=lambda: not sender.done.is_set())
        tell("all events are sent and the last kill is over")
        sender.done.wait(60)
        unfinished = drain(bench, sender, resolver, seconds=options.limit)
    return outcome(bench, sender, killer, unfinished, resolver=resolver, approver=approver)


def drain(bench: Bench, sender: Sender, resolver: Resolver | None, *, seconds: float) -> tuple[str, ...]:
    """Wait for the end of every event's run; the events whose run has not ended well when the time is
    over. Where nobody answers what is asked, a run that failed has ended too.
    """
    deadline = time.monotonic() + seconds
    told = 0.0
    while True:
        open_events = not_ended_well(bench, sender.sent, sender.doomed)
        states = run_states(bench)
        done_for = resolver is None and all("failed" in states.get(event, ()) for event in open_events)
        if not open_events or done_for or time.monotonic() > deadline:
            return open_events
        if resolver is not None:
            resolver.answer_all()
        if time.monotonic() - told > 15:
            told = time.monotonic()
            tell(f"{len(open_events)} of {len(sender.sent)} runs have not ended well so far")
        time.sleep(1)


def outcome(
    bench: Bench,
    sender: Sender,
    killer: ActKiller,
    unfinished: tuple[str, ...],
    *,
    resolver: Resolver | None = None,
    approver: Approver | None = None,
) -> Outcome:
    data = bench.stack.layout.data
    scim, inbox, caldav = (
        counting.journal(data / name / "requests.jsonl") for name in ("scim", "inbox", "caldav")
    )
    done = counting.effects(scim, inbox, caldav) | seen.everything(systems(bench.stack))
    still_open = {(event, node) for _, node, event, _ in open_questions(bench)}
    standing = seen.standing(systems(bench.stack))
    states = run_states(bench)
    attempts, failures, asked = recorded(bench)
    return Outcome(
        count=counting.count(sender.sent, done, still_open, sender.doomed),
        undone=counting.count_undone(sender.doomed, done, counting.undoings(scim, caldav), standing),
        runs=sum(map(len, states.values())),
        ended=Counter(state for found in states.values() for state in found),
        parked=len(approver.parked) if approver else 0,
        answered=approver.answered if approver else 0,
        asked=asked,
        resumed=counting.resumed(attempts, failures + resolver.not_done if resolver else failures),
        killed=killer.killed,
        at=killer.at,
        unfinished=unfinished,
    )


def recorded(bench: Bench) -> tuple[dict[str, int], Counter[str], int]:
    """Of each act's key, how often it was begun, and how often it was recorded as failed; and how many were
    asked about.
    """
    with bench.database.tenant(bench.org.org_id) as session:
        rows = session.execute(
            select(NodeRun.idempotency_key, NodeRun.attempt).where(NodeRun.node_type.in_(ACTING_TYPES))
        )
        attempts = {key: int(number) for key, number in rows}
        key = AuditRecord.details["key"].astext
        failed = select(key, func.count()).where(AuditRecord.action == "act.failed").group_by(key)
        failures = Counter({str(act): int(number) for act, number in session.execute(failed)})
        asked = session.scalar(select(func.count()).where(AuditRecord.action == "act.asked")) or 0
    return attempts, failures, asked


def show(title: str, found: Outcome) -> None:
    count, undone = found.count, found.undone
    print(
        f"{title}: sent {count.sent}, runs {found.runs} ({_listed(found.ended)}), effects {count.effects} of"
        f" {count.wanted},"
    )
    print(
        f"  lost {count.lost}, doubled {count.doubled}, asked {found.asked}, STARTED rows resumed"
        f" {found.resumed}"
    )
    print(
        f"  runs parked {found.parked}, approvals answered {found.answered}; acts undone {undone.acts}, not"
        f" undone {undone.lost}, undone too often {undone.doubled}"
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
            found = run(bench, options)
        show("with the ledger", found)
        results += figures(found)
    if options.only != "ledger":
        with frame.bench_stack(
            executor=options.executor, environment={"PYTHONPATH": str(WITHOUT_LEDGER)}
        ) as bench:
            found = run_bypassed(bench, options)
        show("the ledger bypassed", found)
        results.append(frame.Result("crash.bypassed_doubles", found.count.doubled, "min:1"))
    return results


def figures(found: Outcome) -> list[frame.Result]:
    return [
        frame.Result("crash.lost", found.count.lost, "max:0"),
        frame.Result("crash.doubled", found.count.doubled, "max:0"),
        frame.Result("crash.resumed", found.resumed, "min:1"),
        frame.Result("crash.undone", found.undone.acts, "min:1"),
        frame.Result("crash.undone_lost", found.undone.lost, "max:0"),
        frame.Result("crash.undone_doubled", found.undone.doubled, "max:0"),
    ]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=300, help="How many events.")
    parser.add_argument("--bypassed-events", type=int, default=60, help="How many events without the ledger.")
    parser.add_argument("--per-second", type=float, default=2.0, help="How many events are sent in a second.")
    parser.add_argument(
        "--limit", type=float, default=600, help="Seconds after the last kill until the rest is not finished."
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
