"""The dispatcher: from an event in the inbox to workflow runs.

One event at a time per person: its claim is held while (1) the person's record and the PENDING runs are
written in a transaction of their own, and (2) Airflow is asked for each run under an id made from the event.
Killed anywhere, the claim falls free and all is done once more, with the same ids: what is there already is
found.
"""

from __future__ import annotations

import datetime as dt
import enum
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from listeners import messages
from listeners.inbound.carrier import carries, elsewhere, write_elsewhere
from listeners.inbound.fairness import Fairness
from listeners.inbound.matching import DAG_MISSING, PATIENCE, REFUSED_BY_AIRFLOW, Candidate, Held, match
from listeners.inbound.options import Options
from listeners.inbound.ordering import Turns
from listeners.process import Backoff
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowForbids
from officeflow.airflow_api.types import DagRun, DagRunState
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError, Unavailable
from officeflow.events import inbox
from officeflow.expressions.evaluator.pool import computing_seconds
from officeflow.runs.store import mark
from officeflow.statuses import EventStatus

IDLE_SECONDS = 1.0
"""How long at most until an event is seen that another process put into the inbox.

One thread looks for all.
"""

MOST_SECONDS = 30.0
"""The longest delay between two tries for one event."""

MOST_SECONDS_HELD = 300.0
"""The same where a filter takes more than it may."""

log = structlog.get_logger(__name__)


class Result(enum.Enum):
    """What became of asking Airflow for a run: it exists (from now or before), it was not asked, for its turn
    has not come, its DAG is awaited, or there will be none.
    """

    STARTED = enum.auto()
    QUEUED = enum.auto()
    WAITING = enum.auto()
    GIVEN_UP = enum.auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """`taken` is the run of somebody else that has the id which the candidate was to have."""

    candidate: Candidate
    result: Result
    why: str = ""
    taken: DagRun | None = None

    @property
    def started(self) -> bool:
        return self.result is Result.STARTED

    @property
    def waits(self) -> bool:
        """Whether Airflow is to be asked again."""
        return self.result is Result.WAITING


class _Stuck(Exception):
    """An event that cannot be dispatched for a reason nobody foresaw; the cause is `__cause__`."""

    def __init__(self, inbox_id: uuid.UUID) -> None:
        super().__init__(inbox_id)
        self.inbox_id = inbox_id


