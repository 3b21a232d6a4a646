"""What a system of the matrix is: a connection to its counterpart, people in it, and what is there by the
counterpart's own word.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from officeflow.connectors.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A person's account as the system itself keeps it; what it has not stays empty. `manager` is a login,
    `expires_at` a date, `sessions` and `factors` are how many there are.
    """

    active: bool
    number: str = ""
    title: str = ""
    unit: str = ""
    manager: str = ""
    locked: bool = False
    expires_at: str = ""
    aliases: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    applications: frozenset[str] = frozenset()
    licences: frozenset[str] = frozenset()
    sessions: int = 0
    factors: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """All that a system keeps of people and applications. `people` are by login; `redirects` are where each
    application sends people back to, by its name.
    """

    people: Mapping[str, Seen]
    redirects: Mapping[str, frozenset[str]] = field(default_factory=dict)


class System(ABC):
    """One of the matrix, with its counterpart running and empty but for the seeds, whose names it says."""

    provider: ClassVar[str]
    fixture: ClassVar[str]
    """Of its counterpart (`tests/counterparts`)."""
    groups: ClassVar[tuple[str, str, str]] = ("Staff", "Sales", "Engineering")
    role: ClassVar[str] = ""
    application: ClassVar[str] = ""
    application_role: ClassVar[str | None] = None
    """One of the application's own, where it has such."""
    licence: ClassVar[str] = ""
    unit: ClassVar[str] = ""
    """Another organizational unit than people are made in, as the system writes it."""
    attributes: ClassVar[Mapping[str, str]] = {}
    """What somebody who is hired needs besides, so that all can be given to them."""
    left_out: ClassVar[Mapping[str, str]] = {}
    """Node types that are not tried here though the provider has what they need, each with the reason."""

    def __init__(self, server: Any) -> None:
        self.server = server

    @abstractmethod
    def connection(self) -> Connection: ...

    @classmethod
    def login(cls, name: str) -> str:
        return f"{name}@acme.example"

    @abstractmethod
    def add(self, name: str, number: str, *, title: str = "") -> str:
        """An active account that is there already, not by the connector; its id."""

    @abstractmethod
    def there(self) -> There:
        """What is there now, not by the connector; without those who are not people."""

    def writes(self) -> int:
        """How many changes the counterpart was asked for since the test began, by its own journal."""
        return len(self.server.writes())

    def lets_in(self, login: str, secret: str) -> bool:
        """Whether the person gets in with this password, or what is in its place."""
        raise NotImplementedError

    def sign_in(self, login: str) -> None:
        """The person has a session afterwards, or a token."""
        raise NotImplementedError

    def enrol(self, login: str) -> None:
        """The person has a further factor afterwards."""
        raise NotImplementedError

    def lock(self, login: str) -> None:
        """As after too many wrong passwords."""
        raise NotImplementedError

    def tidy(self) -> None:  # noqa: B027 - most have nothing to do
        """At the test's end: what the counterpart's own reset would be slow to take back."""

    def problems(self) -> list[Any]:
        """Requests that the vendor's description does not allow."""
        told: Callable[[], list[Any]] = getattr(self.server, "problems", list)
        return told()
