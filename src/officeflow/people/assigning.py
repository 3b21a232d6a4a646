"""From whom a workflow names to the users who are asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.database.tables import Employee, User, UserGroup, WorkflowRun
from officeflow.people.barred import Barred
from officeflow.tenants import employees


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who is asked, and why they are, for people."""

    user: User
    why: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """`unasked` says why some whom the workflow names are not asked, for people."""

    seats: tuple[Seat, ...] = ()
    unasked: tuple[str, ...] = ()


def assign(
    session: Session, run: WorkflowRun, asked: Iterable[Mapping[str, Any]], barred: Barred
) -> Assigned:
    """Whom `asked` names, each once, without those who may not answer.

    An entry that gives nobody gives those of its `or`.
    """
    seats: dict[Any, Seat] = {}
    unasked: list[str] = []
    for entry in asked:
        found = _with_others(session, run, entry, barred)
        unasked += found.unasked
        for seat in found.seats:
            seats.setdefault(seat.user.user_id, seat)
    return Assigned(tuple(seats.values()), tuple(dict.fromkeys(unasked)))


def _with_others(session: Session, run: WorkflowRun, entry: Mapping[str, Any], barred: Barred) -> Assigned:
    found = _named(session, run, entry, barred)
    if found.seats or not entry.get("or"):
        return found
    others = assign(session, run, entry["or"], barred)
    return Assigned(others.seats, (*found.unasked, *others.unasked))


def _named(session: Session, run: WorkflowRun, entry: Mapping[str, Any], barred: Barred) -> Assigned:
    if entry.get("manager"):
        users, why, none = _manager(session, run)
    elif role := entry.get("role"):
        users, why = _of_role(session, run, str(role)), f"role {role}"
        none = f"nobody has the role {role}"
    elif group := entry.get("group"):
        users, why = _of_group(session, run, str(group)), f"group {group}"
        none = f"nobody is in the group {group}"
    else:
        address = str(entry.get("user") or "")
        users, why = _of_address(session, run, address), "asked by name"
        none = f"the organization has no user {address}"
    return _who_may(users, why, none, barred)


def _who_may(users: Sequence[User], why: str, none: str, barred: Barred) -> Assigned:
    if not users:
        return Assigned((), (none,))
    seats, unasked = [], []
    for user in users:
        barred_for = barred.why(user) if user.is_active else f"{user.email} is no active user any more"
        if barred_for:
            unasked.append(f"{why}: {barred_for}")
        else:
            seats.append(Seat(user, why[:255]))
    return Assigned(tuple(seats), tuple(unasked))


def _of_role(session: Session, run: WorkflowRun, role: str) -> Sequence[User]:
    query = select(User).where(User.org_id == run.org_id, User.role == role, User.is_active)
    return session.scalars(query.order_by(User.email)).all()


def _of_group(session: Session, run: WorkflowRun, group: str) -> Sequence[User]:
    query = (
        select(User)
        .join(UserGroup, UserGroup.user_id == User.user_id)
        .where(User.org_id == run.org_id, UserGroup.group_name == group)
    )
    return session.scalars(query.order_by(User.email)).all()


def _of_address(session: Session, run: WorkflowRun, address: str) -> Sequence[User]:
    query = select(User).where(User.org_id == run.org_id, func.lower(User.email) == address.strip().lower())
    return session.scalars(query).all()


def _manager(session: Session, run: WorkflowRun) -> tuple[Sequence[User], str, str]:
    """The manager's user, why they are asked, and what is wrong where there is none."""
    person = session.get(Employee, run.employee_id) if run.employee_id else None
    if person is None:
        return (), "", "the run is about nobody, who could have a manager"
    who = person.external_id
    why = f"manager of {who}"
    if not person.manager_external_id:
        return (), why, f"nothing is known of a manager of {who}: the field manager_external_id"
    manager = employees.find(session, run.org_id, person.manager_external_id)
    if manager is None:
        return (), why, f"the manager of {who}, {person.manager_external_id}, is no known employee"
    if not manager.work_email:
        return (), why, f"the manager of {who}, {manager.external_id}, has no work address"
    users = _of_address(session, run, manager.work_email)
    return users, why, f"the manager of {who}, {manager.work_email}, is no user of the organization"
