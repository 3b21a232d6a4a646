"""A domain controller of Active Directory."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from officeflow.connectors.active_directory.following import Following
from officeflow.connectors.call import Call
from officeflow.connectors.directory import names
from officeflow.connectors.families import Capability
from officeflow.connectors.standing import Standing
from officeflow.errors import NotFound

ON_ACCOUNTS: Mapping[Capability, tuple[str, ...]] = MappingProxyType(
    {
        Capability.UPDATE_ACCOUNTS: ("displayName", "givenName", "sn", "mail", "title", "department"),
        Capability.RENAME_ACCOUNTS: ("userPrincipalName", "sAMAccountName"),
        Capability.SUSPEND_ACCOUNTS: ("userAccountControl",),
        Capability.UNLOCK_ACCOUNTS: ("lockoutTime",),
        Capability.EXPIRE_ACCOUNTS: ("accountExpires",),
        Capability.SET_MANAGERS: ("manager",),
        Capability.KEEP_ALIASES: ("proxyAddresses",),
    }
)
"""What the login must be allowed to write of accounts."""
ATTRIBUTES, CHILDREN = "allowedAttributesEffective", "allowedChildClassesEffective"
"""[MS-ADTS] section 3.1.1.4.5: what who asks may write, and make below it."""
NOTE = "rights to delete, move and restore accounts and to reset passwords show when they are used"


class ActiveDirectory(Following):
    """All that the domain controller can do for us."""

    def check(self) -> str:
        """Looks at the domain and at the base."""
        call = self.call("check")
        root = self._root(call)
        if self._session.read(self._base, call, attributes=["objectClass"]) is None:
            raise call.error(
                NotFound, f"there is no {self._base}, or the login may not see it", hint="see base"
            )
        return f"the domain controller {root.text('dnsHostName')} of {root.text('defaultNamingContext')}"

    def standing(self) -> Standing:
        call = self.call("standing")
        self.check()
        rights = {**self._on_units(call), **self._on_accounts(call), **self._on_groups(call)}
        return Standing(
            who=self._session.who_am_i(call),
            may=frozenset(capability for capability, lacking in rights.items() if not lacking),
            lacks={capability: lacking for capability, lacking in rights.items() if lacking},
            notes=(NOTE,),
        )

    def _on_units(self, call: Call) -> dict[Capability, str]:
        unit = self._unit(self._new_unit, call) if self._new_unit else self._base
        found = self._session.read(unit or self._base, call, attributes=[CHILDREN])
        may = found is not None and "user" in found.all(CHILDREN)
        return {Capability.CREATE_ACCOUNTS: "" if may else f"Create User objects in {unit or self._new_unit}"}

    def _on_accounts(self, call: Call) -> dict[Capability, str]:
        """By the first account that there is; nothing where there is none."""
        found = self._first(self._base, self._dialect.person, call)
        if found is None:
            return {}
        dn, allowed = found
        return {capability: _lacking(wanted, allowed, dn) for capability, wanted in ON_ACCOUNTS.items()}

    def _on_groups(self, call: Call) -> dict[Capability, str]:
        found = self._first(self._groups_base, names.equal("objectClass", "group"), call)
        return {Capability.KEEP_GROUPS: _lacking(("member",), found[1], found[0])} if found else {}

    def _first(self, base: str, where: str, call: Call) -> tuple[str, frozenset[str]] | None:
        found = next(self._session.search(base, where, call, attributes=["objectGUID"]), None)
        told = self._session.read(found.dn, call, attributes=[ATTRIBUTES]) if found else None
        return (told.dn, frozenset(told.all(ATTRIBUTES))) if told else None


def _lacking(wanted: tuple[str, ...], allowed: frozenset[str], dn: str) -> str:
    lacking = [name for name in wanted if name not in allowed]
    return f"Write {', '.join(lacking)} (seen at {dn})" if lacking else ""
