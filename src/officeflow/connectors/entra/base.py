"""What all parts of the connector have: the session, the settings, a user by id, and how a write is seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.connection import Connection
from officeflow.connectors.entra import attributes
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import LARGEST_PAGE, Graph, Read, segment
from officeflow.connectors.entra.settings import settings_of
from officeflow.connectors.entra.types import Group
from officeflow.connectors.entra.user import User
from officeflow.connectors.families.identity import Account
from officeflow.connectors.forms import uuid
from officeflow.connectors.http import HttpClient
from officeflow.connectors.tokens import TokenAuth
from officeflow.errors import InvalidInput, NotFound, Rejected, Unauthorized

if TYPE_CHECKING:
    import httpx

GROUP_FIELDS = "id,displayName,groupTypes,mailEnabled,onPremisesSyncEnabled,isAssignableToRole"
MANAGER = "manager($select=id)"


class Tenant(HttpClient):
    """Opened, in the tenant that the connection names."""

    provider = "entra"

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        self.settings = settings_of(connection)
        super().__init__(
            dataclasses.replace(connection, host=self.settings.graph), correlation_id=correlation_id
        )
        self.graph = Graph(self.http, settle=self.settings.settle)

    def auth(self, connection: Connection) -> httpx.Auth:
        del connection
        return TokenAuth(self.settings.grant, provider=self.provider)

    def _user(self, account_id: str, call: Call, *more: str) -> User:
        """With `more` properties than usual; `NotFound` where there is none."""
        path = f"users/{self._id(account_id, 'account', call)}"
        params = {"$select": attributes.selected(self.settings, *more), "$expand": MANAGER}
        try:
            user = self.graph.get(Read(path=path, params=params), User, call)
        except NotFound as error:
            raise call.error(NotFound, f"there is no account {account_id}", status=error.status) from error
        if user.id.casefold() != account_id.casefold():
            raise call.contradiction(f"asked for {account_id}, it gives {user.id}")
        return user

    def _id(self, identifier: str, what: str, call: Call) -> str:
        """As it stands in an address. Every object's id is a UUID, so that nothing else is one."""
        try:
            return segment(uuid(identifier, source=what))
        except InvalidInput as error:
            raise call.error(NotFound, f"there is no {what} {identifier}") from error

    def _groups_of(self, user: User, call: Call) -> list[Group]:
        """Those that it is directly in, whoever puts it there. `Unauthorized` where that is not for us to
        see.
        """
        groups = self.graph.settled(lambda: self._member_of(user, call), lambda found: found is not None)
        if groups is None:
            raise call.contradiction(f"it gives the account {user.user_principal_name}, and not its groups")
        if any(group.display_name is None for group in groups):
            raise call.error(
                Unauthorized,
                "the groups' names are not shown to this application",
                hint="grant it GroupMember.Read.All",
            )
        return groups

    def _member_of(self, user: User, call: Call) -> list[Group] | None:
        """None where the user, who was read, is not there for this question: not yet, or no more."""
        read = Read(
            path=f"users/{segment(user.id)}/memberOf",
            params={"$select": GROUP_FIELDS, "$top": LARGEST_PAGE},
        )
        try:
            listed = [each for page in self.graph.pages(read, call) for each in page]
        except NotFound:
            return None
        groups = [
            valid(Group, each, call) for each in listed if each.get("@odata.type") == "#microsoft.graph.group"
        ]
        return list({group.id: group for group in groups}.values())

    def _account(self, user: User, call: Call) -> Account:
        """What is known of the account does not depend on its groups."""
        try:
            groups = self._groups_of(user, call)
        except Unauthorized as error:
            if error.status == 401:
                raise
            return user.account(self.settings)
        return user.account(self.settings, groups)

    def _seen(self, account_id: str, wrong: Callable[[User], str], call: Call, *more: str) -> Account:
        """The account as soon as nothing is `wrong` with it; `NothingHappened` says what still is."""
        with after_write():
            user = self._settled(account_id, wrong, call, *more)
            return self._account(user, call)

    def _settled(self, account_id: str, wrong: Callable[[User], str], call: Call, *more: str) -> User:
        def look() -> User | None:
            try:
                return self._user(account_id, call, *more)
            except NotFound:
                return None

        user = self.graph.settled(look, lambda found: found is not None and not wrong(found))
        if user is None:
            raise call.nothing_happened(f"account {account_id} is not there when read back")
        if told := wrong(user):
            raise call.nothing_happened(f"account {user.user_principal_name} reads back otherwise: {told}")
        return user

    def _own(self, user: User, names: Sequence[str], call: Call) -> None:
        """`Rejected` where another system writes these properties of the user."""
        if user.on_premises_sync_enabled and names:
            raise call.error(
                Rejected,
                f"account {user.user_principal_name} is synchronized from on-premises:"
                f" {', '.join(names)} cannot be written here",
                hint="change it in the directory that it comes from",
            )
