"""Who may not answer what a run asks, whoever asked them and whatever door they come through.

It is the one place where that is decided: answers, assignments, delegations, escalations and reassignments
all ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import Employee, InboxEvent, User, WorkflowRun
from officeflow.errors import AnswerRefused, ConcernedPerson, StarterMayNot
from officeflow.program import typed
from officeflow.tenants import employees

OWN_ADDRESSES = ("work_email", "personal_email", "email")
"""Fields of a person's record, and of an event, that hold an address of the person."""


@dataclass(frozen=True, slots=True)
class Barred:
    """Names as `_same` writes them: of the person a run is about (addresses, the HR system's identifier), and
    the logins by which it was started.
    """

    concerned: frozenset[str] = frozenset()
    starters: frozenset[str] = frozenset()

    def refusal(self, user: User | None, login: str = "") -> AnswerRefused | None:
        """Why this user, or this login of nobody known, may not; None where they may."""
        names = {_same(name) for name in (login, *_names(user)) if name}
        if names & self.concerned:
            return ConcernedPerson(
                "it is about you: somebody else has to answer",
                hint=f"it can be given to somebody else: {typed('approval reassign')}",
            )
        if names & self.starters:
            return StarterMayNot(
                "you have started this run: somebody else has to answer",
                hint=f"it can be given to somebody else: {typed('approval reassign')}",
            )
        return None

    def why(self, user: User) -> str:
        """The same for others to read; "" where they may."""
        match self.refusal(user):
            case None:
                return ""
            case ConcernedPerson():
                return f"{user.email} is the person that it is about"
            case _:
                return f"{user.email} has started the run"


def of_run(session: Session, run: WorkflowRun) -> Barred:
    """Of the run, and of those that called it."""
    concerned, starters = set[str](), set[str]()
    for each in _with_callers(session, run):
        concerned |= set(_of_person(session, each))
        starters |= {_same(each.started_by)} - {""}
    return Barred(frozenset(concerned), frozenset(starters))


def _with_callers(session: Session, run: WorkflowRun) -> Iterator[WorkflowRun]:
    seen = set()
    found: WorkflowRun | None = run
    while found is not None and found.run_id not in seen:
        yield found
        seen.add(found.run_id)
        found = session.get(WorkflowRun, found.parent_run_id) if found.parent_run_id else None


def _of_person(session: Session, run: WorkflowRun) -> Iterator[str]:
    event = run.context.get("event")
    told = event if isinstance(event, dict) else {}
    payload = told.get("payload")
    person = session.get(Employee, run.employee_id) if run.employee_id else None
    records = [employees.as_values(person) if person else {}, payload if isinstance(payload, dict) else {}]
    names = [told.get("employee"), person and person.external_id]
    names += [record.get(field) for record in records for field in OWN_ADDRESSES]
    names += _earlier(session, run, names[:2])
    yield from (_same(name) for name in names if isinstance(name, str) and name)


def _earlier(session: Session, run: WorkflowRun, keys: Iterable[Any]) -> Iterator[Any]:
    """Addresses that any event ever gave the person: a user keeps the one with which they were made."""
    identifiers = [key for key in keys if isinstance(key, str) and key]
    fields = [InboxEvent.payload[field].astext for field in OWN_ADDRESSES]
    query = select(*fields).where(InboxEvent.org_id == run.org_id, InboxEvent.employee_key.in_(identifiers))
    for row in session.execute(query.distinct()) if identifiers else ():
        yield from row


def _same(name: str) -> str:
    """Alike for all spellings of one login, identifier or mailbox: `Ana+hr@acme.example` is
    `ana@acme.example`.
    """
    local, at, domain = name.strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}" if at else domain


def _names(user: User | None) -> tuple[str, ...]:
    return () if user is None else (user.email, user.airflow_login or "")
