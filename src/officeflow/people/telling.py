"""What is told of requests: to the audit log, and to people."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, who
from officeflow.database import listening
from officeflow.database.tables import HumanAssignment, HumanRequest, User, WorkflowRun
from officeflow.people.rows import AnyRun, AnySeat, AnyUser
from officeflow.statuses import ENDED_RUNS, RunControl

CHANNEL = "officeflow_people"
"""PostgreSQL's notification that something has become of what people are asked."""

KEPT = 20
"""Answers that did not count, of which a request tells."""


def answerer(session: Session, said: HumanAssignment) -> str:
    """Who gave the answer, for people: `bo for al`, by their logins where they have one."""
    named = (session.get(User, each) for each in (said.user_id, said.answered_by) if each)
    return answerer_of(said, {user.user_id: user for user in named if user is not None})


def answerer_of(said: AnySeat, people: Mapping[uuid.UUID, AnyUser]) -> str:
    """As `answerer`; `people` has the users whom the row names, by their ids."""
    asked = people.get(said.user_id) if said.user_id else None
    gave = people.get(said.answered_by) if said.answered_by else None
    name = name_of(gave) if gave else said.login
    if asked is None or gave is None or said.user_id == said.answered_by:
        return name
    return f"{name} for {name_of(asked)}"


def name_of(user: AnyUser) -> str:
    return user.airflow_login or user.email


def why_withdrawn(run: AnyRun) -> str:
    """For people who are asked: not the words of whoever cancelled the run, which are no matter of theirs."""
    if run.control == RunControl.CANCEL and run.control_at is not None:
        at = run.control_at.isoformat(timespec="seconds")
        why = f"its run was cancelled by {who(run.control_by)} at {at}"
    elif run.status in ENDED_RUNS and run.ended_at is not None:
        why = f"its run has ended, it is {run.status} since {run.ended_at.isoformat(timespec='seconds')}"
    else:
        why = "its run goes on without it"
    return f"{why}: it needs no answer any more"


def record(
    session: Session,
    request: HumanRequest,
    action: AuditAction,
    *,
    by: str,
    details: Mapping[str, Any],
) -> None:
    """Audit it, and tell those who see to requests. `details` hold nothing that was filled in."""
    run = session.get_one(WorkflowRun, request.run_id)
    event = run.context.get("event")
    employee = event.get("employee") if isinstance(event, dict) else None
    place = {
        "request": str(request.request_id),
        "run": f"{run.dag_id}/{run.dag_run_id}",
        "node": request.node_key,
        "asks": request.kind.value,
    }
    entry = AuditEntry(
        actor=by,
        action=action,
        subject=f"employee:{employee}" if employee else f"run:{run.run_id}",
        details={**place, **details},
        correlation_id=run.correlation_id,
    )
    audit.append(session, request.org_id, entry)
    listening.notify(session, CHANNEL)


def note_refused(request: HumanRequest, refused: Exception, *, by: str, door: str, now: dt.datetime) -> None:
    """Keep that an answer did not count, and why, for who looks at the request."""
    told = {
        "at": now.isoformat(timespec="seconds"),
        "by": by,
        "door": door,
        "why": str(refused),
    }
    request.not_counted = [*request.not_counted, told][-KEPT:]
