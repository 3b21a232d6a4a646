"""What a person decides about an act: to do it once more, or what became of it.

Each is audited with who and why.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, reason
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, Workflow, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, did_you_mean
from officeflow.ids import idempotency_key, new_id
from officeflow.owners import owned
from officeflow.program import typed
from officeflow.runs import messages, store
from officeflow.runs.acts import (
    ActRequest,
    Attempt,
    RunRef,
    lock_number,
    veiled,
)
from officeflow.runs.lock import hold
from officeflow.sdk import Effect
from officeflow.statuses import ActStatus

LOCK_WAIT_SECONDS = 2.0
RESOLVABLE = frozenset({ActStatus.ASKED, ActStatus.STARTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who decides (an Airflow login, or what else acts), and why. `InvalidInput` where the reason is empty.

    `actor` is its name in the audit log, where that is not the login's.
    """

    login: str
    why: str
    actor: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "why", reason(self.why))

    @property
    def by(self) -> str:
        """As the audit log names them."""
        return self.actor or f"airflow:{self.login}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The act of a node in a run; `map_index` is -1 where the node is not mapped."""

    run: RunRef
    node: str
    map_index: int = -1


def find_place(database: Database, run: str, node: str, map_index: int = -1) -> Place:
    """`NotKnown` for a run (see `store.find_run`) or a node that the ledger has never seen, with a
    suggestion.

    A node that was renamed after the run had begun is found under either of its ids.
    """
    with database.service() as session:
        found = reference(session, store.find_run(session, run))
        rows = session.execute(
            select(NodeRun.node_key, NodeRun.map_index).where(NodeRun.run_id == found.run_id)
        ).all()
        acts = {(key, index) for key, index in rows}
        origin = next(
            (key for key in store.earlier_ids(session, found.run_id, node) if (key, map_index) in acts), node
        )
    if (origin, map_index) not in acts:
        known = sorted({key for key, _ in rows})
        where = f"{node}[{map_index}]" if map_index >= 0 else node
        hint = did_you_mean(node, known) or (
            f"it has {', '.join(known)}" if known else "no node of it has begun yet"
        )
        raise NotKnown(f"the ledger has no act {where} in {found.dag_id}/{found.dag_run_id}", hint=hint)
    return Place(run=found, node=origin, map_index=map_index)


def reference(session: Session, run: WorkflowRun) -> RunRef:
    org = session.scalars(select(Organization.slug).where(Organization.org_id == run.org_id)).one()
    workflow = (
        session.scalar(select(Workflow.slug).where(Workflow.workflow_id == run.workflow_id))
        if run.workflow_id
        else None
    )
    event: Mapping[str, Any] = run.context.get("event") or {}
    return RunRef(
        run_id=run.run_id,
        org_id=run.org_id,
        org=org,
        dag_id=run.dag_id,
        dag_run_id=run.dag_run_id,
        correlation_id=run.correlation_id,
        employee=str(event.get("employee") or ""),
        workflow=workflow,
        version=run.version,
    )


def acts_of(session: Session, run_id: uuid.UUID) -> Sequence[NodeRun]:
    """Every act of the run in the order in which they began, all generations."""
    order = (
        func.coalesce(NodeRun.started_at, NodeRun.created_at),
        NodeRun.node_key,
        NodeRun.map_index,
        NodeRun.generation,
    )
    return session.scalars(select(NodeRun).where(NodeRun.run_id == run_id).order_by(*order)).all()


