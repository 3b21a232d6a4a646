"""Accounts that are searched for, read and listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import Account, FindsAccounts, ListsAccounts
from officeflow.connectors.scim import listing, types
from officeflow.connectors.scim.base import ScimClient
from officeflow.connectors.scim.reading import ENTERPRISE
from officeflow.connectors.scim.resources import valid
from officeflow.connectors.scim.types import CursorPage, User
from officeflow.errors import Conflict, Rejected

UNSEARCHABLE = frozenset({400, 501})
"""RFC 7644 section 3.4.2.2: a server need not search by every attribute."""


class Finding(ScimClient, FindsAccounts, ListsAccounts):
    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        call = self.call("find_account")
        number = types.marked(external_id, self._mark)
        wanted = types.equals(userName=login, externalId=number)
        if not wanted:
            raise call.error(Rejected, "neither a login nor an external id to find an account by")
        users = [user for user in self._searched(wanted, call) if _matches(user, login, number)]
        if len(users) > 1:
            raise call.error(Conflict, f"{len(users)} accounts match {wanted}")
        return self._with_groups(users[0], call) if users else None

    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        call = self.call("find_accounts")
        wanted = {f"{ENTERPRISE}:employeeNumber": employee_number, "emails.value": email}
        try:
            users = self._searched(types.equals(**wanted), call)
        except Rejected as error:
            if error.status in UNSEARCHABLE:
                return []
            raise
        accounts = [self._account(user) for user in users]
        return [account for account in accounts if _has(account, employee_number, email)]

    def get_account(self, account_id: str) -> Account:
        call = self.call("get_account")
        return self._with_groups(self._resources.user(account_id, call).user, call)

    def list_accounts(self) -> Iterator[Account]:
        call = self.call("list_accounts")
        for resource in self._listed(call):
            yield self._account(valid(User, resource, call))

    def _listed(self, call: Call) -> Iterator[dict[str, Any]]:
        how = self._discovery.how(call)
        if how.pagination and how.pagination.cursor:
            return listing.by_cursor(partial(self._resources.paged, "Users", CursorPage, call), call)
        sort_by = "userName" if how.has("sort") else None
        return listing.by_index(partial(self._resources.page, "Users", call), call, sort_by=sort_by)

    def _searched(self, wanted: str, call: Call) -> list[User]:
        """By a filter, or through all of them where the server refuses that and does not say that it can."""
        try:
            return self._resources.every("Users", wanted, User, call)
        except Rejected as error:
            if error.status not in UNSEARCHABLE or not self._discovery.has_no_filters(call):
                raise
        return self._resources.every("Users", "", User, call)


def _matches(user: User, login: str | None, external_id: str | None) -> bool:
    """Whether the user is one that we asked for: a server that does not know a filter may answer with
    everybody.

    `userName` is case-insensitive, `externalId` is not (RFC 7643 section 4.1.1 and 3.1).
    """
    return (login is None or user.userName.casefold() == login.casefold()) and (
        external_id is None or user.externalId == external_id
    )


def _has(account: Account, employee_number: str | None, email: str | None) -> bool:
    mails = {each.casefold() for each in account.emails}
    return (employee_number is None or account.employee_number == employee_number) and (
        email is None or email.casefold() in mails
    )
