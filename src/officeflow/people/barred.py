"""Who may not answer what a run asks, whoever asked them and whatever door they come through.

It is the one place where that is decided: answers, assignments, delegations, escalations and reassignments
all ask here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Select, String, Uuid, any_, bindparam, select
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
    earlier = _earlier(session, [each for there in above.values() for each in there])
    found = {}
    for run_id, there in above.items():
        concerned = {_same(name) for each in there for name in _of_person(each, earlier)}
        starters = {_same(each.started_by) for each in there} - {""}
        found[run_id] = Barred(frozenset(concerned), frozenset(starters))
    return found


def _with_their_callers(session: Session, run_ids: Collection[uuid.UUID]) -> _Runs:
    """These runs, and all above them, by their ids."""
    rows = session.execute(_with_callers(), {"run_ids": list(run_ids)}).all()
    people = [(row[-2], row[-1]) for row in rows if row[-2] is not None]
    opening.open_column(session, Employee.sensitive, people)
    return {row[0]: _Run._make(row[:-1]) for row in rows}


@cache
def _with_callers() -> Select[*tuple[Any, ...]]:
    asked = WorkflowRun.run_id == any_(bindparam("run_ids", type_=ARRAY(Uuid)))
    found = select(WorkflowRun.run_id, WorkflowRun.parent_run_id).where(asked).cte("found", recursive=True)
    caller = aliased(WorkflowRun)
    callers = select(caller.run_id, caller.parent_run_id).join(found, found.c.parent_run_id == caller.run_id)
    found = found.union(callers)
    return (
        select(WorkflowRun.run_id, WorkflowRun.parent_run_id, WorkflowRun.org_id, WorkflowRun.started_by)
        .add_columns(WorkflowRun.context["event"], Employee, opening.as_stored(Employee.sensitive))
        .join(found, found.c.run_id == WorkflowRun.run_id)
        .outerjoin(Employee, Employee.employee_id == WorkflowRun.employee_id)
        .options(defer(Employee.sensitive))
    )


def _upwards(known: _Runs, run_id: uuid.UUID) -> Iterator[_Run]:
    seen = set()
    found: _Run | None = known[run_id]
    while found is not None and found.run_id not in seen:
        yield found
        seen.add(found.run_id)
        found = known.get(found.parent_run_id) if found.parent_run_id else None


Earlier = Mapping[tuple[uuid.UUID, str], set[str]]


def _of_person(of: _Run, earlier: Earlier) -> Iterator[str]:
    payload = _event(of).get("payload")
    records = [
        employees.as_values(of.person) if of.person else {},
        payload if isinstance(payload, dict) else {},
    ]
    names = (record.get(field) for record in records for field in OWN_ADDRESSES)
    yield from (name for name in names if isinstance(name, str) and name)
    for key in _identifiers(of):
        yield key
        yield from earlier.get((of.org_id, key), ())


def _identifiers(of: _Run) -> list[str]:
    keys = [_event(of).get("employee"), of.person and of.person.external_id]
    return [key for key in keys if isinstance(key, str) and key]


def _event(of: _Run) -> Mapping[str, Any]:
    return of.event if isinstance(of.event, dict) else {}


def _earlier(session: Session, runs: Iterable[_Run]) -> Earlier:
    """Addresses that any event ever gave these people: a user keeps the one with which they were made."""
    keys = {(each.org_id, key) for each in runs for key in _identifiers(each)}
    if not keys:
        return {}
    given = {"org_ids": list({org_id for org_id, _ in keys}), "keys": list({key for _, key in keys})}
    found: dict[tuple[uuid.UUID, str], set[str]] = {}
    for org_id, key, *names in session.execute(_addresses(), given):
        found.setdefault((org_id, key), set()).update(name for name in names if name)
    return found


@cache
def _addresses() -> Select[*tuple[Any, ...]]:
    return (
        select(InboxEvent.org_id, InboxEvent.employee_key)
        .add_columns(*(InboxEvent.payload[field].astext for field in OWN_ADDRESSES))
        .where(
            InboxEvent.org_id == any_(bindparam("org_ids", type_=ARRAY(Uuid))),
            InboxEvent.employee_key == any_(bindparam("keys", type_=ARRAY(String))),
        )
        .distinct()
    )


@lru_cache(maxsize=10_000)
def _same(name: str) -> str:
    """Alike for all spellings of one login, identifier or mailbox: `Ana+hr@acme.example` is
    `ana@acme.example`.
    """
    local, at, domain = name.strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}" if at else domain


def _names(user: AnyUser | None) -> tuple[str, ...]:
    return () if user is None else (user.email, user.airflow_login or "")
