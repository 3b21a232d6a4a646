"""What runs wait for: a person's answer, a time, an event, another run, something of the platform's own that
is away, or their turn; and what of it waits unusually long.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from officeflow.database.reading import named_rows
from officeflow.database.status_columns import text_of
from officeflow.database.tables import NodeRefusal, NodeRun, WorkflowRun
from officeflow.errors import AnswerNeeded, EventNeeded, RunNeeded
from officeflow.runs import awaited, refusals, turns
from officeflow.runs.wait import Wait
from officeflow.statuses import ENDED_RUNS, ActStatus, RunStatus, WaitsFor

ASKS = "human."
"""Node types of this family wait for a person; another node that has begun and has no end waits for a time
that is its own.
"""

MAY_WAIT = (RunStatus.PENDING, RunStatus.RUNNING)
"""Of a run that is paused or is being undone that is what is shown, whatever its nodes wait for."""

_WHAT = text_of(WaitsFor)

_again_at = cast(NodeRun.error_details["again_at"].astext, DateTime(timezone=True))
_until = func.coalesce(_again_at, cast(NodeRun.error_details["until"].astext, DateTime(timezone=True)))
_since = func.coalesce(NodeRun.ended_at, NodeRun.started_at)
_own = (NodeRun.status == ActStatus.QUEUED) & NodeRun.started_at.is_not(None) & ~refusals.gives_up(NodeRun)
_code = NodeRun.error_details["code"].astext
_asked = _own & or_(NodeRun.node_type.startswith(ASKS), _code == AnswerNeeded.code)
_told = (
    NodeRun.status.in_([ActStatus.FAILED, ActStatus.STARTED])
    & (_again_at > func.now())
    & ~refusals.gives_up(NodeRun)
)


acting = (NodeRun.status == ActStatus.STARTED) & or_(_again_at.is_(None), _again_at <= func.now())
"""Whether the act is under way now, as far as the ledger says."""

waiting = or_(_own, _told)
"""Whether the node waits, or its next attempt does."""


def waits(run: type[WorkflowRun]) -> ColumnElement[bool]:
    """Whether a run that has not ended waits with one node at least, and no node acts."""
    of_run = NodeRun.run_id == run.run_id
    acts = select(NodeRun.run_id).where(of_run, acting)
    own = select(NodeRun.run_id).where(of_run, waiting)
    away = select(NodeRefusal.run_id).where(NodeRefusal.run_id == run.run_id, NodeRefusal.waits)
    return and_(
        run.status.in_(MAY_WAIT),
        or_(own.correlate(run).exists(), away.correlate(run).exists()),
        ~acts.correlate(run).exists(),
    )


def of_runs(session: Session, run_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[Wait]]:
    """What each of these runs waits for, where it has not ended; the longest wait first."""
    found: dict[uuid.UUID, list[Wait]] = {}
    for wait in awaited.named(session, _found(session, run_ids)) if run_ids else ():
        found.setdefault(wait.run_id, []).append(wait)
    return found


def open_questions(session: Session, *, most: int = 5) -> tuple[int, list[Wait]]:
    """How many questions wait for a person, with those that have waited the longest."""
    asked = _acts().where(_asked)
    count = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    rows = session.execute(asked.order_by(_since).limit(most)).mappings() if count else ()
    return count, awaited.named(session, [Wait(**row) for row in rows])


@cache
def _of_these() -> CompoundSelect[*tuple[Any, ...]]:
    """What is away, acts and turns, as `Wait` has them. Made once, and of one text whatever the number of
    runs: PostgreSQL keeps its plan.
    """
    these = WorkflowRun.run_id == any_(bindparam("run_ids", type_=ARRAY(Uuid)))
    return union_all(_away().where(these), _acts().where(waiting, these), turns.waiting().where(these))


def _found(session: Session, run_ids: Collection[uuid.UUID]) -> list[Wait]:
    """A node that stands in the ledger and is refused meanwhile waits for what is away."""
    found: dict[tuple[uuid.UUID, str, int], Wait] = {}
    for row in named_rows(session, _of_these(), {"run_ids": list(run_ids)}):
        wait = Wait(**row)
        place = (wait.run_id, wait.node, wait.map_index)
        if place not in found or wait.what == WaitsFor.PLATFORM:
            found[place] = wait
    return sorted(found.values(), key=lambda wait: (wait.since, wait.node))


def _acts() -> Select[*tuple[Any, ...]]:
    """What a `Wait` has, of acts of runs that have not ended."""
    what = case(
        (_asked, literal(WaitsFor.ANSWER, _WHAT)),
        (_own & (_code == EventNeeded.code), literal(WaitsFor.EVENT, _WHAT)),
        (_own & (_code == RunNeeded.code), literal(WaitsFor.RUN, _WHAT)),
        else_=literal(WaitsFor.TIME, _WHAT),
    )
    why = func.coalesce(
        NodeRun.error_details["message"].astext, case((_asked, "a person is asked"), else_="its time")
    )
    return (
        select(*_place(), NodeRun.node_key.label("node"), NodeRun.map_index, what.label("what"))
        .add_columns(_since.label("since"), _until.label("until"), why.label("why"))
        .join(NodeRun, NodeRun.run_id == WorkflowRun.run_id)
        .where(WorkflowRun.status.not_in(ENDED_RUNS))
    )


def _away() -> Select[*tuple[Any, ...]]:
    """The same of nodes for which something of the platform is away."""
    why = NodeRefusal.error_details["code"].astext + ": " + NodeRefusal.error_details["message"].astext
    return (
        select(
            *_place(),
            NodeRefusal.node_key.label("node"),
            NodeRefusal.map_index,
            literal(WaitsFor.PLATFORM, _WHAT).label("what"),
        )
        .add_columns(
            NodeRefusal.since.label("since"),
            cast(null(), DateTime(timezone=True)).label("until"),
            why.label("why"),
        )
        .join(NodeRefusal, NodeRefusal.run_id == WorkflowRun.run_id)
        .where(NodeRefusal.waits, WorkflowRun.status.not_in(ENDED_RUNS))
    )


def _place() -> tuple[Any, ...]:
    return (WorkflowRun.run_id, WorkflowRun.dag_id, WorkflowRun.dag_run_id)


def long_waits(session: Session, *, longer_than: dt.timedelta, most: int = 5) -> list[Wait]:
    """Nodes of open runs whose next attempt is far off, overdue, or kept off by what is away; the longest
    wait first.

    Five kinds: acts that are told to wait longer than that, acts whose next attempt is overdue by as much,
    waits of a node's own that are, questions that have been open for as long, and nodes for which something
    of the platform has been away for as long.
    """
    overdue = _until < func.now() - longer_than
    told = (
        NodeRun.status.in_([ActStatus.FAILED, ActStatus.STARTED])
        & or_(_again_at - _since > longer_than, overdue)
        & ~refusals.gives_up(NodeRun)
    )
    asked = _asked & (NodeRun.started_at < func.now() - longer_than)
    acts = _acts().where(or_(told, _own & overdue, asked)).order_by(_since)
    missed = _away().where(NodeRefusal.since < func.now() - longer_than).order_by(NodeRefusal.since)
    rows = [row for query in (acts, missed) for row in session.execute(query.limit(most)).mappings()]
    found = sorted((Wait(**row) for row in rows), key=lambda wait: wait.since)[:most]
    return awaited.named(session, found)
