"""One person's runs beside, behind or instead of each other, as the workflow's `concurrency` says.

What is decided stands in the transaction that writes the run's row. A run that has to wait holds neither a
thread nor the person's claim: later events of the person are taken meanwhile. When its turn comes, a thread
of its own starts it, under the same id as ever, so that doing it again changes nothing.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Protocol

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from listeners import messages
from listeners.inbound.matching import Candidate, candidate_of
from listeners.process import Backoff
from officeflow.airflow_api.errors import AirflowForbids
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, RunTurn, WorkflowRun
from officeflow.errors import Unavailable
from officeflow.runs import turns
from officeflow.statuses import ENDED_RUNS

POLL_SECONDS = 0.5
"""How long at most until it is seen that a run has ended for which another one waits."""

MOST_SECONDS = 30.0
"""The longest delay between two tries to start a run whose turn has come."""


class Answer(Protocol):
    """What became of asking Airflow for a run: it exists (`started`), Airflow is to be asked again (`waits`),
    or there will be none; `why` tells more. `candidate` is the run that exists.
    """

    @property
    def candidate(self) -> Candidate: ...
    @property
    def why(self) -> str: ...
    @property
    def started(self) -> bool: ...
    @property
    def waits(self) -> bool: ...


Begin = Callable[[InboxEvent, Candidate], Answer]
"""`Dispatcher.begin`."""

log = structlog.get_logger(__name__)


class Turns:
    """A thread that starts runs whose turn has come, until `stop` is set. Any number of processes may."""

    def __init__(self, database: Database, begin: Begin, *, stop: threading.Event) -> None:
        self._database = database
        self._begin = begin
        self._stop = stop
        self._thread = threading.Thread(target=self._work, name="turns")

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Returns when the run that it is at has been started."""
        self._thread.join()

    def _work(self) -> None:
        backoff = Backoff(self._stop, first=0.5, most=15.0)
        while not self._stop.is_set():
            try:
                if not self.start_next():
                    self._stop.wait(POLL_SECONDS)
            except (Unavailable, AirflowForbids, DBAPIError) as error:
                log.warning("runs whose turn has come wait", error=str(error))
                backoff.wait()
            else:
                backoff.reset()

    def start_next(self) -> bool:
        """Start one run whose turn has come; False where there is none.

        `Unavailable`, `AirflowForbids`: the database or Airflow is away or will not have us; the run waits.
        """
        with self._database.service() as session:
            turn = turns.next_turn(session)
            if turn is None:
                return False
            run = session.get_one(WorkflowRun, turn.run_id)
            if run.status in ENDED_RUNS:
                turns.came(session, turn)
                return True
            event = session.get_one(InboxEvent, turn.inbox_id)
            try:
                self._start(session, turn, run, event)
            except (Unavailable, AirflowForbids, DBAPIError):
                raise
            except Exception:
                log.exception("a run whose turn has come cannot be started", run_id=str(run.run_id))
                turns.postpone(session, turn, by=_delay(turn.attempts))
        return True

    def _start(self, session: Session, turn: RunTurn, run: WorkflowRun, event: InboxEvent) -> None:
        candidate = candidate_of(session, event, run)
        beside = turns.still_undoing(session, run)
        answer = self._begin(event, candidate)
        if answer.waits:
            turns.postpone(session, turn, by=_delay(turn.attempts))
            log.info("a run whose turn has come waits", why=answer.why)
            return
        turns.came(session, turn)
        rest = [entry for entry in event.runs if entry["run_id"] != str(run.run_id)]
        if answer.why:
            said = f"{candidate.workflow}: {answer.why}"
            event.last_error = "\n".join(filter(None, (event.last_error, said)))
        if not answer.started:
            event.runs = rest
            return
        run.version = candidate.version
        entry = answer.candidate.as_entry()
        event.runs = [*rest, entry]
        messages.turn_came(session, event, entry, beside=beside)
        log.info("run started in its turn", run_id=str(run.run_id), beside=len(beside))


def _delay(attempts: int) -> dt.timedelta:
    return dt.timedelta(seconds=min(MOST_SECONDS, 2.0 ** min(attempts, 10)))
