"""What exactly a node waits for: of whom it wants an answer, or who gave it; which event; which run."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ARRAY, CollectionAggregate, Uuid, any_, func, literal, select
from sqlalchemy.orm import Session

from officeflow.database.tables import EventWait, RunRequest, WorkflowRun
from officeflow.people import holding, shown
from officeflow.runs.wait import Wait
from officeflow.statuses import WaitsFor

Place = tuple[uuid.UUID, str, int]


def named(session: Session, waits: Sequence[Wait]) -> list[Wait]:
    """The same, each with what or whom it waits for. `session` sees the runs of all of them."""
    for what, naming in (
        (WaitsFor.ANSWER, _answers),
        (WaitsFor.EVENT, _events),
        (WaitsFor.RUN, _runs),
    ):
        if places := {_place(wait) for wait in waits if wait.what == what}:
            changed = naming(session, [wait for wait in waits if _place(wait) in places])
            waits = [changed.get(_place(wait), wait) for wait in waits]
    return list(waits)


def _answers(session: Session, waits: Collection[Wait]) -> dict[Place, Wait]:
    now = session.execute(select(func.now())).scalar_one()
    found = shown.newest_of_runs(session, {wait.run_id for wait in waits})
    asked = [found[place] for place in {_place(wait) for wait in waits} if place in found]
    held = holding.of_requests(session, [request for request, _ in asked], now=now)
    changed = {}
    for wait in waits:
        if _place(wait) in found:
            request, run = found[_place(wait)]
            answered = shown.ended_in_words(held[request.request_id], run)
            of = "" if answered else shown.in_words(held[request.request_id])
            changed[_place(wait)] = replace(
                wait, of=of, answered=answered, until=None if answered else wait.until
            )
    return changed


def _events(session: Session, waits: Collection[Wait]) -> dict[Place, Wait]:
    """A look that comes before anything is due is no end of the wait: only its deadline is."""
    query = select(EventWait).where(EventWait.run_id == _any_of(waits))
    rows = {
        (row.run_id, row.node_key, row.map_index): row
        for row in session.scalars(query.order_by(EventWait.generation))
    }
    changed = {}
    for wait in waits:
        row = rows.get(_place(wait))
        whose = f" of {row.employee}" if row is not None and row.employee else ""
        of = f"{' or '.join(map(str, row.kinds))}{whose}" if row is not None else wait.why
        changed[_place(wait)] = replace(wait, of=of, until=row.deadline if row is not None else None)
    return changed


def _runs(session: Session, waits: Collection[Wait]) -> dict[Place, Wait]:
    query = (
        select(RunRequest, WorkflowRun.dag_id, WorkflowRun.dag_run_id)
        .outerjoin(WorkflowRun, WorkflowRun.run_id == RunRequest.child_run_id)
        .where(RunRequest.parent_run_id == _any_of(waits))
        .order_by(RunRequest.generation)
    )
    names = {
        (row.parent_run_id, row.node_key, row.map_index): (
            f"{row.workflow} (run {dag_id}/{dag_run_id})" if dag_id else f"{row.workflow} (not begun yet)"
        )
        for row, dag_id, dag_run_id in session.execute(query)
    }
    return {_place(wait): replace(wait, of=names.get(_place(wait)) or wait.why, until=None) for wait in waits}


def _any_of(waits: Collection[Wait]) -> CollectionAggregate[Any]:
    """One parameter, so that the statement's text is the same whatever their number."""
    return any_(literal(list({wait.run_id for wait in waits}), ARRAY(Uuid)))


def _place(wait: Wait) -> Place:
    return wait.run_id, wait.node, wait.map_index
