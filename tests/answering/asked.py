"""People who are asked, and what they are asked, as a node would have it."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import (
    AnswerLink,
    AuditRecord,
    Employee,
    HumanAssignment,
    HumanRequest,
    Organization,
    User,
    WorkflowRun,
)
from officeflow.ids import employee_id, workflow_run_id
from officeflow.people import links, requests, unmailed
from officeflow.people.requests import Place
from officeflow.sdk import Question
from officeflow.statuses import DecisionRule, RequestKind, RequestState
from officeflow.tenants import users

CLOCK = SystemClock()
FORM: Mapping[str, Any] = {
    "properties": {
        "laptop": {"type": "string", "enum": ["small", "large"], "title": "Which laptop"},
        "desk": {"type": "integer", "minimum": 1},
        "bank": {"type": "string", "x-sensitive": True},
        "remote": {"type": "boolean"},
    },
    "required": ["laptop"],
}


class Asked:
    """`users` are made with the login that is their name."""

    def __init__(self, database: Database, org: Organization, dag_id: str = "acme__hire") -> None:
        self.database = database
        self.org = org
        self.dag_id = dag_id
        self.run_name = f"run__{secrets.token_hex(4)}"
        self.run_id = workflow_run_id(dag_id, self.run_name)
        person = employee_id(org.org_id, "E-1")
        with database.service() as session:
            if session.get(Employee, person) is None:
                session.add(
                    Employee(
                        employee_id=person,
                        org_id=org.org_id,
                        external_id="E-1",
                        status="preboarding",
                        work_email=f"concerned@{org.slug}.example",
                    )
                )
            session.flush()
            session.add(
                WorkflowRun(
                    run_id=self.run_id,
                    org_id=org.org_id,
                    employee_id=person,
                    dag_id=dag_id,
                    dag_run_id=self.run_name,
                    trigger_event="employee.onboard",
                    context={"event": {"employee": "E-1"}},
                    correlation_id="c-1",
                    status="RUNNING",
                    started_by="starter",
                )
            )

    def user(self, name: str, role: str = "approver") -> User:
        with self.database.tenant(self.org.org_id) as session:
            email = f"{name}@{self.org.slug}.example"
            found = session.scalar(select(User).where(User.email == email))
            return found or users.create(
                session, self.org.org_id, email=email, name=name.title(), role=role, airflow_login=name
            )

    def ask(
        self,
        *names: str,
        node: str = "decide",
        kind: RequestKind = RequestKind.APPROVAL,
        now: dt.datetime | None = None,
        rule: DecisionRule = DecisionRule.ANY,
        **question: Any,
    ) -> uuid.UUID:
        """The id of a request that these people may answer."""
        people = [self.user(name).email for name in names]
        options = {
            RequestKind.APPROVAL: ("Approve", "Reject"),
            RequestKind.FORM: ("Submit",),
            RequestKind.TASK: ("Done",),
        }
        told = Question(
            kind=kind,
            rule=rule,
            asked=tuple({"user": email} for email in people),
            **{
                "subject": "May Ana have access to <payroll>?",
                "body": "She starts on **Monday**.",
                "options": options[kind],
                "reasons": ("Reject",) if kind is RequestKind.APPROVAL else (),
                **question,
            },
        )
        place = Place(run_id=self.run_id, node=node, act_key=node)
        with self.database.tenant(self.org.org_id) as session:
            return requests.ask(session, place, told, now=now or CLOCK.now()).request_id

    def request(self, request_id: uuid.UUID) -> HumanRequest:
        with self.database.tenant(self.org.org_id) as session:
            return session.get_one(HumanRequest, request_id)

    def seats(self, request_id: uuid.UUID) -> Sequence[HumanAssignment]:
        with self.database.tenant(self.org.org_id) as session:
            return requests.seats(session, requests.find(session, request_id))

    def link(
        self, request_id: uuid.UUID, name: str = "", *, hours: float = 1, now: dt.datetime | None = None
    ) -> str:
        """The token of a link of the one who is asked, or of this user."""
        at = now or CLOCK.now()
        with self.database.tenant(self.org.org_id) as session:
            there = unmailed.addressees(session, request_id, now=CLOCK.now())
            to = next(each for each in there if name in {"", each.email.partition("@")[0]})
            return links.mint(
                session,
                org_id=to.org_id,
                assignment_id=to.assignment_id,
                user_id=to.user_id,
                now=at,
                until=at + dt.timedelta(hours=hours),
            )

    def link_row(self, token: str) -> AnswerLink:
        with self.database.service() as session:
            return session.get_one(AnswerLink, links.digest(token))

    def audited(self) -> list[tuple[str, str]]:
        """Who did what, in order."""
        with self.database.tenant(self.org.org_id) as session:
            rows = session.scalars(select(AuditRecord).order_by(AuditRecord.position))
            return [(row.actor, row.action) for row in rows]

    def change(self, request_id: uuid.UUID, **values: Any) -> None:
        with self.database.tenant(self.org.org_id) as session:
            request = session.get_one(HumanRequest, request_id)
            for name, value in values.items():
                setattr(request, name, value)

    def is_open(self, request_id: uuid.UUID) -> bool:
        return self.request(request_id).state == RequestState.OPEN
