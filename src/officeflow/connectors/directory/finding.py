"""Accounts found and listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from officeflow.connectors.call import Call
from officeflow.connectors.directory import names
from officeflow.connectors.directory.base import DirectoryBase
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.families.identity import Account, FindsAccounts, ListsAccounts
from officeflow.errors import Rejected


class Finding(DirectoryBase, FindsAccounts, ListsAccounts):
    """What the directory gives is compared with what was asked for."""

    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        call = self.call("find_account")
        if not login and not external_id:
            raise call.error(Rejected, "neither a login nor an external id to find an account by")
        filters = [self._by_login(login)] if login else []
        filters += [names.equal(self._identity, self._marked(external_id))] if external_id else []
        entries = [
            entry
            for entry in self._search(names.every(*filters), call)
            if self._is(entry, login, external_id) and not self._is_half_made(entry)
        ]
        found = self._check_one(entries, login or f"the identity {external_id}", call)
        return self._whole(found, call) if found else None

    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        call = self.call("find_accounts")
        filters = []
        if employee_number is not None:
            numbers = self._dialect.numbers
            filters.append(names.either(names.equal(name, employee_number) for name in numbers))
        if email is not None:
            filters.append(self._by_email(email))
        if not filters:
            return []
        found = [
            entry
            for entry in self._search(names.every(*filters), call)
            if self._has(entry, employee_number, email) and not self._is_half_made(entry)
        ]
        return [self._account(entry, call) for entry in found]

    def get_account(self, account_id: str) -> Account:
        call = self.call("get_account")
        return self._whole(self._entry(account_id, call), call)

    def list_accounts(self) -> Iterator[Account]:
        call = self.call("list_accounts")
        seen: set[str] = set()
        person, attributes = self._dialect.person, self._attributes()
        with closing(self._session.another()) as session:
            for entry in session.search(self._base, person, call, attributes=attributes):
                account = self._account(entry, call)
                if account.id not in seen and not self._is_half_made(entry):
                    seen.add(account.id)
                    yield account

    def _by_login(self, login: str) -> str:
        return names.either(names.equal(name, self._full(login, name)) for name in self._dialect.logins)

    def _full(self, login: str, attribute: str) -> str:
        """The login as it stands in this attribute."""
        del attribute
        return login

    def _is_half_made(self, entry: Entry) -> bool:
        """Whether somebody is at creating it: nobody's account yet."""
        del entry
        return False

    def _by_email(self, email: str) -> str:
        filters = [names.equal(self._dialect.fields["email"], email)]
        if self._dialect.aliases:
            filters.append(names.equal(self._dialect.aliases, f"smtp:{email}"))
        return names.either(filters)

    def _is(self, entry: Entry, login: str | None, external_id: str | None) -> bool:
        logins = {(name, value.casefold()) for name in self._dialect.logins for value in entry.all(name)}
        wanted = (
            {(name, self._full(login, name).casefold()) for name in self._dialect.logins} if login else set()
        )
        return (not login or bool(logins & wanted)) and (
            not external_id or self._marked(external_id) in entry.all(self._identity)
        )

    def _has(self, entry: Entry, employee_number: str | None, email: str | None) -> bool:
        mails = {each.casefold() for each in self._mails(entry)[0]}
        numbers = {value for name in self._dialect.numbers for value in entry.all(name)}
        return (employee_number is None or employee_number in numbers) and (
            email is None or email.casefold() in mails
        )

    def _holder(self, login: str, call: Call) -> Entry | None:
        """Who has the login, whoever it is: also an account that is being made."""
        return next((entry for entry in self._search(self._by_login(login), call)), None)
