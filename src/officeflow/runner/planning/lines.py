"""What a plan says, node by node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.errors import Problem
from officeflow.runner.planning.course import Verdict
from officeflow.runner.planning.leaves import Unknown
from officeflow.sdk import Planned

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

    `in_rounds` has a node of a loop as it is in each round that is planned: then what it is given stands
    there, and `acts` are those of all of them. `round` is the number of such a round, from 0, and `item` what
    it is for. `called` are the nodes of the workflow that it calls.
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
    round: int | None = None
    item: Any = None
    in_rounds: tuple[PlannedNode, ...] = ()
    called: tuple[PlannedNode, ...] = ()


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
