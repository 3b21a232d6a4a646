"""What every part of the SCIM client stands on: the connection's dialect and mark, reading an account."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Capability
from officeflow.connectors.families.identity import Account
from officeflow.connectors.http import HttpClient
from officeflow.connectors.scim.discovery import Discovery
from officeflow.connectors.scim.errors import NoEndpoint
from officeflow.connectors.scim.groups import Memberships
from officeflow.connectors.scim.resources import Read, Resources
from officeflow.connectors.scim.types import DIALECTS, MEDIA_TYPE, Group, User
from officeflow.connectors.scim.writing import Writer
from officeflow.errors import InvalidInput, NotFound


class ScimClient(HttpClient):
    provider = "scim"
    headers: ClassVar = {"Accept": f"{MEDIA_TYPE}, application/json"}

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        name = str(connection.extra.get("dialect") or "auto")
        if name not in DIALECTS:
            raise InvalidInput(
                f"connection {connection.id}: no SCIM dialect {name!r}", hint=f"one of {', '.join(DIALECTS)}"
            )
        dialect = DIALECTS[name]
        self._mark = str(connection.extra.get("mark") or "")
        if ":" in self._mark:
            raise InvalidInput(
                f"connection {connection.id}: the mark {self._mark!r} has a colon",
                hint="letters and digits, such as acme",
            )
        super().__init__(connection, correlation_id=correlation_id)
        self._resources = Resources(self.http)
        self._discovery = Discovery(self._resources, asked=dialect.discovers)
        self._memberships = Memberships(self._resources, dialect, self._discovery)
        self._writer = Writer(self._resources, self._discovery, dialect)

    def _account(self, user: User, groups: tuple[Group, ...] | list[Group] = ()) -> Account:
        return user.account((group.displayName for group in groups), self._mark)

    def _with_groups(self, user: User, call: Call) -> Account:
        """What is known of the account does not depend on its groups: a server without groups has accounts
        all the same.
        """
        try:
            return self._account(user, self._memberships.of(user, call))
        except NoEndpoint:
            return replace(self._account(user), groups_known=False)

    def _read(self, account_id: str, call: Call, capability: Capability | None = None) -> Read:
        """Before a change of it; with a capability that the server may say it has not."""
        if capability is not None:
            self._discovery.require(capability, call)
        return self._resources.user(account_id, call.reading())

    def _read_back(self, account_id: str, call: Call) -> Account:
        return self._with_groups(self._user_read_back(account_id, call), call)

    def _user_read_back(self, account_id: str, call: Call) -> User:
        try:
            return self._resources.user(account_id, call).user
        except NotFound as error:
            raise call.nothing_happened(f"account {account_id} is not there when read back") from error
