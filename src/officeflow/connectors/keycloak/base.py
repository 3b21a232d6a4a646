"""What every capability of the client stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.families.identity import Account
from officeflow.connectors.http import HttpClient, base_url
from officeflow.connectors.keycloak.documents import EMPLOYEE_NUMBER, Documents
from officeflow.connectors.keycloak.realm import Realm, path_of
from officeflow.connectors.keycloak.types import Group, Lock, User
from officeflow.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import httpx


class RealmClient(HttpClient):
    """A realm, opened as a service account."""

    provider = "keycloak"
    headers = {"Accept": "application/json"}  # noqa: RUF012 - the base class says that it is the class's

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        name = connection.schema or ""
        super().__init__(connection, correlation_id=correlation_id)
        self._realm = Realm(self.http, name, _client_realm(connection))
        self._documents = Documents(
            str(connection.extra.get("identity") or EMPLOYEE_NUMBER),
            str(connection.extra.get("mark") or ""),
        )

    def auth(self, connection: Connection) -> httpx.Auth:
        from officeflow.connectors.assertions import SignedStatement
        from officeflow.connectors.tokens import ClientCredentials, Grant, TokenAuth

        realm = f"{base_url(connection)}/realms/{path_of(_client_realm(connection))}"
        endpoint = f"{realm}/protocol/openid-connect/token"
        client, secret = connection.login or "", connection.password
        key = connection.extra.get("private_key")
        if bool(key) == bool(secret):
            raise InvalidInput(
                f"connection {connection.id} has {'both' if key else 'neither'} a client_secret"
                f" {'and' if key else 'nor'} a private_key",
                hint="one of them proves who the client is",
            )
        grant: Grant = (
            SignedStatement(endpoint=endpoint, key=str(key), issuer=client, audience=realm)
            if key
            else ClientCredentials(endpoint=endpoint, client_id=client, client_secret=secret or "")
        )
        return TokenAuth(grant, provider=self.provider)

    def _groups_of(self, user_id: str, call: Call) -> list[Group]:
        """Those that the user is directly in."""
        path = path_of("users", user_id, "groups")
        found = {group.id: group for page in self._realm.pages(path, Group, call) for group in page}
        return list(found.values())

    def _whole(self, user: User, call: Call) -> Account:
        """With what is not told with the user: its groups, and whether it is locked."""
        groups = [group.called for group in self._groups_of(user.id, call)]
        lock = self._realm.read(path_of("attack-detection", "brute-force", "users", user.id), Lock, call)
        return self._documents.account(user, groups, lock.disabled is True)

    def _read_back(self, account_id: str, call: Call) -> User:
        try:
            return self._realm.user(account_id, call.reading())
        except NotFound as error:
            raise call.nothing_happened(f"account {account_id} is not there when read back") from error


def _client_realm(connection: Connection) -> str:
    return str(connection.extra.get("client_realm") or connection.schema or "")
