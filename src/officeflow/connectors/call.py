"""One call of a customer's system, and the errors about it that every connector knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from officeflow.errors import ConnectorError, NothingHappened, Rejected, Transient

E = TypeVar("E", bound=ConnectorError)
R = TypeVar("R", bound=Rejected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What the errors about it say: the provider's name, and what was asked of it.

    `writes` is whether it changes something over there.
    """

    provider: str
    operation: str
    writes: bool = False

    def reading(self) -> Call:
        """The same as far as it only looks."""
        return dataclasses.replace(self, writes=False)

    def error(
        self,
        kind: type[E],
        text: str,
        *,
        status: int | None = None,
        maybe_done: bool = False,
        hint: str = "",
    ) -> E:
        """An error about this call; that it may be done is for the caller to say."""
        return kind(
            text,
            provider=self.provider,
            operation=self.operation,
            status=status,
            maybe_done=maybe_done,
            hint=hint,
        )

    def nothing_happened(self, text: str) -> NothingHappened:
        """It said yes, and reading back shows otherwise: `text` says what there is."""
        return self.error(NothingHappened, f"{self.provider} said yes to {self.operation}, but {text}")

    def not_in(self, language: str, reason: str, kind: type[R], *, status: int | None = None) -> R:
        """For a yes whose content is not what the protocol says: mostly another web page at a wrong
        address.
        """
        return self.error(
            kind,
            f"{self.provider} did not answer {self.operation} in {language}: {reason}",
            status=status,
            maybe_done=self.writes,
            hint="check the connection's url",
        )

    def contradiction(self, reason: str, *, hint: str = "") -> Transient:
        """For an answer that cannot be true: nothing is concluded from it.

        Directories that are read while they change give some.
        """
        return self.error(
            Transient,
            f"{self.provider} contradicts itself in its answer to {self.operation}: {reason}",
            maybe_done=self.writes,
            hint=hint,
        )


@contextmanager
def after_write() -> Iterator[None]:
    """What fails in here fails after a write that the system has said yes to: the act may be done, whatever
    the error says.
    """
    try:
        yield
    except ConnectorError as error:
        error.maybe_done = error.taken = True
        raise
