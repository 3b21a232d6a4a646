"""What every part of a directory's client stands on: the session, the dialect, and how an entry is an
account.
"""

from __future__ import annotations

import dataclasses
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.client import Client
from officeflow.connectors.connection import Connection
from officeflow.connectors.directory import names
from officeflow.connectors.directory.changes import Changes
from officeflow.connectors.directory.dialects import Dialect
from officeflow.connectors.directory.entries import Entry, from_generalized, plain
from officeflow.connectors.directory.session import Session
from officeflow.connectors.families import identity
from officeflow.connectors.families.identity import Account
from officeflow.errors import Conflict, InvalidInput, NotFound, Rejected

ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
GUARDED = frozenset(
    {
        "admindescription",
        "cn",
        "distinguishedname",
        "member",
        "memberof",
        "memberuid",
        "msds-allowedtoactonbehalfofotheridentity",
        "msds-allowedtodelegateto",
        "msds-keycredentiallink",
        "name",
        "ntsecuritydescriptor",
        "objectclass",
        "primarygroupid",
        "serviceprincipalname",
        "sidhistory",
        "uid",
        "unicodepwd",
        "uniquemember",
        "useraccountcontrol",
        "userpassword",
    }
)
"""What decides who somebody is and what they may, in small letters: it has ways of its own, or none."""


