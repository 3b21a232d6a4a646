"""The plan itself: node by node, in the order of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from officeflow.catalog.registry import node_type
from officeflow.errors import InvalidExpression, NodeTypeMissing, OfficeFlowError, Problem
from officeflow.runner.planning import leaves
from officeflow.runner.planning.given import Given
from officeflow.runner.planning.leaves import Computed, Known, Unknown
from officeflow.runner.planning.simulating import COMPUTED, simulated
from officeflow.workflows import flow, graph
from officeflow.workflows.graph import Graph
from officeflow.workflows.models import Definition, Edge, Node

CANNOT_KNOW = (
    "what nodes give that ask systems or people, and whatever depends on it",
    "whether a node succeeds: RUNS means that it is come to where those before it succeed",
    "what other systems have or answer at the time of a run",
    "the id of the run, and what a workflow that calls this one gives it (run, input)",
)


class Verdict(StrEnum):
    """RUNS: it is come to where those before it succeed. SKIPPED: no way leads to it. UNKNOWN: only a run
    knows.
    """

    RUNS = "RUNS"
    SKIPPED = "SKIPPED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """`why` tells what decides the verdict. `rounds` is how often a node of a loop runs, None where that is
    not known, or it is in none.
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


@dataclass(frozen=True, slots=True)
class Plan:
    """`starts`: whether the event starts the workflow; None where there is no event. `why` tells it."""

    starts: bool | None
    why: str
    nodes: tuple[PlannedNode, ...]
    cannot_know: tuple[str, ...] = CANNOT_KNOW


def to_json(plan: Plan) -> dict[str, Any]:
    return asdict(plan)


@dataclass(slots=True)
class _Course:
    """What is known so far."""

    given: Given
    graph: Graph
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    real: dict[str, Any] = field(default_factory=dict)
    masked: dict[str, Any] = field(default_factory=dict)

    def known(self) -> Known:
        skipped = {key for key, verdict in self.verdicts.items() if verdict is Verdict.SKIPPED}
        return Known(
            {**self.given.values, "nodes": self.real},
            {**self.given.masked, "nodes": self.masked},
            frozenset(self.real) | skipped,
        )


def make(definition: Definition, given: Given) -> Plan:
    """What a run of the definition would do. It must be valid."""
    course = _Course(given, graph.build(definition))
    starts, why = _starts(definition, given)
    nodes = tuple(_planned(course, definition.node(drawn.id)) for drawn in course.graph.nodes)
    return Plan(starts, why, nodes)


def _starts(definition: Definition, given: Given) -> tuple[bool | None, str]:
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


def _planned(course: _Course, node: Node) -> PlannedNode:
    verdict, why, problems = _verdict(course, node)
    course.verdicts[node.id] = verdict
    try:
        kind = node_type(node.type)
    except NodeTypeMissing as error:
        told = Problem("type", error.message, error.hint)
        return _line(node, verdict, why, effect="", problems=(*problems, told))
    found = (
        Computed({}, None, None)
        if verdict is Verdict.SKIPPED
        else leaves.compute(node.params, kind.schema().params, course.known())
    )
    if verdict is Verdict.RUNS and node.type == flow.FAIL:
        course.failing.add(node.id)
        why = f"{why}; it ends the run as failed"
    problems = (*problems, *found.problems)
    if verdict is Verdict.RUNS and node.type in COMPUTED and not node.each and found.real is not None:
        problems = (*problems, *_simulate(course, node, found))
    if verdict is Verdict.RUNS and problems:
        course.failing.add(node.id)
    return _line(
        node,
        verdict,
        why,
        effect=str(kind.spec.effect),
        found=found,
        problems=problems,
        rounds=_rounds(course, node),
    )


