"""Accounts changed, renamed, moved and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.directory import names
from officeflow.connectors.directory.changes import Change, Changes, add, exchange, put
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.directory.groups import Grouping
from officeflow.connectors.families.identity import (
    Account,
    AccountChange,
    DeletesAccounts,
    MovesUnits,
    NewAccount,
    RenamesAccounts,
    SetsManagers,
    UpdatesAccounts,
)
from officeflow.errors import Conflict, NotFound, Rejected

LONGEST_CHAIN = 100
"""Managers above an account that are looked at for a circle."""


class Changing(Grouping, UpdatesAccounts, RenamesAccounts, DeletesAccounts, SetsManagers, MovesUnits):
    """Only what somebody set is sent; afterwards the entry is read by its id."""

    def update_account(self, account_id: str, change: AccountChange, *, key: str) -> Account:
        del key
        call = self.call("update_account", writes=True)
        wanted = self._wanted(change, call)
        before = entry = self._entry(account_id, call.reading())
        changes: Changes = {
            name: _put(entry, name, value)
            for name, value in wanted.items()
            if (value or None) != entry.text(name)
        }
        if changes:
            entry = self._modify(entry, changes | self._classes(entry, wanted), call)
            with after_write():
                self._check(entry, wanted, call)
        with after_write() if changes else nullcontext():
            if change.display_name:
                entry = self._shown_as(before, entry, change.display_name, call)
            return self._whole(entry, call)

    def rename_account(self, account_id: str, login: str, *, keep_old: bool, key: str) -> Account:
        del key
        call = self.call("rename_account", writes=True)
        self._check_login(login, call)
        entry = self._entry(account_id, call.reading())
        holder = self._holder(login, call.reading())
        if holder is not None and self._id(holder, call) != self._id(entry, call):
            raise call.error(Conflict, f"the login {login} is taken by {holder.dn}")
        renamed = self._renamed(entry, login, call, keep_old=keep_old)
        account = self._whole(renamed, call)
        if not self._is(renamed, login, None):
            with after_write():
                raise call.nothing_happened(f"the account's login still reads {account.login}")
        return account

    def delete_account(self, account_id: str, *, key: str) -> None:
        del key
        call = self.call("delete_account", writes=True)
        entry = self._entry(account_id, call.reading())
        before = self._direct(entry, call.reading())
        self._session.delete(entry.dn, call)
        with after_write():
            try:
                still = self._entry(account_id, call)
            except NotFound:
                self._follow(entry, None, before, call)
                return
            raise call.nothing_happened(f"{still.dn} is still there")

    def set_manager(self, account_id: str, manager_id: str | None, *, key: str) -> Account:
        del key
        call = self.call("set_manager", writes=True)
        reading = call.reading()
        entry = self._entry(account_id, reading)
        manager = self._manager(manager_id, reading) if manager_id else None
        if manager is not None:
            self._check_circle(entry, manager, reading)
        wanted = manager.dn if manager else None
        if not _is_manager(entry, wanted):
            entry = self._modify(entry, {"manager": put(wanted)}, call)
            if not _is_manager(entry, wanted):
                with after_write():
                    raise call.nothing_happened(
                        f"the manager of {entry.dn} still reads {entry.text('manager')}"
                    )
        return self._whole(entry, call)

    def find_unit(self, unit: str) -> str | None:
        call = self.call("find_unit")
        return self._unit(unit, call)

    def move_account(self, account_id: str, unit: str, *, key: str) -> Account:
        del key
        call = self.call("move_account", writes=True)
        entry = self._entry(account_id, call.reading())
        parent = self._unit(unit, call.reading())
        if parent is None:
            raise call.error(NotFound, f"there is no unit {unit}")
        first, now = names.split(entry.dn)
        if names.same(now, parent):
            return self._whole(entry, call)
        before = self._direct(entry, call.reading())
        self._session.rename(entry.dn, first, call, parent=parent)
        moved = self._changed(entry, call)
        with after_write():
            if not names.same(names.split(moved.dn)[1], parent):
                raise call.nothing_happened(f"it is still {moved.dn}")
            self._follow(entry, moved, before, call)
            return self._whole(moved, call)

    # ── what is written ──

    def _check_login(self, login: str, call: Call) -> None:
        if not names.can_be_name(login):
            raise call.error(
                Rejected,
                f"{login!r} cannot be a login here: there are blanks at its ends, or signs that nobody sees",
            )

    def _renamed(self, entry: Entry, login: str, call: Call, *, keep_old: bool) -> Entry:
        """Where the login is the entry's name, that changes; groups that hold logins are told."""
        del keep_old
        if self._is(entry, login, None):
            return entry
        before = self._direct(entry, call.reading())
        first, _ = names.split(entry.dn)
        if first.partition("=")[0].strip().casefold() == self._dialect.rdn.casefold():
            self._session.rename(entry.dn, names.rdn(self._dialect.rdn, login), call)
        else:
            self._session.modify(entry.dn, {self._dialect.login: put(login)}, call)
        renamed = self._changed(entry, call)
        with after_write():
            self._follow(entry, renamed, before, call)
        return renamed

    def _wanted(self, change: AccountChange | NewAccount, call: Call) -> dict[str, str]:
        """The attributes that are given, by the directory's names."""
        wanted = {
            attribute: value
            for name, attribute in self._dialect.fields.items()
            if (value := getattr(change, name)) is not None
        }
        if change.external_id is not None:
            wanted[self._identity] = self._marked(change.external_id) if change.external_id else ""
        wanted |= self._attribute_changes(change.attributes, call)
        if odd := [name for name, value in wanted.items() if "\0" in value]:
            raise call.error(Rejected, f"there is a NUL in {', '.join(odd)}: no directory takes that")
        return wanted

    def _classes(self, entry: Entry, wanted: Mapping[str, str]) -> Changes:
        """The object classes that the attributes need and the entry has not."""
        there = {name.casefold() for name in entry.all("objectClass")}
        needing = self._dialect.needing
        needed = {needing[name] for name, value in wanted.items() if value and name in needing}
        lacking = sorted(name for name in needed if name.casefold() not in there)
        return {"objectClass": add(lacking)} if lacking else {}

    def _check(self, entry: Entry, wanted: Mapping[str, str], call: Call) -> None:
        """Whether it reads back as it was written."""
        wrong = [
            name
            for name, value in wanted.items()
            if (value not in entry.all(name) if value else entry.text(name) is not None)
        ]
        if wrong:
            raise call.nothing_happened(f"{entry.dn} reads back with another {', '.join(wrong)}")

    def _shown_as(self, before: Entry, entry: Entry, display_name: str, call: Call) -> Entry:
        """Where the directory has a name for people beside the one that is shown, that follows."""
        del before
        name = names.common_name(display_name)
        return entry if name in {"", *entry.all("cn")} else self._modify(entry, {"cn": put(name)}, call)

    # ── units and managers ──

    def _unit(self, unit: str, call: Call) -> str | None:
        """By its DN, or by its path below the base (`People/Sales`); None also where it is not below that."""
        dn = unit if names.parts(unit) else self._path(unit)
        if dn is None or not names.is_below(dn, self._base):
            return None
        found = self._session.read(dn, call, attributes=["objectClass"])
        if found is None:
            return None
        kinds = {name.casefold() for name in found.all("objectClass")}
        return found.dn if kinds & {name.casefold() for name in self._dialect.unit_classes} else None

    def _path(self, unit: str) -> str | None:
        parts = [part for part in unit.strip("/").split("/") if part]
        if not parts or not all(names.can_be_name(part) for part in parts):
            return None
        return ",".join([*(names.rdn(self._dialect.unit, part) for part in reversed(parts)), self._base])

    def _manager(self, manager_id: str, call: Call) -> Entry:
        try:
            return self._entry(manager_id, call)
        except NotFound as error:
            raise call.error(NotFound, f"there is no account {manager_id} to be the manager") from error

    def _check_circle(self, entry: Entry, manager: Entry, call: Call) -> None:
        """`Rejected` where the account is above its manager, or is that."""
        above: Entry | None = manager
        for _ in range(LONGEST_CHAIN):
            if above is None:
                return
            if names.same(above.dn, entry.dn):
                raise call.error(Rejected, f"{manager.dn} cannot be the manager of {entry.dn}, who is above")
            dn = above.text("manager")
            above = self._session.read(dn, call, attributes=["manager"]) if dn else None


def _put(entry: Entry, name: str, value: str) -> list[Change]:
    """In the place of the first value; further ones, such as other addresses, stay."""
    first, *others = entry.all(name) or ("",)
    return exchange(first, value or None) if others and value not in others else put(value)


def _is_manager(entry: Entry, wanted: str | None) -> bool:
    now = entry.text("manager")
    return now is None if wanted is None else now is not None and names.same(now, wanted)
