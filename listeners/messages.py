"""What the processes tell of events and runs: to the audit log, and by the outbox to Kafka."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.tables import InboxEvent, NodeRefusal, NodeRun, WorkflowRun
from officeflow.events import outbox, topics
from officeflow.events.outbox import MessageType
from officeflow.runs.failures import TASK_FAILED
from officeflow.statuses import ActStatus

DISPATCHER, STEWARD = "service:dispatcher", "service:steward"
RUN_NAMES = ("dag_id", "dag_run_id", "run_id")


def event_dispatched(
    session: Session, event: InboxEvent, runs: Sequence[Mapping[str, str]], errors: Sequence[str]
) -> None:
    """The event's runs exist, or wait for their turn, as their entries say; `errors` name the workflows that
    could not be started.
    """
    details: dict[str, Any] = {
        "kind": event.kind,
        "source": event.source,
        "event_id": event.event_id,
        "runs": list(runs),
    }
    if errors:
        details["errors"] = list(errors)
    entry = AuditEntry(
        actor=DISPATCHER,
        action=AuditAction.EVENT_DISPATCHED,
        subject=f"employee:{event.employee_key}",
        details=details,
        correlation_id=event.correlation_id,
    )
    audit.append(session, event.org_id, entry)
    for run in runs:
        if "waits" not in run:
            _announce_request(session, event, run)


def _announce_request(session: Session, event: InboxEvent, run: Mapping[str, str]) -> None:
    outbox.add(
        session,
        org_id=event.org_id,
        topic=topics.WORKFLOW_RUN_REQUEST,
        key=topics.org_key(event.org_id),
        type=MessageType.RUN_REQUESTED,
        payload={
            **{name: run[name] for name in RUN_NAMES},
            "kind": event.kind,
            "employee": event.employee_key,
            "event_id": event.event_id,
        },
        correlation_id=event.correlation_id,
        subject=f"run:{run['run_id']}",
    )


def run_queued(
    session: Session, event: InboxEvent, run: WorkflowRun, *, concurrency: str, behind: Sequence[WorkflowRun]
) -> None:
    """The run waits for its turn, behind these of the same person."""
    details = {"concurrency": concurrency, "behind": [f"{one.dag_id}/{one.dag_run_id}" for one in behind]}
    _of_order(session, event, AuditAction.RUN_QUEUED, _entry(run), details)


def run_replaced(session: Session, event: InboxEvent, run: WorkflowRun, *, by: WorkflowRun) -> None:
    """The run is cancelled for another one of the same person, which the event has started."""
    _of_order(session, event, AuditAction.RUN_REPLACED, _entry(run), {"by": f"{by.dag_id}/{by.dag_run_id}"})


def turn_came(session: Session, event: InboxEvent, run: Mapping[str, str], *, beside: Sequence[str]) -> None:
    """The run that waited exists; `beside` are runs of the person that are not undone yet."""
    _of_order(session, event, AuditAction.RUN_TURN_CAME, run, {"beside": list(beside)})
    _announce_request(session, event, run)


def _entry(run: WorkflowRun) -> dict[str, str]:
    return {"dag_id": run.dag_id, "dag_run_id": run.dag_run_id, "run_id": str(run.run_id)}


def _of_order(
    session: Session,
    event: InboxEvent,
    action: AuditAction,
    run: Mapping[str, str],
    details: Mapping[str, Any],
) -> None:
    about = {"employee": event.employee_key, "event_id": event.event_id, "source": event.source}
    entry = AuditEntry(
        actor=DISPATCHER,
        action=action,
        subject=f"run:{run['run_id']}",
        details={**run, **about, **details},
        correlation_id=event.correlation_id,
    )
    audit.append(session, event.org_id, entry)


def run_id_taken(session: Session, event: InboxEvent, run: Mapping[str, str], by: str | None) -> None:
    """Somebody else's run has the id that the event's run was to have; `run` is the one that was started in
    its place.
    """
    details = {"event_id": event.event_id, "source": event.source, "taken_by": by, **run}
    subject = f"run:{run['run_id']}"
    entry = AuditEntry(
        actor=DISPATCHER,
        action=AuditAction.EVENT_RUN_ID_TAKEN,
        subject=subject,
        details=details,
        correlation_id=event.correlation_id,
    )
    audit.append(session, event.org_id, entry)


def chained(session: Session, org_id: uuid.UUID, records: Sequence[Mapping[str, Any]]) -> None:
    """Audit records have got their place in the chain."""
    for record in records:
        outbox.add(
            session,
            org_id=org_id,
            topic=topics.AUDIT_EVENTS,
            key=topics.org_key(org_id),
            type=MessageType.AUDIT_RECORD,
            payload=record,
            correlation_id=record["correlation_id"] or record["record_id"],
            subject=record["subject"],
        )


def anchored(session: Session, org_id: uuid.UUID, anchor: Mapping[str, Any]) -> None:
    """A head of the audit chain is noted outside of the database."""
    outbox.add(
        session,
        org_id=org_id,
        topic=topics.AUDIT_ANCHORS,
        key=topics.org_key(org_id),
        type=MessageType.AUDIT_ANCHOR,
        payload=anchor,
        correlation_id=f"anchor-{anchor['sequence']}",
        subject=f"organization:{org_id}",
    )


def run_ended(session: Session, run: WorkflowRun) -> None:
    details = {
        "dag_id": run.dag_id,
        "dag_run_id": run.dag_run_id,
        "status": run.status,
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "error": _public(run.error_details),
    }
    _of_run(session, run, AuditAction.RUN_ENDED, details)
    outbox.add(
        session,
        org_id=run.org_id,
        topic=topics.WORKFLOW_RUN_REQUEST,
        key=topics.org_key(run.org_id),
        type=MessageType.RUN_ENDED,
        payload={"run_id": str(run.run_id), **details},
        correlation_id=run.correlation_id,
        subject=f"run:{run.run_id}",
    )
    run_measured(session, run)


def _public(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Without the words of a reason, which may quote what a node was given: they stay with the run."""
    if error is None or "reasons" not in error:
        return None if error is None else dict(error)
    return {
        **error,
        "reasons": [
            {name: value for name, value in reason.items() if name != "message"}
            for reason in error["reasons"]
        ],
    }


