"""The task `undo`: whether there is something to take back, all of it, and how that ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from officeflow.database.engine import enter_tenant
from officeflow.database.tables import WorkflowRun
from officeflow.errors import ActInProgress, NotYet, OfficeFlowError, Problem, Unavailable
from officeflow.runner import values
from officeflow.runner.course import Course
from officeflow.runner.undoing import reading, settling
from officeflow.runner.undoing.plan import OPEN, Definitions, Plan, plan_of
from officeflow.runner.undoing.steps import carry_out
from officeflow.runs import standing, undone
from officeflow.runs.acts import RunRef
from officeflow.runs.standing import Act, Called
from officeflow.runs.undone import BY_HAND, Cause, Kind, Remaining
from officeflow.sdk import Effect, ErrorDetails, NodeResult
from officeflow.statuses import ActStatus, RunControl
from officeflow.workflows.undoing import CALL

VERDICT_PAUSE = dt.timedelta(seconds=2)
OF_VERDICT = {"failed": Cause.CANCELLED, "skipped": Cause.MARKED, "upstream_failed": Cause.FAILED}


def undo(course: Course) -> NodeResult:
    """`NotYet` where it goes on later; nothing else is raised but what the platform itself lacks."""
    with course.services.database.service() as session:
        course.around = values.gather(session, course.given, frozenset())
        run = session.get_one(WorkflowRun, course.around.run.run_id)
        cause = _cause(course, run)
    if cause is None:
        course.log.info("the run succeeded: there is nothing to take back")
        return NodeResult(status="success", output={"changed": False}, public={"changed": False})
    return _Undoing(course, course.around.run, cause).run()


def _cause(course: Course, run: WorkflowRun) -> Cause | None:
    verdict = course.given.verdict
    if run.control == RunControl.CANCEL and verdict in {"success", "upstream_failed"}:
        return Cause.CANCELLED
    if verdict in OF_VERDICT and not (undone.is_wanted(run) and verdict == "upstream_failed"):
        return OF_VERDICT[verdict]
    if undone.is_wanted(run):
        return Cause.ASKED
    if verdict == "success":
        return None
    until = course.services.clock.now() + VERDICT_PAUSE
    raise NotYet(f"verdict is {verdict or 'not decided'} in Airflow", until=until)


@dataclass(slots=True)
class _Undoing:
    course: Course
    ref: RunRef
    cause: Cause
    tried: dict[object, Remaining | None] = field(default_factory=dict)
    looked_for: set[str] = field(default_factory=set)
    """Keys of acts without an end for what they left behind."""

    def run(self) -> NodeResult:
        """Until nothing new is found: what was begun when the run was cancelled may end meanwhile."""
        runs, plan = self._look()
        has_begun = False
        while steps := [step for step in plan.steps if step.id not in self.tried]:
            if not has_begun:
                self._begin()
                has_begun = True
            for step in steps:
                self.tried[step.id] = carry_out(self.course, step)
            runs, plan = self._look()
        remaining = [
            *(each for each in plan.remaining if each.kind is not Kind.KEPT),
            *(each for each in self.tried.values() if each is not None),
        ]
        taken_back = _taken_back(runs)
        is_marked = self.cause is Cause.MARKED  # nothing but this says so, with nothing to undo either
        if has_begun or taken_back or remaining or is_marked:
            if not has_begun and (taken_back or is_marked):
                self._begin()
            self._end(runs, taken_back, remaining)
        return self._result(taken_back, remaining)

    def _look(self) -> tuple[list[Called], Plan]:
        runs, definitions = self._read()
        looked = False
        for called in runs:
            for act in called.acts:
                if _is_open(act) and act.key not in self.looked_for:
                    looked = True
                    self._settle(called, act)
        if looked:
            runs, definitions = self._read()
        return runs, plan_of(runs, definitions, self.cause)

    def _read(self) -> tuple[list[Called], Definitions]:
        with self.course.services.database.tenant(self.ref.org_id) as session:
            return reading.read(session, self.ref.run_id)

    def _settle(self, called: Called, act: Act) -> None:
        course = reading.course_for(
            self.course, called, key=act.node, node_type=act.type, connection=act.connection
        )
        try:
            settling.settle(course, act)
        except (NotYet, ActInProgress, Unavailable):
            raise
        except OfficeFlowError as error:
            self.course.log.warning(f"whether {act.task} was done cannot be found out: {error}")
        self.looked_for.add(act.key)

    def _begin(self) -> None:
        with self.course.services.database.service() as session:
            enter_tenant(session, self.ref.org_id)
            undone.begin(session, self.ref.run_id, self.cause)

    def _end(self, runs: Sequence[Called], taken_back: int, remaining: Sequence[Remaining]) -> None:
        with self.course.services.database.service() as session:
            enter_tenant(session, self.ref.org_id)
            for called in runs[1:]:
                self._end_called(session, called, runs, remaining)
            undone.end(session, self.ref, taken_back=taken_back, remaining=remaining)

    def _end_called(
        self, session: Session, called: Called, runs: Sequence[Called], remaining: Sequence[Remaining]
    ) -> None:
        """A run that was called, had ended and was undone; the call is taken back with all of it."""
        own, count = [each for each in remaining if each.run == called.name], _taken_back([called])
        if not called.has_ended or not count:
            return
        undone.end_called(session, called.run.run_id, taken_back=count, remaining=own)
        if any(each.kind in BY_HAND for each in own):
            return
        above = next(run for run in runs if run.run.run_id == called.above)
        for act in above.acts:
            is_call = (act.task, act.map_index) == called.by and act.type == CALL
            if is_call and act.status == ActStatus.SUCCEEDED:
                standing.take_back(session, act, by="undo")

    def _result(self, taken_back: int, remaining: Sequence[Remaining]) -> NodeResult:
        left = [each for each in remaining if each.kind in BY_HAND]
        for each in remaining:
            self.course.log.warning(self.course.mask.text(f"remains: {each}"))
        if left:
            error = ErrorDetails(
                code="undo_incomplete",
                message=f"{taken_back} of {taken_back + len(left)} acts are taken back",
                hint="take back the others by hand; clear this task to try them again",
                problems=tuple(Problem(each.node, str(each)) for each in left),
            )
        elif self.cause is Cause.MARKED:
            error = ErrorDetails(
                code=Cause.MARKED,
                message=f"the run was marked failed in Airflow, and {taken_back} acts of it are taken back",
                hint="this task fails so that the run stays failed",
            )
        else:
            self.course.log.info(f"{taken_back} acts are taken back")
            output = {"changed": bool(taken_back)}
            return NodeResult(status="success", output=output, public=output)
        self.course.log.error(f"{error.code}: {error.message}")
        return NodeResult(status="failed", error=error)


def _is_open(act: Act) -> bool:
    return act.status in OPEN and act.effect is not Effect.PURE


def _taken_back(runs: Sequence[Called]) -> int:
    return sum(act.status == ActStatus.COMPENSATED for run in runs for act in run.acts)
