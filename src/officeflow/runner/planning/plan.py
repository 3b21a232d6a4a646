"""The plan itself: node by node, in the order of a run."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from officeflow.catalog.registry import node_type
from officeflow.errors import InvalidExpression, NodeTypeMissing, OfficeFlowError, Problem
from officeflow.runner.planning import calls, leaves, rounds, ways
from officeflow.runner.planning.course import Callees, Course, Verdict, no_callees
from officeflow.runner.planning.given import Given
from officeflow.runner.planning.leaves import Computed, Known
from officeflow.runner.planning.lines import CANNOT_KNOW, CANNOT_KNOW_LOOKING, Plan, PlannedNode
from officeflow.runner.planning.looking import Looked, Looks, in_words
from officeflow.runner.planning.past import NOTHING, Past
from officeflow.runner.planning.simulating import COMPUTED, simulated
from officeflow.sdk import Doing, Node
from officeflow.workflows import flow, graph
from officeflow.workflows import models as drawn

__all__ = ["CANNOT_KNOW", "Plan", "PlannedNode", "Verdict", "make", "to_json"]


def to_json(plan: Plan) -> dict[str, Any]:
    return asdict(plan)


def make(
    definition: drawn.Definition,
    given: Given,
    *,
    looks: Looks | None = None,
    past: Past = NOTHING,
    callees: Callees = no_callees,
) -> Plan:
    """What a run of the definition would do. It must be valid.

    `looks` finds out what nodes would do in their systems; without, that is left open. `past` is what the run
    has done already that the plan is for. `callees` has the workflows that it may call.
    """
    course = Course(given, graph.build(definition), looks, callees, above=(definition.slug,))
    starts, why = (None, past.why) if past.why else _starts(definition, given)
    nodes = _nodes(course, definition, past)
    if looks is None:
        return Plan(starts, why, nodes)
    return Plan(starts, why, nodes, looked=True, cannot_know=CANNOT_KNOW_LOOKING)


def _nodes(course: Course, definition: drawn.Definition, past: Past = NOTHING) -> tuple[PlannedNode, ...]:
    return tuple(_of_node(course, definition.node(each.id), past) for each in course.graph.nodes)


def _of_node(course: Course, node: drawn.Node, past: Past) -> PlannedNode:
    """In each round of its loop, where the items are known."""
    each = rounds.courses(course, node, past)
    if each:
        found = [(of_one, _planned(of_one, node, past)) for of_one in each]
        lines = [(one, replace(line, round=one.round, item=rounds.shown_item(one))) for one, line in found]
        return rounds.together(course, node, lines)
    line = _planned(course, node, past)
    if node.each and ways.rounds(course, node) == 0:
        course.real[node.id], course.masked[node.id] = {"output": []}, {"output": []}
    return replace(line, note="; ".join(filter(None, (line.note, rounds.note(course, node, past)))))


def _starts(definition: drawn.Definition, given: Given) -> tuple[bool | None, str]:
    trigger = definition.trigger
    if not given.kind:
        return None, "no event is given: this is what a run for the person would do"
    if given.kind not in trigger.events:
        return False, f"events of the kind {given.kind} do not start it"
    if not trigger.filter:
        return True, f"events of the kind {given.kind} start it"
    told = leaves.holds(trigger.filter, Known(given.values, given.masked, frozenset()))
    if isinstance(told, InvalidExpression):
        return False, f"its filter cannot be computed: {told.message}"
    return told, f"its filter is {'true' if told else 'false'}: {trigger.filter}"


def _planned(course: Course, node: drawn.Node, past: Past) -> PlannedNode:
    course.room.left -= 1
    verdict, why, problems = past.verdict(node.id) or ways.verdict(course, node)
    course.verdicts[node.id] = verdict
    if node.id in past.real:
        course.real[node.id], course.masked[node.id] = past.real[node.id], past.masked[node.id]
    line = PlannedNode(
        key=node.id,
        type=node.type,
        name=node.name or node.id,
        connection=node.connection,
        effect="",
        verdict=verdict,
        why=past.told(node.id, why),
        params={},
        problems=problems,
        each=node.each,
    )
    try:
        kind = node_type(node.type)
    except NodeTypeMissing as error:
        return replace(line, problems=(*problems, Problem("type", error.message, error.hint)))
    line = replace(line, effect=str(kind.spec.effect), rounds=ways.rounds(course, node))
    if verdict in {Verdict.SKIPPED, Verdict.DONE}:
        return line
    return _computed(course, node, kind, line, is_begun=node.id in past.others)


def _computed(
    course: Course, node: drawn.Node, kind: type[Node[Any, Any, Any]], line: PlannedNode, *, is_begun: bool
) -> PlannedNode:
    """With its parameters, and with what it would do. What `is_begun` has called already is a run, with a
    plan of its own.
    """
    found = leaves.compute(node.params, kind.schema().params, course.known())
    runs, why = line.verdict is Verdict.RUNS, line.why
    if runs and node.type == flow.FAIL:
        course.failing.add(node.id)
        why = f"{why}; it ends the run as failed"
    problems = (*line.problems, *found.problems)
    if runs and node.type in COMPUTED and _is_of_one(course, node) and found.real is not None:
        problems = (*problems, *_simulate(course, node, found))
    if runs and problems:
        course.failing.add(node.id)
    line = replace(
        line,
        why=why,
        params=found.shown,
        unknown=found.unknown,
        hidden=found.hidden,
        problems=problems,
        rounds=ways.rounds(course, node),
    )
    if course.looks is not None:
        before = course.touched_before(node)
        told = course.looks.look(node, kind, found, course.known(), before=before)
        line = _looked(course, node, line, told)
    if node.type != flow.CALL or is_begun:
        return line
    called, why_not = calls.of(course, node, found, plan_nodes=_nodes)
    return replace(line, called=called, note="; ".join(filter(None, (line.note, why_not))))


def _is_of_one(course: Course, node: drawn.Node) -> bool:
    """Whether what it gives is one output, and not one for each round."""
    return not node.each or course.round is not None


def _looked(course: Course, node: drawn.Node, line: PlannedNode, told: Looked) -> PlannedNode:
    """With what it would do in its system, as that is now. What it gives is known from now on, where it only
    looks and nothing before it changes what it would find.
    """
    before = course.touched_before(node)
    if node.connection and any(each.doing is not Doing.NO_CHANGE for each in told.acts):
        course.touches(node)
    if told.real is not None and line.verdict is Verdict.RUNS and _is_of_one(course, node) and not before:
        course.real[node.id], course.masked[node.id] = {"output": told.real}, {"output": told.masked}
    return replace(line, acts=told.acts, note=_as_it_is_now(before) if told.has_looked else "")


def _as_it_is_now(before: tuple[str, ...]) -> str:
    if not before:
        return ""
    return f"as it is there now: {in_words(before)} may have changed something there before"


def _simulate(course: Course, node: drawn.Node, found: Computed) -> list[Problem]:
    """Its output is known from now on; what is wrong where it would fail."""
    values, masked = course.known().values, course.known().masked
    try:
        course.masked[node.id] = {"output": simulated(node, found.masked or {}, masked)}
        shown = ""
    except OfficeFlowError as error:
        course.masked[node.id] = {"output": {}}  # whatever reads it differs, and is hidden
        shown = error.message
    try:
        course.real[node.id] = {"output": simulated(node, found.real or {}, values)}
    except OfficeFlowError as error:
        text = error.message if error.message == shown else "it fails with this person's sensitive values"
        return [Problem("params", text, error.hint if error.message == shown else "")]
    return []
