"""A directory on paper: what an identity provider keeps, in memory, with a journal of all that it was asked.

It serves the contract of node types where no real server has the capability. It keeps its own rules (a login
is there once, a group has to exist) and can be told to lie.
"""

from __future__ import annotations

import datetime as dt
import enum
import itertools
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Account,
    Application,
    Entitlement,
    Factor,
    Group,
    PasswordRules,
    Seats,
    Session,
    Transfer,
    Trust,
)
from officeflow.errors import Conflict, NotFound, Transient, Unauthorized

KEY = re.compile(r"[0-9a-f]{64}")


class Lie(enum.Enum):
    IGNORES = "says yes and does nothing"
    LOSES = "does it, and its answer is lost"
    GONE = "what it is about is gone at that moment"


@dataclass
class Asked:
    """One call. `done` is whether something is different because of it."""

    operation: str
    writes: bool
    key: str = ""
    done: bool = False


@dataclass
class Given:
    """A transfer of ownership, from whom to whom."""

    transfer: Transfer
    account_id: str
    to_id: str
    what: tuple[str, ...]


@dataclass
class PaperDirectory:
    token: str = "paper-token-71c5"
    accounts: dict[str, Account] = field(default_factory=dict)
    deleted: dict[str, Account] = field(default_factory=dict)
    units: list[str] = field(default_factory=lambda: ["/Staff", "/Staff/Sales", "/Leavers"])
    groups: list[Group] = field(default_factory=list)
    roles: list[Entitlement] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)
    application_roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of an application, by its id: the roles that it has."""
    trusts: dict[str, Trust] = field(default_factory=dict)
    licences: list[Seats] = field(default_factory=list)
    held: dict[str, dict[str, list[Entitlement]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    """By the kind (`roles`, `applications`, `licences`): what each account has, by its id."""
    passwords: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """By account: its password, and whether it must be changed."""
    rules: PasswordRules = field(default_factory=PasswordRules)
    access: dict[str, str] = field(default_factory=dict)
    """By account: what it gets in with for some time."""
    sessions: dict[str, list[Session]] = field(default_factory=lambda: defaultdict(list))
    tells_sessions: bool = True
    factors: dict[str, list[Factor]] = field(default_factory=lambda: defaultdict(list))
    transfers: list[Given] = field(default_factory=list)
    transfers_run: int = 0
    """How often a transfer is looked at before it is done."""
    changed: list[str] = field(default_factory=list)
    """The ids of accounts in the order in which they changed; a cursor is a place in it."""
    page: int = 100
    """How many changes an answer has at most."""
    asked: list[Asked] = field(default_factory=list)
    lies: dict[str, Lie] = field(default_factory=dict)
    """What the next call of an operation comes to; told once."""
    late: int = 0
    """How many searches do not find an account that is created from now on."""
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What somebody else does before the next call of an operation."""
    is_away: bool = False
    _hidden: dict[str, int] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    # ── as a test uses it ──

    def kill(self) -> None:
        """Nothing answers from now on."""
        self.is_away = True

    def start(self) -> None:
        self.is_away = False

    def add(self, login: str, **fields: Any) -> str:
        """An account that is there already; gives its id."""
        given: dict[str, Any] = {"id": self.new_id("a"), "active": True, "created_at": long_ago()} | fields
        account = Account(login=login, **given)
        self.put(account)
        return account.id

    def rewrite(self, login: str, **fields: Any) -> None:
        """As somebody else does, who is not asked about it."""
        self.put(replace(self.by_login(login), **fields))

    def writes(self, operation: str = "") -> list[Asked]:
        """What it was asked to write, done or not."""
        return [each for each in self.asked if each.writes and operation in {"", each.operation}]

    def done(self, operation: str = "") -> int:
        """How many writes have made a difference."""
        return sum(each.done for each in self.writes(operation))

    def by_login(self, login: str) -> Account:
        return next(each for each in self.accounts.values() if each.login == login)

    # ── as its connectors use it ──

    def new_id(self, kind: str) -> str:
        return f"{kind}{next(self._numbers)}"

    def take(self, call: Call, token: str, key: str) -> None:
        """Write the call down; an error where it is not let in, or nothing answers."""
        if self.is_away:
            raise call.error(Transient, "nothing answers")
        self.asked.append(Asked(call.operation, call.writes, key))
        if token != self.token:
            raise call.error(Unauthorized, "the token is not known", status=401)
        if call.writes and not KEY.fullmatch(key):
            raise AssertionError(f"{call.operation} came with no key of an act: {key!r}")
        if (do := self.meanwhile.pop(call.operation, None)) is not None:
            do()

    def write(self, call: Call, do: Callable[[], object], is_so: Callable[[], bool], about: str = "") -> None:
        """Do it, unless it lies, and read back whether it is so."""
        lie = self.lies.pop(call.operation, None)
        if lie is Lie.GONE:
            self.accounts.pop(about, None)
            raise call.error(NotFound, f"there is no account {about}", status=404)
        if lie is not Lie.IGNORES:
            do()
            self.asked[-1].done = True
        if lie is Lie.LOSES:
            raise call.error(Transient, "no answer came", maybe_done=True)
        with after_write():
            if not is_so():
                raise call.nothing_happened("it reads back as it was before")

    def change(self, call: Call, account_id: str, **fields: Any) -> Account:
        """The account with other fields, read back."""
        before = self.known(account_id, call)
        if all(getattr(before, name) == value for name, value in fields.items()):
            return before
        self.write(
            call,
            lambda: self.put(replace(self.accounts[account_id], **fields)),
            lambda: all(getattr(self.accounts[account_id], name) == value for name, value in fields.items()),
            account_id,
        )
        return self.accounts[account_id]

    def put(self, account: Account) -> None:
        if account.id not in self.accounts and self.late:
            self._hidden[account.id] = self.late
        self.accounts[account.id] = account
        self.changed.append(account.id)

    def remove(self, account_id: str) -> None:
        """Into the bin."""
        gone = self.accounts.pop(account_id)
        self.deleted = {account_id: replace(gone, deleted_at=dt.datetime.now(dt.UTC)), **self.deleted}
        self.changed.append(account_id)

    def known(self, account_id: str, call: Call, what: str = "account") -> Account:
        if account_id not in self.accounts:
            raise call.error(NotFound, f"there is no {what} {account_id}", status=404)
        return self.accounts[account_id]

    def search(self) -> list[Account]:
        """Those that a search shows: not yet what is shown late."""
        self._hidden = {each: left - 1 for each, left in self._hidden.items()}
        return [each for each in self.accounts.values() if self._hidden.get(each.id, -1) < 0]

    def check_free(self, login: str, call: Call, owner: str = "") -> None:
        """`Conflict` where another account has it as login or alias."""
        for each in self.accounts.values():
            names = {each.login.casefold(), *(alias.casefold() for alias in each.aliases)}
            if each.id != owner and login.casefold() in names:
                raise call.error(Conflict, f"{login} is taken", status=409)


AWAY = PaperDirectory(is_away=True)
"""Where no directory is."""
DIRECTORIES: dict[str, PaperDirectory] = {}
"""By the host of a connection."""


def long_ago() -> dt.datetime:
    return dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
