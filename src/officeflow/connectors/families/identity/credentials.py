"""How an account's person proves who they are: passwords, temporary access, sessions, tokens, factors."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from officeflow.connectors.families.identity.accounts import Account
from officeflow.connectors.families.opened import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRules:
    """What a password must be, as far as the system tells. `classes` are how many of lower case, upper case,
    digits and signs it must have.
    """

    shortest: int = 16
    classes: int = 4


class SetsPasswords(Opened, Protocol):
    @abstractmethod
    def password_rules(self) -> PasswordRules: ...

    @abstractmethod
    def set_password(self, account_id: str, password: str, *, must_change: bool, key: str) -> Account:
        """`must_change` makes its person choose another one at the next sign-in.

        `Rejected` where the system's rules do not allow it. Nothing that it raises holds the password.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryAccess:
    """What its person signs in with once, or until a moment (aware; None where it does not end by itself)."""

    secret: str = field(repr=False)
    kind: Literal["password", "passcode", "link"]
    until: dt.datetime | None = None
    once: bool = True


class GivesTemporaryAccess(Opened, Protocol):
    @abstractmethod
    def give_temporary_access(
        self, account_id: str, *, minutes: int, once: bool, key: str
    ) -> TemporaryAccess:
        """One that the account had before ends. `Rejected` where the system allows no such time or kind."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Something by which its person is in, or gets in, without proving again who they are: a `session`, a
    `token` that an application has, an `app_password`. `name` is whose or what for.
    """

    id: str
    kind: Literal["session", "token", "app_password"]
    name: str
    since: dt.datetime | None = None


class EndsSessions(Opened, Protocol):
    @abstractmethod
    def sessions_of(self, account_id: str) -> Sequence[Session] | None:
        """All that the account has; None where the system does not tell."""
        ...

    @abstractmethod
    def end_sessions(self, account_id: str, *, key: str) -> str:
        """End all of them; in a few words what was ended and how that was seen: *3 sessions and 1 token
        ended, none is left*.

        `NothingHappened` where some are left.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A way to prove who one is beside the password: `kind` in the system's own word. One that `may_stay` the
    system has for everybody by itself, and nothing tells whether a reset ends it.
    """

    id: str
    kind: str
    name: str = ""
    may_stay: bool = False


class ResetsFactors(Opened, Protocol):
    @abstractmethod
    def factors_of(self, account_id: str) -> Sequence[Factor]: ...

    @abstractmethod
    def reset_factors(self, account_id: str, *, key: str) -> Sequence[Factor]:
        """Take all of them away; its person enrols anew at the next sign-in. What was taken away; one that
        may stay is among it where it is gone.
        """
        ...
