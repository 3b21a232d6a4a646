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
    given_name: str = ""
    family_name: str = ""
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
    application sends people back to, by its name; `sign_ons` are the units and groups whose people sign in
    elsewhere, by where that is.
    """

    people: Mapping[str, Seen]
    redirects: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sign_ons: Mapping[str, frozenset[str]] = field(default_factory=dict)


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
    small: ClassVar[Mapping[str, Any]] = {}
    """The connector's constants with which three people are more than a page."""
    quick: ClassVar[Mapping[str, float]] = {}
    """Those with which it does not wait long for what does not show."""
    needs_family_name = False
    """Whether its schema has nobody without one, so that the whole name stands there."""
    longest_name = ""
    """What the vendor's description says of a name that it has no room for, where it says so."""
    some = 5000
    """Members of a group that has a crowd of them: fewer where it takes long to bring in so many."""
    left_out: ClassVar[Mapping[str, str]] = {}
    """Node types that are not tried here though the provider has what they need, each with the reason."""

    def __init__(self, server: Any) -> None:
        self.server = server

    @abstractmethod
    def connection(self) -> Connection: ...

    def token_connection(self) -> Connection:
        """One whose credential is exchanged for a token, where the system knows such."""
        return self.connection()

    @classmethod
    def login(cls, name: str) -> str:
        return f"{name}@acme.example"

    @abstractmethod
    def add(self, name: str, number: str, *, title: str = "") -> str:
        """An active account that is there already, not by the connector; its id."""

    @abstractmethod
    def there(self) -> There:
        """What is there now, not by the connector; without those who are not people."""

    def crowd(self, count: int) -> tuple[str, Callable[[], int]]:
        """A group with so many others in it: its name, and what counts its members."""
        raise NotImplementedError

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
