"""What a node type's effect means, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from officeflow.sdk.spec import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectWords:
    """`twice`: what doing it again would do. `after_a_crash`: what the platform does then. `resuming`: why it
    goes on after an attempt that left no end; "" where it never does by itself.
    """

    twice: str
    after_a_crash: str
    resuming: str = ""


EFFECT_WORDS: Mapping[Effect, EffectWords] = {
    Effect.PURE: EffectWords(
        twice="changes nothing at all",
        after_a_crash="It is run again: it changes nothing in any other system.",
        resuming="it changes nothing, so it runs again",
    ),
    Effect.IDEMPOTENT: EffectWords(
        twice="changes nothing the second time",
        after_a_crash="It is run again: the second time changes nothing.",
        resuming="doing it twice changes nothing, so it runs again",
    ),
    Effect.KEYED: EffectWords(
        twice="the system knows the key and answers with the first result",
        after_a_crash=(
            "It is run again under the same key, and the system answers with what it did the first time."
        ),
        resuming="the same key is sent again, so the system answers with the first result",
    ),
    Effect.CHECK_THEN_ACT: EffectWords(
        twice="it looks for the first result before it acts again",
        after_a_crash=(
            "The system is asked first what the interrupted attempt has left; it acts only where there is"
            " nothing."
        ),
        resuming="first it looks for what that attempt may have left",
    ),
    Effect.AT_MOST_ONCE: EffectWords(
        twice="nobody could tell, so in doubt a person is asked",
        after_a_crash=(
            "Nobody can tell whether it happened: it stops and asks a person (`officeflow ledger resolve`)."
        ),
    ),
}
