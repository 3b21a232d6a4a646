"""What is wanted of a run: that it pauses, goes on, or is cancelled. Every door comes through here.

The wish is the run's own row, and holds from the moment in which it is written: no node of a paused or a
cancelled run begins its act. The steward carries it to Airflow, as often as that takes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, reason, who
from officeflow.database import listening
from officeflow.database.tables import NodeRefusal, NodeRun, WorkflowRun
from officeflow.errors import InvalidInput, NotSteerable
from officeflow.program import typed
from officeflow.runs import confs, open_matters
from officeflow.runs.failures import CANCELLED_UNBEGUN
from officeflow.statuses import ENDED_RUNS, RunControl, RunStatus
from officeflow.waiting import wakes

CHANNEL = "officeflow_control"
"""PostgreSQL's notification that something is wanted of a run."""

WHY_LENGTH = 1000
BY_LENGTH = 255

ACTIONS = {
    RunControl.PAUSE: AuditAction.RUN_PAUSED,
    RunControl.NONE: AuditAction.RUN_RESUMED,
    RunControl.CANCEL: AuditAction.RUN_CANCELLED,
}
VERBS = {RunControl.PAUSE: "paused", RunControl.NONE: "resumed", RunControl.CANCEL: "cancelled"}


def ask(session: Session, run: WorkflowRun, control: RunControl, *, by: str, why: str) -> bool:
    """Write down what is wanted of the run and of the runs that it has called; False where it was so already.

    `by` is who wants it, as the audit log names them: `airflow:ana`. `run` and its row are in step
    afterwards. `NotSteerable` where it has ended, or is on its way to an end already; `InvalidInput` for a
    reason that is empty or longer than 1,000 characters. Of the called runs those that can be steered no more
    are left as they are.
    """
    why = checked_reason(why)
    session.refresh(run, with_for_update=True)
    _refuse(run, control)
    if run.control == control:
        return False
    _want(session, run, control, by=by, why=why)
    return True


def cancel_below(session: Session, run: WorkflowRun, *, by: str, why: str) -> None:
    """Cancel what the run has called and what is under way still; what is on its way to an end is left."""
    for child in _below(session, run):
        if _may(child, RunControl.CANCEL):
            _want(session, child, RunControl.CANCEL, by=by, why=why)


def carry_again(session: Session, run: WorkflowRun) -> None:
    """Airflow is not in step with what is wanted of the run any more: the steward looks once more."""
    run.control_done_at, run.control_at = None, _now(session)
    _tell(session, run)


def is_wanted(run: WorkflowRun, control: RunControl) -> bool:
    """Whether it is wanted of the run now: that an ended run was to be cancelled is over, and does not keep
    it from being cleared; one that was never to begin is not to begin.
    """
    return run.control == control and (run.status not in ENDED_RUNS or is_unbegun(run))


def is_unbegun(run: WorkflowRun) -> bool:
    """Whether it was cancelled before Airflow had it."""
    return (run.error_details or {}).get("code") == CANCELLED_UNBEGUN


def told(run: WorkflowRun) -> str:
    """Who wanted last what is wanted of the run, when and why; for people."""
    at = f" at {run.control_at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC" if run.control_at else ""
    return f"{VERBS[run.control]} by {who(run.control_by)}{at}: {run.control_why}"


def checked_reason(why: str) -> str:
    """`InvalidInput` where it is empty or longer than the run's row keeps."""
    found = reason(why)
    if len(found) > WHY_LENGTH:
        raise InvalidInput(f"the reason has {len(found):,} characters", hint=f"at most {WHY_LENGTH:,}")
    return found


def _refuse(run: WorkflowRun, control: RunControl) -> None:
    name, verb = f"{run.dag_id}/{run.dag_run_id}", VERBS[control]
    if run.status in ENDED_RUNS:
        raise NotSteerable(
            f"{name} has ended, it is {run.status}: it cannot be {verb}", hint=_after_the_end(run, control)
        )
    if run.status == RunStatus.COMPENSATING:
        raise NotSteerable(
            f"{name} is being undone: it cannot be {verb}", hint="it ends by itself when that is done"
        )
    if run.control == RunControl.CANCEL and control != RunControl.CANCEL:
        raise NotSteerable(
            f"{name} is being cancelled, it was {told(run)}: it cannot be {verb}",
            hint="start it anew where it should go on",
        )


