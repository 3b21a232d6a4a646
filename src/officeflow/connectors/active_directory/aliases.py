"""Further addresses: `smtp:` values of proxyAddresses."""

from __future__ import annotations

from officeflow.connectors.active_directory.accounts import Accounts
from officeflow.connectors.call import Call, after_write
from officeflow.connectors.directory import names
from officeflow.connectors.directory.changes import add, take
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.families.identity import Account, KeepsAliases
from officeflow.errors import Conflict, Rejected

PREFIX, FIRST = "smtp:", "SMTP:"
"""Of an alias, and of the address that answers go to."""


class Aliases(Accounts, KeepsAliases):
    """Mail systems read them from the directory."""

    def add_alias(self, account_id: str, alias: str, *, key: str) -> Account:
        del key
        call = self.call("add_alias", writes=True)
        if "@" not in alias or not names.can_be_name(alias):
            raise call.error(Rejected, f"{alias!r} is no address")
        entry = self._entry(account_id, call.reading())
        if not self._has(entry, None, alias):
            self._check_free(entry, alias, call.reading())
            entry = self._modify(entry, {"proxyAddresses": add([f"{PREFIX}{alias}"])}, call)
            if not self._has(entry, None, alias):
                with after_write():
                    raise call.nothing_happened(f"{entry.dn} reads back without the address {alias}")
        return self._whole(entry, call)

    def remove_alias(self, account_id: str, alias: str, *, key: str) -> Account:
        del key
        call = self.call("remove_alias", writes=True)
        entry = self._entry(account_id, call.reading())
        there = _values(entry, alias)
        if any(value.startswith(FIRST) for value in there):
            raise call.error(
                Rejected, f"{alias} is the address that answers to {entry.dn} go to, and no alias"
            )
        if there:
            entry = self._modify(entry, {"proxyAddresses": take(there)}, call)
            if _values(entry, alias):
                with after_write():
                    raise call.nothing_happened(f"{entry.dn} reads back with the address {alias}")
        return self._whole(entry, call)

    def _check_free(self, entry: Entry, alias: str, call: Call) -> None:
        """Whoever has the address, also a group or a contact."""
        where = names.either(
            [
                names.equal("proxyAddresses", f"{PREFIX}{alias}"),
                names.equal("mail", alias),
                names.equal("userPrincipalName", alias),
            ]
        )
        base = self._root(call).text("defaultNamingContext") or self._base
        for other in self._session.search(base, where, call, attributes=["objectGUID"]):
            if other.raw("objectGUID") != entry.raw("objectGUID"):
                raise call.error(Conflict, f"the address {alias} is taken by {other.dn}")


def _values(entry: Entry, alias: str) -> list[str]:
    wanted = f"{PREFIX}{alias}".casefold()
    return [value for value in entry.all("proxyAddresses") if value.casefold() == wanted]
