"""The plan itself: node by node, in the order of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from officeflow.catalog.registry import node_type
from officeflow.errors import InvalidExpression, NodeTypeMissing, OfficeFlowError, Problem
from officeflow.runner.planning import leaves, ways
from officeflow.runner.planning.course import Course, Verdict
from officeflow.runner.planning.given import Given
from officeflow.runner.planning.leaves import Computed, Known, Unknown
from officeflow.runner.planning.looking import Looked, Looks, in_words
from officeflow.runner.planning.past import NOTHING, Past
from officeflow.runner.planning.simulating import COMPUTED, simulated
from officeflow.sdk import Doing, Node, Planned
from officeflow.workflows import flow, graph
from officeflow.workflows import models as drawn

__all__ = ["CANNOT_KNOW", "Plan", "PlannedNode", "Verdict", "make", "to_json"]

OUTPUTS = "what nodes give that ask systems or people, and whatever depends on it"
OTHERS = "what other systems have or answer at the time of a run"
CANNOT_KNOW = (
    OUTPUTS,
    "whether a node succeeds: RUNS means that it is come to where those before it succeed",
    OTHERS,
    "the id of the run, and what a workflow that calls this one gives it (run, input)",
)
CANNOT_KNOW_LOOKING = (
    "what nodes give that ask people or change something, and whatever depends on it",
    *CANNOT_KNOW[1:2],
    "what other systems will have at the time of a run: this is how they are now",
    *CANNOT_KNOW[3:],
)


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """`why` tells what decides the verdict. `rounds` is how often a node of a loop runs, None where that is
    not known, or it is in none.

    `acts` is what it would do in its system; None where nobody looked. `note` says what else to know of
    that.
    """

    key: str
    type: str
    name: str
    connection: str | None
    effect: str
    verdict: Verdict
    why: str
    params: Mapping[str, Any]
    unknown: tuple[Unknown, ...] = ()
    hidden: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    each: str | None = None
    rounds: int | None = None
    acts: tuple[Planned, ...] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`starts`: whether the event starts the workflow; None where there is no event. `why` tells it.

    `looked`: whether the systems were looked into.
    """

    starts: bool | None
    why: str
    nodes: tuple[PlannedNode, ...]
    looked: bool = False
    cannot_know: tuple[str, ...] = CANNOT_KNOW


def to_json(plan: Plan) -> dict[str, Any]:
    return asdict(plan)


def make(
    definition: drawn.Definition, given: Given, *, looks: Looks | None = None, past: Past = NOTHING
) -> Plan:
    """What a run of the definition would do. It must be valid.

    `looks` finds out what nodes would do in their systems; without, that is left open. `past` is what the run
    has done already that the plan is for.
    """
    course = Course(given, graph.build(definition), looks)
    starts, why = (None, past.why) if past.why else _starts(definition, given)
    nodes = tuple(_planned(course, definition.node(each.id), past) for each in course.graph.nodes)
    if looks is None:
        return Plan(starts, why, nodes)
    return Plan(starts, why, nodes, looked=True, cannot_know=CANNOT_KNOW_LOOKING)


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
    return _computed(course, node, kind, line)


def _computed(
    course: Course, node: drawn.Node, kind: type[Node[Any, Any, Any]], line: PlannedNode
) -> PlannedNode:
    """With its parameters, and with what it would do."""
    found = leaves.compute(node.params, kind.schema().params, course.known())
    runs, why = line.verdict is Verdict.RUNS, line.why
    if runs and node.type == flow.FAIL:
        course.failing.add(node.id)
        why = f"{why}; it ends the run as failed"
    problems = (*line.problems, *found.problems)
    if runs and node.type in COMPUTED and not node.each and found.real is not None:
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
    if course.looks is None:
        return line
    before = course.touched_before(node)
    return _looked(course, node, line, course.looks.look(node, kind, found, course.known(), before=before))


def _looked(course: Course, node: drawn.Node, line: PlannedNode, told: Looked) -> PlannedNode:
    """With what it would do in its system, as that is now. What it gives is known from now on, where it only
    looks and nothing before it changes what it would find.
    """
    before = course.touched_before(node)
    if node.connection and any(each.doing is not Doing.NO_CHANGE for each in told.acts):
        course.touched.setdefault(node.connection, []).append(node.id)
    if told.real is not None and line.verdict is Verdict.RUNS and not node.each and not before:
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
