"""Runs that other runs ask for: the request that a node leaves, and what becomes of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow.database import listening
from officeflow.database.tables import RunRequest, WorkflowRun
from officeflow.errors import NotKnown
from officeflow.owners import owned
from officeflow.statuses import ENDED_RUNS, CallState
from officeflow.tenants import ownership
from officeflow.waiting import wakes

CHANNEL = "officeflow_call"
"""PostgreSQL's notification that a run is asked for: its payload is the request's UUID."""

MOST_DEPTH = 5
"""How many runs may stand above one."""

LOCK = "officeflow call:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`request_id` is made of the act. `node_key` is the Airflow task that is to be woken. `sensitive` are
    the texts in the `input` that must not be shown.
    """

    request_id: uuid.UUID
    org_id: uuid.UUID
    parent_run_id: uuid.UUID
    node_key: str
    map_index: int
    generation: int
    workflow: str
    version: int | None
    input: Mapping[str, Any] = field(repr=False)
    sensitive: Sequence[str] = field(repr=False)


def want(session: Session, wanted: Wanted) -> RunRequest:
    """Ask for the run, where it is not asked for yet; the request as it stands. `session` is the
    organization's.
    """
    row = {
        "request_id": wanted.request_id,
        "org_id": wanted.org_id,
        "parent_run_id": wanted.parent_run_id,
        "node_key": wanted.node_key,
        "map_index": wanted.map_index,
        "generation": wanted.generation,
        "workflow": wanted.workflow,
        "version": wanted.version,
        "input": owned(
            ownership.of_run(session, wanted.parent_run_id),
            {"input": dict(wanted.input), "sensitive": list(wanted.sensitive)},
        ),
    }
    asked = insert(RunRequest).on_conflict_do_nothing().returning(RunRequest.request_id)
    if session.scalar(asked, row) is not None:
        listening.notify(session, CHANNEL, str(wanted.request_id))
    return session.get_one(RunRequest, wanted.request_id)


@dataclass(frozen=True, slots=True)
class Given:
    """What a run was called with; nothing where none called it."""

    input: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sensitive: Sequence[str] = field(default=(), repr=False)


def given_to(session: Session, run_id: uuid.UUID) -> Given:
    """What the run was called with. `session` is the organization's."""
    found = session.scalar(select(RunRequest.input).where(RunRequest.child_run_id == run_id))
    return Given(found["input"], found["sensitive"]) if found else Given()


def waiting_to_start(session: Session, *, most: int) -> Sequence[uuid.UUID]:
    """Requests for runs that there are not yet, the oldest first. `session` sees all organizations."""
    query = select(RunRequest.request_id).where(RunRequest.state == CallState.WANTED)
    return session.scalars(query.order_by(RunRequest.created_at).limit(most)).all()


def claim(session: Session, request_id: uuid.UUID) -> RunRequest | None:
    """The request, for this transaction alone; None where another has it or it is settled."""
    key = func.hashtextextended(f"{LOCK}{request_id}", 0)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(key))):
        return None
    request = session.get_one(RunRequest, request_id)
    return request if request.state == CallState.WANTED else None


def started(session: Session, request_id: uuid.UUID) -> None:
    """The run exists. One that has ended meanwhile stays ended."""
    _settle(session, request_id, {"state": CallState.STARTED})


def refuse(session: Session, request_id: uuid.UUID, *, code: str, message: str, hint: str = "") -> None:
    """There will be no such run: the node that asks is told why."""
    error = {"code": code, "message": message, "hint": hint}
    changes = {"state": CallState.REFUSED, "error_details": error, "ended_at": func.clock_timestamp()}
    if _settle(session, request_id, changes):
        _wake(session, session.get_one(RunRequest, request_id), f"the call of a workflow: {code}")


def child_ended(session: Session, run: WorkflowRun) -> bool:
    """The run has ended, as its row says: who called it is woken. False where nobody waits for it.

    To be called in the transaction in which its end is written down.
    """
    changes = {"state": CallState.ENDED, "ended_at": func.clock_timestamp()}
    asked = (
        update(RunRequest)
        .where(
            RunRequest.child_run_id == run.run_id,
            RunRequest.state.in_([CallState.WANTED, CallState.STARTED]),
        )
        .values(changes)
        .returning(RunRequest)
    )
    request = session.scalars(asked).first()
    if request is not None:
        _wake(session, request, f"the run {run.dag_id} has ended")
    return request is not None


def child_of(session: Session, request: RunRequest) -> WorkflowRun | None:
    """The run that came of the request, once it has ended; None while it has not.

    One that runs again after its end, because somebody cleared it, is waited for again.
    """
    if request.child_run_id is None:
        return None
    child = session.get(WorkflowRun, request.child_run_id)
    if child is not None and child.status in ENDED_RUNS:
        return child
    if request.state == CallState.ENDED:
        request.state, request.ended_at = CallState.STARTED, None
    return None


def callers(session: Session, run: WorkflowRun) -> list[WorkflowRun]:
    """The run and those that stand above it, from below. At most as many as there may be."""
    found = [run]
    while found[-1].parent_run_id is not None and len(found) <= MOST_DEPTH:
        above = session.get(WorkflowRun, found[-1].parent_run_id)
        if above is None:
            raise NotKnown(f"the run {found[-1].parent_run_id} that called {found[-1].run_id} is not there")
        found.append(above)
    return found


def _settle(session: Session, request_id: uuid.UUID, changes: Mapping[str, Any]) -> bool:
    settled = (
        update(RunRequest)
        .where(RunRequest.request_id == request_id, RunRequest.state == CallState.WANTED)
        .values(dict(changes))
        .returning(RunRequest.request_id)
    )
    return session.scalars(settled).first() is not None


def _wake(session: Session, request: RunRequest, cause: str) -> None:
    wakes.wake(
        session,
        request.org_id,
        request.parent_run_id,
        request.node_key,
        map_index=request.map_index,
        cause=cause,
    )
