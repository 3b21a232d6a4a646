"""The ledger: an act is done once.

`Ledger.once` takes the act's lock, looks at the newest row of the act in `node_runs`, and does what the table
in `officeflow.runs.decision` says. What became of an attempt is recorded together with its audit entries and
messages in one transaction.

An attempt whose effect is not known (a crash, or an error that may have come after the effect) leaves its row
STARTED; the next one resumes by the node's declared effect.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import structlog
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun
from officeflow.errors import (
    ActInProgress,
    AnswerNeeded,
    ConnectorError,
    NotYet,
    OfficeFlowError,
    OutcomeUnknown,
    Unavailable,
)
from officeflow.ids import new_id
from officeflow.owners import owned
from officeflow.runs import messages, rows, store
from officeflow.runs.acts import (
    ActFunction,
    ActRequest,
    Attempt,
    Done,
    Judge,
    Recorded,
    Verdict,
    lock_number,
    storable,
    told_once,
)
from officeflow.runs.checkpoints import progress_of
from officeflow.runs.decision import Decision, decide
from officeflow.runs.details import details_of, waiting_for
from officeflow.runs.lock import ActConnection, Peek, connected, hold
from officeflow.sdk import Effect
from officeflow.statuses import ActStatus

LOCK_WAIT_SECONDS = 5.0
RECORD_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
"""Seconds between attempts to record an act that is done while the database does not answer: about half a
minute.
"""

ANY_ROW = "SELECT true FROM node_runs WHERE run_id = %s AND node_key = %s AND map_index = %s LIMIT 1"

_TABLE = cast("Table", NodeRun.__table__)
_CHANGED = update(_TABLE).where(
    _TABLE.c.idempotency_key == bindparam("its_key"), _TABLE.c.attempt == bindparam("its_attempt")
)
"""Of the table, not of the class: in a pipeline there is no object to bring up to date."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What is recorded of an attempt, and told.

    A row in another state than `may_replace` has it already, or knows better.
    """

    values: Mapping[str, Any]
    tell: Callable[[Session], None] = lambda _: None
    may_replace: frozenset[ActStatus] = frozenset({ActStatus.STARTED})


def no_retry(error: Exception) -> Verdict:
    del error
    return Verdict()


class Ledger:
    """Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        lock_wait: float = LOCK_WAIT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database = database
        self._clock = clock
        self._lock_wait = lock_wait
        self._sleep = sleep

    def once(self, request: ActRequest, act: ActFunction, judge: Judge = no_retry) -> Recorded:
        """Do `act` unless it is recorded as done, and record what became of it.

        The run's row must exist. Raises what `act` raises, after recording it; `judge` says whether another
        attempt follows an error, which the messages tell. Raises without acting: `ActInProgress`,
        `ParametersChanged`, `OutcomeUnknown`, `Unavailable`.
        """
        number = lock_number(request.run.run_id, request.act_key, request.map_index)
        with connected(self._database, number) as lock:
            begun = self._begin(lock, request)
            if isinstance(begun, Recorded):
                return begun
            if isinstance(begun, OfficeFlowError):
                raise begun
            return self._act(lock, request, begun, act, judge)

    # ── before ──

    def _begin(self, lock: ActConnection, request: ActRequest) -> Attempt | Recorded | OfficeFlowError:
        place = (request.run.run_id, request.act_key, request.map_index)
        peek = Peek(ANY_ROW, place)
        with lock.first(request.run.org_id, peek, wait_seconds=self._lock_wait) as (session, found):
            row = session.scalar(store.newest_act(*place)) if found else None
            decision = decide(
                row.status if row else None,
                request.effect,
                same_params=row is None or rows.same_params(row, request),
            )
            if row is None or decision is Decision.NEW_GENERATION:
                return self._insert(session, request, generation=row.generation + 1 if row else 1)
            match decision:
                case Decision.REPLAY:
                    return rows.recorded(row, replayed=True)
                case Decision.REFUSE:
                    return rows.params_changed(request, row)
                case Decision.ASK:
                    self._ask(session, request, row)
                    return rows.unknown(request, row.try_number)
            return self._restart(session, request, row, resuming=decision is Decision.RESUME)

    def _insert(self, session: Session, request: ActRequest, *, generation: int) -> Attempt:
        now = self._clock.now()
        attempt = Attempt(
            key=request.key(generation), generation=generation, number=1, resuming=False, began_at=now
        )
        session.add(
            NodeRun(
                node_run_id=new_id(),
                org_id=request.run.org_id,
                run_id=request.run.run_id,
                node_id=request.node_id,
                node_key=request.act_key,
                node_type=request.type,
                map_index=request.map_index,
                generation=generation,
                effect=request.effect.value,
                status=ActStatus.STARTED,
                input=owned(request.run.owner, request.input),
                params_hash=rows.params_hash(request),
                try_number=request.try_number,
                idempotency_key=attempt.key,
                started_at=now,
            )
        )
        messages.begun(session, request, attempt)
        return attempt

    def _restart(self, session: Session, request: ActRequest, row: NodeRun, *, resuming: bool) -> Attempt:
        """Begin another attempt of a row that is not done.

        One that had only waited is the same attempt still. What an act has told before a wait it tells to its
        end, over all attempts.
        """
        story = rows.story_before(row, resuming=resuming)
        waited = row.status == ActStatus.QUEUED and row.started_at is not None
        row.started_at = row.started_at or self._clock.now()
        row.attempt += 0 if row.status == ActStatus.QUEUED else 1
        row.error_details = None if row.status == ActStatus.QUEUED else row.error_details
        row.status, row.ended_at = ActStatus.STARTED, None
        row.input, row.params_hash = owned(request.run.owner, request.input), rows.params_hash(request)
        row.try_number = request.try_number
        attempt = Attempt(
            key=row.idempotency_key,
            generation=row.generation,
            number=row.attempt,
            resuming=resuming,
            began_at=row.started_at,
            taken=resuming and row.taken,
            unsure_since=rows.unsure_since(row) if resuming else None,
            progress=dict(row.progress or {}),
            story=story,
            waited=bool(story),
            failed_before=row.error_details,
        )
        if not waited:
            messages.begun(session, request, attempt)
        return attempt

    def _ask(self, session: Session, request: ActRequest, row: NodeRun) -> None:
        if row.status == ActStatus.ASKED:
            return
        row.status = ActStatus.ASKED
        attempt = store.attempt_of(row)
        error = rows.unknown(request, row.try_number)
        row.error_details = storable(details_of(error, request.mask))
        messages.ended(session, request, attempt, ActStatus.ASKED, error=row.error_details)

    # ── after ──

    def _act(
        self, lock: ActConnection, request: ActRequest, attempt: Attempt, act: ActFunction, judge: Judge
    ) -> Recorded:
        try:
            done = act(attempt)
        except (NotYet, AnswerNeeded) as wait:
            values = {
                "status": ActStatus.STARTED,
                "progress": progress_of(request, attempt),
                "story": told_once(attempt.story),
            }
            if rows.may_be_done(request, attempt):
                values |= rows.waited_since(attempt)
            else:
                attempt.settle()
                values |= {
                    "status": ActStatus.QUEUED,
                    "progress": progress_of(request, attempt),
                    "error_details": storable(waiting_for(wait, now=self._clock.now(), mask=request.mask)),
                }
            self._record(lock, request, attempt, Change(values))
            raise
        except Exception as error:
            self._record_failure(lock, request, attempt, error, judge)
            raise
        return self._record_success(lock, request, attempt, done)

    def _record_success(
        self, lock: ActConnection, request: ActRequest, attempt: Attempt, done: Done
    ) -> Recorded:
        now = self._clock.now()
        output, public = storable(done.output), storable(done.output if done.public is None else done.public)

        values = {
            "status": ActStatus.SUCCEEDED,
            "output": public,
            "output_sealed": (
                None
                if public == output
                else owned(request.run.owner, {"output": output, "sensitive": storable(done.sensitive)})
            ),
            "progress": None,
            "error_details": None,
            "story": told_once(attempt.story),
            "ended_at": now,
        }

        def tell(session: Session) -> None:
            messages.ended(session, request, attempt, ActStatus.SUCCEEDED, output=public, ended_at=now)
            for entry in done.audit:
                audit.append(session, request.run.org_id, entry)

        self._record(
            lock,
            request,
            attempt,
            Change(
                values, tell, may_replace=frozenset({ActStatus.STARTED, ActStatus.ASKED, ActStatus.FAILED})
            ),
        )
        return Recorded(
            key=attempt.key,
            generation=attempt.generation,
            attempt=attempt.number,
            try_number=request.try_number,
            output=output,
            public=public,
            story=values["story"],
            ended_at=now,
            replayed=False,
        )

    def _record_failure(
        self, lock: ActConnection, request: ActRequest, attempt: Attempt, error: Exception, judge: Judge
    ) -> None:
        """Record it.

        An act that may have happened and that nothing can find out about is asked at once: `OutcomeUnknown`
        from `error`.
        """
        open_end = rows.may_be_done(request, attempt, error)
        taken = open_end and (attempt.taken or (isinstance(error, ConnectorError) and error.taken))
        only_a_person = open_end and (
            request.effect is Effect.AT_MOST_ONCE or isinstance(error, OutcomeUnknown)
        )
        retry_in = None if only_a_person else judge(error).retry_in
        asked = only_a_person or (open_end and rows.looks_first(request, taken=taken) and retry_in is None)
        status = ActStatus.ASKED if asked else ActStatus.STARTED if open_end else ActStatus.FAILED
        if status is ActStatus.FAILED:
            attempt.settle()
        details = storable(details_of(error, request.mask))
        now = self._clock.now()
        if open_end and (since := attempt.unsure_since or (now if rows.may_have_happened(error) else None)):
            details[rows.UNSURE_SINCE] = since.isoformat()
        if attempt.waited:
            details[rows.WAITED] = True
        if retry_in is not None:
            details["again_at"] = (now + dt.timedelta(seconds=retry_in)).isoformat(timespec="seconds")

        values = {
            "status": status,
            "taken": taken,
            "progress": progress_of(request, attempt),
            "error_details": details,
            "story": told_once(attempt.story),
            "ended_at": None if open_end else now,
        }

        def tell(session: Session) -> None:
            messages.ended(session, request, attempt, status, error=details, retry_in=retry_in, ended_at=now)

        self._record(
            lock,
            request,
            attempt,
            Change(
                values,
                tell,
                may_replace=frozenset(
                    {ActStatus.STARTED} if open_end else {ActStatus.STARTED, ActStatus.ASKED}
                ),
            ),
        )
        if asked:
            raise rows.unknown(request, request.try_number) from error

    def _record(self, lock: ActConnection, request: ActRequest, attempt: Attempt, change: Change) -> None:
        """Change the attempt's row in one transaction with what is told of it.

        When the connection, and so the lock, was lost meanwhile, take the lock again and see that the row is
        still this attempt's.
        """
        try:
            with lock.last(request.run.org_id) as session:
                _apply(session, attempt, change)
            return None
        except Unavailable as error:
            lost = error
        number = lock_number(request.run.run_id, request.act_key, request.map_index)
        for pause in RECORD_PAUSES:
            log.warning(
                "the act has ended, but the database does not take the record; trying again",
                key=attempt.key,
                pause=pause,
            )
            self._sleep(pause)
            try:
                with hold(self._database, number, wait_seconds=self._lock_wait) as again:
                    return _apply_where_ours(again, request, attempt, change)
            except Unavailable as error:
                lost = error
        raise lost


def _apply(session: Session, attempt: Attempt, change: Change) -> None:
    values = {**change.values, "its_key": attempt.key, "its_attempt": attempt.number}
    session.connection().execute(_CHANGED, values)
    change.tell(session)


def _apply_where_ours(lock: ActConnection, request: ActRequest, attempt: Attempt, change: Change) -> None:
    with lock.transaction(request.run.org_id) as session:
        row = session.scalars(select(NodeRun).where(NodeRun.idempotency_key == attempt.key)).one()
        if row.attempt != attempt.number:
            raise ActInProgress(
                "another worker has taken this act over", hint="it is looked at again by itself"
            )
        if row.status in change.may_replace:
            _apply(session, attempt, change)
