"""How a node type describes itself."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from officeflow.connectors.families import Capability, Family


class Effect(enum.StrEnum):
    """What running the act a second time would do, which decides how a crash between act and record is
    resumed.
    """

    PURE = "pure"
    """It changes nothing: run it again."""
    IDEMPOTENT = "idempotent"
    """The second time changes nothing: run it again."""
    KEYED = "keyed"
    """The provider takes our key and answers the second call with the first one's result: run it again with
    the same key.
    """
    CHECK_THEN_ACT = "check_then_act"
    """Look first (`Node.find`); act only if nothing is found."""
    AT_MOST_ONCE = "at_most_once"
    """Nobody can tell whether it happened: stop and ask a person."""


KEEP = "keep"
"""What a workflow says in a node's `undo` where what it did is to stay."""


@dataclass(frozen=True, slots=True)
class UndoWay:
    """One way to take an act back.

    `name` is what a workflow writes into a node's `undo`, `told` says in a few words what is done, and
    `needs` what its connection's system must be able to do beside what the act needs.
    """

    name: str
    told: str
    needs: frozenset[Capability] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """A node type's description; its parameters and output are the models beside its act.

    `type` is `<family>.<verb_object>`; `family` is what its connection's provider must serve, or None for a
    node that needs no customer's system.

    `undo` says in a sentence how `Node.undo` takes an act back, or is "" where the type has none; `undo_ways`
    are the ways that a workflow may choose from, the first where it chooses none. `inverse` is the node type
    that undoes it; `irreversible` marks an act that nothing undoes.

    `evidence` says in a sentence how the node proves that it happened. `effect_note` says what the effect
    depends on, where `Node.effect_of` decides: `effect` is then the most careful one.
    """

    type: str
    title: str
    group: str
    effect: Effect
    family: Family | None = None
    undo: str = ""
    undo_ways: tuple[UndoWay, ...] = ()
    inverse: str | None = None
    irreversible: bool = False
    evidence: str = ""
    effect_note: str = ""

    @property
    def ways(self) -> tuple[UndoWay, ...]:
        """Every way to take an act back; none where the type knows none."""
        return self.undo_ways or ((UndoWay("undo", self.undo),) if self.undo else ())

    def way(self, name: str | None) -> UndoWay | None:
        """The way of this name, by default the first; None where there is none, or the act is to stay."""
        return next((way for way in self.ways if name in {None, way.name}), None)
