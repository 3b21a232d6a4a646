"""What is told of an act, to the audit log and to Kafka. Written in the transaction of what it tells.

Every message says the same about its act (`_about`); a result adds the status and the public output or the
error. The sensitive inputs of an act are in none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit import tags
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.events import outbox, topics
from officeflow.events.outbox import MessageType
from officeflow.runs.acts import ActRequest, Attempt, RunRef
from officeflow.sdk import Effect
from officeflow.statuses import ActStatus, UnactedStatus

AUDITED = {
    ActStatus.SUCCEEDED: AuditAction.ACT_DONE,
    ActStatus.FAILED: AuditAction.ACT_FAILED,
    ActStatus.ASKED: AuditAction.ACT_ASKED,
    ActStatus.STARTED: AuditAction.ACT_LEFT_OPEN,
}
"""By the status that an attempt leaves its row in."""


@dataclass(frozen=True, slots=True)
class Topics:
    request: str
    result: str


TOPICS: Mapping[str, Topics] = {
    "identity": Topics(topics.IDENTITY_PROVISION_REQUEST, topics.IDENTITY_PROVISION_RESULT),
    "email": Topics(topics.EMAIL_SEND_REQUEST, topics.EMAIL_SEND_RESULT),
    "calendar": Topics(topics.CALENDAR_SCHEDULE_REQUEST, topics.CALENDAR_SCHEDULE_RESULT),
}
"""Families of node types whose acts, where they change anything, have topics of their own."""


def begun(session: Session, request: ActRequest, attempt: Attempt) -> None:
    """An act is about to be done: for the first time, or again after its last attempt was found unfinished or
    failed.

    `InvalidInput` where this process could not record its end.
    """
    tags.require_key()
    _send(session, request, topics.NODE_EXECUTE_REQUEST, MessageType.NODE_REQUEST, about(request, attempt))
    if own := _topics(request):
        _send(session, request, own.request, _type(own.request), about(request, attempt))


def ended(
    session: Session,
    request: ActRequest,
    attempt: Attempt,
    status: ActStatus,
    *,
    output: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
    retry_in: float | None = None,
    ended_at: dt.datetime | None = None,
) -> None:
    """An attempt has ended; `retry_in` where another one follows by itself, and then it is a retry that is
    told, not a result.
    """
    audit.append(session, request.run.org_id, audit_entry(request, attempt, status, error))
    told(session, request, attempt, status, output=output, error=error, retry_in=retry_in, ended_at=ended_at)


def told(
    session: Session,
    request: ActRequest,
    attempt: Attempt,
    status: ActStatus,
    *,
    output: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | None = None,
    retry_in: float | None = None,
    ended_at: dt.datetime | None = None,
) -> None:
    """The messages about an end, without the audit entry; with the seconds since the act first began, where
    its end is known.
    """
    seconds = round((ended_at - attempt.began_at).total_seconds(), 3) if ended_at else None
    payload = {
        **about(request, attempt),
        "status": status,
        "output": output,
        "error": _public(error),
        "seconds": seconds,
    }
    if retry_in is not None:
        _send(
            session,
            request,
            topics.NODE_EXECUTE_RETRY,
            MessageType.NODE_RETRY,
            {**payload, "retry_in": retry_in},
        )
        return
    _send(session, request, topics.NODE_EXECUTE_RESULT, MessageType.NODE_RESULT, payload)
    if own := _topics(request):
        _send(session, request, own.result, _type(own.result), payload)


def refused(
    session: Session,
    run: RunRef,
    node: Mapping[str, Any],
    error: Mapping[str, Any],
    *,
    retry_in: float | None = None,
) -> None:
    """A node's try has ended, and its act has no end: it was never begun, or its process ended in the middle.

    `node` has the fields of a node in messages (`node`, `type`, …); of the error its code and the fields that
    it names are told.
    """
    about = {**_of_run(run), **node, "key": None, "generation": None, "attempt": 0}
    fields = [problem["path"] for problem in error.get("problems", ())]
    details = {
        **about,
        "status": UnactedStatus.REFUSED,
        "error": error["code"],
        **({"fields": fields} if fields else {}),
    }
    entry = AuditEntry(
        actor=f"node:{run.dag_id}/{node['node']}",
        action=AuditAction.NODE_REFUSED,
        subject=subject(run),
        details=details,
        correlation_id=run.correlation_id,
    )
    audit.append(session, run.org_id, entry)
    told = {**(_public(error) or {}), **({"fields": fields} if fields else {})}
    payload = {**about, "status": UnactedStatus.REFUSED, "output": None, "error": told, "seconds": None}
    if retry_in is not None:
        _send_of(
            session, run, topics.NODE_EXECUTE_RETRY, MessageType.NODE_RETRY, {**payload, "retry_in": retry_in}
        )
    else:
        _send_of(session, run, topics.NODE_EXECUTE_RESULT, MessageType.NODE_RESULT, payload)


def audit_entry(
    request: ActRequest, attempt: Attempt, status: ActStatus, error: Mapping[str, Any] | None = None
) -> AuditEntry:
    run = request.run
    details = {**about(request, attempt), "status": status, **({"error": error["code"]} if error else {})}
    return AuditEntry(
        actor=f"node:{run.dag_id}/{request.node}",
        action=AUDITED[status],
        subject=subject(run),
        details=details,
        correlation_id=run.correlation_id,
    )


def subject(run: RunRef) -> str:
    """Whom or what the acts of a run are about."""
    return f"employee:{run.employee}" if run.employee else f"run:{run.run_id}"


def about(request: ActRequest, attempt: Attempt) -> dict[str, Any]:
    return {
        **_of_run(request.run),
        "node": request.node,
        "type": request.type,
        "connection": request.connection,
        "map_index": request.map_index,
        "key": attempt.key,
        "generation": attempt.generation,
        "attempt": attempt.number,
        "try_number": request.try_number,
    }


def _of_run(run: RunRef) -> dict[str, Any]:
    return {
        "run_id": str(run.run_id),
        "dag_id": run.dag_id,
        "dag_run_id": run.dag_run_id,
        "workflow": run.workflow,
        "version": run.version,
        "employee": run.employee or None,
    }


def _public(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Messages of systems may quote what they were sent, so only the kind of error leaves the platform."""
    return {name: error[name] for name in ("code", "provider", "status") if name in error} if error else None


def _topics(request: ActRequest) -> Topics | None:
    return None if request.effect is Effect.PURE else TOPICS.get(request.type.partition(".")[0])


def _type(topic: str) -> MessageType:
    """Of what a family's topic announces."""
    return MessageType(f"officeflow.{topic}")


def _send(
    session: Session, request: ActRequest, topic: str, kind: MessageType, payload: Mapping[str, Any]
) -> None:
    _send_of(session, request.run, topic, kind, payload)


def _send_of(
    session: Session, run: RunRef, topic: str, kind: MessageType, payload: Mapping[str, Any]
) -> None:
    key = topics.person_key(run.org_id, run.employee) if run.employee else topics.org_key(run.org_id)
    outbox.add(
        session,
        org_id=run.org_id,
        topic=topic,
        key=key,
        type=kind,
        payload=payload,
        correlation_id=run.correlation_id,
        subject=subject(run),
    )
