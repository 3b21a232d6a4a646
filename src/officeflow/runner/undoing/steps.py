"""Carries out one step of the plan: through the ledger, under the lock of what it takes back."""

from __future__ import annotations

import datetime as dt
import traceback
from contextlib import ExitStack
from functools import partial

from officeflow.errors import (
    ActInProgress,
    AnswerNeeded,
    NotUndoable,
    NotYet,
    OfficeFlowError,
    OutcomeUnknown,
    Unavailable,
)
from officeflow.runner.act import act as perform
from officeflow.runner.course import Course
from officeflow.runner.retry import Retries
from officeflow.runner.undoing import compensating, taking_back
from officeflow.runner.undoing.plan import LATER, By, Step
from officeflow.runner.undoing.reading import course_for
from officeflow.runs import standing
from officeflow.runs.acts import ActFunction, ActRequest, Attempt, Done, Verdict, lock_number
from officeflow.runs.lock import ActConnection, hold
from officeflow.runs.undone import Kind, Remaining
from officeflow.sdk import RetryPolicy
from officeflow.statuses import ActStatus
from officeflow.workflows.undoing import RETRY

MOST_HELD = 8
"""Locks, and connections to the database, that a step holds at a time."""


def carry_out(undo: Course, step: Step) -> Remaining | None:
    """None where it is done, now or before; what remains where it failed for good.

    `NotYet` where it is tried again later, or something of the platform's is away; `ActInProgress` where one
    of the acts is still being done: a worker that was cancelled may not know it yet.
    """
    wait, trial = undo.services.lock_wait, Trial(undo, step)
    with ExitStack() as held:
        locks = [
            held.enter_context(
                hold(
                    undo.services.database,
                    lock_number(act.run.run_id, act.node, act.map_index),
                    wait_seconds=wait,
                )
            )
            for act in step.acts[:MOST_HELD]
        ]
        if step.by is not By.NOTIFICATION and not _stand(locks[0], step):
            return None
        try:
            trial.run()
        except (ActInProgress, Unavailable, NotYet):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other acts are to be taken back too
            return trial.ended_with(error)
        if step.by is not By.NOTIFICATION:
            with locks[0].transaction(step.run.run.org_id) as session:
                for act in step.acts:
                    standing.take_back(session, act, by=step.key)
    return None


def _stand(lock: ActConnection, step: Step) -> bool:
    """Whether the acts still are as the plan found them: somebody else may undo the same."""
    with lock.transaction(step.run.run.org_id) as session:
        return all(standing.status_of(session, act) == ActStatus.SUCCEEDED for act in step.acts)


class Trial:
    """One try of a step."""

    def __init__(self, undo: Course, step: Step) -> None:
        self._undo, self._step = undo, step
        self._attempts, self._verdict = 1, Verdict()
        drawn = step.node or step.drawn
        kind = step.node.type if step.node else step.acts[0].type
        connection = step.node.connection if step.node else step.acts[0].connection
        self._course = course_for(
            undo, step.run, key=step.key, node_type=kind, connection=connection, drawn=drawn
        )
        self._policy: RetryPolicy = drawn.retry_policy if drawn else RETRY

    def run(self) -> None:
        request, act = self._prepared()

        def counted(attempt: Attempt) -> Done:
            self._attempts = attempt.number
            return act(attempt)

        self._undo.services.ledger.once(request, counted, self._judge)

    def _prepared(self) -> tuple[ActRequest, ActFunction]:
        course, step = self._course, self._step
        if step.node is not None:
            prepared = compensating.prepare(course, step, step.node, self._undo)
            return prepared.request, partial(perform, course, prepared)
        if step.way is None:
            raise NotUndoable(f"{step.acts[0].type} knows no way")
        request = taking_back.request_of(course, step, step.way)
        return request, partial(taking_back.take_back, course, step.acts[0], request, step.way)

    def _judge(self, error: Exception) -> Verdict:
        """By the tries of this step alone: the task has others."""
        retries = Retries(self._policy, self._attempts - 1, self._undo.services.random)
        self._verdict = retries.judge(error)
        return self._verdict

    def ended_with(self, error: Exception) -> Remaining:
        """`NotYet` where it is tried again."""
        text = self._text(error)
        retry_in = None if isinstance(error, OutcomeUnknown) else self._verdict.retry_in
        if retry_in is not None:
            until = self._undo.services.clock.now() + dt.timedelta(seconds=retry_in)
            raise NotYet(f"{self._step.key}: {text}; it is tried again", until=until) from error
        self._course.log.error(f"{self._step.key}: {text}")
        act = self._step.acts[0]
        others = ", ".join(one.task for one in self._step.acts[1:])
        by = f"{self._step.node.id}: " if self._step.node else ""
        return Remaining(
            node=act.task,
            map_index=act.map_index,
            type=act.type,
            kind=self._kind(error),
            did=act.did,
            why=f"{by}{text}" + (f" (it stands for {others} too)" if others else ""),
            run=self._step.run.name,
        )

    def _kind(self, error: Exception) -> Kind:
        if self._step.by in LATER:
            return Kind.BEST_EFFORT
        if isinstance(error, OutcomeUnknown):
            return Kind.UNKNOWN
        return Kind.LEFT if isinstance(error, NotUndoable) else Kind.FAILED

    def _text(self, error: Exception) -> str:
        if isinstance(error, AnswerNeeded):
            return "it asks somebody, which a compensating node cannot"
        if isinstance(error, OfficeFlowError):
            return self._course.mask.text(f"{error.code}: {error}")
        trace = "".join(traceback.format_exception(error))
        self._course.log.error(f"an error that nobody foresaw: {type(error).__name__}\n{trace}")
        return f"unexpected: {type(error).__name__}; the task's log has the traceback"
