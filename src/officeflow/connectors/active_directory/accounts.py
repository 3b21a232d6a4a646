"""Accounts made, and their passwords."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from officeflow.connectors.active_directory.domain import MARKER, Domain, sam_of
from officeflow.connectors.call import Call, after_write
from officeflow.connectors.directory.changes import Changes, put
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.directory.sign_in import DISABLED, NORMAL_ACCOUNT
from officeflow.connectors.families.identity import Account, NewAccount, PasswordRules
from officeflow.errors import ConnectorError, Rejected


class Accounts(Domain):
    """An account is made in three steps, each of which can be the last one before a crash: disabled, with a
    password, enabled. Until the third it carries the act's key and is found by nobody; the act that comes
    again, or another one for the same person, goes on where the first one ended.
    """

    def create_account(self, account: NewAccount, *, key: str) -> Account:
        call = self.call("create_account", writes=True)
        reading = call.reading()
        self._check_login(account.login, call)
        wanted = {name: value for name, value in self._wanted(account, call).items() if value}
        entry = self._holder(account.login, reading)
        if entry is None:
            entry = self._begun(account, wanted, self._step(), key=key)
        elif not self._goes_on(entry, account, key):
            taken = self._taken(account.login, entry, call)
            if self._is_half_made(entry):
                taken.hint = "another act has begun to make it: delete it where nobody is at it any more"
            raise taken
        try:
            self._put_password(entry, unknown_password(), self._step())
            self._session.modify(entry.dn, self._last_step(account), call)
        except ConnectorError as error:
            error.maybe_done = True
            raise
        with after_write():
            return self._check_new(self._changed(entry, call), wanted, account, call)

    def password_rules(self) -> PasswordRules:
        """The domain's own; a stricter policy for some groups (PSO) is not told."""
        call = self.call("password_rules")
        base = self._root(call).text("defaultNamingContext") or self._base
        domain = self._session.read(base, call, attributes=["minPwdLength"])
        ours = PasswordRules()
        return PasswordRules(
            shortest=max(ours.shortest, (domain.number("minPwdLength") if domain else None) or 0),
            classes=ours.classes,
        )

    def _step(self) -> Call:
        """A call for each step: after a yes to one of the first two, all can be done again."""
        return self.call("create_account", writes=True)

    def _begun(self, account: NewAccount, wanted: Mapping[str, str], call: Call, *, key: str) -> Entry:
        reading = call.reading()
        sam = sam_of(account.login)
        self._check_sam(sam, None, reading)
        dn = self._free_name(self._full_name(account), self._unit_for(account, reading), sam, reading)
        sure = {
            "userPrincipalName": self._full(account.login, "userPrincipalName"),
            "sAMAccountName": sam,
            "userAccountControl": str(NORMAL_ACCOUNT | DISABLED),
            "adminDescription": f"{MARKER}{key}",
        }
        self._session.add(dn, self._dialect.classes, {**wanted, **sure}, call)
        try:
            return self._found_new(account.login, reading)
        except ConnectorError as error:
            error.maybe_done = True
            raise

    def _goes_on(self, entry: Entry, account: NewAccount, key: str) -> bool:
        if not self._is_half_made(entry):
            return False
        same_person = bool(account.external_id) and self._is(entry, None, account.external_id)
        return same_person or entry.text("adminDescription") == f"{MARKER}{key}"

    def _last_step(self, account: NewAccount) -> Changes:
        control = NORMAL_ACCOUNT if account.active else NORMAL_ACCOUNT | DISABLED
        return {
            "userAccountControl": put(str(control)),
            "pwdLastSet": put("0"),
            "adminDescription": put(None),
        }

    def _put_password(self, entry: Entry, password: str, call: Call) -> None:
        """[MS-ADTS] section 3.1.1.3.1.5.1: in quotes, as UTF-16."""
        try:
            written = f'"{password}"'.encode("utf-16-le")
        except UnicodeEncodeError:
            raise call.error(Rejected, "there are signs in the password that cannot be written") from None
        self._session.modify(entry.dn, {"unicodePwd": put(written)}, call)

    def _check_password(self, before: Entry, now: Entry, password: str, call: Call) -> None:
        """The moment at which it was set is another one."""
        del password
        if now.text("pwdLastSet") in {None, "0", before.text("pwdLastSet")}:
            raise call.nothing_happened(f"the password of {now.dn} reads as not set anew")


def unknown_password() -> str:
    """One that nobody knows, of four kinds of signs."""
    return f"{secrets.token_urlsafe(32)}-aA1"
