"""Rounds of a loop whose items are known: each node of its body is planned for every item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from officeflow.expressions.names import ITEM, ITEM_INDEX
from officeflow.runner.planning import ways
from officeflow.runner.planning.course import Course, Verdict
from officeflow.runner.planning.lines import PlannedNode
from officeflow.runner.planning.past import Past
from officeflow.runs.acts import MASK
from officeflow.workflows.models import Node

MOST_ROUNDS = 20
"""That are planned of one loop; the others are counted."""


def courses(course: Course, node: Node, past: Past) -> tuple[Course, ...]:
    """A course for each round in which the node is planned; none where the items are not known, the node is
    in no loop, the run has begun it, or there is no room.
    """
    count = ways.rounds(course, node) if node.each else 0
    begun = node.id in past.real or node.id in past.others or past.has_ended
    if not node.each or not count or begun or course.room.left < min(count, MOST_ROUNDS):
        return ()
    if node.each not in course.rounds:
        course.rounds[node.each] = tuple(_course(course, node.each, number) for number in _planned(count))
    return course.rounds[node.each]


def together(course: Course, node: Node, rounds: Sequence[tuple[Course, PlannedNode]]) -> PlannedNode:
    """The node in all its rounds, of which there is one at least. Where every round is planned and gives
    something that is known, it is known as a list to what comes after the loop.
    """
    lines = tuple(line for _, line in rounds)
    count = ways.rounds(course, node) or 0
    verdict = _verdict([line.verdict for line in lines], whole=len(lines) == count)
    course.verdicts[node.id] = verdict
    if any(node.id in each.failing for each, _ in rounds):
        course.failing.add(node.id)
    if len(lines) == count and all(_has_output(each, node) for each, _ in rounds):
        course.real[node.id] = {"output": [each.real[node.id]["output"] for each, _ in rounds]}
        course.masked[node.id] = {"output": [each.masked[node.id].get("output") for each, _ in rounds]}
    acts = [act for line in lines for act in line.acts or ()]
    return replace(
        lines[0],
        verdict=verdict,
        why=_why(lines),
        params={},
        unknown=(),
        hidden=(),
        problems=tuple(dict.fromkeys(problem for line in lines for problem in line.problems)),
        acts=None if all(line.acts is None for line in lines) else tuple(acts),
        note="" if len(lines) == count else f"the first {len(lines)} of {count} rounds are planned",
        round=None,
        item=None,
        called=(),
        in_rounds=lines,
    )


def note(course: Course, node: Node, past: Past) -> str:
    """Why a node of a loop with known items is not planned round by round; "" where nothing is to be said."""
    if not node.each or not ways.rounds(course, node) or past.has_ended or node.id in past.real:
        return ""
    why = "some have begun" if node.id in past.others else "the plan is long enough already"
    return f"its rounds are not planned one by one: {why}"


def shown_item(course: Course) -> Any:
    """Of a round's course, as people may see it."""
    return course.given.masked[ITEM]


def _planned(count: int) -> range:
    return range(min(count, MOST_ROUNDS))


def _course(course: Course, loop: str, number: int) -> Course:
    items = course.real[loop]["output"]["items"]
    masked = course.masked.get(loop, {}).get("output", {}).get("items")
    shown = masked[number] if isinstance(masked, list) and number < len(masked) else MASK
    own = course.of_round(
        number, {ITEM: items[number], ITEM_INDEX: number}, {ITEM: shown, ITEM_INDEX: number}
    )
    for key, place in course.graph.rounds.items():
        if place.each == loop:
            _take_own(own.real, key, number, len(items))
            _take_own(own.masked, key, number, len(items))
    return own


def _take_own(outputs: dict[str, Any], key: str, number: int, count: int) -> None:
    """Of what a node of the loop has given in all rounds, this round's own; nothing where some gave none."""
    told = outputs.pop(key, {}).get("output")
    if isinstance(told, list) and len(told) == count:
        outputs[key] = {"output": told[number]}


def _verdict(found: Sequence[Verdict], *, whole: bool) -> Verdict:
    if Verdict.RUNS in found:
        return Verdict.RUNS
    return Verdict.SKIPPED if whole and set(found) == {Verdict.SKIPPED} else Verdict.UNKNOWN


def _why(lines: Sequence[PlannedNode]) -> str:
    whys = dict.fromkeys(line.why for line in lines)
    if len(whys) == 1:
        return next(iter(whys))
    runs = sum(line.verdict is Verdict.RUNS for line in lines)
    return f"{runs} of {len(lines)} rounds come to it for certain"


def _has_output(course: Course, node: Node) -> bool:
    return node.id in course.real and course.verdicts[node.id] is Verdict.RUNS
