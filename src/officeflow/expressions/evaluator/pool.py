"""The evaluators of this process: made when they are needed, kept, and replaced when one ends.

A job is a list: its kind (`child.JOBS`) and what it is about. Jobs that are asked together cost one round
trip.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import threading
from collections.abc import Sequence
from typing import Any

from officeflow.errors import EvaluatorStuck, InvalidExpression, Problem, TooCostly
from officeflow.expressions.evaluator import wire
from officeflow.expressions.evaluator.process import Died, Evaluator
from officeflow.settings import load_settings

MIB = 2**20
TEMPLATE_JOBS = frozenset({"render", "check", "read", "fields"})
PATIENCE = 20.0
SLOWEST = 10
"""An answer is waited for `PATIENCE` and so many times the seconds that its jobs may compute: a machine may
be busy.
"""

Job = Sequence[Any]


class Pool:
    """Safe to share between threads. After a fork the child has an empty one."""

    def __init__(
        self,
        *,
        most: int,
        memory_mib: int,
        expression_seconds: float,
        template_seconds: float,
        patience: float = PATIENCE,
    ) -> None:
        self._most, self._memory = most, memory_mib
        self._seconds = {False: expression_seconds, True: template_seconds}
        self._patience = patience
        self._zones = False
        self._free = threading.Condition()
        self._all: set[Evaluator] = set()
        self._idle: list[Evaluator] = []
        self._count = 0

    @classmethod
    def from_settings(cls) -> Pool:
        settings = load_settings()
        return cls(
            most=settings.evaluators,
            memory_mib=settings.evaluator_memory,
            expression_seconds=settings.expression_seconds,
            template_seconds=settings.template_seconds,
        )

    def ask(self, jobs: Sequence[Job], *, values: bytes = b"{}", names: str | None = None) -> list[Any]:
        """What came of each job: its result, or the `InvalidExpression` that it ended with.

        `values` is JSON. `Unavailable` where no evaluator can be had; `EvaluatorStuck` where one does not
        answer.
        """
        answers: list[Any] = []
        width, deaths = len(jobs), 0
        while (at := len(answers)) < len(jobs):
            asked = jobs[at : at + width]
            try:
                answers += self._answers(asked, values, names, fresh=deaths > 0)
                deaths = 0
            except Died as died:
                _spent.seconds = computing_seconds() + self._seconds[asked[0][0] in TEMPLATE_JOBS]
                deaths += 1
                if len(asked) == 1 and (died.out_of_time or deaths > 1):
                    answers.append(self._too_costly(asked[0], died))
                    deaths = 0
                elif died.out_of_time or deaths > 1:
                    width = 1  # one by one, to see which of them it is
        return answers

    def close(self) -> None:
        """End those that nobody uses just now."""
        with self._free:
            idle, self._idle = self._idle, []
            self._count -= len(idle)
        for evaluator in idle:
            self._end(evaluator)

    def pids(self) -> list[int]:
        """Of those that there are."""
        return [evaluator.pid for evaluator in list(self._all)]

    def _answers(self, jobs: Sequence[Job], values: bytes, names: str | None, *, fresh: bool) -> list[Any]:
        """The answers to all of the jobs, or none where an evaluator that can do more has to be asked.

        `fresh`: of a new one.
        """
        timed = [[self._seconds[job[0] in TEMPLATE_JOBS], *job] for job in jobs]
        request = b'{"jobs":%b,"names":%b,"values":%b}' % (
            json.dumps(timed).encode(),
            json.dumps(names).encode(),
            values,
        )
        if len(request) > wire.MAX_FRAME:
            return [
                InvalidExpression(f"the values that it reads are larger than {wire.MAX_FRAME // MIB} MiB")
            ] * len(jobs)
        patience = self._patience + SLOWEST * sum(seconds for seconds, *_ in timed)
        evaluator, sound = self._take(fresh=fresh), False
        try:
            answers, computed = evaluator.ask(request, seconds=patience)
            _spent.seconds = computing_seconds() + computed
            self._zones |= any("needs" in answer for answer in answers)
            sound = evaluator.zones or not self._zones
        except TimeoutError as error:
            raise EvaluatorStuck(
                f"an expression or template gave no answer within {patience:.0f} s"
            ) from error
        finally:
            self._give_back(evaluator, sound=sound)
        return (
            [_result(answer) for answer in answers]
            if all("needs" not in answer for answer in answers)
            else []
        )

    def _take(self, *, fresh: bool) -> Evaluator:
        with self._free:
            self._free.wait_for(lambda: self._idle or self._count < self._most)
            idle = self._idle.pop() if self._idle else None
            self._count += idle is None
        if idle is not None and idle.lives and not fresh:
            return idle
        try:
            if idle is not None:
                self._end(idle)
            evaluator = Evaluator(memory=self._memory * MIB, zones=self._zones)
        except BaseException:
            self._one_less()
            raise
        self._all.add(evaluator)
        return evaluator

    def _give_back(self, evaluator: Evaluator, *, sound: bool) -> None:
        if sound:
            with self._free:
                self._idle.append(evaluator)
                self._free.notify()
            return
        self._end(evaluator)
        self._one_less()

    def _end(self, evaluator: Evaluator) -> None:
        self._all.discard(evaluator)
        evaluator.end()

    def _one_less(self) -> None:
        with self._free:
            self._count -= 1
            self._free.notify()

    def _too_costly(self, job: Job, died: Died) -> TooCostly:
        template = job[0] in TEMPLATE_JOBS
        if died.out_of_time:
            why = f"it takes more than {self._seconds[template]:g} s of computing"
        elif died.out_of_memory:
            why = f"it takes more than {self._memory} MiB of memory"
        else:
            why = (
                f"it takes more than {self._memory} MiB of memory, or breaks what computes it (status"
                f" {died.status})"
            )
        what = "the template" if template else f"`{_source(job)}`"
        return TooCostly(
            f"cannot evaluate {what}: {why}", limit=why, hint="fewer and smaller loops, texts and patterns"
        )

    def forget(self) -> None:
        """In a process that was just forked: the evaluators are the parent's."""
        theirs = self._all
        self._free, self._all, self._idle, self._count = threading.Condition(), set(), [], 0
        for evaluator in theirs:
            evaluator.forget()


