"""What is known so far of a plan, node after node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from officeflow.runner.planning.given import Given
from officeflow.runner.planning.leaves import Known
from officeflow.runner.planning.looking import Looks
from officeflow.workflows.check_calls import Called
from officeflow.workflows.graph import Graph
from officeflow.workflows.models import Node


class Verdict(StrEnum):
    """RUNS: it is come to where those before it succeed. SKIPPED: no way leads to it. UNKNOWN: only a run
    knows. DONE: the run that is asked about has done it.
    """

    RUNS = "RUNS"
    SKIPPED = "SKIPPED"
    UNKNOWN = "UNKNOWN"
    DONE = "DONE"


Callees = Callable[[str], Called | None]
"""The organization's workflow of this slug, as it is published; None where there is none."""

MOST_NODES = 500
"""In one plan, with every round and whatever is called."""


def no_callees(slug: str) -> None:
    """Where nothing is known of other workflows."""
    del slug


@dataclass(slots=True)
class Room:
    """For how many nodes a plan has room still."""

    left: int = MOST_NODES


@dataclass(slots=True)
class Course:
    """`real` and `masked` have the outputs that are known, as expressions see `nodes`. `failing` are nodes
    that end the run.

    `looks` finds out what nodes would do in their systems; without, that is left open.

    `touched` has, by connection, the nodes that would change something there, or may. It is one for all
    rounds and for whatever is called, as `room` is.
    """

    given: Given
    graph: Graph
    looks: Looks | None = None
    callees: Callees = no_callees
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    real: dict[str, Any] = field(default_factory=dict)
    masked: dict[str, Any] = field(default_factory=dict)
    touched: dict[str, list[str]] = field(default_factory=dict)
    room: Room = field(default_factory=Room)
    rounds: dict[str, tuple[Course, ...]] = field(default_factory=dict)
    """By loop, a course for each round of it that is planned."""
    round: int | None = None
    """Of a round's own course, its number from 0."""
    above: tuple[str, ...] = ()
    """The workflows that it is planned within, from the outermost, and its own."""
    within: str = ""
    """What stands before its nodes' ids where they are told: `call.` of what the node `call` calls."""

    def is_come_to(self, node: str) -> bool:
        """Whether it is certain to run, or has run."""
        return self.verdicts[node] in {Verdict.RUNS, Verdict.DONE}

    def touched_before(self, node: Node) -> tuple[str, ...]:
        """The nodes before it that may have changed something in its system when a run comes to it."""
        if not node.connection:
            return ()
        touched = self.touched.get(node.connection, ())
        return tuple(each for each in touched if each != self.name_of(node))

    def touches(self, node: Node) -> None:
        """It would change something in its system, or may."""
        touched = self.touched.setdefault(node.connection or "", [])
        if self.name_of(node) not in touched:
            touched.append(self.name_of(node))

    def name_of(self, node: Node) -> str:
        return f"{self.within}{node.id}"

    def known(self) -> Known:
        skipped = {key for key, verdict in self.verdicts.items() if verdict is Verdict.SKIPPED}
        return Known(
            {**self.given.values, "nodes": self.real},
            {**self.given.masked, "nodes": self.masked},
            frozenset(self.real) | skipped,
        )

    def of_round(self, number: int, item: Mapping[str, Any], masked: Mapping[str, Any]) -> Course:
        """The course of one round of a loop: it sees what stands here, and what it finds is its own."""
        given = self.given
        return replace(
            self,
            given=Given(given.kind, {**given.values, **item}, {**given.masked, **masked}),
            verdicts=dict(self.verdicts),
            failing=set(self.failing),
            real=dict(self.real),
            masked=dict(self.masked),
            round=number,
        )
