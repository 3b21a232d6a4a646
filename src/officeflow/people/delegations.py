"""Who stands in for whom: from one day to another, both included, by the calendar of UTC."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, CTE, ColumnElement, Date, Select, Uuid, any_, bindparam, select
from sqlalchemy.orm import Session, aliased

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.reading import rows
from officeflow.database.tables import Delegation, User
from officeflow.errors import InvalidDelegation, NotKnown
from officeflow.ids import new_id
from officeflow.people.barred import Barred
from officeflow.people.rows import AnyUser, Person, columns
from officeflow.tenants import users


def make(
    session: Session,
    org_id: uuid.UUID,
    *,
    from_email: str,
    to_email: str,
    starts_on: dt.date,
    ends_on: dt.date,
    by: str,
    why: str = "",
    now: dt.datetime,
) -> Delegation:
    """From the first to the last day `to_email` answers in the place of `from_email`.

    `NotKnown` for somebody who is no user of the organization; `InvalidDelegation` for days that are over or
    the wrong way round, to oneself, to somebody who is not active, in a circle, or beside another one of
    these days. `by` is who decides, as the audit log names people.
    """
    giver, taker = users.find(session, org_id, from_email), users.find(session, org_id, to_email)
    _check_days(starts_on, ends_on, now)
    _check_people(giver, taker)
    _check_others(session, giver, taker, starts_on, ends_on)
    made = Delegation(
        delegation_id=new_id(),
        org_id=org_id,
        from_user_id=giver.user_id,
        to_user_id=taker.user_id,
        starts_on=starts_on,
        ends_on=ends_on,
        made_by=by,
        why=why[:1000],
        created_at=now,
    )
    session.add(made)
    session.flush()
    details = {"to": taker.email, "from_day": str(starts_on), "to_day": str(ends_on), "why": made.why}
    _record(session, org_id, giver, AuditAction.DELEGATION_MADE, by=by, details=details)
    return made


def end(
    session: Session, org_id: uuid.UUID, delegation_id: uuid.UUID, *, by: str, now: dt.datetime
) -> Delegation:
    """Take it back: it holds no more from now on. One that was taken back before stays as it is."""
    found = session.get(Delegation, delegation_id, with_for_update=True)
    if found is None or found.org_id != org_id:
        raise NotKnown(f"there is no delegation {delegation_id}")
    if found.ended_at is None:
        found.ended_at = now
        giver, taker = (session.get_one(User, each) for each in (found.from_user_id, found.to_user_id))
        _record(session, org_id, giver, AuditAction.DELEGATION_ENDED, by=by, details={"to": taker.email})
    return found


def every(session: Session, org_id: uuid.UUID, *, day: dt.date | None = None) -> Sequence[Delegation]:
    """Those that were not taken back, by their first day; with a `day`, those that are not over by then."""
    query = select(Delegation).where(Delegation.org_id == org_id, Delegation.ended_at.is_(None))
    if day is not None:
        query = query.where(Delegation.ends_on >= day)
    return session.scalars(query.order_by(Delegation.starts_on, Delegation.delegation_id)).all()


def stand_ins(session: Session, user_ids: Collection[uuid.UUID], day: dt.date) -> Mapping[uuid.UUID, Person]:
    """Who stands in on that day for each of these users, and for those who stand in for them: for `chain`."""
    if not user_ids:
        return {}
    found = rows(session, _stand_ins(), {"user_ids": list(user_ids), "day": day})
    return {row[0]: Person._make(row[1:]) for row in found}


def chain(user: AnyUser, takers: Mapping[uuid.UUID, Person], barred: Barred) -> list[Person]:
    """Who stands in for the user, by the `stand_ins` of a day: each hop, the last one answers. Empty: nobody
    does.

    It ends before somebody who is not active or is barred from answering. Nobody stands in for somebody who
    is barred.
    """
    hops: list[Person] = []
    if barred.refusal(user) is not None:
        return hops
    seen, at = {user.user_id}, user.user_id
    while (taker := takers.get(at)) is not None and taker.user_id not in seen:
        if not taker.is_active or barred.refusal(taker) is not None:
            break
        hops.append(taker)
        seen.add(taker.user_id)
        at = taker.user_id
    return hops


def standing_for(session: Session, user_id: uuid.UUID, day: dt.date) -> frozenset[uuid.UUID]:
    """The user, and those who have delegated to them on that day, also by way of others."""
    givers = session.scalars(_standing_for(), {"user_id": user_id, "day": day})
    return frozenset({user_id, *givers})


def held_by(user_id: ColumnElement[uuid.UUID]) -> CTE:
    """The delegations to the user that hold on the parameter `day`, and those to who has delegated to them:
    `from_user_id` is who does not answer.
    """
    held = _held().where(Delegation.to_user_id == user_id).cte("held", recursive=True)
    further = aliased(Delegation)
    return held.union(_held(further).join(held, held.c.from_user_id == further.to_user_id))


@cache
def _stand_ins() -> Select[*tuple[Any, ...]]:
    """The newest last."""
    users = bindparam("user_ids", type_=ARRAY(Uuid))
    held = _held().where(Delegation.from_user_id == any_(users)).cte("held", recursive=True)
    further = aliased(Delegation)
    held = held.union(_held(further).join(held, held.c.to_user_id == further.from_user_id))
    query = select(held.c.from_user_id, *columns(User, Person)).join(User, User.user_id == held.c.to_user_id)
    return query.order_by(held.c.created_at, held.c.delegation_id)


@cache
def _standing_for() -> Select[uuid.UUID]:
    return select(held_by(bindparam("user_id", type_=Uuid)).c.from_user_id)


def _held(each: type[Delegation] = Delegation) -> Select[*tuple[Any, ...]]:
    """Delegations that hold on the day."""
    day = bindparam("day", type_=Date)
    return select(each.delegation_id, each.from_user_id, each.to_user_id, each.created_at).where(
        each.ended_at.is_(None), each.starts_on <= day, each.ends_on >= day
    )


def _check_days(starts_on: dt.date, ends_on: dt.date, now: dt.datetime) -> None:
    if ends_on < starts_on:
        raise InvalidDelegation(f"its last day, {ends_on}, is before its first, {starts_on}")
    if ends_on < now.astimezone(dt.UTC).date():
        raise InvalidDelegation(f"its last day, {ends_on}, is over")


def _check_people(giver: User, taker: User) -> None:
    if giver.user_id == taker.user_id:
        raise InvalidDelegation(f"{giver.email} cannot stand in for themselves")
    for user in (giver, taker):
        if not user.is_active:
            raise InvalidDelegation(f"{user.email} is no active user any more")


def _check_others(session: Session, giver: User, taker: User, first: dt.date, last: dt.date) -> None:
    """One stand-in a day, and no circle on any of the days."""
    session.execute(select(User.user_id).where(User.org_id == giver.org_id).with_for_update())
    for other in _within(session, giver, first, last):
        stand_in = session.get_one(User, other.to_user_id)
        raise InvalidDelegation(
            f"from {other.starts_on} to {other.ends_on} {stand_in.email} stands in for {giver.email} already",
            hint=f"end that one first: {other.delegation_id}",
        )
    pending = [(taker, first, last, [giver.email, taker.email])]
    while pending:
        at, since, until, path = pending.pop()
        for other in _within(session, at, since, until):
            then = session.get_one(User, other.to_user_id)
            if then.user_id == giver.user_id:
                raise InvalidDelegation(f"it would go in a circle: {' → '.join([*path, giver.email])}")
            if then.email not in path:
                days = max(since, other.starts_on), min(until, other.ends_on)
                pending.append((then, *days, [*path, then.email]))


def _within(session: Session, user: User, first: dt.date, last: dt.date) -> Sequence[Delegation]:
    """Delegations of the user on one of these days at least."""
    query = select(Delegation).where(
        Delegation.from_user_id == user.user_id,
        Delegation.ended_at.is_(None),
        Delegation.starts_on <= last,
        Delegation.ends_on >= first,
    )
    return session.scalars(query.order_by(Delegation.starts_on)).all()


def _record(
    session: Session, org_id: uuid.UUID, giver: User, action: AuditAction, *, by: str, details: dict[str, str]
) -> None:
    entry = AuditEntry(actor=by, action=action, subject=f"user:{giver.email}", details=details)
    audit.append(session, org_id, entry)
