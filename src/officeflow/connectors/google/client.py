"""A Google Workspace customer: accounts, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from officeflow.connectors.families import Capability
from officeflow.connectors.google import scopes, services
from officeflow.connectors.google.accounts import Accounts
from officeflow.connectors.google.credentials import Credentials
from officeflow.connectors.google.licences import Licences
from officeflow.connectors.google.placing import Placing
from officeflow.connectors.google.roles import Roles
from officeflow.connectors.google.sso import InboundSso
from officeflow.connectors.google.transfers import Transfers
from officeflow.connectors.standing import Standing
from officeflow.errors import NotFound, Rejected, Unauthorized

PROBES: Mapping[str, tuple[str, str, str, Mapping[str, Any]]] = {
    scopes.GROUP: (services.DIRECTORY, "groups", "list", {"customer": "", "maxResults": 1}),
    scopes.UNIT: (services.DIRECTORY, "orgunits", "list", {"customerId": "", "type": "children"}),
    scopes.ROLE: (services.DIRECTORY, "roles", "list", {"customer": "", "maxResults": 1}),
    scopes.SSO: (services.CLOUD_IDENTITY, "inboundSamlSsoProfiles", "list", {"pageSize": 1}),
    scopes.TRANSFER: (services.TRANSFER, "applications", "list", {"customerId": "", "maxResults": 1}),
    scopes.LICENSING: (
        services.LICENSING,
        "licenseAssignments",
        "listForProduct",
        {"productId": "Google-Apps", "customerId": "", "maxResults": 1},
    ),
}
"""What is read to see whether a scope is delegated and the administrator may use it; an empty text is in the
place of the customer's id.
"""


class GoogleWorkspace(Accounts, Placing, Roles, Licences, Credentials, InboundSso, Transfers):
    """After every write what it changed is read again by its id, for as long as Google may take to show
    it.
    """

    def check(self) -> str:
        """Reads the administrator that it acts for."""
        call = self.call("GET users")
        user = self._user_at(self._admin, call)
        if user is None:
            raise call.error(NotFound, f"there is no account {self._admin}", status=404)
        customer = f" customer {user.customerId}" if user.customerId else ""
        return f"Google Workspace{customer}, acting for {user.primaryEmail}"

    def standing(self) -> Standing:
        call = self.call("standing")
        who = self.check()
        admin = self._user_at(self._admin, call)
        missing: dict[str, str] = {}
        untold: set[str] = set()
        probes = {
            **PROBES,
            scopes.SECURITY: (services.DIRECTORY, "tokens", "list", {"userKey": self._admin}),
        }
        for scope, (api, collection, method, parameters) in probes.items():
            try:
                given = {name: self._customer if value == "" else value for name, value in parameters.items()}
                self._ask(api, collection, method, call, **given)
            except Unauthorized as error:
                missing[scope] = f"{scopes.AUTH}{scope} ({error.message})"
            except (NotFound, Rejected):
                untold.add(scope)
        lacks = {
            capability: "; ".join(missing[scope] for scope in needs if scope in missing)
            for capability, needs in scopes.NEEDS.items()
            if set(needs) & set(missing)
        }
        whole = admin is not None and bool(admin.isAdmin)
        told = {each for each, needs in scopes.NEEDS.items() if not set(needs) & untold}
        may = frozenset(told - set(lacks)) if whole else frozenset[Capability]()
        notes = (
            ()
            if whole
            else (f"{self._admin} is no super administrator: what it may change shows when it is tried",)
        )
        return Standing(who=who, may=may, lacks=lacks, notes=notes)
