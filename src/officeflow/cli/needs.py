"""What a command needs of whoever calls it: the words of the one table in `command_rights`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from officeflow.rights.permissions import Permission

NOT_GIVEN = (None, False, "", ())
"""What click gives for an option that was left out."""


class Reach(Enum):
    """Whom a command is for, before any role counts."""

    MACHINE = "whoever may run the command"
    SIGNED_IN = "whoever acts"
    ANYWHERE = "a role in any organization"
    ORGANIZATION = "a role in the organization"
    PLATFORM = "the platform's admins"


class Thing(Enum):
    """What a command names instead of its organization."""

    RUN = "a run"
    NEWEST_RUN = "a run, or a DAG for its newest"
    EVENT = "an event or a quarantined message"
    MESSAGE = "a message of the outbox"
    REQUEST = "a request"

    @property
    def parameter(self) -> str:
        """By which the command is told."""
        match self:
            case Thing.RUN | Thing.NEWEST_RUN:
                return "run"
            case Thing.EVENT | Thing.MESSAGE:
                return "name"
            case Thing.REQUEST:
                return "request"


class Without(Enum):
    """What it means that no organization is named."""

    THEIRS = "the one that they have, where it is one alone"
    ANY = "each of theirs"
    NOTHING = "it is about none, and needs nothing"


@dataclass(frozen=True, slots=True)
class Instead:
    """What the command needs where an option is given that makes something else of it."""

    permission: Permission
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """`routes` are the API's that do the same; they need the same permission.

    `org` is the parameter that names the organization. A command that `signs_in` is done in the name of an
    Airflow login with its password, and is checked as soon as Airflow has taken it. `people_only`: no program
    does it. Parameters of `instead` change what is needed.
    """

    reach: Reach
    permission: Permission | None = None
    routes: tuple[str, ...] = ()
    instead: Mapping[str, Instead] = field(default_factory=dict)
    org: str = "org"
    thing: Thing | None = None
    without: Without = Without.THEIRS
    signs_in: bool = False
    people_only: bool = False

    def permissions(self, given: Mapping[str, Any]) -> Iterator[Permission]:
        """What is needed where these parameters are given."""
        others = [each for name, each in self.instead.items() if given.get(name) not in NOT_GIVEN]
        if others:
            yield from dict.fromkeys(each.permission for each in others)
        elif self.permission is not None:
            yield self.permission
