"""Accounts found and listed.

Who is asked for by an address is read directly. Google's search knows a change only after a while, so whom it
finds is read again by id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from officeflow.connectors.ahead import one_ahead
from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import Account, FindsAccounts, ListsAccounts
from officeflow.connectors.google import query, services
from officeflow.connectors.google.pages import pages
from officeflow.connectors.google.types import User, read_json, valid_list
from officeflow.connectors.google.workspace import Workspace
from officeflow.errors import Rejected

PAGE = 500
FIELDS = f"nextPageToken,users({','.join(User.model_fields)})"


class Finding(Workspace, FindsAccounts, ListsAccounts):
    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        call = self.call("find_account")
        if login is None and not external_id:
            raise call.error(Rejected, "neither a login nor an external id to find an account by")
        if login is not None:
            at = self._user_at(login, call)
            found = [at] if at else []
        else:
            found = self._searched(self._identity.queried, self._identity.kept(external_id or ""), call)
        matching = [user for user in found if self._is(user, login, external_id)]
        user = self._one(matching, f"accounts have the external id {external_id}", call)
        return self._account(user, call) if user else None

    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        call = self.call("find_accounts")
        if email is not None:
            at = self._user_at(email, call)
            found = [at] if at else self._searched("email", email, call)
        elif employee_number:
            found = self._searched("externalId", employee_number, call)
        else:
            return []
        accounts = [self._as_account(user, call) for user in found]
        return [account for account in accounts if _has(account, employee_number, email)]

    def get_account(self, account_id: str) -> Account:
        call = self.call("get_account")
        return self._account(self._user(account_id, call), call)

    def list_accounts(self) -> Iterator[Account]:
        call = self.call("list_accounts")
        seen: set[str] = set()
        with closing(one_ahead(self._told(call))) as listed:
            for page in listed:
                users = valid_list(User, "users", page, call)
                self._managers.update({user.primaryEmail.casefold(): user.id for user in users})
                for user in users:
                    if user.id not in seen:
                        seen.add(user.id)
                        yield self._as_account(user, call)

    def _listed(self, call: Call, **parameters: str) -> Iterator[list[User]]:
        """A whole page is read at once."""
        return (valid_list(User, "users", page, call) for page in self._told(call, **parameters))

    def _told(self, call: Call, **parameters: str) -> Iterator[list[Any]]:
        """Pages as they come, with what is read of each user and no more."""
        asked = {
            "customer": self._customer,
            "maxResults": PAGE,
            "projection": "full",
            "fields": FIELDS,
            **parameters,
        }

        def ask(token: str | None) -> Mapping[str, Any]:
            further = {"pageToken": token} if token else {}
            return read_json(self._body(services.DIRECTORY, "users", "list", call, **asked, **further), call)

        return pages(ask, "users", call)

    def _searched(self, field: str, value: str, call: Call) -> list[User]:
        """Those that a search finds, as they are now."""
        where = query.equals(**{field: value})
        ids = {user.id for page in self._listed(call, query=where) for user in page}
        found = [self._user_at(each, call) for each in sorted(ids)]
        return [user for user in found if user is not None]

    def _is(self, user: User, login: str | None, external_id: str | None) -> bool:
        """An alias is no login. External ids are compared as they are."""
        read, foreign = self._identity.read(user)
        return (login is None or user.primaryEmail.casefold() == login.casefold()) and (
            not external_id or (read == external_id and not foreign)
        )


def _has(account: Account, employee_number: str | None, email: str | None) -> bool:
    mails = {each.casefold() for each in account.emails}
    return (employee_number is None or account.employee_number == employee_number) and (
        email is None or email.casefold() in mails
    )
