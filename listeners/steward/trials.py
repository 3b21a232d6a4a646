"""Ends the runs of `dag.test()` that Airflow does not have: nobody tells their end, so the ledger does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.airflow_api.types import DagRunState
from officeflow.database.tables import NodeRefusal, NodeRun, WorkflowRun
from officeflow.runs import refusals
from officeflow.runs.failures import RUN_FAILED, run_failed
from officeflow.runs.store import mark
from officeflow.statuses import ActStatus

QUIET = dt.timedelta(minutes=2)
"""A trial of which nothing was heard for so long has ended; one that goes on after all is running again."""

ABANDONED = dt.timedelta(days=1)
"""The same where an act has no end or something is waited for: the process may still be at it."""

DONE = (ActStatus.SUCCEEDED, ActStatus.COMPENSATED)


def end(session: Session, run: WorkflowRun, *, now: dt.datetime) -> bool:
    """Write down the trial's end, by what its nodes said, where it has ended: True when it has.

    It succeeded where every act that it began did, and failed otherwise; its own tasks are not known here.
    """
    nodes = session.scalars(
        select(NodeRun).where(NodeRun.run_id == run.run_id).order_by(NodeRun.generation)
    ).all()
    newest = list({(node.node_key, node.map_index): node for node in nodes}.values())
    refused = refusals.of_run(session, run.run_id)
    last = max(_moments(run, nodes, refused))
    is_open = any(
        node.status in {ActStatus.STARTED, ActStatus.QUEUED, ActStatus.ASKED} for node in newest
    ) or any(row.waits for row in refused)
    if now - last < (ABANDONED if is_open else QUIET):
        return False
    error = _failure(newest, refused)
    return mark(run, DagRunState.FAILED if error else DagRunState.SUCCESS, ended_at=last, error=error)


def _moments(
    run: WorkflowRun, nodes: Sequence[NodeRun], refused: Sequence[NodeRefusal]
) -> Iterator[dt.datetime]:
    """When something was heard of it."""
    yield run.started_at
    yield from filter(None, (moment for node in nodes for moment in (node.started_at, node.ended_at)))
    yield from (row.at for row in refused)


def _failure(newest: Sequence[NodeRun], refused: Sequence[NodeRefusal]) -> Mapping[str, Any] | None:
    wrong = sorted({node.node_key for node in newest if node.status not in DONE})
    reasons = refusals.reasons(refused)
    if wrong or reasons:
        return run_failed(wrong, reasons)
    return None if newest else {"code": RUN_FAILED, "message": "no node of it has acted"}
