"""A person of `acme`, marked in every field, with a run and all that comes of one."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import func, select, update

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, Organization, OutboxMessage, User, WorkflowRun
from officeflow.errors import InvalidEvent
from officeflow.events import inbox, quarantine, run_orders
from officeflow.events.message import Message
from officeflow.events.quarantine import Refused
from officeflow.ids import new_id, workflow_run_id
from officeflow.people import answers, requests
from officeflow.runner.inquiring import store as inquiries
from officeflow.runs import store
from officeflow.runs.acts import ActRequest, Done, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect, Question
from officeflow.statuses import EventStatus, InquiryKind, RefusalReason, RequestKind, RunStatus
from officeflow.tenants import employees, users
from officeflow.waiting import calls, events

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
SHOWN, HIDDEN = "Zebedee", "Xylographer"
"""Marks: in what may be shown of somebody, and in what may not."""


@dataclass
class Somebody:
    """Somebody with an event, a run, acts, a question with its answer, and letters."""

    database: Database
    org: Organization
    external_id: str
    shown: str = SHOWN
    hidden: str = HIDDEN
    dag_run_id: str = field(default_factory=lambda: f"evt__{new_id().hex}")

    @property
    def dag_id(self) -> str:
        return f"{self.org.slug}__hire"

    @property
    def run_id(self) -> uuid.UUID:
        return workflow_run_id(self.dag_id, self.dag_run_id)

    def tenant(self) -> Any:
        return self.database.tenant(self.org.org_id)

    def hired(self) -> Somebody:
        """All of it, by the functions that write it for the product."""
        self._arrive()
        self._employ()
        self._begin()
        self._act()
        self._ask()
        self._wait()
        self._be_refused()
        self._order()
        self._inquire()
        self.end()
        return self

    def end(self) -> None:
        with self.database.service() as session:
            run = session.get_one(WorkflowRun, self.run_id)
            run.status, run.ended_at = RunStatus.SUCCEEDED, NOW
            run.error_details = {"code": "x", "message": f"{self.shown} was not found", "hint": self.shown}
            run.control_why = f"{self.shown} asked"

    def event(self, event_id: str = "") -> Message:
        body = {
            "type": "employee.onboard",
            "organizationId": self.org.slug,
            "employeeId": self.external_id,
            "payload": self.payload | {"personal_email": f"{self.hidden}@home.example"},
            "timestamp": NOW.isoformat(),
        }
        topic = f"employee.onboard.{self.org.slug}"
        return Message(topic=topic, partition=0, offset=new_id().int % 10**9, value=json.dumps(body).encode())

    @property
    def payload(self) -> dict[str, Any]:
        return {"given_name": self.shown, "work_email": f"{self.shown}@acme.example".lower()}

    def _arrive(self) -> None:
        with self.database.service() as session:
            accepted = inbox.accept(session, self.event(), own_source="officeflow")
            row = session.scalars(select(InboxEvent).where(InboxEvent.event_id == accepted.event.id)).one()
            row.status, row.dispatched_at, row.last_error = EventStatus.DISPATCHED, NOW, f"no {self.shown}"

    def _employ(self) -> None:
        with self.tenant() as session:
            employees.apply_event(
                session,
                self.org.org_id,
                kind="employee.onboard",
                external_id=self.external_id,
                event_id="hire",
                event_time=NOW,
                payload=self.payload,
                sensitive={"personal_email": f"{self.hidden}@home.example"},
            )

    def _begin(self) -> None:
        event = {"id": "hire", "source": "hr", "kind": "employee.onboard", "org": self.org.slug}
        conf = {
            "event": {**event, "employee": self.external_id, "payload": self.payload},
            "correlation_id": "c",
        }
        with self.tenant() as session:
            store.ensure_run(
                session,
                org_id=self.org.org_id,
                dag_id=self.dag_id,
                dag_run_id=self.dag_run_id,
                conf=conf,
                status=RunStatus.RUNNING,
            )

    @property
    def ref(self) -> RunRef:
        return RunRef(
            run_id=self.run_id,
            org_id=self.org.org_id,
            org=self.org.slug,
            dag_id=self.dag_id,
            dag_run_id=self.dag_run_id,
            correlation_id="c",
            employee=self.external_id,
        )

    def _act(self) -> None:
        request = ActRequest(
            run=self.ref,
            node="create",
            type="identity.create_account",
            effect=Effect.KEYED,
            params={"login": self.shown, "private": self.hidden},
            connection="directory",
        )

        def act(attempt: Any) -> Done:
            attempt.story.append({"step": "found", "text": f"nobody called {self.shown}"})
            output = {"login": self.shown, "private": self.hidden}
            return Done(
                output=output, public={"login": self.shown, "private": "***"}, sensitive=[self.hidden]
            )

        Ledger(self.database, SystemClock()).once(request, act)

    def _ask(self) -> None:
        place = requests.Place(run_id=self.run_id, node="approve", act_key="approve")
        form = {
            "type": "object",
            "properties": {"size": {"type": "string", "title": f"Size of {self.shown}"}},
        }
        question = Question(
            subject=f"May {self.shown} come in?",
            body=f"They live at {self.hidden}.",
            options=("Approve", "Reject"),
            kind=RequestKind.FORM,
            form=form,
            asked=({"user": "boss@acme.example"},),
        )
        with self.tenant() as session:
            if not session.scalar(select(User).where(User.email == "boss@acme.example")):
                users.create(
                    session,
                    self.org.org_id,
                    email="boss@acme.example",
                    name="Boss",
                    role="admin",
                    airflow_login="boss",
                )
            asked = requests.ask(session, place, question, now=NOW).request_id
        with self.tenant() as session:
            answers.answer(
                session,
                asked,
                login="boss",
                choice="Approve",
                reason="all is well",
                values={"size": self.hidden},
                door="command",
                now=NOW,
            )

    def _wait(self) -> None:
        with self.tenant() as session:
            events.note(
                session,
                events.Wait(
                    wait_id=new_id(),
                    org_id=self.org.org_id,
                    run_id=self.run_id,
                    node_key="await",
                    map_index=-1,
                    generation=1,
                    kinds=("employee.update",),
                    employee=self.external_id,
                    expression=f"event.payload.name == '{self.shown}'",
                    bindings={"nodes": {"create": {"output": self.hidden}}},
                    since=NOW,
                    deadline=None,
                ),
            )
            calls.want(
                session,
                calls.Wanted(
                    request_id=new_id(),
                    org_id=self.org.org_id,
                    parent_run_id=self.run_id,
                    node_key="call",
                    map_index=-1,
                    generation=1,
                    workflow="equip",
                    version=None,
                    input={"login": self.hidden},
                    sensitive=[self.hidden],
                ),
            )

    def _be_refused(self) -> None:
        """One message that says whom it is about, and one that only mentions them."""
        mention = Message(
            topic=f"employee.exit.{self.org.slug}",
            partition=0,
            offset=new_id().int % 10**9,
            value=f'not JSON: "{self.external_id}" {self.hidden}'.encode(),
            headers=(("from", self.shown.encode()),),
        )
        error = InvalidEvent(f"{self.shown}?", reason_code=RefusalReason.NOT_JSON)
        with self.database.service() as session:
            refused = [Refused(each, error, self.org.org_id) for each in (self.event(), mention)]
            quarantine.store(session, refused)

    def _order(self) -> None:
        body = {
            "specversion": "1.0",
            "id": new_id().hex,
            "source": "desk",
            "type": "workflow.run.request",
            "organizationid": self.org.slug,
            "data": {
                "workflow": "hire",
                "employee": self.external_id,
                "payload": {"note": self.hidden},
                "why": "asked",
            },
        }
        message = Message(
            topic="workflow.run.request",
            partition=0,
            offset=new_id().int % 10**9,
            value=json.dumps(body).encode(),
            headers=(("content-type", b"application/cloudevents+json"),),
        )
        with self.database.service() as session:
            stored = run_orders.store(session, [message], own_source="officeflow")
            assert len(stored.new) == 1, stored

    def _inquire(self) -> None:
        question = inquiries.Question(
            kind=InquiryKind.WORKFLOW,
            request={"event": {"note": self.hidden, "employee": self.external_id}},
            subject="workflow:hire",
            by="cli:boss",
            employee=self.external_id,
        )
        with self.tenant() as session:
            put = inquiries.put(session, self.org.org_id, question)
        taken = inquiries.take(self.database, self.org.org_id, put)
        inquiries.end(self.database, taken, {"found": [self.hidden, self.shown]})


def told(database: Database, org: Organization) -> None:
    """Kafka has taken all that waits in the outbox."""
    with database.service() as session:
        session.execute(update(OutboxMessage).values(sent_at=func.now()))


@pytest.fixture
def somebody(database: Database, org: Organization) -> Somebody:
    made = Somebody(database, org, "E-77").hired()
    told(database, org)
    return made


@pytest.fixture
def boss(database: Database, org: Organization) -> None:
    """A second admin beside `boss`."""
    with database.tenant(org.org_id) as session:
        users.create(
            session, org.org_id, email="ceo@acme.example", name="Ceo", role="admin", airflow_login="ceo"
        )


def found_in(url: str, *marks: str) -> dict[str, list[str]]:
    """Tables whose rows, as COPY writes them, hold one of the marks, whatever its case."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(url) as connection:
        for table, line in _lines(connection):
            text = line.lower()
            for mark in marks:
                forms = (mark.lower(), mark.encode().hex())
                if any(form in text for form in forms):
                    found.setdefault(table, []).append(line)
    return found


def _lines(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, str]]:
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    for (table,) in tables:
        with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
            for row in b"".join(rows).decode().splitlines():
                yield table, row
