"""What is Active Directory's own about names: the domain, logins, and who is being made."""

from __future__ import annotations

import re
from contextlib import nullcontext

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.connection import Connection
from officeflow.connectors.directory import names
from officeflow.connectors.directory.changes import Changes, put
from officeflow.connectors.directory.creating import Creating
from officeflow.connectors.directory.dialects import ACTIVE_DIRECTORY, Dialect
from officeflow.connectors.directory.entries import Entry, sid
from officeflow.connectors.families.identity import Group
from officeflow.errors import Conflict, NotFound

LONGEST_SAM = 20
"""Of a user's sAMAccountName ([MS-ADA3] section 2.222)."""
NOT_IN_SAM = re.compile(r'[\x00-\x1f"/\\\[\]:;|=,+*?<>@]')
ROOT = (
    "configurationNamingContext",
    "defaultNamingContext",
    "dnsHostName",
    "dsServiceName",
    "highestCommittedUSN",
)
MARKER = "officeflow:"
"""In `adminDescription` of an account that is being made, before the key of the act."""


class Domain(Creating):
    """A login is the userPrincipalName; one without `@` means the one with the connection's suffix."""

    provider = "active_directory"

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        super().__init__(connection, correlation_id=correlation_id)
        domain = [
            text.partition("=")[2] for text, _ in names.parts(self._base) or () if text[:3].upper() == "DC="
        ]
        self._suffix = str(connection.extra.get("upn_suffix") or ".".join(domain)).removeprefix("@")
        self._primary: dict[str, Group] = {}

    def _speaks(self, connection: Connection) -> Dialect:
        del connection
        return ACTIVE_DIRECTORY

    def _root(self, call: Call) -> Entry:
        """What the domain controller says of itself."""
        found = self._session.read("", call, attributes=ROOT)
        if found is None or found.text("defaultNamingContext") is None:
            raise call.error(NotFound, "there is no domain here: this is no domain controller")
        return found

    def _full(self, login: str, attribute: str) -> str:
        return f"{login}@{self._suffix}" if attribute == "userPrincipalName" and "@" not in login else login

    def _is_half_made(self, entry: Entry) -> bool:
        return (entry.text("adminDescription") or "").startswith(MARKER)

    def _renamed(self, entry: Entry, login: str, call: Call, *, keep_old: bool) -> Entry:
        """Both logins at once; the CN where it was the old login."""
        upn, sam = self._full(login, "userPrincipalName"), sam_of(login)
        old, old_sam = entry.text("userPrincipalName"), entry.text("sAMAccountName") or ""
        self._check_sam(sam, entry, call.reading())
        wanted = {"userPrincipalName": upn, "sAMAccountName": sam}
        changes: Changes = {name: put(value) for name, value in wanted.items() if entry.text(name) != value}
        if keep_old and old and old != upn and not self._has(entry, None, old):
            changes["proxyAddresses"] = [("MODIFY_ADD", [f"smtp:{old}"])]
        if changes:
            entry = self._modify(entry, changes, call)
        if entry.text("cn") in {old_sam, old}:
            with after_write() if changes else nullcontext():
                entry = self._named_in_tree(entry, sam if entry.text("cn") == old_sam else upn, call)
        return entry

    def _shown_as(self, before: Entry, entry: Entry, display_name: str, call: Call) -> Entry:
        """A CN that was the name for people follows it."""
        was = names.common_name(before.text("displayName") or "")
        name = names.common_name(display_name)
        if not name or name == entry.text("cn") or before.text("cn") != was:
            return entry
        return self._named_in_tree(entry, name, call)

    def _named_in_tree(self, entry: Entry, name: str, call: Call) -> Entry:
        dn = self._free_name(
            name, names.split(entry.dn)[1], entry.text("sAMAccountName") or "", call.reading()
        )
        self._session.rename(entry.dn, names.split(dn)[0], call)
        return self._changed(entry, call)

    def _free_name(self, name: str, unit: str, sam: str, call: Call) -> str:
        """The DN of a new entry: with the login behind the name where somebody is called so there."""
        dn = f"{names.rdn('CN', name)},{unit}"
        if self._session.read(dn, call, attributes=["objectGUID"]) is None:
            return dn
        room = names.LONGEST_CN - len(sam) - 3
        return f"{names.rdn('CN', f'{name[:room].rstrip()} ({sam})')},{unit}"

    def _check_sam(self, sam: str, entry: Entry | None, call: Call) -> None:
        for other in self._search(names.equal("sAMAccountName", sam), call):
            if entry is None or other.raw("objectGUID") != entry.raw("objectGUID"):
                raise call.error(Conflict, f"the sAMAccountName {sam} is taken by {other.dn}")

    def _ruled(self, entry: Entry, call: Call) -> list[Group]:
        """The primary group, which has no list of its members."""
        own, rid = entry.raw("objectSid"), entry.text("primaryGroupID")
        if own is None or rid is None:
            return []
        group_sid = f"{sid(own).rpartition('-')[0]}-{rid}"
        if group_sid not in self._primary:
            base = self._root(call).text("defaultNamingContext") or self._base
            where = names.equal("objectSid", group_sid)
            read = ["objectGUID", "sAMAccountName"]
            for found in self._session.search(base, where, call, attributes=read):
                name = found.text("sAMAccountName") or found.dn
                self._primary[group_sid] = Group(
                    id=self._id(found, call), name=name, fixed="it is the primary group"
                )
        found_group = self._primary.get(group_sid)
        return [found_group] if found_group else []


def sam_of(login: str) -> str:
    """The sAMAccountName that goes with a login: what is before the `@`, without what must not be in it."""
    plain = NOT_IN_SAM.sub("_", login.partition("@")[0])
    return plain[:LONGEST_SAM].rstrip(". ") or "_"
