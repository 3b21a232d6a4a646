"""What a run did after it was undone: somebody let it go on then, and it has failed, or is cancelled, again.

Its task `undo` was over by then, and Airflow does not run it a second time by itself.
"""

from __future__ import annotations

import datetime as dt

import structlog

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import DagRun, TaskInstanceState
from officeflow.database.engine import Database
from officeflow.database.tables import WorkflowRun
from officeflow.errors import OfficeFlowError, Unavailable
from officeflow.ids import UNDO, VERDICT
from officeflow.runner.undoing import reading
from officeflow.runner.undoing.plan import plan_of
from officeflow.runner.undoing.run import OF_VERDICT
from officeflow.runs.undone import Cause
from officeflow.statuses import RunControl, RunStatus

OVER = frozenset({TaskInstanceState.SUCCESS, TaskInstanceState.FAILED})

log = structlog.get_logger(__name__)


class LateActs:
    """Any number of threads may ask."""

    def __init__(self, database: Database, api: AirflowApi) -> None:
        self._database = database
        self._api = api

    def undo(self, run: WorkflowRun, seen: DagRun) -> bool:
        """Let `undo` run again where acts stand that are newer than its last try, and that are to be taken
        back; whether that was so.

        `run` is the row as it was before the end that was `seen`. `Unavailable` where Airflow is away.
        """
        is_cancelled = run.control == RunControl.CANCEL or run.status == RunStatus.CANCELLED
        if self._newest(run, Cause.CANCELLED) is None:
            return False
        try:
            tasks = {task["task_id"]: task for task in self._api.task_instances(run.dag_id, run.dag_run_id)}
            undo, verdict = tasks.get(UNDO), tasks.get(VERDICT)
            if undo is None or verdict is None or undo["state"] not in OVER or not undo["start_date"]:
                return False
            cause = Cause.CANCELLED if is_cancelled else OF_VERDICT.get(verdict["state"] or "")
            newest = None if cause is None else self._newest(run, cause)
            if newest is None or newest <= dt.datetime.fromisoformat(undo["start_date"]):
                return False
            self._api.clear(run.dag_id, run.dag_run_id, [UNDO])
        except Unavailable:
            raise
        except OfficeFlowError as error:
            log.warning(
                "what a run did after it was undone cannot be taken back",
                dag_id=run.dag_id,
                run_id=str(run.run_id),
                error=str(error),
            )
            return False
        log.info(
            "a run that went on after it was undone is undone again",
            dag_id=run.dag_id,
            run_id=str(run.run_id),
            ended_at=seen["end_date"],
        )
        return True

    def _newest(self, run: WorkflowRun, cause: Cause) -> dt.datetime | None:
        """When the newest act ended that is to be taken back; None where none is. Runs that it called and
        that are under way see to theirs themselves.
        """
        if run.workflow_id is None:
            return None
        with self._database.tenant(run.org_id) as session:
            runs, definitions = reading.read(session, run.run_id)
        ours = [called for called in runs if called.above is None or called.has_ended]
        steps = plan_of(ours, definitions, cause).steps
        return max((act.at for step in steps for act in step.acts), default=None)
