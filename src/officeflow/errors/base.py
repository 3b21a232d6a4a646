"""The base of all errors of ours, and what is said of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input.

    `path` is where, in the input's own terms (`nodes[3].params.start`); `reason` is what; `suggestion` is
    what to do, or "".
    """

    path: str
    reason: str
    suggestion: str = ""

    def __str__(self) -> str:
        text = f"{self.path}: {self.reason}" if self.path else self.reason
        return f"{text} ({self.suggestion})" if self.suggestion else text


class OfficeFlowError(Exception):
    """Base of all errors of ours. `hint` says what the reader can do about it."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class InvalidInput(OfficeFlowError):
    code = "invalid_input"

    def __init__(self, message: str, *, problems: Sequence[Problem] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n  ".join([super().__str__(), *map(str, self.problems)])


class NotKnown(OfficeFlowError):
    code = "not_known"


class Unavailable(OfficeFlowError):
    code = "unavailable"
