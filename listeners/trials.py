"""Ends the runs of `dag.test()` that Airflow does not have: nobody tells their end, so the ledger does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.database.tables import NodeRefusal, NodeRun, WorkflowRun
from officeflow.runs import acts, refusals
from officeflow.runs.failures import RUN_FAILED
from officeflow.runs.store import mark

QUIET = dt.timedelta(minutes=2)
"""A trial of which nothing was heard for so long has ended; one that goes on after all is running again."""

ABANDONED = dt.timedelta(days=1)
"""The same where an act has no end or something is waited for: the process may still be at it."""

DONE = (acts.SUCCEEDED, acts.COMPENSATED)


def end(session: Session, run: WorkflowRun, *, now: dt.datetime) -> bool:
    """Write down the trial's end, by what its nodes said, where it has ended: True when it has.

    It succeeded where every act that it began did, and failed otherwise; its own tasks are not known here.
    """
    nodes = session.scalars(select(NodeRun).where(NodeRun.run_id == run.run_id).order_by(NodeRun.generation)).all()
    newest = list({(node.node_key, node.map_index): node for node in nodes}.values())
    open_ = any(node.status in {acts.STARTED, acts.QUEUED, acts.ASKED} for node in newest)
    last = _last_word(session, run)
    if now - last < (ABANDONED if open_ or _waits(session, run) else QUIET):
        return False
    error = _failure(session, run, newest)
    return mark(run, "failed" if error else "success", ended_at=last, error=error)


def _last_word(session: Session, run: WorkflowRun) -> dt.datetime:
    acted = select(func.max(func.greatest(NodeRun.started_at, NodeRun.ended_at))).where(NodeRun.run_id == run.run_id)
    refused = select(func.max(NodeRefusal.at)).where(NodeRefusal.run_id == run.run_id)
    return max(moment for moment in (run.started_at, session.scalar(acted), session.scalar(refused)) if moment)


def _waits(session: Session, run: WorkflowRun) -> bool:
    return any(row.waits for row in refusals.of_run(session, run.run_id))


def _failure(session: Session, run: WorkflowRun, newest: Sequence[NodeRun]) -> Mapping[str, Any] | None:
    reasons = refusals.reasons(refusals.of_run(session, run.run_id))
    wrong = sorted({node.node_key for node in newest if node.status not in DONE})
    names = list(dict.fromkeys([*wrong, *(reason["node"] for reason in reasons)]))
    if names:
        return {"code": RUN_FAILED, "nodes": names, **({"reasons": reasons} if reasons else {})}
    return None if newest else {"code": RUN_FAILED, "message": "no node of it has acted"}
