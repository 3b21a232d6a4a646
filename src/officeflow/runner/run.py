"""Runs one node. Every door (Airflow's ordinary task, the warm coordinator, a test) comes through here."""

from __future__ import annotations

import structlog

from officeflow.expressions.cel import truths
from officeflow.ids import EDGE_TASK_PREFIX
from officeflow.nodes.flow.for_each import ForEach
from officeflow.runner import awaited
from officeflow.runner.act import act
from officeflow.runner.course import Course
from officeflow.runner.outcome import Outcome
from officeflow.runner.prepare import LeftOut, Prepared, prepare
from officeflow.runner.services import Services
from officeflow.runner.undoing.run import undo
from officeflow.runner.waiting import after_wait
from officeflow.runs.acts import Recorded
from officeflow.sdk import NodeInput, NodeResult
from officeflow.workflows.undoing import UNDO


def run_node(node_input: NodeInput, services: Services) -> NodeResult:
    """Do the node's act once, or find that it is done; whatever happens becomes a `NodeResult`, and an
    exception never leaves.
    """
    with structlog.contextvars.bound_contextvars(
        org=node_input.org,
        workflow=node_input.workflow or node_input.dag_id,
        run_id=node_input.dag_run_id,
        node=node_input.node,
    ):
        course = Course(node_input, services)
        outcome = Outcome(course)
        try:
            result = _result(course, outcome)
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes a result
            result = outcome.of(error)
        outcome.forget_earlier()
        return result


def _result(course: Course, outcome: Outcome) -> NodeResult:
    awaited.people.hear(course)
    waited = after_wait(course.given.answer)
    if waited is not None:
        course.log.info(waited.error.message if waited.error else "")
        return waited
    if course.given.type == UNDO:
        return undo(course)
    try:
        prepared = prepare(course)
    except LeftOut:
        course.log.info("no way leads here in this round: nothing is done")
        return NodeResult(status="skipped")
    with structlog.contextvars.bound_contextvars(correlation_id=prepared.request.run.correlation_id):
        recorded = course.services.ledger.once(
            prepared.request, lambda attempt: act(course, prepared, attempt), outcome.judge
        )
        if recorded.replayed:
            course.log.info(
                f"already done at {recorded.ended_at.isoformat(timespec='seconds')} in try"
                f" {recorded.try_number}; returned the recorded result",
                key=recorded.key,
            )
        return NodeResult(
            status="success",
            output=recorded.output,
            public=recorded.public,
            replayed=recorded.replayed,
            key=recorded.key,
            story=recorded.story,
            rounds=recorded.output["count"] if isinstance(prepared.node, ForEach) else None,
            skip=_not_taken(course.given, prepared, recorded),
        )


def _not_taken(given: NodeInput, prepared: Prepared, recorded: Recorded) -> list[str]:
    """The tasks behind this one whose condition is false, now that its own output is known."""
    if not given.conditions:
        return []
    nodes = {**prepared.values.get("nodes", {}), given.node: {"output": recorded.output}}
    places = [f"edges: {given.node} → {_target(given.node, task)}" for task in given.conditions]
    holding = truths(given.conditions.values(), {**prepared.values, "nodes": nodes}, places=places)
    return [task for task, holds in zip(given.conditions, holding, strict=True) if not holds]


def _target(node: str, task: str) -> str:
    """Where the edge leads that the task stands for, or leads to."""
    return task.removeprefix(f"{EDGE_TASK_PREFIX}{node}__")
