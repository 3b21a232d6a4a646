"""Carries what is wanted of runs to Airflow. It stands in the runs' rows, so this may be done again at any
time.

A cancelled run's task `verdict` is marked failed, where it has one, and then the run: what it did is taken
back by its teardown, and `verdict` keeps that from ending it as a success. The tasks of a resumed run that
were held are cleared. A run's note says first that it is paused or cancelled, by whom and why.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import uuid
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from listeners import messages
from listeners.steward import notes
from listeners.steward.looks import Looks
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowConflict
from officeflow.airflow_api.types import DagRunState, TaskInstance, TaskInstanceState
from officeflow.database.engine import Database
from officeflow.database.tables import WorkflowRun
from officeflow.errors import NotKnown, OfficeFlowError, Unavailable
from officeflow.events.inbox import database_time
from officeflow.runs import control, ending
from officeflow.runs.failures import CANCELLED_UNBEGUN
from officeflow.runs.steering import OPTIONS
from officeflow.statuses import ENDED_RUNS, RunControl, RunStatus
from officeflow.waiting import wakes

AT_ONCE = 100
VERDICT = "verdict"
SETTLED = dt.timedelta(minutes=2)
"""So long after a run was resumed a task may still park that had looked before."""

FIRST_PAUSE = 0.5
"""Seconds between the first look at a run and the second; the next ones are twice as long each."""

LONGEST_PAUSE = 60.0

HELD = (TaskInstanceState.AWAITING_INPUT, TaskInstanceState.UP_FOR_RESCHEDULE)
ENDED = frozenset({DagRunState.SUCCESS, DagRunState.FAILED})

log = structlog.get_logger(__name__)


class Steering:
    """For one thread. `seconds` only measures the pauses between this process's looks at a run."""

    def __init__(
        self, database: Database, api: AirflowApi, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._api = api
        self._looks = Looks[tuple[uuid.UUID, dt.datetime | None]](
            first=FIRST_PAUSE, longest=LONGEST_PAUSE, seconds=seconds
        )

    def act(self) -> int:
        """Returns for how many runs something was done. One that cannot be helped keeps no other from it;
        `Unavailable` where Airflow or the database is away.
        """
        wanted = self._wanted()
        self._looks.keep({_key(run) for run in wanted})
        put_off = set(self._looks.put_off())
        due = [run for run in wanted if _key(run) not in put_off]
        return sum(self._carry(run) for run in due[:AT_ONCE])

    def rest(self) -> float:
        """Seconds until a run is looked at again; infinite where there is none."""
        return self._looks.left()

    def _wanted(self) -> Sequence[WorkflowRun]:
        """What Airflow does not know yet, and what was resumed a moment ago; runs that others have called
        first.
        """
        lately = func.now() - SETTLED
        resumed = (WorkflowRun.control == RunControl.NONE) & (WorkflowRun.control_at > lately)
        uncarried = WorkflowRun.control_at.is_not(None) & WorkflowRun.control_done_at.is_(None)
        query = (
            select(WorkflowRun)
            .options(load_only(*_READ))
            .where(uncarried | resumed)
            .order_by(WorkflowRun.depth.desc(), WorkflowRun.control_at)
        )
        with self._database.service() as session:
            return session.scalars(query).all()

    def _carry(self, run: WorkflowRun) -> bool:
        carried = {
            RunControl.PAUSE: self._pause,
            RunControl.NONE: self._resume,
            RunControl.CANCEL: self._cancel,
        }
        try:
            return carried[run.control](run)
        except Unavailable:
            raise
        except OfficeFlowError as error:
            log.warning(
                "what is wanted of a run cannot be carried to Airflow",
                dag_id=run.dag_id,
                run_id=str(run.run_id),
                control=run.control,
                error=str(error),
            )
            return False

    # ── pause ──

    def _pause(self, run: WorkflowRun) -> bool:
        """Its note alone: the nodes see the run's row. One that Airflow does not have yet gets it later."""
        try:
            note = self._api.dag_run(run.dag_id, run.dag_run_id)["note"]
            self._api.change_run(run.dag_id, run.dag_run_id, note=notes.saying(note, run))
        except NotKnown:
            self._looks.later(_key(run))
            return False
        return self._done(run)

    # ── resume ──

    def _resume(self, run: WorkflowRun) -> bool:
        try:
            cleared = self._let_go(run)
        except NotKnown:
            return self._done(run)
        self._looks.later(_key(run))
        return (run.control_done_at is None and self._done(run)) or cleared

    def _let_go(self, run: WorkflowRun) -> bool:
        """Clear what was held; whether there was any."""
        note = self._api.dag_run(run.dag_id, run.dag_run_id)["note"]
        if (about := notes.without(note)) != (note or ""):
            self._api.change_run(run.dag_id, run.dag_run_id, note=about)
        held = self._held(run)
        if not held:
            return False
        self._api.begin_again(run.dag_id, run.dag_run_id, held)
        with self._database.service() as session:
            wakes.notify(session, run.run_id)
        log.info("a run goes on", dag_id=run.dag_id, run_id=str(run.run_id), tasks=len(held))
        return True

    def _held(self, run: WorkflowRun) -> list[tuple[str, int]]:
        """Tasks that wait since before the run was resumed: for the answer about the run, or for a time; one
        that waits for a time of its own looks at it, and waits on.
        """
        asked = {
            (task["task_id"], task["map_index"])
            for question in self._api.asked(run.dag_id, run.dag_run_id, states=HELD[:1])
            if tuple(question["options"]) == OPTIONS and (task := question["task_instance"])
        }
        waiting = {
            (task["task_id"], task["map_index"]): task["state"] == TaskInstanceState.UP_FOR_RESCHEDULE
            for task in self._api.task_instances(run.dag_id, run.dag_run_id)
            if _began_before(task, run.control_at)
        }
        return [place for place, is_for_a_time in waiting.items() if is_for_a_time or place in asked]

    # ── cancel ──

    def _cancel(self, run: WorkflowRun) -> bool:
        try:
            seen = self._api.dag_run(run.dag_id, run.dag_run_id)
        except NotKnown:
            return self._end_unbegun(run)
        if seen["state"] not in ENDED:
            if run.workflow_id is not None:
                self._mark_verdict(run)
            note = notes.saying(seen["note"], run)
            self._api.change_run(run.dag_id, run.dag_run_id, state=DagRunState.FAILED, note=note)
            log.info("a run is cancelled", dag_id=run.dag_id, run_id=str(run.run_id))
        return self._done(run)

    def _mark_verdict(self, run: WorkflowRun) -> None:
        with contextlib.suppress(NotKnown, AirflowConflict):  # nothing to take back, or marked before
            self._api.mark_task(run.dag_id, run.dag_run_id, VERDICT, TaskInstanceState.FAILED)

    def _end_unbegun(self, run: WorkflowRun) -> bool:
        """Airflow does not have it: it was never started, or was deleted there, which is noted elsewhere."""
        with self._database.service() as session:
            row = session.get_one(WorkflowRun, run.run_id, with_for_update=True)
            if row.control != RunControl.CANCEL:
                return False
            row.control_done_at = now = database_time(session)
            if row.status == RunStatus.PENDING:
                row.status, row.ended_at = RunStatus.CANCELLED, now
                row.error_details = {"code": CANCELLED_UNBEGUN, "message": f"it was {control.told(row)}"}
                messages.run_ended(session, row)
                ending.note(session, row)
        return True

    # ── done ──

    def _done(self, run: WorkflowRun) -> bool:
        """Unless something else is wanted of it meanwhile."""
        with self._database.service() as session:
            row = session.get_one(WorkflowRun, run.run_id, with_for_update=True)
            if (row.control, row.control_at) != (run.control, run.control_at):
                return False
            row.control_done_at = database_time(session)
            if row.status not in ENDED_RUNS:
                wakes.notify(session, row.run_id)
        return True


_READ = (
    WorkflowRun.run_id,
    WorkflowRun.workflow_id,
    WorkflowRun.dag_id,
    WorkflowRun.dag_run_id,
    WorkflowRun.control,
    WorkflowRun.control_by,
    WorkflowRun.control_why,
    WorkflowRun.control_at,
    WorkflowRun.control_done_at,
)


def _key(run: WorkflowRun) -> tuple[uuid.UUID, dt.datetime | None]:
    return run.run_id, run.control_at


def _began_before(task: TaskInstance, moment: dt.datetime | None) -> bool:
    began = task["start_date"]
    return moment is not None and began is not None and dt.datetime.fromisoformat(began) < moment
