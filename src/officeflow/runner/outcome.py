"""What it means for the task that a node did not come to its end: again, later, after an answer, or never."""

from __future__ import annotations

import contextlib
import datetime as dt
import traceback
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import DBAPIError

from officeflow.errors import (
    ActInProgress,
    AnswerNeeded,
    ConnectorError,
    InvalidInput,
    NotYet,
    OfficeFlowError,
    OutcomeUnknown,
    Problem,
    RateLimited,
    RunPaused,
    StillAway,
    Unavailable,
)
from officeflow.runner import refusing
from officeflow.runner.course import Course
from officeflow.runner.masking import Mask
from officeflow.runner.retry import may_help
from officeflow.runner.waiting import refused_question, wait_question
from officeflow.runs.acts import Verdict
from officeflow.sdk import ErrorDetails, NodeResult, Question
from officeflow.settings import load_settings
from officeflow.tenants import employees

AT_ONCE = dt.timedelta(seconds=1)
LOOK_AGAIN = dt.timedelta(seconds=10)
"""When a node looks again whose act another worker is doing."""


class Outcome:
    """Of one call of `run_node`."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._verdict: Verdict | None = None
        self._noted = False

    def judge(self, error: Exception) -> Verdict:
        """Asked once by the ledger, which tells it to others, and once for the result: the delay is drawn a
        single time.
        """
        if self._verdict is None:
            self._verdict = self._course.retries.judge(error)
        return self._verdict

    def of(self, error: Exception) -> NodeResult:
        """The result of a node that ended with `error`; the log has it, and where the act had not begun, also
        the run.
        """
        if isinstance(error, Unavailable) and error is not self._course.recorded:
            error = self._course.borne(error)
        match error:
            case StillAway():
                return self._still_away(error)
            case NotYet():
                return self._not_yet(error)
            case RunPaused(question=Question() as question):
                return self._asks(error, question)
            case AnswerNeeded(question=Question() as question):
                refused = refused_question(question)
                return self._failed(refused) if refused else self._asks(error, question)
            case ActInProgress():
                return self._in_progress(error)
            case _:
                return self._failed(error)

    def forget_earlier(self) -> None:
        """What kept an earlier try from the act is not shown any more, unless it is what keeps this one."""
        course = self._course
        if course.around is not None and course.around.seen is not None and not self._noted:
            refusing.forget(course.services, course.given, course.around.run)

    # ── no try is used up ──

    def _still_away(self, error: StillAway) -> NodeResult:
        self._course.log.warning(
            f"{error.error.code}: {error.error}; looking again at {error.until.isoformat(timespec='seconds')}"
        )
        details = self._details(error.error)
        self._noted = refusing.note(self._course.services, self._course.given, details, waits=True)
        return self._again(details, reschedule_at=error.until)

    def _not_yet(self, error: NotYet) -> NodeResult:
        at = self._next_look(error.until)
        looks = f"; looks at {at.isoformat(timespec='seconds')} whether that has changed"
        self._course.log.info(
            f"waits until {error.until.isoformat(timespec='seconds')}: {error.message}"
            f"{'' if at == error.until else looks}"
        )
        return self._again(self._details(error), reschedule_at=at)

    def _next_look(self, until: dt.datetime) -> dt.datetime:
        """What waits for a date of a person's looks at it now and then, and at once where the record was
        changed while it looked: who changes it wakes what waits, and this did not wait yet.
        """
        services, around = self._course.services, self._course.around
        if not self._course.follows_person:
            return until
        now, changed = services.clock.now(), False
        if around is not None and around.record is not None:
            with (
                contextlib.suppress(Unavailable, DBAPIError),
                services.database.tenant(around.run.org_id) as session,
            ):
                changed = employees.has_changed(session, around.record)
        return min(until, now + (AT_ONCE if changed else services.delay_look))

    def _in_progress(self, error: ActInProgress) -> NodeResult:
        until = self._course.services.clock.now() + LOOK_AGAIN
        self._course.log.info(
            f"another worker is doing this act now; looking again at {until.isoformat(timespec='seconds')}"
        )
        return self._again(self._details(error), reschedule_at=until)

    def _asks(self, error: Exception, question: Question) -> NodeResult:
        self._course.log.info(f"asks: {question.subject} ({' / '.join(question.options)})")
        return self._again(self._details(error), question=question)

    def _again(self, error: ErrorDetails, **when: Any) -> NodeResult:
        return NodeResult(status="retry", error=error, key=self._course.key, story=self._course.story, **when)

    # ── another try, or none ──

    def _failed(self, error: Exception) -> NodeResult:
        course, retry_in = self._course, self.judge(error).retry_in
        self._log_failure(error, retry_in)
        question = self._wait_question(error, retry_in)
        if question is not None:
            return self._asks(error, question)
        details = self._details(error)
        if error is not course.recorded and not isinstance(
            error, OutcomeUnknown
        ):  # of those two the ledger tells
            self._noted = refusing.note(course.services, course.given, details, retry_in=retry_in)
        if retry_in is not None:
            return self._again(details, retry_in=retry_in)
        return NodeResult(status="failed", error=details, key=course.key, story=course.story)

    def _wait_question(self, error: Exception, retry_in: float | None) -> Question | None:
        around = self._course.around
        if not isinstance(error, RateLimited) or (around is not None and around.was_steered):
            return None
        mask, now = self._course.mask, self._course.services.clock.now()
        question = wait_question(error, retry_in, now=now, longest=load_settings().longest_wait_seconds)
        return question and replace(
            question, subject=mask.text(question.subject), body=mask.text(question.body)
        )

    def _log_failure(self, error: Exception, retry_in: float | None) -> None:
        log, key = self._course.log, self._course.key
        if not isinstance(error, OfficeFlowError):
            trace = "".join(traceback.format_exception(error))
            log.error(f"an error that nobody foresaw: {type(error).__name__}\n{trace}", key=key)
        elif retry_in is None:
            log.error(f"{error.code}: {error}", key=key)
        else:
            log.warning(f"{error.code}: {error}; trying again in {retry_in:.1f} s", key=key)

    def _details(self, error: Exception) -> ErrorDetails:
        if not isinstance(error, OfficeFlowError):
            text = f"{type(error).__name__}: the task's log has the traceback"
            return ErrorDetails(code="unexpected", message=text)
        mask = self._course.mask
        problems = error.problems if isinstance(error, InvalidInput) else ()
        remote = error if isinstance(error, ConnectorError) else None
        return ErrorDetails(
            code=error.code,
            message=mask.text(error.message),
            hint=mask.text(error.hint),
            retryable=may_help(error),
            problems=tuple(_masked(problem, mask) for problem in problems),
            provider=remote.provider if remote else "",
            status=remote.status if remote else None,
        )


def _masked(problem: Problem, mask: Mask) -> Problem:
    return Problem(problem.path, mask.text(problem.reason), mask.text(problem.suggestion))
