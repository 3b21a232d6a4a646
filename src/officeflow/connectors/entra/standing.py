"""What each capability needs to be granted, and what is granted.

https://learn.microsoft.com/graph/permissions-reference
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from pydantic import Field

from officeflow.connectors.call import Call
from officeflow.connectors.entra.base import Tenant
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Page, Read, quoted, segment
from officeflow.connectors.entra.lenient import Moment, Text
from officeflow.connectors.entra.types import Assignment, Principal, Resource
from officeflow.connectors.families import Capability
from officeflow.connectors.standing import Standing
from officeflow.errors import Unauthorized

GRAPH_APPLICATION = "00000003-0000-0000-c000-000000000000"
SOON = dt.timedelta(days=30)

_DIRECTORY = "Directory.ReadWrite.All"
_READ_USERS = ("User.Read.All", "User.ReadWrite.All", "Directory.Read.All", _DIRECTORY)
_WRITE_USERS = ("User.ReadWrite.All", _DIRECTORY)
_READ_GROUPS = (
    "GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All",
    "Directory.Read.All", _DIRECTORY,
)  # fmt: skip
_READ_APPLICATIONS = (
    "Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All", _DIRECTORY,
)  # fmt: skip
_METHODS = ("UserAuthenticationMethod.ReadWrite.All",)

NEEDS: Mapping[Capability, tuple[tuple[str, ...], ...]] = {
    Capability.FIND_ACCOUNTS: (_READ_USERS, _READ_GROUPS),
    Capability.LIST_ACCOUNTS: (_READ_USERS,),
    Capability.CREATE_ACCOUNTS: (_WRITE_USERS,),
    Capability.UPDATE_ACCOUNTS: (_WRITE_USERS,),
    Capability.RENAME_ACCOUNTS: (_WRITE_USERS,),
    Capability.SUSPEND_ACCOUNTS: (_READ_USERS, ("User.EnableDisableAccount.All", *_WRITE_USERS)),
    Capability.DELETE_ACCOUNTS: (_READ_USERS, ("User.DeleteRestore.All", *_WRITE_USERS)),
    Capability.RESTORE_ACCOUNTS: (_READ_USERS, ("User.DeleteRestore.All", *_WRITE_USERS)),
    Capability.FOLLOW_CHANGES: (_READ_USERS,),
    Capability.SET_MANAGERS: (_WRITE_USERS,),
    Capability.KEEP_GROUPS: (
        _READ_USERS,
        ("GroupMember.ReadWrite.All", "Group.ReadWrite.All", _DIRECTORY),
    ),
    Capability.KEEP_ROLES: (_READ_USERS, _READ_GROUPS, ("RoleManagement.ReadWrite.Directory",)),
    Capability.ASSIGN_APPLICATIONS: (
        _READ_USERS,
        _READ_APPLICATIONS,
        ("AppRoleAssignment.ReadWrite.All",),
    ),
    Capability.KEEP_LICENCES: (
        _READ_USERS,
        ("LicenseAssignment.ReadWrite.All", *_WRITE_USERS),
        (
            "LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", "Organization.Read.All",
            "Directory.Read.All", _DIRECTORY,
        ),
    ),
    Capability.SET_PASSWORDS: (_READ_USERS, ("User-PasswordProfile.ReadWrite.All", _DIRECTORY)),
    Capability.GIVE_TEMPORARY_ACCESS: (_READ_USERS, _METHODS),
    Capability.END_SESSIONS: (_READ_USERS, ("User.RevokeSessions.All", *_WRITE_USERS)),
    Capability.RESET_FACTORS: (_READ_USERS, _METHODS),
    Capability.CONFIGURE_APPLICATIONS: (
        ("Application.ReadWrite.All",),
        ("Policy.Read.All",),
        ("Policy.ReadWrite.ApplicationConfiguration",),
    ),
}  # fmt: skip
"""Of each tuple one is enough; the first one is the least."""


class Organization(Resource):
    id: Text = None
    display_name: Text = None


class Credential(Resource):
    display_name: Text = None
    end_date_time: Moment = None


class Credentials(Resource):
    password_credentials: list[Credential] = Field(default_factory=list)
    key_credentials: list[Credential] = Field(default_factory=list)


class Standings(Tenant):
    def check(self) -> str:
        name = self._organization(self.call("GET /organization"))
        return f"the tenant {name}" if name else f"the tenant {self.settings.tenant}"

    def standing(self) -> Standing:
        call = self.call("standing")
        name = self._organization(call) or self.settings.tenant
        try:
            own = self._principal_of(self.settings.client_id, call)
            granted = self._granted(own, call)
            notes = self._endings(call)
        except Unauthorized:
            return Standing(
                who=f"the application {self.settings.client_id} in the tenant {name}",
                notes=("what it may do is not shown to it: grant it Application.Read.All",),
            )
        return Standing(
            who=f"the application {own.name} in the tenant {name}",
            may=frozenset(each for each in NEEDS if not missing(each, granted)),
            lacks={each: told for each in NEEDS if (told := missing(each, granted))},
            notes=notes,
        )

    def _organization(self, call: Call) -> str:
        """Empty where it is not for us to see; that we are let in at all is shown by being told so."""
        read = Read(path="organization", params={"$select": "id,displayName"})
        answer = self.graph.answer(read, call)
        if answer.status_code == 403:
            return ""
        page = self.graph.model_of(answer, Page, call)
        found: list[Organization] = [valid(Organization, each, call) for each in page.value]
        return found[0].display_name or "" if found else ""

    def _principal_of(self, app_id: str, call: Call) -> Principal:
        params = {
            "$select": "id,appId,displayName,appRoles",
            "$filter": f"appId eq {quoted(app_id)}",
        }
        found = self.graph.every(Read(path="servicePrincipals", params=params), Principal, call)
        known = next((each for each in found if each.app_id.casefold() == app_id.casefold()), None)
        if known is None:
            raise call.contradiction(f"there is no application {app_id}, in whose name it let us in")
        return known

    def _granted(self, own: Principal, call: Call) -> frozenset[str]:
        """Names of the permissions of Microsoft Graph."""
        graph = self._principal_of(GRAPH_APPLICATION, call)
        names = {role.id: role.value for role in graph.app_roles if role.value}
        read = Read(path=f"servicePrincipals/{segment(own.id)}/appRoleAssignments")
        held = self.graph.every(read, Assignment, call)
        return frozenset(
            names[e.app_role_id] for e in held if e.resource_id == graph.id and e.app_role_id in names
        )

    def _endings(self, call: Call) -> tuple[str, ...]:
        """What of the application's secrets and certificates ends soon; it has one of them to be here."""
        where = f"appId eq {quoted(self.settings.client_id)}"
        params = {"$select": "id,passwordCredentials,keyCredentials", "$filter": where}
        page = self.graph.model_of(
            self.graph.answer(Read(path="applications", params=params), call), Page, call
        )
        found: list[Credentials] = [valid(Credentials, each, call) for each in page.value]
        return tuple(
            note
            for each in found
            for kind, listed in (("secret", each.password_credentials), ("certificate", each.key_credentials))
            for note in _notes(kind, listed)
        )


def missing(capability: Capability, granted: frozenset[str]) -> str:
    """The least permissions that are lacking; empty where none is."""
    return " and ".join(each[0] for each in NEEDS[capability] if not granted & set(each))


def _notes(kind: str, credentials: Iterable[Credential]) -> Iterable[str]:
    now = dt.datetime.now(dt.UTC)
    for each in credentials:
        if each.end_date_time is not None and each.end_date_time - now < SOON:
            verb = "ended" if each.end_date_time <= now else "ends"
            name = each.display_name or "without a name"
            yield f"the {kind} {name} {verb} on {each.end_date_time:%Y-%m-%d}"
