"""Who may not answer what a run asks, whoever asked them and whatever door they come through.

It is the one place where that is decided: answers, assignments, delegations, escalations and reassignments
all ask here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from officeflow.database.tables import Employee, User, WorkflowRun
from officeflow.errors import AnswerRefused, ConcernedPerson, StarterMayNot
from officeflow.program import typed
from officeflow.tenants import employees

OWN_ADDRESSES = ("work_email", "personal_email", "email")
"""Fields of a person's record, and of an event, that hold an address of the person."""


@dataclass(frozen=True, slots=True)
class Barred:
    """Names in lower case: of the person a run is about (addresses, the HR system's identifier), and the
    logins by which it was started.
    """

    concerned: frozenset[str] = frozenset()
    starters: frozenset[str] = frozenset()

    def refusal(self, user: User | None, login: str = "") -> AnswerRefused | None:
        """Why this user, or this login of nobody known, may not; None where they may."""
        names = {name.lower() for name in (login, *_names(user)) if name}
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
        starters |= {each.started_by.lower()} - {""}
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
    yield from (name.lower() for name in names if isinstance(name, str) and name)


def _names(user: User | None) -> tuple[str, ...]:
    return () if user is None else (user.email, user.airflow_login or "")
