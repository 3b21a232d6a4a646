"""What an examination finds."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.layout import Layout
from officeflow.settings import Settings


class Outcome(enum.StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Not as it should be, or not to be seen from here; the platform does its work."""
    PROBLEM = "problem"
    """Something does not work, or will not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`says` is what was seen and what it means; `do` what to do about it, "" where there is nothing to
    do.
    """

    outcome: Outcome
    says: str
    do: str = ""


def ok(says: str) -> Finding:
    return Finding(Outcome.OK, says)


def warning(says: str, do: str = "") -> Finding:
    return Finding(Outcome.WARNING, says, do)


def problem(says: str, do: str) -> Finding:
    return Finding(Outcome.PROBLEM, says, do)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined.

    `settings` is None where they cannot be read. `state` is what the last start of a stack in this home made.
    """

    layout: Layout
    environ: Mapping[str, str] = field(repr=False)
    settings: Settings | None = field(repr=False)
    state: Mapping[str, Any] = field(repr=False)

    @property
    def known(self) -> Settings:
        """The settings, for checks that are made only where there are any."""
        if self.settings is None:
            raise LookupError("there are no settings")
        return self.settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to examine.

    It may raise: that is a finding too. `needs` names the checks without whose success it is not made.
    """

    area: str
    name: str
    examine: Callable[[Subject], Iterator[Finding]]
    needs: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.area}.{self.name}"
