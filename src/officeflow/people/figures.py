"""How many questions are open, and for how long."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.database.tables import HumanRequest
from officeflow.statuses import RequestKind, RequestState

AGES = (dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=7))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestions:
    """Of one kind. Counted by age: younger than an hour, than a day, than a week, and older; `overdue` are
    tasks that should be done by now.
    """

    kind: RequestKind
    open: int
    within_hour: int
    within_day: int
    within_week: int
    older: int
    overdue: int
    oldest: dt.datetime


def open_questions(session: Session, org_id: uuid.UUID, *, now: dt.datetime) -> list[OpenQuestions]:
    created = HumanRequest.created_at
    hour, day, week = (now - age for age in AGES)
    query = (
        select(
            HumanRequest.kind,
            func.count().label("open"),
            func.count().filter(created > hour).label("within_hour"),
            func.count().filter(created <= hour, created > day).label("within_day"),
            func.count().filter(created <= day, created > week).label("within_week"),
            func.count().filter(created <= week).label("older"),
            func.count().filter(HumanRequest.due_at < now).label("overdue"),
            func.min(created).label("oldest"),
        )
        .where(HumanRequest.org_id == org_id, HumanRequest.state == RequestState.OPEN)
        .group_by(HumanRequest.kind)
        .order_by(HumanRequest.kind)
    )
    return [OpenQuestions(**row) for row in session.execute(query).mappings()]
