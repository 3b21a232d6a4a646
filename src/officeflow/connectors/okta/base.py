"""What all of Okta's capabilities share: accounts read by their id, changed in steps, and read back."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, TypeVar

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.families.identity import Account
from officeflow.connectors.http import HttpClient
from officeflow.connectors.okta.api import Api, path_of
from officeflow.connectors.okta.auth import auth_of
from officeflow.connectors.okta.memberships import Membership, Memberships
from officeflow.connectors.okta.profile import Identity, account_of
from officeflow.connectors.okta.types import Group, User
from officeflow.errors import ConnectorError, InvalidInput, NotFound, Rejected, Unauthorized

if TYPE_CHECKING:
    import httpx

SETTLES = 5.0
"""Seconds that are waited at most until what Okta has said yes to is to be seen: it works off some changes of
status after its answer (`transitioningToStatus`)."""
LOOKS_AGAIN = 0.25
ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

T = TypeVar("T")


class OktaBase(HttpClient):
    provider = "okta"
    headers: ClassVar = {"Accept": "application/json"}

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        extra = connection.extra
        attribute, mark = str(extra.get("identity") or "employeeNumber"), str(extra.get("mark") or "")
        if not ATTRIBUTE.fullmatch(attribute) or attribute == "login":
            raise InvalidInput(
                f"connection {connection.id}: the identity {attribute!r} is no attribute for that",
                hint="the variable name of one of the profile's attributes, such as employeeNumber",
            )
        if ":" in mark:
            raise InvalidInput(
                f"connection {connection.id}: the mark {mark!r} has a colon",
                hint="letters and digits, such as acme",
            )
        super().__init__(connection, correlation_id=correlation_id)
        self._identity = Identity(attribute=attribute, mark=mark)
        self._mails = extra.get("activation_mail") == "yes"
        self._connection = connection
        self._api = Api(self.http)

    def auth(self, connection: Connection) -> httpx.Auth:
        return auth_of(connection)

    def _user(self, account_id: str, call: Call) -> User:
        """The user with this id. Okta takes a login, a part of one and `me` in its place; we do not."""
        user = self._api.one(path_of("users", account_id), User, call) if ID.fullmatch(account_id) else None
        if user is None or user.id != account_id:
            raise call.error(NotFound, f"there is no account {account_id}")
        return user

    def _there(self, account_id: str, call: Call) -> User:
        """The same, of whom Okta changes something at all."""
        user = self._user(account_id, call.reading())
        if user.status == "DEPROVISIONED":
            raise call.error(
                Rejected,
                f"account {user.login} is deactivated: Okta changes nothing about it",
                hint="activate it first",
            )
        return user

    def _with_groups(self, user: User, call: Call) -> Account:
        return self._account(user, Memberships(self._api, strict=False).of(user.id, call))

    def _account(self, user: User, groups: Sequence[Membership] = ()) -> Account:
        return account_of(
            user,
            self._identity,
            [each.group for each in groups],
            [each.group for each in groups if each.ruled],
        )

    def _user_read_back(self, account_id: str, call: Call) -> User:
        try:
            return self._user(account_id, call)
        except NotFound as error:
            raise call.nothing_happened(f"account {account_id} is not there when read back") from error

    def _settled(self, account_id: str, call: Call, right: Callable[[User], bool]) -> User:
        """The user as soon as it reads as it should, or as it reads at the end of the time for that."""
        return self._seen(
            lambda: self._user_read_back(account_id, call),
            lambda user: not user.transitioning and right(user),
        )

    def _group_name(self, group_id: str, call: Call) -> str:
        """What people call the group; its id where we may not read it, `a group` where we have none."""
        try:
            return self._api.one(path_of("groups", group_id), Group, call).name if group_id else "a group"
        except (NotFound, Unauthorized):
            return group_id

    @staticmethod
    def _seen(read: Callable[[], T], right: Callable[[T], bool]) -> T:
        """What is read, as soon as it is right, or as it is at the end of the time for that."""
        until = time.monotonic() + SETTLES
        while True:
            found = read()
            if right(found) or time.monotonic() >= until:
                return found
            time.sleep(LOOKS_AGAIN)

    @staticmethod
    @contextmanager
    def _further_step() -> Iterator[None]:
        """What fails in here fails after an earlier step of the same act was done."""
        try:
            yield
        except ConnectorError as error:
            error.maybe_done = True
            raise
