"""Administrators' roles: the standard ones by their type or label, a custom one as `resource set/role`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import Entitlement, KeepsRoles
from officeflow.connectors.okta.api import path_of
from officeflow.connectors.okta.base import OktaBase
from officeflow.connectors.okta.types import Labelled, Role, last_of
from officeflow.errors import NotFound, Rejected

CUSTOM = "CUSTOM"
LABELS: Mapping[str, str] = {
    "ACCESS_CERTIFICATIONS_ADMIN": "Access Certifications Administrator",
    "ACCESS_REQUESTS_ADMIN": "Access Requests Administrator",
    "API_ACCESS_MANAGEMENT_ADMIN": "API Access Management Administrator",
    "APP_ADMIN": "Application Administrator",
    "GROUP_MEMBERSHIP_ADMIN": "Group Membership Administrator",
    "HELP_DESK_ADMIN": "Help Desk Administrator",
    "ORG_ADMIN": "Organization Administrator",
    "READ_ONLY_ADMIN": "Read Only Administrator",
    "REPORT_ADMIN": "Report Administrator",
    "SUPER_ADMIN": "Super Administrator",
    "USER_ADMIN": "Group Administrator",
    "WORKFLOWS_ADMIN": "Workflows Administrator",
}
"""The standard roles by their types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A role as it is assigned, and what it is called."""

    body: Mapping[str, str]
    entitlement: Entitlement

    def is_in(self, role: Role) -> bool:
        return (role.type, role.role, role.resources) == (
            self.body["type"],
            self.body.get("role"),
            self.body.get("resource-set"),
        )


class Roles(OktaBase, KeepsRoles):
    def roles_of(self, account_id: str) -> Sequence[Entitlement]:
        call = self.call("roles_of")
        self._user(account_id, call)
        return self._entitled_to(self._roles(account_id, call), call)

    def find_role(self, role: str) -> Entitlement | None:
        found = self._wanted_role(role, self.call("find_role"))
        return found.entitlement if found else None

    def assign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("assign_role", writes=True)
        self._there(account_id, call)
        wanted, roles = self._demanded_role(role, call), self._roles(account_id, call.reading())
        if any(wanted.is_in(each) for each in roles):
            return self._entitled_to(roles, call.reading())
        self._api.send("POST", path_of("users", account_id, "roles"), call, body=dict(wanted.body), key=key)
        with after_write():
            after = self._seen(
                lambda: self._roles(account_id, call), lambda read: any(wanted.is_in(each) for each in read)
            )
            if not any(wanted.is_in(each) for each in after):
                raise call.nothing_happened(f"the account does not have the role {role} when read back")
            return self._entitled_to(after, call)

    def unassign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("unassign_role", writes=True)
        self._user(account_id, call.reading())
        wanted, roles = self._demanded_role(role, call), self._roles(account_id, call.reading())
        having = [each for each in roles if wanted.is_in(each)]
        if not having:
            return self._entitled_to(roles, call.reading())
        own = [each for each in having if each.assignment != "GROUP"]
        if len(own) < len(having):
            groups = [self._group(each, call.reading()) for each in having if each.assignment == "GROUP"]
            raise call.error(Rejected, f"the role {role} comes from {', '.join(groups)}")
        for each in own:
            self._api.send("DELETE", path_of("users", account_id, "roles", each.id), call, key=key)
        with after_write():
            after = self._seen(
                lambda: self._roles(account_id, call),
                lambda read: not any(wanted.is_in(each) for each in read),
            )
            if any(wanted.is_in(each) for each in after):
                raise call.nothing_happened(f"the account still has the role {role} when read back")
            return self._entitled_to(after, call)

    def _roles(self, account_id: str, call: Call) -> list[Role]:
        return list(self._api.every(path_of("users", account_id, "roles"), Role, call))

    def _demanded_role(self, role: str, call: Call) -> Wanted:
        found = self._wanted_role(role, call.reading())
        if found is None:
            raise call.error(
                NotFound,
                f"there is no role {role!r}",
                hint="such as HELP_DESK_ADMIN, or, for a custom one, resource set/role",
            )
        return found

    def _wanted_role(self, role: str, call: Call) -> Wanted | None:
        for kind, label in LABELS.items():
            if role.casefold() in {kind.casefold(), label.casefold()}:
                return Wanted(body={"type": kind}, entitlement=Entitlement(id=kind, name=kind))
        resources, _, custom = role.partition("/")
        found_role = self._labelled("roles", custom, call)
        found_set = self._labelled("resource-sets", resources, call)
        if found_role is None or found_set is None:
            return None
        body = {"type": CUSTOM, "role": found_role.id, "resource-set": found_set.id}
        name = f"{_called(found_set.label, found_set.id)}/{_called(found_role.label, found_role.id)}"
        return Wanted(body=body, entitlement=Entitlement(id=f"{found_set.id}/{found_role.id}", name=name))

    def _labelled(self, kind: str, name: str, call: Call) -> Labelled | None:
        """A custom role or a set of resources by its id or label."""
        if _unaddressed(name):
            return None
        try:
            found = self._api.one(path_of("iam", kind, name), Labelled, call)
        except NotFound:
            return None
        known = {found.id, (found.label or "").casefold()}
        return found if name in known or name.casefold() in known else None

    def _entitled_to(self, roles: Sequence[Role], call: Call) -> list[Entitlement]:
        return [self._entitlement(role, call) for role in roles]

    def _entitlement(self, role: Role, call: Call) -> Entitlement:
        name = role.type
        if role.type == CUSTOM:
            resources = self._label("resource-sets", role.resources or "", call)
            name = f"{resources}/{_called(role.label, role.role or '')}"
        by_group = self._group(role, call) if role.assignment == "GROUP" else None
        return Entitlement(id=role.id, name=name, by_group=by_group)

    def _label(self, kind: str, identity: str, call: Call) -> str:
        found = self._labelled(kind, identity, call)
        return _called(found.label if found else None, identity)

    def _group(self, role: Role, call: Call) -> str:
        return self._group_name(last_of(role.links.assignee if role.links else None), call)


def _unaddressed(name: str) -> bool:
    """Whether it cannot stand in an address: whoever reads that would take it for another one."""
    return not name.strip(".") or "/" in name or "\\" in name


def _called(label: str | None, identity: str) -> str:
    """The label, where it finds it again."""
    return identity if label is None or _unaddressed(label) else label
