"""What is to be reminded, escalated, ended or told to Airflow by now. Sessions are a service's: all
organizations are seen, and whoever acts on a request enters its organization.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from officeflow.database.tables import HumanRequest
from officeflow.statuses import RequestState

_OPEN = HumanRequest.state == RequestState.OPEN


def passed_deadline(request: HumanRequest, now: dt.datetime) -> dt.datetime | None:
    """When its time was over; None where it has time yet."""
    return request.deadline if request.deadline is not None and request.deadline <= now else None


def to_remind(session: Session, now: dt.datetime, *, most: int = 100) -> Sequence[HumanRequest]:
    """The reminder is due; whoever sends it sets `remind_at` to None, or to when the next one is due."""
    return _found(session, and_(_OPEN, HumanRequest.remind_at <= now), most)


def to_escalate(session: Session, now: dt.datetime, *, most: int = 100) -> Sequence[HumanRequest]:
    """For `requests.escalate`. What is past its deadline too, as after a time without a steward, is given to
    nobody else any more.
    """
    has_time = or_(HumanRequest.deadline.is_(None), HumanRequest.deadline > now)
    return _found(session, and_(_OPEN, HumanRequest.escalate_at <= now, has_time), most)


def to_expire(session: Session, now: dt.datetime, *, most: int = 100) -> Sequence[HumanRequest]:
    """For `requests.expire`."""
    return _found(session, and_(_OPEN, HumanRequest.deadline <= now), most)


def untold(
    session: Session, *, most: int = 100, without: Collection[uuid.UUID] = ()
) -> Sequence[HumanRequest]:
    """Decided or expired, and Airflow was not seen to know: its task waits still."""
    ended = HumanRequest.state.in_([RequestState.DECIDED, RequestState.EXPIRED])
    is_untold = and_(HumanRequest.decided_at.is_not(None), HumanRequest.told_airflow_at.is_(None))
    return _found(session, and_(ended, is_untold, HumanRequest.request_id.not_in(without)), most)


def told(session: Session, request_ids: Collection[uuid.UUID], *, now: dt.datetime) -> None:
    """Airflow was seen to know of these decisions."""
    session.execute(
        update(HumanRequest)
        .where(HumanRequest.request_id.in_(request_ids), HumanRequest.told_airflow_at.is_(None))
        .values(told_airflow_at=now)
    )


def reminded(session: Session, request_id: uuid.UUID, *, due: dt.datetime) -> None:
    """The reminder that was due then has been sent."""
    session.execute(
        update(HumanRequest)
        .where(HumanRequest.request_id == request_id, HumanRequest.remind_at == due)
        .values(remind_at=None)
    )


def _found(session: Session, which: ColumnElement[bool], most: int) -> Sequence[HumanRequest]:
    query = select(HumanRequest).where(which).order_by(HumanRequest.created_at).limit(most)
    return session.scalars(query).all()
