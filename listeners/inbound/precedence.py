"""Whether a run begins at once, or when other runs of its person have ended, and which of them it cancels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from listeners import messages
from officeflow.database.tables import InboxEvent, RunTurn, WorkflowRun
from officeflow.errors import NotSteerable
from officeflow.events.inbox import database_time
from officeflow.events.topics import EMPLOYEE_EXIT, EMPLOYEE_ONBOARD
from officeflow.runs import confs, control, turns
from officeflow.statuses import RunControl, RunStatus

ENDS_EXITS = frozenset({EMPLOYEE_EXIT, EMPLOYEE_ONBOARD})
"""Events whose runs may replace one of an exit: another exit, and a rehire. No other event undoes an exit."""


def place(
    session: Session, event: InboxEvent, run: WorkflowRun, concurrency: str, *, patience: dt.timedelta
) -> str:
    """How the run waits for its turn, `queue` or `replace`; "" where it begins at once.

    Decided once for each run; what is to be cancelled is asked for in the same transaction. `patience` is how
    long a run waits for what it has cancelled.
    """
    if concurrency == turns.PARALLEL:
        return ""
    known = session.get(RunTurn, run.run_id)
    if known is not None:
        return known.concurrency if known.came_at is None else ""
    if run.status != RunStatus.PENDING or run.employee_id is None:
        return ""
    others = turns.open_before(session, run)
    if concurrency == turns.REPLACE:
        _replace(session, event, run, others)
    if event.kind == EMPLOYEE_EXIT:
        others = (
            [other for other in others if turns.is_undoing(other)] if concurrency == turns.REPLACE else []
        )
    if not others:
        return ""
    beside_after = database_time(session) + patience if concurrency == turns.REPLACE else None
    turn = RunTurn(
        run_id=run.run_id,
        org_id=run.org_id,
        inbox_id=event.inbox_id,
        concurrency=concurrency,
        since=run.started_at,
        beside_after=beside_after,
    )
    session.add(turn)
    messages.run_queued(session, event, run, concurrency=concurrency, behind=others)
    return concurrency


def _replace(session: Session, event: InboxEvent, run: WorkflowRun, others: Sequence[WorkflowRun]) -> None:
    name = f"{run.dag_id}/{run.dag_run_id}"
    why = f"replaced by {name} of the event {event.event_id}"[: control.WHY_LENGTH]
    for other in others:
        if not _gives_way(other, event) or turns.is_undoing(other):
            continue
        try:
            asked = control.ask(session, other, RunControl.CANCEL, by=messages.DISPATCHER, why=why)
        except NotSteerable:  # it has ended, or is being undone, since it was looked at
            continue
        if asked:
            messages.run_replaced(session, event, other, by=run)


def _gives_way(other: WorkflowRun, event: InboxEvent) -> bool:
    """A run of a later event than this one stays, as the person's record does."""
    if other.trigger_event == EMPLOYEE_EXIT and event.kind not in ENDS_EXITS:
        return False
    told_at = confs.event_of(other.context).get("time")
    try:
        moment = dt.datetime.fromisoformat(str(told_at))
    except ValueError:
        return True
    return moment.tzinfo is None or moment <= event.event_time
