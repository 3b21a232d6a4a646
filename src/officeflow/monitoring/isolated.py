"""Questions to several servers at once, of which one that hangs or fails spoils none but its own answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from officeflow.errors import Unavailable

Answer = TypeVar("Answer")


class NoAnswer(Unavailable):
    """Nothing came in time."""


class _Question(Generic[Answer]):
    """A thread that nobody has to wait for: it dies with the process."""

    def __init__(self, name: str, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._answers: list[Answer] = []
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"ask-{name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answers.append(self._ask())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to this question
            self._error = error

    def answer(self, seconds: float) -> Answer | Exception:
        self._thread.join(max(0.0, seconds))
        if self._answers:
            return self._answers[0]
        return self._error or NoAnswer("no answer in time")


def ask_all(
    questions: Mapping[str, Callable[[], Answer]], *, seconds: float
) -> dict[str, Answer | Exception]:
    """The answer to each question, or the error that it ended with; `NoAnswer` for one that has none after
    `seconds`.
    """
    deadline = time.monotonic() + seconds
    asked = {name: _Question(name, ask) for name, ask in questions.items()}
    return {name: question.answer(deadline - time.monotonic()) for name, question in asked.items()}
