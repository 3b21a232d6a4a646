"""The attributes `roles` and `entitlements` of accounts (RFC 7643 section 4.1.2) as roles.

A role is called as its value; an entitlement has `entitlements/` before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families import Capability
from officeflow.connectors.families.identity import Entitlement, KeepsRoles
from officeflow.connectors.scim.base import ScimClient
from officeflow.connectors.scim.discovery import ROLE_ATTRIBUTES
from officeflow.connectors.scim.edits import Edit, held, key_of
from officeflow.connectors.scim.reading import USER
from officeflow.connectors.scim.resources import Read
from officeflow.connectors.scim.types import User, Value
from officeflow.errors import NotFound

ENTITLEMENTS = "entitlements"


class Roles(ScimClient, KeepsRoles):
    def roles_of(self, account_id: str) -> Sequence[Entitlement]:
        call = self.call("roles_of")
        return _roles(self._read(account_id, call, Capability.KEEP_ROLES).user)

    def find_role(self, role: str) -> Entitlement | None:
        """What the server's schema names, where it does; otherwise any value may be one."""
        call = self.call("find_role")
        self._discovery.require(Capability.KEEP_ROLES, call)
        attribute, value = _place_of(role)
        if attribute not in self._discovery.role_attributes(call):
            return None
        told = self._discovery.attribute(USER, attribute, call)
        inner = told.sub("value") if told else None
        named = inner.canonicalValues if inner and inner.canonicalValues else [value]
        found = next((each for each in named if each.casefold() == value.casefold()), None)
        return _entitlement(attribute, found) if found else None

    def assign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("assign_role", writes=True)
        read = self._read(account_id, call, Capability.KEEP_ROLES)
        found = self.find_role(role)
        if found is None:
            raise call.error(NotFound, f"there is no role {role!r}")
        if any(_is(each, found.name) for each in _roles(read.user)):
            return _roles(read.user)
        attribute, value = _place_of(found.name)
        edit = Edit((attribute,), [*_held(read, attribute), {"value": value}])
        return self._with_roles(read, edit, call, key, found.name, has=True)

    def unassign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("unassign_role", writes=True)
        read = self._read(account_id, call, Capability.KEEP_ROLES)
        attribute, value = _place_of(role)
        if not any(_is(each, role) for each in _roles(read.user)):
            return _roles(read.user)
        left = [each for each in _held(read, attribute) if _value_of(each).casefold() != value.casefold()]
        return self._with_roles(read, Edit((attribute,), left or None), call, key, role, has=False)

    def _with_roles(
        self, read: Read, edit: Edit, call: Call, key: str, role: str, *, has: bool
    ) -> Sequence[Entitlement]:
        """The attribute is sent whole, under the version that was read: a list of plain texts has no path."""
        self._writer.change_user(read, [[edit]], call, key=key)
        with after_write():
            after = _roles(self._user_read_back(read.user.id, call))
            if any(_is(each, role) for each in after) is not has:
                names = ", ".join(each.name for each in after)
                raise call.nothing_happened(f"account {read.user.userName} has the roles {names or 'none'}")
            return after


def _roles(user: User) -> list[Entitlement]:
    values: list[tuple[str, Value]] = [
        (attribute, each) for attribute in ROLE_ATTRIBUTES for each in getattr(user, attribute) or ()
    ]
    return [_entitlement(attribute, each.value) for attribute, each in values if each.value]


def _entitlement(attribute: str, value: str) -> Entitlement:
    name = f"{ENTITLEMENTS}/{value}" if attribute == ENTITLEMENTS else value
    return Entitlement(id=name, name=name)


def _place_of(role: str) -> tuple[str, str]:
    """The attribute and the value in it."""
    before, slash, value = role.partition("/")
    return (ENTITLEMENTS, value) if slash and before == ENTITLEMENTS else ("roles", role)


def _is(found: Entitlement, role: str) -> bool:
    return found.name.casefold() == role.casefold()


def _held(read: Read, attribute: str) -> list[Any]:
    found = held(read.whole, USER, attribute)
    return list(found) if isinstance(found, list) else []


def _value_of(each: Any) -> str:
    return str(each.get(key_of(each, "value"), "")) if isinstance(each, dict) else str(each)
