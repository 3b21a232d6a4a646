"""Tells Airflow what people have decided, so that the task that asked goes on.

A decision is a row of ours first, whatever door it came through. Here Airflow is told of it, and the row
notes that it was: whoever is killed between the two tells it once more, and Airflow takes one answer alone. A
task is told once it has left its worker: one that goes on within a moment of asking is failed by Airflow's
executor, which has yet to report its end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from listeners.steward.looks import Looks
from officeflow.airflow_api.types import AskedQuestion, TaskInstanceState
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import HumanRequest
from officeflow.errors import NotKnown
from officeflow.people import due, requests
from officeflow.statuses import ENDED_RUNS
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
    def respond(self, dag_id: str, run_id: str, task_id: str, option: str, map_index: int = -1) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """`task` is the DAG's id, the run's, the task's and its map index."""

    request_id: UUID
    run_id: UUID
    task: tuple[str, str, str, int]
    decision: str
    run_has_ended: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What Airflow says of a task. `knows`: there is nothing (more) to tell it. `wait` is None where the task
    does not wait, and otherwise another one each time that it begins to.
    """

    knows: bool = False
    wait: str | None = None
    options: Sequence[str] = ()


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
        self._looks = Looks[UUID](first=SOONEST_SECONDS, longest=LATEST_SECONDS, seconds=seconds)

    def tell(self) -> int:
        """Tell Airflow what it does not know yet; returns of how many decisions it knows now."""
        untold = self._untold()
        if not untold:
            return 0
        with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(untold)), thread_name_prefix="answers") as pool:
            looks = dict(zip(untold, pool.map(self._look, untold), strict=True))
            parked = {each: look.wait for each, look in looks.items() if look.wait is not None}
            known = [each for each, look in looks.items() if look.knows]
            if parked and not self._stop.wait(SETTLED_SECONDS):
                given = zip(parked, pool.map(self._respond, parked, parked.values()), strict=True)
                known += [each for each, done in given if done]
        self._note(known)
        for each in untold:
            if each not in known:
                self._looks.later(each.request_id)
        return len(known)

    def rest(self) -> float:
        """Seconds until a task is looked at again that did not wait yet; infinite where there is none."""
        return self._looks.left()

    def _untold(self) -> list[Decided]:
        put_off = self._looks.put_off()
        with self._database.service() as session:
            found = [_decided(session, each) for each in due.untold(session, most=AT_ONCE, without=put_off)]
        self._looks.keep({*put_off, *(each.request_id for each in found)})
        return found

    def _look(self, decided: Decided) -> Look:
        try:
            asked = self._api.question(*decided.task)
        except NotKnown:  # it has asked nothing yet, or there is no such task any more
            return Look(knows=decided.run_has_ended)
        state = asked["task_instance"]["state"]
        if asked["response_received"] or state in OVER:
            return Look(knows=True)
        wait = str(asked["task_instance"]["queued_when"])
        return Look(
            wait=wait if state == TaskInstanceState.AWAITING_INPUT else None, options=asked["options"]
        )

    def _respond(self, decided: Decided, wait: str) -> bool:
        """False where the task does not wait as it did a moment ago."""
        look = self._look(decided)
        if look.wait != wait:
            return look.knows
        dag_id, run_id, task_id, map_index = decided.task
        option = decided.decision if decided.decision in look.options else look.options[0]
        first = self._api.respond(dag_id, run_id, task_id, option, map_index)
        log.info("Airflow was told of a decision", dag=dag_id, run=run_id, task=task_id, first=first)
        return True

    def _note(self, known: Sequence[Decided]) -> None:
        """The runs are taken out of parking in the same transaction: what follows the task can begin."""
        if not known:
            return
        with self._database.service() as session:
            due.told(session, [each.request_id for each in known], now=self._clock.now())
            for run_id in {each.run_id for each in known}:
                wakes.notify(session, run_id)


def _decided(session: Session, request: HumanRequest) -> Decided:
    run = requests.run_of(session, request)
    return Decided(
        request_id=request.request_id,
        run_id=run.run_id,
        task=(run.dag_id, run.dag_run_id, request.node_key, request.map_index),
        decision=request.decision,
        run_has_ended=run.status in ENDED_RUNS,
    )
