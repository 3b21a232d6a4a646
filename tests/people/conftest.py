"""People of `acme`, a run about one of them, and what it asks the others."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from officeflow.database.engine import Database
from officeflow.database.tables import HumanRequest, Organization
from officeflow.ids import workflow_run_id
from officeflow.people import answers, delegations, groups, requests
from officeflow.runs import store
from officeflow.sdk import Question
from officeflow.statuses import RequestKind
from officeflow.tenants import employees, users

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAG, RUN = "acme__hire", "evt__0123456789abcdef0123456789abcdef"
RUN_ID = workflow_run_id(DAG, RUN)
APPROVE, REJECT = "Approve", "Reject"

TEAM = {
    "al": "operator",
    "bo": "operator",
    "cy": "operator",
    "dee": "admin",
    "eve": "editor",
    "ana": "operator",
    "sam": "operator",
}
"""`ana` is the person that the run is about, `sam` has started it."""


class Team:
    """What a test does, each in a transaction of its own."""

    def __init__(self, database: Database, org: Organization) -> None:
        self.database, self.org = database, org
        self.now = NOW

    def __call__(self) -> Any:
        return self.database.tenant(self.org.org_id)

    def ask(self, *asked: dict[str, Any], attempt: int = 1, **more: Any) -> uuid.UUID:
        given: dict[str, Any] = {
            "subject": "May ana come in?",
            "options": (APPROVE, REJECT),
            "kind": RequestKind.APPROVAL,
            "asked": asked,
        }
        place = requests.Place(run_id=RUN_ID, node="approve", act_key="approve", attempt=attempt)
        with self() as session:
            made = requests.ask(session, place, Question(**(given | more)), now=self.now)
            return made.request_id

    def say(
        self, request: uuid.UUID, login: str, choice: str = APPROVE, *, reason: str = "no", **more: Any
    ) -> answers.Answered:
        self.now += dt.timedelta(seconds=1)
        with self() as session:
            given: dict[str, Any] = {"door": "command", "now": self.now, **more}
            return answers.answer(session, request, login=login, choice=choice, reason=reason, **given)

    def request(self, request: uuid.UUID) -> HumanRequest:
        with self() as session:
            return requests.find(session, request)

    def asked(self, request: uuid.UUID) -> list[str]:
        """Who may answer now."""
        with self() as session:
            found = requests.holders(session, requests.find(session, request), now=self.now)
            return sorted(each.user.airflow_login or "" for each in found)

    def delegate(self, giver: str, taker: str, first: str = "2026-03-01", last: str = "2026-03-08") -> Any:
        with self() as session:
            return delegations.make(
                session,
                self.org.org_id,
                from_email=f"{giver}@acme.example",
                to_email=f"{taker}@acme.example",
                starts_on=dt.date.fromisoformat(first),
                ends_on=dt.date.fromisoformat(last),
                by="cli:dee",
                now=self.now,
            )

    def change(self, name: str, **fields: Any) -> None:
        with self() as session:
            user = users.find(session, self.org.org_id, f"{name}@acme.example")
            for field, value in fields.items():
                setattr(user, field, value)

    def employ(self, external_id: str, **fields: Any) -> None:
        with self() as session:
            employees.apply_event(
                session,
                self.org.org_id,
                kind="employee.onboard",
                external_id=external_id,
                event_id="e",
                event_time=self.now,
                payload=fields,
                sensitive={},
            )


@pytest.fixture
def team(database: Database, org: Organization) -> Team:
    made = Team(database, org)
    with made() as session:
        for name, role in TEAM.items():
            users.create(
                session,
                org.org_id,
                email=f"{name}@acme.example",
                name=name.capitalize(),
                role=role,
                airflow_login=name,
            )
        groups.add(session, org.org_id, "it", "al@acme.example", by="cli:dee")
        groups.add(session, org.org_id, "it", "ana@acme.example", by="cli:dee")
    made.employ("E-2", work_email="Bo@acme.example")
    made.employ("E-1", work_email="ana@acme.example", manager_external_id="E-2")
    with made() as session:
        _run(session, org)
    return made


def _run(session: Session, org: Organization) -> None:
    event = {"id": "e-1", "kind": "employee.onboard", "org": "acme", "employee": "E-1", "payload": {}}
    store.ensure_run(
        session,
        org_id=org.org_id,
        dag_id=DAG,
        dag_run_id=RUN,
        conf={"event": event, "correlation_id": "c-1"},
        started_by="sam",
    )
