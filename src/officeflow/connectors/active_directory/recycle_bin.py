"""Deleted accounts, found and brought back ([MS-ADTS] section 3.1.1.5.3.7, undelete)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from officeflow.connectors.active_directory.aliases import Aliases
from officeflow.connectors.active_directory.domain import sam_of
from officeflow.connectors.call import Call, after_write
from officeflow.connectors.directory import names
from officeflow.connectors.directory.changes import Changes, put
from officeflow.connectors.directory.entries import Entry, from_generalized
from officeflow.connectors.directory.errors import NO_SUCH_ATTRIBUTE
from officeflow.connectors.directory.session import Control
from officeflow.connectors.families.identity import Account, RestoresAccounts
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected, Unauthorized

SHOW_RECYCLED: Control = ("1.2.840.113556.1.4.2064", True, None)
USERS = "(objectClass=user)(!(objectClass=computer))"
DELETED = ("isDeleted", "isRecycled", "lastKnownParent", "msDS-LastKnownRDN", "whenChanged", "name")
FEATURE = "CN=Recycle Bin Feature,"


class RecycleBin(Aliases, RestoresAccounts):
    """With the recycle bin an account comes back whole. Without it there are tombstones for some time, which
    keep the id, the sAMAccountName and the SID, and nothing else.
    """

    def find_deleted(self, *, login: str | None = None, external_id: str | None = None) -> Sequence[Account]:
        call = self.call("find_deleted")
        if not login and not external_id:
            raise call.error(Rejected, "neither a login nor an external id to find an account by")
        filters = []
        if login:
            upn = names.equal("userPrincipalName", self._full(login, "userPrincipalName"))
            filters.append(names.either([upn, names.equal("sAMAccountName", sam_of(login))]))
        if external_id:
            filters.append(names.equal(self._identity, self._marked(external_id)))
        entries = [
            entry
            for entry in self._deleted(names.every(*filters), call)
            if self._was(entry, login, external_id)
        ]
        entries.sort(key=lambda entry: entry.text("whenChanged") or "", reverse=True)
        return [self._gone(entry, call) for entry in entries]

    def restore_account(self, account_id: str, *, key: str) -> Account:
        del key
        call = self.call("restore_account", writes=True)
        reading = call.reading()
        value = self._dialect.write_id(account_id)
        found = self._deleted(names.equal("objectGUID", value), reading) if value else []
        if not found:
            raise call.error(NotFound, f"there is no deleted account {account_id}")
        entry = found[0]
        self._check_logins_free(entry, reading)
        self._bring_back(entry, self._place_for(entry, reading), call)
        restored = self._changed(entry, call)
        with after_write():
            return self._whole(restored, call)

    def _deleted(self, where: str, call: Call) -> list[Entry]:
        """Deleted accounts that can be brought back and were below the base."""
        root = self._root(call)
        found = self._in_bin(root, where, call, attributes=[*self._attributes(), *DELETED])
        has_bin = self._has_bin(root, call)
        return [
            entry
            for entry in found
            if names.is_below(entry.text("lastKnownParent") or "", self._base)
            and not (has_bin and entry.text("isRecycled") == "TRUE")
        ]

    def _in_bin(self, root: Entry, where: str, call: Call, *, attributes: Sequence[str]) -> list[Entry]:
        """Deleted accounts, wherever they were. `Unauthorized` where the login does not see any."""
        place = f"CN=Deleted Objects,{root.text('defaultNamingContext')}"
        seen = self._session.read(place, call, attributes=["objectClass"], controls=[SHOW_RECYCLED])
        if seen is None or not seen.all("objectClass"):
            raise call.error(
                Unauthorized, f"the login does not see {place}", hint="give it List contents and Read there"
            )
        filters = names.every("(isDeleted=TRUE)", USERS, where)
        return list(
            self._session.search(place, filters, call, attributes=attributes, controls=[SHOW_RECYCLED])
        )

    def _has_bin(self, root: Entry, call: Call) -> bool:
        """Whether the forest's recycle bin is enabled ([MS-ADTS] section 3.1.1.9)."""
        partitions = f"CN=Partitions,{root.text('configurationNamingContext')}"
        found = self._session.read(partitions, call, attributes=["msDS-EnabledFeature"])
        return found is not None and any(dn.startswith(FEATURE) for dn in found.all("msDS-EnabledFeature"))

    def _was(self, entry: Entry, login: str | None, external_id: str | None) -> bool:
        """A tombstone has no userPrincipalName: the sAMAccountName decides."""
        upn = entry.text("userPrincipalName")
        told, wanted = upn or entry.text("sAMAccountName") or "", sam_of(login or "")
        if login and upn:
            wanted = self._full(login, "userPrincipalName")
        return (not login or told.casefold() == wanted.casefold()) and (
            not external_id or self._marked(external_id) in entry.all(self._identity)
        )

    def _gone(self, entry: Entry, call: Call) -> Account:
        account = self._account(entry, call)
        return dataclasses.replace(
            account,
            active=False,
            status="deleted",
            unit=entry.text("lastKnownParent"),
            deleted_at=from_generalized(entry.text("whenChanged")),
        )

    def _check_logins_free(self, entry: Entry, call: Call) -> None:
        wanted = [(name, entry.text(name)) for name in self._dialect.logins]
        where = names.either(names.equal(name, value) for name, value in wanted if value)
        for other in self._search(where, call):
            raise call.error(Conflict, f"its login is taken again, by {other.dn}")

    def _place_for(self, entry: Entry, call: Call) -> str:
        """Where it was, under the name that it had."""
        parent = entry.text("lastKnownParent") or ""
        there = self._session.read(parent, call, attributes=["objectClass"])
        if there is None:
            raise call.error(
                Rejected, f"its unit {parent} is not there any more", hint="make the unit again first"
            )
        name = entry.text("msDS-LastKnownRDN") or (entry.text("name") or "").partition("\n")[0]
        return self._free_name(name, there.dn, entry.text("sAMAccountName") or "", call)

    def _bring_back(self, entry: Entry, dn: str, call: Call) -> None:
        changes: Changes = {"isDeleted": [("MODIFY_DELETE", [])], "distinguishedName": put(dn)}
        try:
            self._session.modify(entry.dn, changes, call, controls=[SHOW_RECYCLED])
        except ConnectorError as error:
            if error.status != NO_SUCH_ATTRIBUTE:
                raise
            raise call.error(
                Rejected,
                "this domain controller cannot take an account out of its recycle bin",
                status=error.status,
                hint="Samba up to 4.17 cannot: restore it from a backup, or create it again",
            ) from error
