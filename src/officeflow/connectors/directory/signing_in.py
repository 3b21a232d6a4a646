"""Suspending, unlocking, ending, and passwords."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.directory.base import DirectoryBase
from officeflow.connectors.directory.changes import Changes
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.families.identity import (
    Account,
    ExpiresAccounts,
    PasswordRules,
    SetsPasswords,
    SuspendsAccounts,
    UnlocksAccounts,
)
from officeflow.errors import Rejected


class SigningIn(DirectoryBase, SuspendsAccounts, UnlocksAccounts, ExpiresAccounts, SetsPasswords):
    """As the dialect writes it."""

    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        del key
        call = self.call("set_active", writes=True)
        entry = self._entry(account_id, call.reading())
        return self._whole(self._made_active(entry, active=active, call=call), call)

    def unlock_account(self, account_id: str, *, key: str) -> Account:
        del key
        call = self.call("unlock_account", writes=True)
        entry = self._entry(account_id, call.reading())
        if self._dialect.sign_in.locked(entry):
            entry = self._modify(
                entry, self._there_is(self._dialect.sign_in.unlock(), "unlock an account", call), call
            )
            if self._dialect.sign_in.locked(entry):
                with after_write():
                    raise call.nothing_happened(f"{entry.dn} still reads locked")
        return self._whole(entry, call)

    def set_expiry(self, account_id: str, expires_at: dt.datetime | None, *, key: str) -> Account:
        """To the second."""
        del key
        call = self.call("set_expiry", writes=True)
        moment = expires_at.astimezone(dt.UTC).replace(microsecond=0) if expires_at else None
        change = self._there_is(self._dialect.sign_in.expire(moment), "let an account expire", call)
        entry = self._entry(account_id, call.reading())
        if self._dialect.sign_in.expires_at(entry) != moment:
            entry = self._modify(entry, change, call)
            if (now := self._dialect.sign_in.expires_at(entry)) != moment:
                with after_write():
                    raise call.nothing_happened(f"{entry.dn} reads back with the end {now}")
        return self._whole(entry, call)

    def set_password(self, account_id: str, password: str, *, must_change: bool, key: str) -> Account:
        """Whoever is suspended stays that: some directories let them in again with a new password."""
        del key
        call = self.call("set_password", writes=True)
        must = self._there_is(
            self._dialect.sign_in.must_change(must=must_change), "say that a password must be changed", call
        )
        if not password or "\0" in password:
            raise call.error(Rejected, "there is no password, or a NUL in it")
        before = self._entry(account_id, call.reading())
        self._put_password(before, password, call)
        with after_write():
            now = self._changed(before, call)
            if self._dialect.sign_in.active(now) and not self._dialect.sign_in.active(before):
                now = self._made_active(now, active=False, call=call)
            self._check_password(before, now, password, call)
            now = self._must(now, must, call, must_change=must_change)
            return self._whole(now, call)

    @abstractmethod
    def password_rules(self) -> PasswordRules: ...

    @abstractmethod
    def _put_password(self, entry: Entry, password: str, call: Call) -> None: ...

    @abstractmethod
    def _check_password(self, before: Entry, now: Entry, password: str, call: Call) -> None:
        """`NothingHappened` where the account shows that it has another."""

    def _made_active(self, entry: Entry, *, active: bool, call: Call) -> Entry:
        if self._dialect.sign_in.active(entry) is active:
            return entry
        entry = self._modify(entry, self._dialect.sign_in.set_active(entry, active=active), call)
        if self._dialect.sign_in.active(entry) is not active:
            with after_write():
                raise call.nothing_happened(f"{entry.dn} still reads {'suspended' if active else 'active'}")
        return entry

    def _must(self, entry: Entry, change: Changes, call: Call, *, must_change: bool) -> Entry:
        has_to_change = self._dialect.sign_in.has_to_change
        if not change or has_to_change(entry) is must_change:
            return entry
        entry = self._modify(entry, change, call)
        if has_to_change(entry) is not must_change:
            raise call.nothing_happened(f"{entry.dn} reads back as if the password need not be changed")
        return entry

    def _there_is(self, change: Changes | None, what: str, call: Call) -> Changes:
        if change is None:
            raise call.error(Rejected, f"this directory has no way to {what}")
        return change
