"""What `bench crash` has worked off: its workflows, and who sends their events."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from benchmarks.bench import Bench
from officeflow.database.tables import WorkflowRun
from officeflow.demo import setup
from officeflow.events.producer import EventProducer, NewEvent, compose
from officeflow.events.topics import EMPLOYEE_ONBOARD
from officeflow.statuses import RunStatus

DAGS = ("acme__bench-crash", "acme__bench-crash-undone")
DOOMED = "Doomed"
"""The given name in events whose run fails and is undone."""

ACCOUNT = {
    "id": "account",
    "type": "identity.create_account",
    "connection": "directory",
    "params": {
        "login": "${{ event.payload.work_email }}",
        "external_id": "${{ event.employee }}",
        "family_name": "Bench",
        "on_conflict": "number",
    },
    "undo": "suspend",
}
MAIL = {
    "id": "mail",
    "type": "email.send",
    "connection": "mail",
    "params": {
        "to": ["${{ event.payload.work_email }}"],
        "subject": "Welcome",
        "text": "Hello {{ event.employee }}",
    },
}
MEETING = {
    "id": "meeting",
    "type": "calendar.create_event",
    "connection": "calendar",
    "params": {
        "title": "First day of {{ event.employee }}",
        "date": "2026-12-01",
        "time": "09:30",
        "time_zone": "UTC",
    },
}
PAUSE = {"id": "pause", "type": "flow.delay", "params": {"duration": "PT8S"}}
MAY = {"id": "may", "type": "human.approval", "params": {"subject": "May {{ event.employee }} start?"}}
FAIL = {"id": "spoil", "type": "flow.fail", "params": {"message": "it is to be undone"}}


def _workflow(slug: str, *way: Mapping[str, Any], where: str | None = None, **more: Any) -> dict[str, Any]:
    """An account, then a meeting, and beside that one after the other what is on the `way`."""
    path = [ACCOUNT, *way]
    edges = [{"from": first["id"], "to": second["id"]} for first, second in zip(path, way, strict=False)]
    return {
        "slug": slug,
        "name": slug,
        "trigger": {"events": [EMPLOYEE_ONBOARD], **({"filter": where} if where else {})},
        "nodes": [*path, MEETING],
        "edges": [*edges, {"from": "account", "to": "meeting"}],
        **more,
    }


WORKFLOWS = (
    _workflow("bench-crash", PAUSE, MAY, MAIL, where=f'event.payload.given_name != "{DOOMED}"'),
    _workflow(
        "bench-crash-undone",
        PAUSE,
        MAY,
        FAIL,
        where=f'event.payload.given_name == "{DOOMED}"',
        onFailure="undo",
    ),
)
PLAIN = (_workflow("bench-crash", MAIL),)
"""Without waits, questions and undoing: for the half without the ledger."""


@dataclass
class Sender:
    """Produces the events in a thread of its own, one after the other, also while a process is away.

    Every so many-th (`doomed_every`) is one whose run is undone; none where it is 0.
    """

    bench: Bench
    count: int
    per_second: float
    doomed_every: int = 0
    sent: list[str] = field(default_factory=list)
    doomed: set[str] = field(default_factory=set)
    done: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        threading.Thread(target=self._send_all, daemon=True).start()

    def _send_all(self) -> None:
        producer = EventProducer(self.bench.stack.kafka)
        org_id = self.bench.org.org_id
        for number in range(self.count):
            event = f"crash-{number:04d}-{uuid.uuid4().hex[:8]}"
            if self.doomed_every and number % self.doomed_every == 1:
                self.doomed.add(event)
            producer.send([compose(self._event(event), org_id=org_id)])
            self.sent.append(event)
            time.sleep(1 / self.per_second)
        self.done.set()

    def _event(self, event: str) -> NewEvent:
        payload = {
            "given_name": DOOMED if event in self.doomed else "Kim",
            "family_name": "Bench",
            "work_email": login(event),
            "start_date": "2026-12-01",
        }
        return NewEvent(
            kind=EMPLOYEE_ONBOARD,
            organization=setup.ORG,
            employee=event,
            payload=payload,
            time=dt.datetime.now(dt.UTC),
            source="https://hr.example",
            id=event,
        )


def login(event: str) -> str:
    return f"{event}@acme.example"


def run_states(bench: Bench) -> dict[str, list[str]]:
    """Of each event, how Airflow calls its runs."""
    rows = bench.airflow_tables.execute(
        "select conf->'event'->>'id', state from dag_run where dag_id = any(%s)", (list(DAGS),)
    ).fetchall()
    states: dict[str, list[str]] = {}
    for event, state in rows:
        states.setdefault(event, []).append(state)
    return states


def undone_runs(bench: Bench) -> set[str]:
    """The events whose run has been undone."""
    query = select(WorkflowRun.correlation_id).where(
        WorkflowRun.dag_id.in_(DAGS), WorkflowRun.status == RunStatus.COMPENSATED
    )
    with bench.database.tenant(bench.org.org_id) as session:
        return set(session.scalars(query))


def not_ended_well(bench: Bench, sent: Sequence[str], doomed: Iterable[str]) -> tuple[str, ...]:
    """The events whose run has not succeeded, or been undone, as it is to be."""
    states, undone, bad = run_states(bench), undone_runs(bench), set(doomed)
    return tuple(
        event
        for event in sent
        if not (event in undone if event in bad else "success" in states.get(event, ()))
    )
