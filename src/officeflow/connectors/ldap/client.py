"""A plain LDAP directory."""

from __future__ import annotations

import dataclasses

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.connection import Connection
from officeflow.connectors.directory import names
from officeflow.connectors.directory.changes import Changes
from officeflow.connectors.directory.creating import Creating
from officeflow.connectors.directory.dialects import GROUPS, PLAIN, SUSPENSIONS, Dialect
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.directory.errors import UNDEFINED_ATTRIBUTE
from officeflow.connectors.families.identity import Account, NewAccount, PasswordRules
from officeflow.connectors.standing import Standing
from officeflow.errors import ConnectorError, InvalidInput, NotFound

NOTES = ("what the login may change, a plain directory tells when it is tried",)


class LdapDirectory(Creating):
    """People are `inetOrgPerson`, named by their login."""

    provider = "ldap"

    def check(self) -> str:
        """Looks at the base."""
        call = self.call("check")
        if self._session.read(self._base, call, attributes=["objectClass"]) is None:
            raise call.error(
                NotFound, f"there is no {self._base}, or the login may not see it", hint="see base"
            )
        return f"an LDAP directory with {self._base}"

    def standing(self) -> Standing:
        call = self.call("standing")
        self.check()
        return Standing(who=self._session.who_am_i(call), notes=NOTES)

    def create_account(self, account: NewAccount, *, key: str) -> Account:
        """One request makes the entry whole, so that there is none that is half there. It has no password."""
        del key
        call = self.call("create_account", writes=True)
        reading = call.reading()
        self._check_login(account.login, call)
        wanted = {name: value for name, value in self._wanted(account, call).items() if value}
        holder = self._holder(account.login, reading)
        if holder is not None:
            raise self._taken(account.login, holder, call)
        full = self._full_name(account)
        sure = {"uid": account.login, "cn": full, "sn": wanted.get("sn") or full}
        if not account.active:
            suspending = self._dialect.sign_in.set_active(Entry("", {}), active=False)
            sure |= {name: str(changes[-1][1][-1]) for name, changes in suspending.items()}
        classes = [
            *self._dialect.classes,
            *self._classes(Entry("", {}), wanted).get("objectClass", [("", [])])[0][1],
        ]
        dn = f"{names.rdn('uid', account.login)},{self._unit_for(account, reading)}"
        self._session.add(dn, [str(name) for name in classes], {**wanted, **sure}, call)
        with after_write():
            return self._check_new(self._found_new(account.login, call), wanted, account, call)

    def password_rules(self) -> PasswordRules:
        """The longest that a policy below the base wants."""
        call = self.call("password_rules")
        policies = self._session.search(
            self._base, names.equal("objectClass", "pwdPolicy"), call, attributes=["pwdMinLength"]
        )
        ours = PasswordRules()
        lengths = [policy.number("pwdMinLength") or 0 for policy in policies]
        return dataclasses.replace(ours, shortest=max([ours.shortest, *lengths]))

    def _speaks(self, connection: Connection) -> Dialect:
        extra = connection.extra
        groups, suspension = str(extra.get("group_class") or ""), str(extra.get("suspension") or "")
        for name, value, known in (("group_class", groups, GROUPS), ("suspension", suspension, SUSPENSIONS)):
            if value and value not in known:
                raise InvalidInput(
                    f"connection {connection.id}: no {name} {value!r}", hint=f"one of {', '.join(known)}"
                )
        return dataclasses.replace(
            PLAIN,
            groups=GROUPS[groups] if groups else PLAIN.groups,
            sign_in=SUSPENSIONS[suspension] if suspension else PLAIN.sign_in,
            id_attribute=str(extra.get("id_attribute") or PLAIN.id_attribute),
        )

    def _put_password(self, entry: Entry, password: str, call: Call) -> None:
        """OpenLDAP unlocks whoever gets one, also who was locked for good."""
        sign_in = self._dialect.sign_in
        around = None if sign_in.active(entry) else sign_in.kept_shut(entry)
        if around is None:
            self._session.set_password(entry.dn, password, call)
            return
        shut, after = around
        known = self._shut(entry, shut)
        try:
            self._session.set_password(entry.dn, password, call)
        except ConnectorError as error:
            if known and not error.maybe_done:
                error.maybe_done = not self._left_as_it_was(entry, after)
            raise
        with after_write():
            self._session.modify(entry.dn, after if known else sign_in.set_active(entry, active=False), call)

    def _shut(self, entry: Entry, shut: Changes) -> bool:
        """Whether the directory has what keeps an account out meanwhile: OpenLDAP has it from 2.5 on."""
        try:
            self._session.modify(entry.dn, shut, self._step())
        except ConnectorError as error:
            if error.status != UNDEFINED_ATTRIBUTE:
                raise
            return False
        return True

    def _left_as_it_was(self, entry: Entry, after: Changes) -> bool:
        """Whether it is so again. Where it is not, the account stays out as well."""
        try:
            self._session.modify(entry.dn, after, self._step())
        except ConnectorError:
            return False
        return True

    def _step(self) -> Call:
        """A call that can be done again."""
        return self.call("set_password", writes=True)

    def _check_password(self, before: Entry, now: Entry, password: str, call: Call) -> None:
        """Whoever may sign in does, once."""
        del before
        sign_in = self._dialect.sign_in
        if not sign_in.active(now) or sign_in.locked(now) or sign_in.expires_at(now):
            return
        if not self._session.lets_in(now.dn, password, call):
            raise call.nothing_happened(f"{now.dn} does not sign in with it")
