"""A realm of a Keycloak."""

from __future__ import annotations

from officeflow.connectors.call import Call
from officeflow.connectors.families import Capability
from officeflow.connectors.keycloak import rights
from officeflow.connectors.keycloak.applications import KeepsApplications
from officeflow.connectors.keycloak.changes import FollowsEvents
from officeflow.connectors.keycloak.credentials import KeepsCredentials
from officeflow.connectors.keycloak.documents import MANAGER, not_writable
from officeflow.connectors.keycloak.groups import KeepsGroupsByPath
from officeflow.connectors.keycloak.lifecycle import ChangesAccounts
from officeflow.connectors.keycloak.roles import KeepsRolesOfRealm
from officeflow.connectors.keycloak.types import Profile, RealmSettings
from officeflow.connectors.standing import Standing
from officeflow.counts import counted
from officeflow.errors import Unauthorized


class KeycloakProvider(
    ChangesAccounts,
    KeepsGroupsByPath,
    KeepsRolesOfRealm,
    KeepsCredentials,
    KeepsApplications,
    FollowsEvents,
):
    """Everything that Keycloak can do, by one session."""

    def check(self) -> str:
        """Counts the accounts that it may see; every role of `realm-management` that is for users may."""
        call = self.call("GET /users/count")
        return f"the realm {self._realm.name} of a Keycloak with {counted(self._count(call), 'account')}"

    def standing(self) -> Standing:
        """By the roles in our own token. A realm that keeps an account from being renamed, or has no
        attribute for managers, lacks that too.
        """
        call = self.call("standing")
        settings = self._settings(call)
        claims = self._realm.claims()
        account = claims.account or claims.client or "a service account"
        who = f"{account} of the realm {self._realm.client_realm}"
        if claims.roles is None:
            note = "its token tells no roles: what it may do shows when it is tried"
            return Standing(who=who, notes=(note,))
        lacks = rights.lacking(claims.roles)
        notes: tuple[str, ...] = ()
        if settings.edit_username_allowed is False:
            lacks.setdefault(Capability.RENAME_ACCOUNTS, "the realm: Edit username is off")
        if Capability.SET_MANAGERS not in lacks:
            identity = self._documents.identity
            dropped = not_writable(self._realm.read("users/profile", Profile, call), [MANAGER, identity])
            if MANAGER in dropped:
                lacks[Capability.SET_MANAGERS] = f"the realm's user profile: no attribute {MANAGER}"
            if identity in dropped:
                notes = (f"the realm's user profile has no attribute {identity}: no identity can be kept",)
        return Standing(who=who, may=frozenset(rights.NEEDED) - lacks.keys(), lacks=lacks, notes=notes)

    def _settings(self, call: Call) -> RealmSettings:
        """Nothing of them where it may not read the realm, as long as it is somebody there."""
        try:
            return self._realm.read("", RealmSettings, call)
        except Unauthorized:
            if not self._realm.claims().client:
                raise
            return RealmSettings()