def _source(job: Job) -> str:
    if job[0] != "text":
        return str(job[1])
    return "".join(part if isinstance(part, str) else f"${{{{ {part[0]} }}}}" for part in job[1])


def _result(answer: Any) -> Any:
    if "error" not in answer:
        return answer["is"]
    told = answer["error"]
    problems = [Problem(*map(str, problem)) for problem in told["problems"]]
    if told["limit"] is None:
        return InvalidExpression(told["message"], problems=problems, hint=told["hint"])
    return TooCostly(told["message"], limit=told["limit"], problems=problems, hint=told["hint"])


_spent = threading.local()
_making = threading.Lock()


def computing_seconds() -> float:
    """Seconds of a processor that evaluators have worked for this thread since it began."""
    seconds: float = getattr(_spent, "seconds", 0.0)
    return seconds


def pool() -> Pool:
    """That of this process."""
    with _making:
        return _pool()


@functools.cache
def _pool() -> Pool:
    made = Pool.from_settings()
    os.register_at_fork(after_in_child=made.forget)
    atexit.register(made.close)
    return made


def ask(jobs: Sequence[Job], *, values: bytes = b"{}", names: str | None = None) -> list[Any]:
    """`Pool.ask` of this process's pool."""
    return pool().ask(jobs, values=values, names=names) if jobs else []


def ask_one(job: Job, *, values: bytes = b"{}", names: str | None = None) -> Any:
    """What came of one job; an `InvalidExpression` is raised."""
    (answer,) = ask([job], values=values, names=names)
    if isinstance(answer, InvalidExpression):
        raise answer
    return answer