def _line(
    node: Node,
    verdict: Verdict,
    why: str,
    *,
    effect: str,
    found: Computed | None = None,
    problems: tuple[Problem, ...] = (),
    rounds: int | None = None,
) -> PlannedNode:
    found = found or Computed({}, None, None)
    return PlannedNode(
        key=node.id,
        type=node.type,
        name=node.name or node.id,
        connection=node.connection,
        effect=effect,
        verdict=verdict,
        why=why,
        params=found.shown,
        unknown=found.unknown,
        hidden=found.hidden,
        problems=problems,
        each=node.each,
        rounds=rounds,
    )


def _rounds(course: _Course, node: Node) -> int | None:
    output = course.real.get(node.each or "", {}).get("output")
    return None if output is None else int(output["count"])


def _simulate(course: _Course, node: Node, found: Computed) -> list[Problem]:
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


def _verdict(course: _Course, node: Node) -> tuple[Verdict, str, tuple[Problem, ...]]:
    incoming = [edge for edge in course.graph.edges if edge.target == node.id]
    if not incoming:
        return _at_the_beginning(course, node)
    told = [_taken(course, edge) for edge in incoming]
    problems = tuple(problem for _, _, problem in told if problem is not None)
    ways = [taken for taken, _, _ in told]
    verdict = _joined(ways, needs_all=len(incoming) > 1 and flow.join_mode(node) == "all")
    deciding = [why for taken, why, _ in told if taken is _WAY[verdict]] or [why for _, why, _ in told]
    if verdict is Verdict.RUNS and node.each and not _has_rounds(course, node):
        return Verdict.SKIPPED, f"{node.each} has no items", problems
    return verdict, "; ".join(dict.fromkeys(deciding)), problems


_WAY: Mapping[Verdict, bool | None] = {Verdict.RUNS: True, Verdict.SKIPPED: False, Verdict.UNKNOWN: None}


def _at_the_beginning(course: _Course, node: Node) -> tuple[Verdict, str, tuple[Problem, ...]]:
    """A node to which no edge leads: of the flow, or the first of a loop's body."""
    if not node.each:
        return Verdict.RUNS, "the run begins with it", ()
    verdict = course.verdicts[node.each]
    if verdict is Verdict.RUNS and not _has_rounds(course, node):
        return Verdict.SKIPPED, f"{node.each} has no items", ()
    return verdict, f"once for each item of {node.each}", ()


def _has_rounds(course: _Course, node: Node) -> bool:
    return _rounds(course, node) != 0


def _joined(ways: Sequence[bool | None], *, needs_all: bool) -> Verdict:
    if needs_all:
        ways = [None if way is None else not way for way in ways]
    some = True in ways
    none = all(way is False for way in ways)
    if needs_all:
        some, none = none, some
    return Verdict.RUNS if some else Verdict.SKIPPED if none else Verdict.UNKNOWN


def _taken(course: _Course, edge: Edge) -> tuple[bool | None, str, Problem | None]:
    """Whether the edge is taken, why, and what is wrong with its condition."""
    source = course.verdicts[edge.source]
    if source is Verdict.SKIPPED:
        return False, f"{edge.source} is skipped", None
    if edge.source in course.failing:
        return False, f"{edge.source} ends the run", None
    if edge.condition is None:
        return (True if source is Verdict.RUNS else None), f"after {edge.source}", None
    return _by_condition(course, edge, edge.condition)


def _by_condition(course: _Course, edge: Edge, condition: str) -> tuple[bool | None, str, Problem | None]:
    told, label = leaves.holds(condition, course.known()), edge.label or condition
    if isinstance(told, InvalidExpression):
        problem = Problem(f"edges.{edge.source} → {edge.target}", told.message, told.hint)
        return False, f"the condition of the edge from {edge.source} cannot be computed", problem
    if told is None:
        return None, f"only a run knows whether, after {edge.source}: {label}", None
    if not told:
        return False, f"not after {edge.source}: {label}", None
    is_certain = course.verdicts[edge.source] is Verdict.RUNS
    return (True if is_certain else None), f"after {edge.source}: {label}", None
