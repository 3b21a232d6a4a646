"""What an act tells of itself goes on over a wait, also where the process ends after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from officeflow.clock import SystemClock
from officeflow.errors import AnswerNeeded, NotYet, Rejected, Transient
from officeflow.runs.acts import ActRequest, Attempt, Done
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect, Question
from tests.ledger.conftest import Ask

pytestmark = pytest.mark.integration

NOW = SystemClock().now


class Killed(BaseException):
    """Ends an attempt as SIGKILL does."""


def told(ledger: Ledger, request: ActRequest, *ends: BaseException) -> Sequence[str]:
    """The act's story, where its attempts end so, and one more with success."""

    def attempt(number: int, end: BaseException | None) -> Callable[[Attempt], Done]:
        def act(attempt: Attempt) -> Done:
            attempt.story.append({"step": "found", "text": f"look {number}"})
            if end is not None:
                raise end
            return Done(output={})

        return act

    for number, end in enumerate(ends, 1):
        with pytest.raises(type(end)):
            ledger.once(request, attempt(number, end))
    story = ledger.once(request, attempt(len(ends) + 1, None)).story
    return [each["text"].removeprefix("look ") for each in story]


def later() -> NotYet:
    return NotYet("later", until=NOW())


def question() -> AnswerNeeded:
    return AnswerNeeded("?", question=Question(subject="?", options=("Yes",)))


def lost() -> Transient:
    return Transient("nobody answers", maybe_done=True)


@pytest.mark.parametrize(
    ("effect", "ends", "left"),
    [
        (Effect.PURE, [later(), Killed()], "13"),
        (Effect.IDEMPOTENT, [later(), Killed(), Killed()], "14"),
        (Effect.IDEMPOTENT, [Killed(), question(), later()], "234"),
        (Effect.IDEMPOTENT, [lost(), question(), Killed()], "24"),
        (Effect.IDEMPOTENT, [later(), lost(), Killed()], "124"),
        (Effect.PURE, [later(), Rejected("no"), Rejected("no")], "1234"),
        (Effect.IDEMPOTENT, [Rejected("no"), Killed()], "3"),
    ],
    ids=lambda value: "-".join(type(each).__name__ for each in value) if isinstance(value, list) else None,
)
def test_what_was_told_before_a_wait_is_told_still(
    ledger: Ledger, ask: Ask, effect: Effect, ends: Sequence[BaseException], left: Any
) -> None:
    """It is the proof of what the act did until then; an attempt whose process ended has left nothing."""
    assert "".join(told(ledger, ask(effect), *ends)) == left