def run_measured(session: Session, run: WorkflowRun) -> None:
    """How long it took, and what it took.

    An act's tries are counted in all its generations; a node may fail without an act.
    """
    acts = select(
        func.count(),
        func.coalesce(func.sum(NodeRun.attempt), 0),
        func.count().filter(NodeRun.status == ActStatus.FAILED),
    )
    nodes, tries, failed = session.execute(acts.where(NodeRun.run_id == run.run_id)).one()
    failed += _failed_without_act(session, run)
    payload = {
        "run_id": str(run.run_id),
        "dag_id": run.dag_id,
        "version": run.version,
        "trigger": run.trigger_event,
        "state": run.status,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "seconds": round((run.ended_at - run.started_at).total_seconds(), 3) if run.ended_at else None,
        "nodes": nodes,
        "nodes_failed": failed,
        "tries": tries,
    }
    outbox.add(
        session,
        org_id=run.org_id,
        topic=topics.METRICS_EVENTS,
        key=topics.org_key(run.org_id),
        type=MessageType.RUN_MEASURED,
        payload=payload,
        correlation_id=run.correlation_id,
        subject=f"run:{run.run_id}",
    )


def _failed_without_act(session: Session, run: WorkflowRun) -> int:
    """Nodes whose last try ended before their act did and that have no failed act, and tasks of which no node
    has a word.
    """
    same = (
        NodeRun.run_id == NodeRefusal.run_id,
        NodeRun.node_key == NodeRefusal.node_key,
        NodeRun.map_index == NodeRefusal.map_index,
    )
    failed = (
        select(NodeRun.run_id)
        .where(*same, NodeRun.status == ActStatus.FAILED)
        .correlate(NodeRefusal)
        .exists()
    )
    refused = (
        select(func.count())
        .select_from(NodeRefusal)
        .where(NodeRefusal.run_id == run.run_id, ~NodeRefusal.waits, ~failed)
    )
    reasons = (run.error_details or {}).get("reasons", ())
    return int(session.scalar(refused) or 0) + [reason["code"] for reason in reasons].count(TASK_FAILED)


def run_resumed(session: Session, run: WorkflowRun) -> None:
    """A run that had ended runs again: somebody cleared it."""
    _of_run(session, run, AuditAction.RUN_RESTARTED, {"dag_id": run.dag_id, "dag_run_id": run.dag_run_id})


def _of_run(session: Session, run: WorkflowRun, action: AuditAction, details: Mapping[str, Any]) -> None:
    entry = AuditEntry(
        actor=STEWARD,
        action=action,
        subject=f"run:{run.run_id}",
        details=details,
        correlation_id=run.correlation_id,
    )
    audit.append(session, run.org_id, entry)