class DirectoryBase(Client):
    """The connection's `mark` stands before every identity that is written or searched."""

    checks_addresses = True

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        super().__init__(connection, correlation_id=correlation_id)
        extra = connection.extra
        self._dialect = self._speaks(connection)
        self._session = Session(connection)
        self.address = self._session.address
        self._base = str(connection.schema or "")
        self._groups_base = str(extra.get("groups") or self._base)
        self._new_unit = str(extra.get("unit") or "")
        self._identity = str(extra.get("identity") or self._dialect.identity)
        self._mark = str(extra.get("mark") or "")
        self._further = frozenset(_words(str(extra.get("attributes") or "")))
        for name in (self._identity, *sorted(self._further)):
            if not ATTRIBUTE.fullmatch(name) or name.casefold() in GUARDED:
                raise InvalidInput(
                    f"connection {connection.id}: {name!r} is no attribute that a workflow may set",
                    hint="a plain attribute such as employeeID, without options",
                )
        for name, dn in (("base", self._base), ("groups", self._groups_base)):
            if not names.parts(dn):
                raise InvalidInput(
                    f"connection {connection.id}: {name} {dn!r} is no name of an entry",
                    hint="such as dc=acme,dc=example",
                )
        besides = sorted(self._dialect.attributes | self._further)
        self._told_besides = [(name, plain(name)) for name in besides]
        self._managers: dict[str, str | None] = {}

    @abstractmethod
    def _speaks(self, connection: Connection) -> Dialect: ...

    def close(self) -> None:
        self._session.close()

    # ── entries ──

    def _attributes(self) -> list[str]:
        """All that is read of an account."""
        dialect = self._dialect
        found = [
            dialect.id_attribute,
            *dialect.logins,
            self._identity,
            *dialect.fields.values(),
            *dialect.numbers,
            *sorted(dialect.attributes | self._further),
            *([dialect.aliases] if dialect.aliases else []),
            *dialect.sign_in.attributes,
            *dialect.further,
            "manager",
            "objectClass",
            dialect.created,
        ]
        return list(dict.fromkeys(found))

    def _search(self, where: str, call: Call) -> Iterator[Entry]:
        """Accounts that the filter fits."""
        filters = names.every(self._dialect.person, where)
        yield from self._session.search(self._base, filters, call, attributes=self._attributes())

    def _entry(self, account_id: str, call: Call) -> Entry:
        """The account's; `NotFound` where there is none."""
        value = self._dialect.write_id(account_id)
        found = (
            [] if value is None else list(self._search(names.equal(self._dialect.id_attribute, value), call))
        )
        if not found:
            raise call.error(NotFound, f"there is no account {account_id}")
        if len(found) > 1 or self._id(found[0], call).casefold() != account_id.casefold():
            raise call.contradiction(
                f"asked for {account_id}, it gives {', '.join(each.dn for each in found)}"
            )
        return found[0]

    def _changed(self, entry: Entry, call: Call) -> Entry:
        """The entry after a write, read by its id."""
        self._managers.clear()
        with after_write():
            account_id = self._id(entry, call)
            try:
                return self._entry(account_id, call)
            except NotFound as error:
                raise call.nothing_happened(f"account {account_id} is not there when read back") from error

    def _modify(self, entry: Entry, changes: Changes, call: Call) -> Entry:
        """The entry as it reads afterwards."""
        self._session.modify(entry.dn, changes, call)
        return self._changed(entry, call)

    # ── entries as accounts ──

    def _id(self, entry: Entry, call: Call) -> str:
        raw = entry.raw(self._dialect.id_attribute)
        try:
            found = self._dialect.read_id(raw or b"")
        except ValueError:
            found = ""
        if not found:
            reason = f"{entry.dn} has no {self._dialect.id_attribute}"
            raise call.error(Rejected, reason, hint="the login needs the right to read it")
        return found

    def _account(self, entry: Entry, call: Call) -> Account:
        """Without groups."""
        dialect, sign_in = self._dialect, self._dialect.sign_in
        told = {name: entry.text(attribute) for name, attribute in dialect.fields.items()}
        number = entry.text(self._identity)
        ours = not self._mark or number is None or number.startswith(f"{self._mark}:")
        mails, aliases = self._mails(entry)
        active, locked = sign_in.active(entry), sign_in.locked(entry)
        return Account(
            id=self._id(entry, call),
            login=next(filter(None, map(entry.text, dialect.logins)), entry.dn),
            active=active,
            status="suspended" if not active else "locked" if locked else self._status(entry),
            external_id=number.removeprefix(f"{self._mark}:") if number and self._mark else number,
            foreign=not ours,
            employee_number=next(filter(None, map(entry.text, dialect.numbers)), None),
            given_name=told["given_name"],
            family_name=told["family_name"],
            display_name=told["display_name"],
            email=told["email"],
            emails=mails,
            aliases=aliases,
            title=told["title"],
            department=told["department"],
            location=told["location"],
            phone=told["phone"],
            manager_id=self._manager_of(entry, call),
            unit=names.split(entry.dn)[1] or None,
            locked=locked,
            expires_at=sign_in.expires_at(entry),
            attributes={
                name: value
                for name, key in self._told_besides
                if key in entry.values and (value := entry.text(name)) is not None
            },
            groups_known=False,
            created_at=from_generalized(entry.text(dialect.created)),
        )

    def _whole(self, entry: Entry, call: Call) -> Account:
        """With its groups."""
        account = self._account(entry, call)
        groups = self._groups_of(entry, call)
        ruled = [group.name for group in groups if group.fixed]
        return dataclasses.replace(
            account,
            groups=tuple(sorted(group.name for group in groups)),
            ruled_groups=tuple(sorted(ruled)),
            groups_known=True,
        )

    @abstractmethod
    def _groups_of(self, entry: Entry, call: Call) -> Sequence[identity.Group]:
        """Those that the account is directly in."""

    def _status(self, entry: Entry) -> str | None:
        return "must change the password" if self._dialect.sign_in.has_to_change(entry) else None

    def _mails(self, entry: Entry) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """All addresses, the first one first, and which of them are aliases."""
        mails = entry.all(self._dialect.fields["email"])
        told = entry.all(self._dialect.aliases) if self._dialect.aliases else ()
        aliases = tuple(each.partition(":")[2] for each in told if each.casefold().startswith("smtp:"))
        primary = {each.casefold() for each in mails}
        aliases = tuple(each for each in aliases if each.casefold() not in primary)
        return tuple(dict.fromkeys([*mails, *aliases])), aliases

    def _manager_of(self, entry: Entry, call: Call) -> str | None:
        """The id of its manager's account; None also where that is none of ours."""
        dn = entry.text("manager")
        if dn is None:
            return None
        key = dn.casefold()
        if key not in self._managers:
            found = self._session.read(dn, call, attributes=[self._dialect.id_attribute])
            self._managers[key] = self._id(found, call) if found else None
        return self._managers[key]

    def _marked(self, external_id: str) -> str:
        return f"{self._mark}:{external_id}" if self._mark else external_id

    def _attribute_changes(self, given: Mapping[str, str], call: Call) -> Mapping[str, str]:
        """Further attributes by the directory's names; `Rejected` names one that may not be set."""
        known = {name.casefold(): name for name in self._dialect.attributes | self._further}
        unknown = [name for name in given if name.casefold() not in known]
        if unknown:
            raise call.error(
                Rejected,
                f"there is no attribute {', '.join(unknown)} that a workflow may set",
                hint=f"one of {', '.join(sorted(known.values()))}, or what the connection's attributes name",
            )
        return {known[name.casefold()]: value for name, value in given.items()}

    def _check_one(self, found: Sequence[Entry], what: str, call: Call) -> Entry | None:
        if len(found) > 1:
            raise call.error(
                Conflict, f"{len(found)} accounts match {what}: {', '.join(e.dn for e in found[:5])}"
            )
        return found[0] if found else None


def _words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]
