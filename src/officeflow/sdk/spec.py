"""How a node type describes itself."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from officeflow.connectors.families import Family


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """A node type's description; its parameters and output are the models beside its act.

    `type` is `<family>.<verb_object>`; `family` is what its connection's provider must serve, or None for a
    node that needs no customer's system.

    `undo` says in a sentence how `Node.undo` takes an act back, or is "" where the type has none. `inverse`
    is the node type that undoes it; `irreversible` marks an act that nothing undoes.

    `evidence` says in a sentence how the node proves that it happened. `effect_note` says what the effect
    depends on, where `Node.effect_of` decides: `effect` is then the most careful one.
    """

    type: str
    title: str
    group: str
    effect: Effect
    family: Family | None = None
    undo: str = ""
    inverse: str | None = None
    irreversible: bool = False
    evidence: str = ""
    effect_note: str = ""