class Dispatcher:
    """Threads that dispatch events until `stop` is set.

    When an event is due is asked of the database, whose clock is one for all; `seconds` only measures how
    long this process has waited.
    """

    def __init__(
        self,
        database: Database,
        api: AirflowApi,
        *,
        options: Options,
        stop: threading.Event,
        replace_patience: dt.timedelta = PATIENCE,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._api = api
        self._patience = options.missing_dag_patience
        self._replace_patience = replace_patience
        self._stop = stop
        self._seconds = seconds
        self._arrived = threading.Condition()
        self._arrivals = 0
        self._missing: dict[tuple[uuid.UUID, str], float] = {}
        self._fairness = Fairness(seconds, computing_seconds)
        self._threads = [
            threading.Thread(target=self._work, args=(n == 0,), name=f"dispatch-{n}")
            for n in range(options.dispatchers)
        ]
        self.turns = Turns(database, self.begin, stop=stop)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        self.turns.start()

    def wake(self) -> None:
        """There is something in the inbox."""
        with self._arrived:
            self._arrivals += 1
            self._arrived.notify_all()

    def join(self) -> None:
        """Returns when each thread has finished the event that it is at."""
        self.wake()
        for thread in self._threads:
            thread.join()
        self.turns.join()

    def _work(self, looks_for_all: bool) -> None:
        backoff = Backoff(self._stop, first=0.5, most=15.0)
        unannounced = False
        while not self._stop.is_set():
            arrivals = self._arrivals
            try:
                if not self.dispatch_next():
                    unannounced = not self._rest(arrivals, IDLE_SECONDS if looks_for_all else None)
                elif unannounced:
                    unannounced = False
                    self.wake()  # there may be more of them
            except (Unavailable, AirflowForbids, DBAPIError) as error:
                log.warning("dispatching waits", error=str(error))
                backoff.wait()
            else:
                backoff.reset()

    def _rest(self, arrivals: int, seconds: float | None) -> bool:
        """Whether it was ended by an arrival."""
        with self._arrived:
            return self._arrived.wait_for(
                lambda: self._arrivals != arrivals or self._stop.is_set(), timeout=seconds
            )

    def dispatch_next(self) -> bool:
        """Dispatch one event; False where none is due.

        `Unavailable`, `AirflowForbids`: the database or Airflow is away or will not have us; the event waits.
        """
        try:
            with self._database.service() as session:
                event = inbox.claim(session, without=self._fairness.left_out())
                if event is None:
                    return False
                away = self._dispatch_claimed(session, event)
        except _Stuck as stuck:
            self._set_aside(stuck)
            return True
        if away is not None:
            raise away
        return True

    def _dispatch_claimed(self, session: Session, event: InboxEvent) -> OfficeFlowError | None:
        """The error that keeps the event waiting: Airflow is away, or refuses our login."""
        with structlog.contextvars.bound_contextvars(
            correlation_id=event.correlation_id, event_id=event.event_id
        ):
            try:
                self._dispatch(session, event)
            except (Unavailable, AirflowForbids) as error:
                inbox.postpone(session, event, by=dt.timedelta(), why=str(error))
                return error
            except DBAPIError:
                raise
            except Exception as error:
                raise _Stuck(event.inbox_id) from error
        return None

    def _dispatch(self, session: Session, event: InboxEvent) -> None:
        try:
            with self._fairness.matching(event.org_id), self._database.tenant(event.org_id) as tenant:
                matched = match(tenant, event, patience=self._replace_patience)
        except Held as held:
            delay = _delay(event.attempts, most=MOST_SECONDS_HELD)
            inbox.postpone(session, event, by=delay, why=str(held))
            log.warning("an event waits", why=str(held), seconds=delay.total_seconds())
            return
        answers = [
            Answer(candidate, Result.QUEUED) if candidate.waits else self.begin(event, candidate)
            for candidate in matched.candidates
        ]
        waiting = [answer.why for answer in answers if answer.waits]
        if waiting:
            why = "; ".join(waiting)
            inbox.postpone(session, event, by=_delay(event.attempts), why=why)
            log.info("dispatching waits", why=why)
            return
        self._note(session, event, answers, matched.errors)

    def begin(self, event: InboxEvent, candidate: Candidate) -> Answer:
        """Ask Airflow for the run.

        `Unavailable` and `AirflowForbids` say nothing about this run: they concern all.

        A run that is there already counts only if it carries this event; where another has its id, the
        event's gets one of its own.
        """
        try:
            taken = self._run_of_another(event, candidate)
        except NotKnown as error:
            return self._without_dag(event, candidate, error)
        except InvalidInput as error:
            if self._is_broken(candidate.dag_id):
                return self._without_dag(event, candidate, error)
            return self._give_up(event, candidate, REFUSED_BY_AIRFLOW, error)
        if taken is None:
            return Answer(candidate, Result.STARTED)
        if candidate.instead_of:
            why = (
                f"{candidate.workflow}: both its run ids are taken in Airflow by other runs: delete"
                f" {candidate.dag_run_id} there"
            )
            return Answer(candidate, Result.WAITING, why)
        return self._start_elsewhere(event, candidate, taken)

    def _start_elsewhere(self, event: InboxEvent, candidate: Candidate, taken: DagRun) -> Answer:
        other, by = elsewhere(event, candidate), taken["triggering_user_name"] or "somebody else"
        log.error(
            "the run id of an event is taken by another run",
            dag_id=candidate.dag_id,
            dag_run_id=candidate.dag_run_id,
            by=by,
        )
        with self._database.tenant(event.org_id) as session:
            write_elsewhere(session, event, candidate, other, taken)
        answer = self.begin(event, other)
        if answer.result is not Result.STARTED:
            return answer
        why = (
            f"the run id {candidate.dag_run_id} was taken by a run of {by}: this event's run is"
            f" {other.dag_run_id}"
        )
        return replace(answer, why=why, taken=taken)

    def _run_of_another(self, event: InboxEvent, candidate: Candidate) -> DagRun | None:
        """Have the run created; the one that has its id in Airflow and does not carry the event, or None."""
        if self._api.trigger(candidate.dag_id, candidate.dag_run_id, candidate.conf, candidate.note):
            log.info("run created", dag_id=candidate.dag_id, run_id=str(candidate.run_id))
            return None
        try:
            seen = self._api.dag_run(candidate.dag_id, candidate.dag_run_id)
        except NotKnown as error:
            raise Unavailable(
                f"Airflow has a run {candidate.dag_run_id} and does not show it: it is asked again"
            ) from error
        if not carries(seen, event, candidate, account=self._api.account()):
            return seen
        log.info("run was there already", dag_id=candidate.dag_id, run_id=str(candidate.run_id))
        return None

    def _is_broken(self, dag_id: str) -> bool:
        """A DAG whose file cannot be imported takes no runs; it is repaired by the next publish."""
        try:
            return self._api.dag(dag_id)["has_import_errors"]
        except NotKnown:
            return True

    def _without_dag(self, event: InboxEvent, candidate: Candidate, error: OfficeFlowError) -> Answer:
        """A DAG appears some seconds after its workflow was published.

        One that does not must not keep the person's later events back.
        """
        now = self._seconds()
        since = self._missing.setdefault((event.inbox_id, candidate.dag_id), now)
        if now - since < self._patience:
            return Answer(candidate, Result.WAITING, f"not in Airflow yet: {candidate.dag_id}")
        return self._give_up(event, candidate, DAG_MISSING, error)

    def _give_up(self, event: InboxEvent, candidate: Candidate, code: str, error: OfficeFlowError) -> Answer:
        """The run's row says why it never began; `officeflow inbox replay` tries again."""
        log.warning("a run cannot be created", dag_id=candidate.dag_id, reason=code, error=str(error))
        with self._database.tenant(event.org_id) as session:
            run = session.get_one(WorkflowRun, candidate.run_id)
            mark(
                run,
                DagRunState.FAILED,
                ended_at=inbox.database_time(session),
                error={"code": code, "message": str(error)},
            )
        return Answer(candidate, Result.GIVEN_UP, str(error))

    def _note(
        self, session: Session, event: InboxEvent, answers: Sequence[Answer], errors: Sequence[str]
    ) -> None:
        for key in [key for key in list(self._missing) if key[0] == event.inbox_id]:
            del self._missing[key]
        runs = [
            answer.candidate.as_entry()
            for answer in answers
            if answer.result in {Result.STARTED, Result.QUEUED}
        ]
        errors = [
            *errors,
            *(f"{answer.candidate.workflow}: {answer.why}" for answer in answers if answer.why),
        ]
        inbox.dispatched(session, event, runs, error="\n".join(errors))
        messages.event_dispatched(session, event, runs, errors)
        for answer in answers:
            if answer.taken is not None:
                messages.run_id_taken(
                    session, event, answer.candidate.as_entry(), answer.taken["triggering_user_name"]
                )
        log.info("event dispatched", status=event.status, runs=len(runs), errors=len(errors))

    def _set_aside(self, stuck: _Stuck) -> None:
        """Try the event again later, and go on with other people's meanwhile."""
        log.error("an event cannot be dispatched", inbox_id=str(stuck.inbox_id), exc_info=stuck.__cause__)
        with self._database.service() as session:
            event = session.get(InboxEvent, stuck.inbox_id, with_for_update=True)
            if event is not None and event.status == EventStatus.RECEIVED:
                why = f"{type(stuck.__cause__).__name__}: {stuck.__cause__}"
                inbox.postpone(session, event, by=_delay(event.attempts), why=why)


def _delay(attempts: int, *, most: float = MOST_SECONDS) -> dt.timedelta:
    return dt.timedelta(seconds=min(most, 2.0 ** min(attempts, 10)))
