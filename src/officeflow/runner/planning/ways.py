"""Which way a run takes: what decides whether a node is come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from officeflow.errors import InvalidExpression, Problem
from officeflow.runner.planning import leaves
from officeflow.runner.planning.course import Course, Verdict
from officeflow.workflows import flow, loops
from officeflow.workflows.models import Edge, Node


def rounds(course: Course, node: Node) -> int | None:
    """How often a node of a loop runs; None where that is not known, or it is in none."""
    output = course.real.get(node.each or "", {}).get("output")
    return None if output is None else int(output["count"])


def verdict(course: Course, node: Node) -> tuple[Verdict, str, tuple[Problem, ...]]:
    """What decides it, and what is wrong with the conditions that would."""
    incoming = [edge for edge in course.graph.edges if edge.target == node.id]
    if not incoming:
        return _at_the_beginning(course, node)
    told = [_taken(course, edge) for edge in incoming]
    problems = tuple(problem for _, _, problem in told if problem is not None)
    ways = [taken for taken, _, _ in told]
    found = _joined(ways, needs_all=len(incoming) > 1 and flow.join_mode(node) == "all")
    deciding = [why for taken, why, _ in told if taken is _WAY[found]] or [why for _, why, _ in told]
    if found is Verdict.RUNS and node.each and not _may_have_rounds(course, node):
        return Verdict.SKIPPED, f"{node.each} has no items", problems
    return found, "; ".join(dict.fromkeys(deciding)), problems


_WAY: Mapping[Verdict, bool | None] = {Verdict.RUNS: True, Verdict.SKIPPED: False, Verdict.UNKNOWN: None}


def _at_the_beginning(course: Course, node: Node) -> tuple[Verdict, str, tuple[Problem, ...]]:
    """A node to which no edge leads: of the flow, or the first of a loop's body."""
    if not node.each:
        return Verdict.RUNS, "the run begins with it", ()
    found = Verdict.RUNS if course.is_come_to(node.each) else course.verdicts[node.each]
    if found is Verdict.RUNS and not _may_have_rounds(course, node):
        return Verdict.SKIPPED, f"{node.each} has no items", ()
    return found, f"once for each item of {node.each}", ()


def _may_have_rounds(course: Course, node: Node) -> bool:
    return rounds(course, node) != 0


def _joined(ways: Sequence[bool | None], *, needs_all: bool) -> Verdict:
    if needs_all:
        ways = [None if way is None else not way for way in ways]
    some = True in ways
    none = all(way is False for way in ways)
    if needs_all:
        some, none = none, some
    return Verdict.RUNS if some else Verdict.SKIPPED if none else Verdict.UNKNOWN


def _taken(course: Course, edge: Edge) -> tuple[bool | None, str, Problem | None]:
    """Whether the edge is taken, why, and what is wrong with its condition."""
    source, failing = _source(course, edge), _failing(course, edge)
    if course.verdicts[source] is Verdict.SKIPPED:
        return False, f"{source} is skipped", None
    if failing:
        return False, f"{failing} ends the run", None
    if edge.condition is None:
        return (True if course.is_come_to(source) else None), f"after {edge.source}", None
    return _by_condition(course, edge, edge.condition)


def _left(course: Course, edge: Edge) -> str | None:
    """The loop that the edge leaves."""
    return loops.left_by(edge, {key: place.each for key, place in course.graph.rounds.items()})


def _source(course: Course, edge: Edge) -> str:
    """What decides an edge that leaves a loop is the loop: it is gone on behind all rounds, also where a node
    was come to in none.
    """
    return _left(course, edge) or edge.source


def _failing(course: Course, edge: Edge) -> str:
    """What ends the run before the edge: its source, or of the loop that it leaves any node; "" where
    nothing does.
    """
    loop = _left(course, edge)
    body = [key for key, place in course.graph.rounds.items() if loop is not None and place.each == loop]
    return next((key for key in (edge.source, *body) if key in course.failing), "")


def _by_condition(course: Course, edge: Edge, condition: str) -> tuple[bool | None, str, Problem | None]:
    told, label = leaves.holds(condition, course.known()), edge.label or condition
    if isinstance(told, InvalidExpression):
        problem = Problem(f"edges.{edge.source} → {edge.target}", told.message, told.hint)
        return False, f"the condition of the edge from {edge.source} cannot be computed", problem
    if told is None:
        return None, f"only a run knows whether, after {edge.source}: {label}", None
    if not told:
        return False, f"not after {edge.source}: {label}", None
    return (True if course.is_come_to(_source(course, edge)) else None), f"after {edge.source}: {label}", None
