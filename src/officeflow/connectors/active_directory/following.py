"""What has changed: by DirSync where the login may (it needs *Replicating Directory Changes*), otherwise by
the numbers of changes that one domain controller counts.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterator, Sequence

from officeflow.connectors.active_directory.recycle_bin import USERS, RecycleBin
from officeflow.connectors.call import Call
from officeflow.connectors.directory import names
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.families.identity import Account, Changes, FollowsChanges
from officeflow.errors import Conflict, NotFound, Rejected, Unauthorized

DIR_SYNC = "1.2.840.113556.1.4.841"
NOBODY = "(!(objectClass=*))"
AT_ONCE = 100
"""Accounts that one search asks for by their ids."""
MOST_STEPS = 100_000
"""Answers on the way to a cursor that begins now."""


class Following(RecycleBin, FollowsChanges):
    """A cursor of DirSync holds at every domain controller, one of numbers at its own alone."""

    def changes_since(self, cursor: str | None) -> Changes:
        call = self.call("changes_since")
        if cursor is None:
            return Changes(accounts=(), deleted=(), cursor=self._now(call))
        kind, _, rest = cursor.partition(":")
        if kind == "dirsync":
            return self._synchronized(rest, call)
        if kind == "usn":
            return self._counted(rest, call)
        raise _unknown(call)

    def _now(self, call: Call) -> str:
        try:
            cookie = b""
            for _ in range(MOST_STEPS):
                _, cookie, more = self._dir_sync(NOBODY, cookie, call)
                if not more:
                    return _written(cookie)
        except (Unauthorized, Rejected):
            pass
        root = self._root(call)
        return f"usn:{self._invocation(root, call)}:{root.number('highestCommittedUSN') or 0}"

    # ── DirSync ([MS-ADTS] section 3.1.1.3.4.1.3) ──

    def _synchronized(self, cookie: str, call: Call) -> Changes:
        try:
            entries, after, more = self._dir_sync(names.every(USERS), _read(cookie, call), call)
        except Rejected as error:
            raise _unknown(call) from error
        accounts, deleted = self._told(entries, call)
        return Changes(accounts=accounts, deleted=deleted, cursor=_written(after), complete=not more)

    def _dir_sync(self, where: str, cookie: bytes, call: Call) -> tuple[list[Entry], bytes, bool]:
        """Entries of which an account's attribute has changed, where to go on, and whether at once."""
        from ldap3.protocol.microsoft import dir_sync_control

        control = dir_sync_control(
            criticality=True,
            object_security=False,
            ancestors_first=False,
            public_data_only=False,
            incremental_values=False,
            max_length=2**20,
            cookie=cookie,
        )
        base = self._root(call).text("defaultNamingContext") or self._base
        attributes = [*self._attributes(), "isDeleted", "lastKnownParent"]
        stored = [name for name in attributes if not name.endswith("-Computed")]
        found, told = self._session.controlled(base, where, call, attributes=stored, control=control)
        after = told.get("cookie")
        if not isinstance(after, bytes) or not after:
            raise call.contradiction("there is no cookie in its answer to DirSync")
        return found, after, bool(told.get("more_results"))

    # ── uSNChanged ──

    def _counted(self, rest: str, call: Call) -> Changes:
        invocation, _, number = rest.partition(":")
        root = self._root(call)
        if not number.isdecimal() or invocation != self._invocation(root, call):
            raise _unknown(call)
        where = f"(uSNChanged>={int(number) + 1})"
        read = ["objectGUID", "isDeleted", "lastKnownParent"]
        live = self._session.search(self._base, names.every(USERS, where), call, attributes=read)
        gone = self._in_bin(root, where, call, attributes=read)
        accounts, deleted = self._told([*live, *gone], call)
        now = root.number("highestCommittedUSN") or int(number)
        return Changes(accounts=accounts, deleted=deleted, cursor=f"usn:{invocation}:{now}")

    def _invocation(self, root: Entry, call: Call) -> str:
        """The id of the database whose changes are counted: another one after a restore, and at each domain
        controller.
        """
        settings = self._session.read(root.text("dsServiceName") or "", call, attributes=["invocationId"])
        raw = settings.raw("invocationId") if settings else None
        if raw is None or len(raw) != 16:
            raise call.error(NotFound, "the domain controller does not tell its invocationId")
        return str(uuid.UUID(bytes_le=raw))

    def _told(self, entries: Sequence[Entry], call: Call) -> tuple[tuple[Account, ...], tuple[str, ...]]:
        """Accounts of ours as they are now, and the ids of deleted ones."""
        deleted = [entry for entry in entries if (entry.text("isDeleted") or "").upper() == "TRUE"]
        live = [entry.raw("objectGUID") or b"" for entry in entries if entry not in deleted]
        ours = [entry for entry in deleted if self._was_ours(entry)]
        return tuple(self._now_of(live, call)), tuple(dict.fromkeys(self._id(entry, call) for entry in ours))

    def _now_of(self, ids: Sequence[bytes], call: Call) -> Iterator[Account]:
        wanted = list(dict.fromkeys(ids))
        for at in range(0, len(wanted), AT_ONCE):
            some = wanted[at : at + AT_ONCE]
            where = names.either(names.equal("objectGUID", each) for each in some)
            for entry in self._search(where, call):
                if not self._is_half_made(entry):
                    yield self._account(entry, call)

    def _was_ours(self, entry: Entry) -> bool:
        parent = entry.text("lastKnownParent")
        return parent is None or names.is_below(parent.rpartition(";")[2], self._base)


def _written(cookie: bytes) -> str:
    return f"dirsync:{base64.b64encode(cookie).decode()}"


def _read(cookie: str, call: Call) -> bytes:
    try:
        return base64.b64decode(cookie, validate=True)
    except binascii.Error as error:
        raise _unknown(call) from error


def _unknown(call: Call) -> Conflict:
    return call.error(
        Conflict, "this domain controller does not know the cursor", hint="list everything again"
    )
