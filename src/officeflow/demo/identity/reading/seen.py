"""What is read at a system, and how it is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Where:
    """A system's server: its address, the secret that its starter has given it, the folder of its data."""

    url: str
    secret: str = field(repr=False)
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An account as the system keeps it; what it has not stays empty. `manager` is an employee number, `unit`
    as the system writes it, `sessions` how many sessions and tokens are there, None where it keeps none.
    """

    id: str
    login: str
    active: bool
    title: str = ""
    department: str = ""
    manager: str = ""
    unit: str = ""
    groups: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    sessions: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Closing:
    """A door that was closed: `door` is what, `at` when by the system's own clock, `told` by what of it."""

    door: str
    at: dt.datetime
    told: str


ACCOUNT, SESSIONS = "account", "sessions and tokens"
"""The doors."""


class Reader(Protocol):
    """`Unavailable`, or what the client library raises, where the system does not answer."""

    def __init__(self, where: Where) -> None: ...

    def accounts(self, number: str) -> Sequence[Seen]:
        """All with this employee number; there should be one."""
        ...

    def sign_in(self, seen: Seen) -> None:
        """The person gets a session, where the server lets that be played."""
        ...

    def closings(self, seen: Seen, since: dt.datetime) -> Iterator[Closing]:
        """The first closing of each of its doors since then, by the server's own journal."""
        ...


def names(found: Iterator[str] | Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(found))
