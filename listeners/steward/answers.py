"""Tells Airflow what people have decided, so that the task that asked goes on.

A decision is a row of ours first, whatever door it came through. Here Airflow is told of it, and the row
notes that it was: whoever is killed between the two tells it once more, and Airflow takes one answer alone. A
task is told once it has left its worker: one that goes on within a moment of asking is failed by Airflow's
executor, which has yet to report its end.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import structlog

from officeflow.airflow_api.types import AskedQuestion, TaskInstanceState
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.errors import NotKnown
from officeflow.people import due
from officeflow.people.due import Decided
from officeflow.waiting import wakes

AT_ONCE = 100
"""Decisions that one turn sees to."""

SIDE_BY_SIDE = 8
"""Calls of Airflow's API at a time."""

SETTLED_SECONDS = 0.5
"""A task is seen to wait for so long before it is told to go on."""

SOONEST_SECONDS, LATEST_SECONDS = 0.2, 30.0
"""When a task is looked at again that does not wait yet, the first time and at most."""

OVER = frozenset(
    {
        TaskInstanceState.SUCCESS,
        TaskInstanceState.FAILED,
        TaskInstanceState.SKIPPED,
        TaskInstanceState.UPSTREAM_FAILED,
        TaskInstanceState.REMOVED,
    }
)
"""States of a task that needs no answer any more."""

log = structlog.get_logger(__name__)


class AirflowQuestions(Protocol):
    """What is asked of Airflow; `officeflow.airflow_api.client.AirflowApi` answers."""

    def question(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> AskedQuestion: ...
    def respond(
        self, dag_id: str, run_id: str, task_id: str, option: str, map_index: int = -1
    ) -> bool: ...


@dataclass(slots=True)
class Later:
    """When a decision is looked at again, and after which pause."""

    at: float
    pause: float


class Answers:
    """`tell` may be called from one thread."""

    def __init__(
        self,
        database: Database,
        api: AirflowQuestions,
        clock: Clock,
        *,
        stop: threading.Event | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` measures the pauses of this process."""
        self._database = database
        self._api = api
        self._clock = clock
        self._stop = stop or threading.Event()
        self._seconds = seconds
        self._later: dict[UUID, Later] = {}

    def tell(self) -> int:
        """Tell Airflow what it does not know yet; returns of how many decisions it knows now."""
        waiting = self._due()
        if not waiting:
            return 0
        with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(waiting)), thread_name_prefix="answers") as pool:
            found = list(pool.map(self._look, waiting))
            known = [each for each, look in zip(waiting, found, strict=True) if look is True]
            parked = {
                each.request_id: (each, look)
                for each, look in zip(waiting, found, strict=True)
                if isinstance(look, str)
            }
            if parked and not self._stop.wait(SETTLED_SECONDS):
                told = pool.map(lambda pair: self._respond(*pair), parked.values())
                known += [each for (each, _), done in zip(parked.values(), told, strict=True) if done]
        self._note(known)
        self._put_off([each for each in waiting if each not in known])
        return len(known)

    def _due(self) -> Sequence[Decided]:
        now = self._seconds()
        with self._database.service() as session:
            untold = due.untold(session, limit=AT_ONCE, without=[
                request_id for request_id, later in self._later.items() if later.at > now
            ])
        return untold

    def _look(self, decided: Decided) -> bool | str:
        """True: nothing is to be told any more. False: it is too early. Otherwise what tells this wait of the
        task from others.
        """
        try:
            asked = self._api.question(*decided.task)
        except NotKnown:
            return decided.run_has_ended
        if asked["response_received"] or asked["task_instance"]["state"] in OVER:
            return True
        if asked["task_instance"]["state"] != TaskInstanceState.AWAITING_INPUT:
            return False
        return str(asked["task_instance"]["queued_when"])

    def _respond(self, decided: Decided, wait: str) -> bool:
        """False where the task does not wait as it did."""
        look = self._look(decided)
        if look is True or look != wait:
            return look is True
        asked = self._api.question(*decided.task)
        option = decided.decision if decided.decision in asked["options"] else asked["options"][0]
        dag_id, run_id, task_id, map_index = decided.task
        given = self._api.respond(dag_id, run_id, task_id, option, map_index)
        log.info("told Airflow of a decision", task=task_id, dag=dag_id, run=run_id, first=given)
        return True
