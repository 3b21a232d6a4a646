"""Who may not answer what a run asks, whoever asked them and whatever door they come through.

It is the one place where that is decided: answers, assignments, delegations, escalations and reassignments
all ask here.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Row, Select, Uuid, any_, bindparam, distinct, func, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, aliased, defer

from officeflow.database import opening
from officeflow.database.tables import Employee, InboxEvent, WorkflowRun
from officeflow.errors import AnswerRefused, ConcernedPerson, StarterMayNot
from officeflow.people.rows import AnyUser
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

    def refusal(self, user: AnyUser | None, login: str = "") -> AnswerRefused | None:
        """Why this user, or this login of nobody known, may not; None where they may."""
        names = _all_names(login) if user is None else _all_names(login, user.email, user.airflow_login or "")
        if not names.isdisjoint(self.concerned):
            return ConcernedPerson(
                "it is about you: somebody else has to answer",
                hint=f"it can be given to somebody else: {typed('approval reassign')}",
            )
        if not names.isdisjoint(self.starters):
            return StarterMayNot(
                "you have started this run: somebody else has to answer",
                hint=f"it can be given to somebody else: {typed('approval reassign')}",
            )
        return None

    def why(self, user: AnyUser) -> str:
        """The same for others to read; "" where they may."""
        match self.refusal(user):
            case None:
                return ""
            case ConcernedPerson():
                return f"{user.email} is the person that it is about"
            case _:
                return f"{user.email} has started the run"


class _Run(NamedTuple):
    """What is asked of a run here: also the event that started it, where there is one, and whom it is about,
    where that is somebody who is known.
    """

    run_id: uuid.UUID
    parent_run_id: uuid.UUID | None
    org_id: uuid.UUID
    started_by: str
    event: Any
    earlier: Collection[str]
    """Addresses that any event ever gave the person: a user keeps the one with which they were made."""
    person: Employee | None


_Runs = Mapping[uuid.UUID, _Run]


def of_run(session: Session, run: WorkflowRun) -> Barred:
    """Of the run, and of those that called it."""
    return of_runs(session, [run.run_id])[run.run_id]


def of_runs(session: Session, run_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Barred]:
    """Of each of these runs, as `of_run`."""
    if not run_ids:
        return {}
    known = _with_their_callers(session, run_ids)
    above = {run_id: list(_upwards(known, run_id)) for run_id in run_ids}
    found = {}
    for run_id, there in above.items():
        concerned = {_same(name) for each in there for name in _of_person(each)}
        starters = {_same(each.started_by) for each in there} - {""}
        found[run_id] = Barred(frozenset(concerned), frozenset(starters))
    return found


def _with_their_callers(session: Session, run_ids: Collection[uuid.UUID]) -> _Runs:
    """These runs, and all above them, by their ids."""
    rows = session.execute(_with_callers(), {"run_ids": list(run_ids)}).all()
    people = [(row.Employee, row.stored) for row in rows if row.Employee is not None]
    opening.open_column(session, Employee.sensitive, people)
    return {row.run_id: _run(row) for row in rows}


def _run(row: Row[Any]) -> _Run:
    given = itertools.chain(*(getattr(row, field) or () for field in OWN_ADDRESSES))
    return _Run(
        run_id=row.run_id,
        parent_run_id=row.parent_run_id,
        org_id=row.org_id,
        started_by=row.started_by,
        event=row.event,
        earlier={name for name in given if name},
        person=row.Employee,
    )


@cache
def _with_callers() -> Select[*tuple[Any, ...]]:
    asked = WorkflowRun.run_id == any_(bindparam("run_ids", type_=ARRAY(Uuid)))
    found = select(WorkflowRun.run_id, WorkflowRun.parent_run_id).where(asked).cte("found", recursive=True)
    caller = aliased(WorkflowRun)
    callers = select(caller.run_id, caller.parent_run_id).join(found, found.c.parent_run_id == caller.run_id)
    found = found.union(callers)
    earlier = _earlier().lateral("earlier")
    return (
        select(WorkflowRun.run_id, WorkflowRun.parent_run_id, WorkflowRun.org_id, WorkflowRun.started_by)
        .add_columns(WorkflowRun.context["event"].label("event"), *earlier.c)
        .add_columns(Employee, opening.as_stored(Employee.sensitive).label("stored"))
        .join(found, found.c.run_id == WorkflowRun.run_id)
        .outerjoin(Employee, Employee.employee_id == WorkflowRun.employee_id)
        .join(earlier, true())
        .options(defer(Employee.sensitive))
    )


def _earlier() -> Select[*tuple[Any, ...]]:
    """Of a query of runs with whom they are about: one row for each."""
    identifiers = any_(array([WorkflowRun.employee_key, Employee.external_id]))
    return (
        select(
            *(
                func.array_agg(distinct(InboxEvent.payload[field].astext)).label(field)
                for field in OWN_ADDRESSES
            )
        )
        .where(InboxEvent.org_id == WorkflowRun.org_id, InboxEvent.employee_key == identifiers)
        .correlate(WorkflowRun, Employee)
    )


def _upwards(known: _Runs, run_id: uuid.UUID) -> Iterator[_Run]:
    seen = set()
    found: _Run | None = known[run_id]
    while found is not None and found.run_id not in seen:
        yield found
        seen.add(found.run_id)
        found = known.get(found.parent_run_id) if found.parent_run_id else None


def _of_person(of: _Run) -> Iterator[str]:
    payload = _event(of).get("payload")
    records = [
        employees.as_values(of.person) if of.person else {},
        payload if isinstance(payload, dict) else {},
    ]
    names = (record.get(field) for record in records for field in OWN_ADDRESSES)
    yield from (name for name in names if isinstance(name, str) and name)
    keys = (_event(of).get("employee"), of.person and of.person.external_id)
    yield from (key for key in keys if isinstance(key, str) and key)
    yield from of.earlier


def _event(of: _Run) -> Mapping[str, Any]:
    return of.event if isinstance(of.event, dict) else {}


@lru_cache(maxsize=10_000)
def _same(name: str) -> str:
    """Alike for all spellings of one login, identifier or mailbox: `Ana+hr@acme.example` is
    `ana@acme.example`.
    """
    local, at, domain = name.strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}" if at else domain


@lru_cache(maxsize=10_000)
def _all_names(*names: str) -> frozenset[str]:
    """Of one user, who is looked at for each request that a list has of theirs."""
    return frozenset(_same(name) for name in names if name)
