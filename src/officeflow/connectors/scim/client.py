"""A directory that speaks SCIM 2.0, whole."""

from __future__ import annotations

from officeflow.connectors.call import Call
from officeflow.connectors.families import Capability
from officeflow.connectors.http import Request
from officeflow.connectors.scim.accounts import Accounts
from officeflow.connectors.scim.credentials import Credentials
from officeflow.connectors.scim.errors import NotScim
from officeflow.connectors.scim.membership import Membership
from officeflow.connectors.scim.resources import model_of
from officeflow.connectors.scim.roles import Roles
from officeflow.connectors.scim.types import User
from officeflow.connectors.standing import Standing
from officeflow.counts import counted
from officeflow.errors import ConnectorError, Rejected

USUAL_PATHS = ("v2", "scim/v2", "scim", "api/scim/v2")
OPTIONAL = (
    Capability.KEEP_GROUPS,
    Capability.SET_MANAGERS,
    Capability.SET_PASSWORDS,
    Capability.KEEP_ROLES,
)
"""What a server may tell that it has not."""


class ScimProvider(Accounts, Membership, Roles, Credentials):
    """Accounts over SCIM 2.0.

    A change of an account carries the ETag that was read before it, where the server gives one; after every
    write, it is read again. The connection's `mark` stands before every employee number that is written or
    searched.
    """

    def check(self) -> str:
        """Asks for one account.

        Where no SCIM server answers, looks for one nearby.
        """
        call = self.call("GET /Users")
        try:
            found = self._resources.page("Users", call, {"startIndex": "1", "count": "1"})
        except NotScim as error:
            status = f"answered {error.status}" if error.status else "did not answer in SCIM"
            near = self._nearby(call)
            hint = (
                f"{near} answers in SCIM: write url={near}"
                if near
                else "url ends where /Users begins, such as https://id.example.com/scim/v2"
            )
            asked = f"GET {self.address}/Users"
            text = f"{self.provider} {status} to {asked}: there is no SCIM server at this address"
            raise call.error(Rejected, text, status=error.status, hint=hint) from error
        return f"a SCIM server with {counted(found.totalResults, 'account')}"

    def standing(self) -> Standing:
        """SCIM tells no rights: `may` is what this very question has shown, `lacks` what the server has not
        by its own word.
        """
        server = self.check()
        call = self.call("standing")
        lacks = {
            capability: reason
            for capability in OPTIONAL
            if (reason := self._discovery.lacks(capability, call))
        }
        return Standing(
            who=self._me(call) or server,
            may=frozenset({Capability.FIND_ACCOUNTS, Capability.LIST_ACCOUNTS}),
            lacks=lacks,
            notes=(server, *self._notes(call)),
        )

    def _me(self, call: Call) -> str | None:
        """RFC 7644 section 3.11; few servers have it."""
        try:
            return model_of(self._resources.send("GET", "Me", call), User, call).userName
        except ConnectorError as error:
            if error.system_in_trouble and error.status not in {500, 501}:
                raise
            return None

    def _notes(self, call: Call) -> list[str]:
        config = self._discovery.config(call)
        told = {
            "patch": "it has no PATCH: resources are replaced whole",
            "filter": "it has no filters: every search reads all accounts",
            "etag": "it has no versions: what somebody else changes at the same moment may be lost",
        }
        return [text for name, text in told.items() if config.has(name) is False]

    def _nearby(self, call: Call) -> str | None:
        """An address of the same server that answers in SCIM."""
        for address in (f"{self.address}/{path}" for path in USUAL_PATHS):
            try:
                response = self.http.send(
                    Request(method="GET", url=f"{address}/Users", params={"startIndex": "1", "count": "1"}),
                    call,
                )
            except ConnectorError:
                return None
            if response.is_success and (
                b'"Resources"' in response.content or b'"totalResults"' in response.content
            ):
                return address
        return None
