"""What is known so far of a plan, node after node."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from officeflow.runner.planning.given import Given
from officeflow.runner.planning.leaves import Known
from officeflow.runner.planning.looking import Looks
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


@dataclass(slots=True)
class Course:
    """`real` and `masked` have the outputs that are known, as expressions see `nodes`. `failing` are nodes
    that end the run.

    `looks` finds out what nodes would do in their systems; without, that is left open.

    `touched` has, by connection, the nodes that would change something there, or may.
    """

    given: Given
    graph: Graph
    looks: Looks | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    real: dict[str, Any] = field(default_factory=dict)
    masked: dict[str, Any] = field(default_factory=dict)
    touched: dict[str, list[str]] = field(default_factory=dict)

    def is_come_to(self, node: str) -> bool:
        """Whether it is certain to run, or has run."""
        return self.verdicts[node] in {Verdict.RUNS, Verdict.DONE}

    def touched_before(self, node: Node) -> tuple[str, ...]:
        """The nodes before it that may have changed something in its system when a run comes to it."""
        return tuple(self.touched.get(node.connection, ())) if node.connection else ()

    def known(self) -> Known:
        skipped = {key for key, verdict in self.verdicts.items() if verdict is Verdict.SKIPPED}
        return Known(
            {**self.given.values, "nodes": self.real},
            {**self.given.masked, "nodes": self.masked},
            frozenset(self.real) | skipped,
        )
