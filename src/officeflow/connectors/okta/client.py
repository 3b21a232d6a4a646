"""An Okta organization."""

from __future__ import annotations

from officeflow.connectors.call import Call
from officeflow.connectors.okta.accounts import Accounts
from officeflow.connectors.okta.api import path_of
from officeflow.connectors.okta.auth import scopes_of
from officeflow.connectors.okta.changes import FollowedChanges
from officeflow.connectors.okta.credentials import Credentials
from officeflow.connectors.okta.groups import Groups
from officeflow.connectors.okta.lifecycle import Lifecycle
from officeflow.connectors.okta.roles import Roles
from officeflow.connectors.okta.scopes import NEEDS, by_roles, missing_scopes
from officeflow.connectors.okta.sessions import Sessions
from officeflow.connectors.okta.sso import Sso
from officeflow.connectors.okta.types import Role, User
from officeflow.connectors.standing import Standing
from officeflow.errors import NotFound, Unauthorized


class Okta(Accounts, Lifecycle, Groups, Roles, Sso, Credentials, Sessions, FollowedChanges):
    """Accounts of an Okta organization, and what they may do."""

    def check(self) -> str:
        return f"Okta, and we are {self._who(self.call('check'))}"

    def standing(self) -> Standing:
        """For a service app by its scopes, for an API token by its administrator's roles."""
        call = self.call("standing")
        if self._connection.login:
            return self._of_service_app(call)
        me = self._me(call)
        try:
            roles = [each.type for each in self._api.every(path_of("users", me.id, "roles"), Role, call)]
        except Unauthorized as error:
            if error.status != 403:
                raise
            return Standing(who=me.login, notes=("its roles are not told to itself",))
        may, lacks = by_roles(roles)
        return Standing(
            who=me.login, may=may, lacks=lacks, notes=(f"its roles: {', '.join(sorted(roles)) or 'none'}",)
        )

    def _of_service_app(self, call: Call) -> Standing:
        """Okta gives no token at all where one scope is not granted: those that are asked for are all
        there. Which roles the app has it does not tell.
        """
        who, scopes = self._who(call), scopes_of(self._connection)
        lacks = {
            capability: f"the scopes {', '.join(missing)}"
            for capability in NEEDS
            if (missing := missing_scopes(capability, scopes))
        }
        return Standing(
            who=who, lacks=lacks, notes=("besides scopes, a service app needs roles, which are not told",)
        )

    def _who(self, call: Call) -> str:
        """Asks for what everybody here may read."""
        if client_id := self._connection.login:
            self._api.page("users", call, {"limit": "1"})
            return f"the service app {client_id}"
        return self._me(call).login

    def _me(self, call: Call) -> User:
        try:
            return self._api.one("users/me", User, call)
        except NotFound as error:
            raise call.error(Unauthorized, "the token belongs to nobody", status=404) from error