def redo(database: Database, place: Place, person: Person) -> int:
    """Allow the act to be done once more, whatever became of it, under a new key; returns the new generation.

    Nothing acts before its task runs again in Airflow. `ActInProgress` while a worker is doing it.
    """
    with (
        hold(database, _number(place), wait_seconds=LOCK_WAIT_SECONDS) as lock,
        lock.transaction(place.run.org_id) as session,
    ):
        row = _newest(session, place)
        if row.status == ActStatus.QUEUED and row.generation > 1:
            return row.generation
        generation = row.generation + 1
        session.add(
            NodeRun(
                node_run_id=new_id(),
                org_id=row.org_id,
                run_id=row.run_id,
                node_id=row.node_id,
                node_key=row.node_key,
                node_type=row.node_type,
                map_index=row.map_index,
                generation=generation,
                effect=row.effect,
                status=ActStatus.QUEUED,
                idempotency_key=idempotency_key(row.run_id, row.node_key, row.map_index, generation),
            )
        )
        _audit(
            session,
            place,
            person,
            AuditAction.ACT_REDO_ALLOWED,
            {"was": row.status, "generation": generation},
        )
        return generation


def resolve(
    database: Database,
    clock: Clock,
    place: Place,
    person: Person,
    *,
    done: bool,
    output: Mapping[str, Any] | None = None,
) -> None:
    """Write down what a person found out about an act whose outcome is not known.

    With `done` its output is `{"changed": true}` and what `output` adds for later nodes, which is kept
    encrypted and shown to nobody; otherwise the act may be done again. `InvalidInput` where the outcome is
    known; `ActInProgress` while a worker is doing it.
    """
    with (
        hold(database, _number(place), wait_seconds=LOCK_WAIT_SECONDS) as lock,
        lock.transaction(place.run.org_id) as session,
    ):
        row = _newest(session, place)
        if row.status not in RESOLVABLE:
            raise InvalidInput(
                f"{place.node} is {row.status}: there is nothing to find out about it",
                hint=f"`{typed('ledger redo')}` does it once more",
            )
        was, status = row.status, ActStatus.SUCCEEDED if done else ActStatus.FAILED
        row.status, row.ended_at, row.taken = status, clock.now(), False
        whole = {"changed": True, **(output or {})}
        row.output = (
            {"changed": True, **{name: veiled(value) for name, value in (output or {}).items()}}
            if done
            else None
        )
        sealed = {"output": whole, "sensitive": []} if done and row.output != whole else None
        row.output_sealed = owned(place.run.owner, sealed)
        row.progress = None if done else row.progress
        row.story = [
            *row.story,
            {
                "step": "note",
                "text": f"{person.login} says that it was {'' if done else 'not '}done: {person.why}",
            },
        ]
        _audit(
            session,
            place,
            person,
            AuditAction.ACT_RESOLVED,
            {"was": was, "status": status, "generation": row.generation, "key": row.idempotency_key},
        )
        row.error_details = None if done else row.error_details
        messages.told(session, *as_request(place, row), status, output=row.output, error=row.error_details)


def _number(place: Place) -> int:
    return lock_number(place.run.run_id, place.node, place.map_index)


def _newest(session: Session, place: Place) -> NodeRun:
    return session.scalars(store.newest_act(place.run.run_id, place.node, place.map_index)).one()


def as_request(place: Place, row: NodeRun) -> tuple[ActRequest, Attempt]:
    """The act as messages speak of it."""
    request = ActRequest(
        run=place.run,
        node=row.node_key,
        type=row.node_type,
        effect=Effect(row.effect),
        params={},
        connection=(row.input or {}).get("connection"),
        map_index=row.map_index,
        try_number=row.try_number,
    )
    return request, store.attempt_of(row)


def _audit(
    session: Session, place: Place, person: Person, action: AuditAction, details: Mapping[str, Any]
) -> None:
    run = place.run
    about = {
        "run_id": str(run.run_id),
        "dag_id": run.dag_id,
        "dag_run_id": run.dag_run_id,
        "node": place.node,
        "map_index": place.map_index,
    }
    entry = AuditEntry(
        actor=person.by,
        action=action,
        subject=messages.subject(run),
        details={**about, "node": place.node, "map_index": place.map_index, **details, "why": person.why},
        correlation_id=run.correlation_id,
    )
    audit.append(session, run.org_id, entry)
