"""Wakes tasks: what waits for a time looks again at once, where what it waits for has come before that.

The task is cleared by Airflow's own API, alone, and only while it waits for a time. One that is in a worker
just now may have looked a moment too early: it is asked for again until it has ended or waits. Whatever else
it is at, it looks by itself when it goes on, or never again.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowConflict
from officeflow.airflow_api.types import TaskInstanceState
from officeflow.database.engine import Database
from officeflow.database.listening import Bell
from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError
from officeflow.waiting import wakes
from officeflow.waiting.wakes import Due

AT_ONCE = 100
"""Wakes that one transaction takes: as many tasks as Airflow tells of in one answer."""

THREADS = 8
POLL_SECONDS = 5.0
"""How long at most until a wake is seen that nobody told of."""

AGAIN_SECONDS = 1.0
"""When it is asked again for tasks that were in a worker."""

IN_WORK = frozenset(
    {
        None,
        TaskInstanceState.SCHEDULED,
        TaskInstanceState.QUEUED,
        TaskInstanceState.RUNNING,
        TaskInstanceState.RESTARTING,
    }
)
"""States in which a task may have looked already and not yet say that it waits."""

GONE = "there is no such task or run any more"

Place = tuple[str, str, str, int]
"""DAG, run, task, map index."""

log = structlog.get_logger(__name__)


class Waking:
    """The duty `wake`. Several stewards may do it side by side."""

    def __init__(self, database: Database, api: AirflowApi, *, stop: threading.Event) -> None:
        self.bell = Bell()
        self._database = database
        self._api = api
        self._stop = stop
        self._put_off = False

    def act(self) -> int:
        """Wait until there may be something to wake, and wake all that is due; returns how many wakes were
        looked at.
        """
        self.bell.wait(AGAIN_SECONDS if self._put_off else POLL_SECONDS, self._stop)
        return self.wake_due()

    def wake_due(self) -> int:
        """Wake all that is due now; returns how many wakes were looked at."""
        total = 0
        while (looked := self._wake_some()) and not self._stop.is_set():
            total += looked
        with self._database.service() as session:
            self._put_off = wakes.are_put_off(session)
        return total

    def _wake_some(self) -> int:
        with self._database.service() as session:
            due = wakes.due(session, most=AT_ONCE)
            if not due:
                return 0
            states = self._states(due)
            waiting: dict[tuple[str, str], list[Due]] = defaultdict(list)
            for each in due:
                state = states.get(_place(each), GONE)
                if state == TaskInstanceState.UP_FOR_RESCHEDULE:
                    waiting[each.dag_id, each.dag_run_id].append(each)
                elif state in IN_WORK:
                    wakes.later(each.wake)
                else:
                    wakes.done(session, each.wake, _outcome(str(state)))
            for woken, outcome in self._clear_all(waiting):
                if outcome is None:
                    wakes.later(woken.wake)
                else:
                    wakes.done(session, woken.wake, outcome)
        return len(due)

    def _states(self, due: Sequence[Due]) -> Mapping[Place, str | None]:
        runs, tasks = [each.dag_run_id for each in due], [each.wake.node_key for each in due]
        return {
            (task["dag_id"], task["dag_run_id"], task["task_id"], task["map_index"]): task["state"]
            for task in self._api.tasks_of_runs(runs, tasks)
        }

    def _clear_all(self, waiting: Mapping[tuple[str, str], list[Due]]) -> list[tuple[Due, str | None]]:
        """What became of each: "" cleared, a text where it never will be, None where it is to be asked for
        again.
        """
        if not waiting:
            return []
        with ThreadPoolExecutor(min(THREADS, len(waiting)), thread_name_prefix="wake") as threads:
            outcomes = threads.map(partial(self._clear), waiting.values())
            return [
                (each, outcome)
                for run, outcome in zip(waiting.values(), outcomes, strict=True)
                for each in run
            ]

    def _clear(self, run: Sequence[Due]) -> str | None:
        """Clear these tasks of one run."""
        first = run[0]
        tasks = sorted({_task(each) for each in run}, key=str)
        try:
            self._api.clear(first.dag_id, first.dag_run_id, tasks, reset_dag_runs=False, running_too=False)
        except AirflowConflict:
            return None
        except NotKnown:
            return GONE
        except InvalidInput as error:
            log.warning("a task cannot be woken", dag_id=first.dag_id, error=str(error))
            return f"Airflow refuses to clear it: {error.message}"
        except OfficeFlowError as error:  # of this run alone: the others are not to wait for it
            log.warning("a task is not woken yet", dag_id=first.dag_id, error=str(error))
            return None
        return ""


def _place(due: Due) -> Place:
    return (due.dag_id, due.dag_run_id, due.wake.node_key, due.wake.map_index)


def _task(due: Due) -> str | tuple[str, int]:
    return due.wake.node_key if due.wake.map_index < 0 else (due.wake.node_key, due.wake.map_index)


def _outcome(state: str) -> str:
    return state if state == GONE else f"it does not wait for a time: it is {state}"