def _after_the_end(run: WorkflowRun, control: RunControl) -> str:
    if control == RunControl.CANCEL:
        return f"`{typed('run compensate')} {run.run_id} --plan` shows what could be taken back of it"
    return "clear its tasks in Airflow where it should go on" if control == RunControl.NONE else ""


def _want(session: Session, run: WorkflowRun, control: RunControl, *, by: str, why: str) -> None:
    """Of the run, and of those below it; the moment is one for all."""
    since = run.control_at
    _write(session, run, control, by=by, why=why, now=_now(session))
    for child in _below(session, run):
        is_with_it = child.control_at == since if control == RunControl.NONE else True
        if _may(child, control) and is_with_it:
            _want(session, child, control, by=by, why=why)


def _now(session: Session) -> dt.datetime:
    """One moment for the whole transaction."""
    now: dt.datetime = session.execute(select(func.now())).scalar_one()
    return now


def _below(session: Session, run: WorkflowRun) -> Sequence[WorkflowRun]:
    """What it has called and what has not ended."""
    query = select(WorkflowRun).where(
        WorkflowRun.org_id == run.org_id,
        WorkflowRun.parent_run_id == run.run_id,
        WorkflowRun.status.not_in(ENDED_RUNS),
    )
    locked = query.order_by(WorkflowRun.run_id).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def _may(run: WorkflowRun, control: RunControl) -> bool:
    """A called run that was paused by itself goes on when somebody resumes that one."""
    on_its_way = run.status == RunStatus.COMPENSATING or run.control == RunControl.CANCEL
    return not on_its_way and run.control != control


def _write(
    session: Session, run: WorkflowRun, control: RunControl, *, by: str, why: str, now: dt.datetime
) -> None:
    was = run.status
    run.control, run.control_by, run.control_why, run.control_at = control, by[:BY_LENGTH], why, now
    run.control_done_at = None
    run.status = RunStatus.PAUSED if control == RunControl.PAUSE else _unpaused(session, run)
    _audit(session, run, ACTIONS[control], by=by, why=why, was=was)
    if control == RunControl.CANCEL:
        open_matters.let_go(session, run, why=f"the run was {told(run)}", by=by)
    _tell(session, run)


def _tell(session: Session, run: WorkflowRun) -> None:
    """The steward, which carries it to Airflow; and the run is not to stay parked."""
    listening.notify(session, CHANNEL)
    wakes.notify(session, run.run_id)


def _unpaused(session: Session, run: WorkflowRun) -> RunStatus:
    """What a run is that is not paused any more: one of which no node has told yet has not begun, for all
    that is known here.
    """
    if run.status != RunStatus.PAUSED:
        return run.status
    acts = select(NodeRun.run_id).where(NodeRun.run_id == run.run_id).exists()
    refused = select(NodeRefusal.run_id).where(NodeRefusal.run_id == run.run_id).exists()
    has_begun = session.scalar(select(acts | refused))
    return RunStatus.RUNNING if has_begun else RunStatus.PENDING


def _audit(
    session: Session, run: WorkflowRun, action: AuditAction, *, by: str, why: str, was: RunStatus
) -> None:
    employee = confs.event_of(run.context).get("employee")
    entry = AuditEntry(
        actor=by,
        action=action,
        subject=f"run:{run.run_id}",
        details={
            "run_id": str(run.run_id),
            "dag_id": run.dag_id,
            "dag_run_id": run.dag_run_id,
            "employee": str(employee) if employee else None,
            "was": was,
            "why": why,
        },
        correlation_id=run.correlation_id,
    )
    audit.append(session, run.org_id, entry)
