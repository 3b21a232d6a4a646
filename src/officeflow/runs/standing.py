"""What a run, and the runs that it has called, really did, and what of that stands."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.tables import NodeRun, RunRequest, WorkflowNode, WorkflowRun
from officeflow.runs import corrections, messages, store
from officeflow.runs.acts import RunRef
from officeflow.runs.corrections import Place
from officeflow.runs.follow import last_deed
from officeflow.sdk import Effect
from officeflow.statuses import ActStatus

DEEPEST = 20
"""How far down runs that were called are looked for: more than may call each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A row of the ledger. `task` is the node's id in the run's version, where it was renamed since."""

    run: RunRef
    node: str
    task: str
    type: str
    map_index: int
    generation: int
    status: ActStatus
    effect: Effect
    key: str
    at: dt.datetime
    """When it ended, or began where it has no end."""
    began_at: dt.datetime
    input: Mapping[str, Any] | None = field(repr=False)
    output: Mapping[str, Any] | None = field(repr=False)
    """Whole."""
    sensitive: Sequence[str] = field(default=(), repr=False)
    """Texts in the output that must not be shown."""
    did: str = ""
    """Its story's last deed."""

    @property
    def place(self) -> Place:
        return Place(run=self.run, node=self.node, map_index=self.map_index)

    @property
    def has_changed(self) -> bool:
        """Unless it says that all was as wished before."""
        return bool((self.output or {}).get("changed", True))

    @property
    def connection(self) -> str | None:
        return (self.input or {}).get("connection")

    @property
    def params(self) -> Mapping[str, Any]:
        """As it acted with them."""
        return (self.input or {}).get("params") or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A run, how it came to be, and its acts. `by` is the act of the run above that called it; None of the
    run at the top.
    """

    run: RunRef
    workflow_id: uuid.UUID | None
    context: Mapping[str, Any]
    acts: Sequence[Act]
    by: tuple[str, int] | None = None
    """The node and the map index of the `flow.call`, in the run above."""
    above: uuid.UUID | None = None
    has_ended: bool = True

    @property
    def name(self) -> str:
        """Of a run that was called; "" of the one at the top."""
        return f"{self.run.dag_id}/{self.run.dag_run_id}" if self.above else ""


def of_run(session: Session, run_id: uuid.UUID) -> list[Called]:
    """The run, and behind it those that it called, at any depth, each with its acts."""
    found: list[Called] = []
    waiting: list[tuple[uuid.UUID, tuple[str, int] | None, uuid.UUID | None, int]] = [(run_id, None, None, 0)]
    while waiting:
        current, by, above, depth = waiting.pop(0)
        run = session.get(WorkflowRun, current, populate_existing=True)
        if run is None:
            continue
        ref = corrections.reference(session, run)
        found.append(
            Called(
                run=ref,
                workflow_id=run.workflow_id,
                context=run.context,
                acts=acts_of(session, ref),
                by=by,
                above=above,
                has_ended=run.ended_at is not None,
            )
        )
        if depth < DEEPEST:
            waiting += [(child, place, current, depth + 1) for child, place in _called(session, current)]
    return found


def _called(session: Session, run_id: uuid.UUID) -> list[tuple[uuid.UUID, tuple[str, int]]]:
    query = select(RunRequest.child_run_id, RunRequest.node_key, RunRequest.map_index).where(
        RunRequest.parent_run_id == run_id, RunRequest.child_run_id.is_not(None)
    )
    return [(child, (node, index)) for child, node, index in session.execute(query) if child is not None]


def acts_of(session: Session, run: RunRef) -> list[Act]:
    """In the order in which they ended; every generation."""
    query = (
        select(NodeRun, WorkflowNode.key)
        .outerjoin(WorkflowNode, WorkflowNode.node_id == NodeRun.node_id)
        .where(NodeRun.run_id == run.run_id)
        .execution_options(populate_existing=True)
    )
    acts = [_act(run, row, key) for row, key in session.execute(query)]
    return sorted(acts, key=lambda act: (act.at, act.node, act.map_index, act.generation))


def _act(run: RunRef, row: NodeRun, task: str | None) -> Act:
    sealed = row.output_sealed or {}
    return Act(
        run=run,
        node=row.node_key,
        task=task or row.node_key,
        type=row.node_type,
        map_index=row.map_index,
        generation=row.generation,
        status=row.status,
        effect=Effect(row.effect),
        key=row.idempotency_key,
        at=row.ended_at or row.started_at or row.created_at,
        began_at=row.started_at or row.created_at,
        input=row.input,
        output=row.whole_output,
        sensitive=sealed.get("sensitive", ()),
        did=last_deed(row.story),
    )


def status_of(session: Session, act: Act) -> ActStatus | None:
    """As it is now."""
    return session.scalar(select(NodeRun.status).where(NodeRun.idempotency_key == act.key))


def take_back(session: Session, act: Act, *, by: str) -> None:
    """The act is COMPENSATED: `by` is the ledger's id of the act that took it back. Its lock is held."""
    session.execute(
        update(NodeRun).where(NodeRun.idempotency_key == act.key).values(status=ActStatus.COMPENSATED)
    )
    row = session.scalars(
        select(NodeRun).where(NodeRun.idempotency_key == act.key).execution_options(populate_existing=True)
    ).one()
    request, attempt = corrections.as_request(act.place, row)
    entry = AuditEntry(
        actor=f"node:{act.run.dag_id}/{by}",
        action=AuditAction.ACT_UNDONE,
        subject=messages.subject(act.run),
        details={**messages.about(request, attempt), "status": ActStatus.COMPENSATED, "by": by},
        correlation_id=act.run.correlation_id,
    )
    audit.append(session, act.run.org_id, entry)
    messages.told(session, request, store.attempt_of(row), ActStatus.COMPENSATED, output=row.output)
