"""Before a node's act: its run is paused, cancelled or being undone, or was just let go on.

A node that began while its run is undone would do anew what was just taken back.

The node of a paused run parks with a question, so that the pause shows where Airflow lists what waits for
people; its answer is about the whole run. Airflow keeps the first question of a task, also when the task is
cleared or tried again, and shows that one whatever is asked later. So only a node that has asked nothing, and
will ask nothing itself, asks for the run; any other waits for a time. What was held is cleared by the
steward when the run goes on.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from officeflow.database.tables import WorkflowRun
from officeflow.errors import NotSteerable, NotYet, OfficeFlowError, RunCancelled, RunPaused
from officeflow.runner.course import Course
from officeflow.runner.values import Surroundings
from officeflow.runs import control
from officeflow.runs.steering import CANCEL, OPTIONS, RESUME, Wish, wish_of
from officeflow.runs.waits import ASKS
from officeflow.sdk import Answer, Node, NodeInput, Question
from officeflow.statuses import RunControl

LOOK = dt.timedelta(hours=6)
"""So often what waits for a time looks whether its run goes on, should nobody clear it."""
CLEARED_WITHIN = dt.timedelta(minutes=10)
"""A task of a run that goes on waits so long at most for the steward to clear it."""

OURS = "officeflow.nodes."
"""Node types in there ask nobody anything, but for those that are there to ask (`waits.ASKS`)."""

ASKED = {RESUME: RunControl.NONE, CANCEL: RunControl.CANCEL}


def hold(course: Course, around: Surroundings, node: type[Node[Any, Any, Any]]) -> None:
    """Returns where the node may act.

    `RunPaused`, `RunCancelled`: it does not begin. `NotYet`: it was held, and is cleared in a moment. A node
    that has asked a person itself before the run was paused had begun, and goes on with the answer.
    """
    if around.is_being_undone:
        raise RunCancelled(
            "what the run did is being taken back: no node of it begins",
            hint="clear the task once that is over (`run show` says so) where it should be done",
        )
    answer = _about_the_run(course.given.answer)
    wish = around.wish
    if answer is not None:
        wish = _obeyed(course, around, answer)
    elif wish is None or (wish.control == RunControl.PAUSE and course.given.answer is not None):
        return
    if wish is not None:
        raise _held(course, wish, node)
    raise NotYet("the run goes on", until=course.services.clock.now() + CLEARED_WITHIN)


def _about_the_run(answer: Answer | None) -> Answer | None:
    return answer if answer is not None and answer.chosen in OPTIONS else None


def _held(course: Course, wish: Wish, node: type[Node[Any, Any, Any]]) -> OfficeFlowError:
    if wish.control == RunControl.CANCEL:
        return RunCancelled(
            f"the run was {wish.told}", hint="clear the task after the run's end where it should be done"
        )
    if not _may_ask(course.given, node):
        return NotYet(f"the run was {wish.told}", until=course.services.clock.now() + LOOK)
    question = Question(
        subject=wish.subject,
        body=(
            "No node of this run begins until somebody resumes it, here or by a command. The answer is for"
            " the whole run; cancelled, it ends, and what it did is taken back where the workflow knows how."
        ),
        options=OPTIONS,
    )
    return RunPaused(f"the run was {wish.told}", question=question)


def _may_ask(given: NodeInput, node: type[Node[Any, Any, Any]]) -> bool:
    """Whether the task has no question in Airflow, and will need none of its own."""
    is_ours = node.__module__.startswith(OURS)
    return given.try_number == 1 and is_ours and not (node.asks_people or given.type.startswith(ASKS))


def _obeyed(course: Course, around: Surroundings, answer: Answer) -> Wish | None:
    """What is wanted of the run after the answer, which is audited as its author's. One that was given before
    the run was paused anew changes nothing.
    """
    run = around.run
    with course.services.database.tenant(run.org_id) as session:
        row = session.get_one(WorkflowRun, run.run_id, with_for_update=True)
        if row.control == RunControl.PAUSE and _is_about_it(answer, row):
            why = f"answered “{answer.chosen}” at {course.given.node} in Airflow"
            try:
                control.ask(
                    session, row, ASKED[answer.chosen], by=f"airflow:{answer.by or 'somebody'}", why=why
                )
            except NotSteerable as error:
                course.log.warning(f"{error.code}: {error}")
        if row.control == RunControl.NONE:
            control.carry_again(session, row)
        return wish_of(row)


def _is_about_it(answer: Answer, run: WorkflowRun) -> bool:
    return answer.at is None or run.control_at is None or answer.at >= run.control_at
