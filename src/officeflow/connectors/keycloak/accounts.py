"""Accounts: found, listed, and read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import Account, FindsAccounts, ListsAccounts
from officeflow.connectors.keycloak.base import RealmClient
from officeflow.connectors.keycloak.documents import EMPLOYEE_NUMBER, can_be_searched, hidden, quoted
from officeflow.connectors.keycloak.realm import MAX_PAGES, PAGE_SIZE, Params, read_as
from officeflow.connectors.keycloak.types import Profile, User
from officeflow.errors import Conflict, Rejected

OVERLAP = 10
"""So many accounts of a page are asked for again with the next one: where some before them were deleted
meanwhile, the others have moved up.
"""
BACK = 20
"""So often a list may move under our hands before nothing more is concluded from it."""


class ReadsAccounts(RealmClient, FindsAccounts, ListsAccounts):
    """Keycloak has logins in small letters. Service accounts are in no list."""

    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        call = self.call("find_account")
        number = None if external_id is None else self._documents.marked(external_id)
        if login:
            users = self._users({"username": login, "exact": "true"}, call)
        elif number:
            users = self._users(self._with_attribute(self._documents.identity, number, call), call)
        else:
            raise call.error(Rejected, "neither a login nor an external id to find an account by")
        found = [
            user
            for user in users
            if (not login or user.username.casefold() == login.casefold())
            and (number is None or user.attributes.get(self._documents.identity) == [number])
        ]
        if len(found) > 1:
            raise call.error(Conflict, f"{len(found)} accounts match {login or number}")
        if users and not found and number:
            self._must_be_shown(self._documents.identity, call)
        return self._whole(found[0], call) if found else None

    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        call = self.call("find_accounts")
        if email:
            users = self._users({"email": email, "exact": "true"}, call)
        elif employee_number:
            users = self._users(self._with_attribute(EMPLOYEE_NUMBER, employee_number, call), call)
        else:
            raise call.error(Rejected, "neither an employee number nor an address to find accounts by")
        accounts = [self._documents.account(user) for user in users]
        return [
            account
            for account in accounts
            if (not email or (account.email or "").casefold() == email.casefold())
            and (employee_number is None or account.employee_number == employee_number)
        ]

    def get_account(self, account_id: str) -> Account:
        call = self.call("get_account")
        return self._whole(self._realm.user(account_id, call), call)

    def list_accounts(self) -> Iterator[Account]:
        call = self.call("list_accounts")
        yield from self._listed(call)

    def _listed(self, call: Call) -> Iterator[Account]:
        """`Rejected` where there are fewer than Keycloak said before, and still says after."""
        expected = self._count(call)
        found = 0
        for user in self._every_user(call):
            found += 1
            yield self._documents.account(user)
        self._realm.must_see_users(call)
        if found < expected and found < self._count(call):
            raise call.error(
                Rejected, f"{call.provider} says that there are {expected} accounts, and gives {found}"
            )

    def _users(self, params: Params, call: Call) -> list[User]:
        """What Keycloak gives for a search. A search that it does not understand gives everybody: whether
        each of them matches is for the caller to see.
        """
        found: dict[str, User] = {}
        for page in self._realm.pages("users", User, call, params):
            found |= {user.id: user for user in page}
        self._realm.must_see_users(call)
        return list(found.values())

    def _with_attribute(self, name: str, value: str, call: Call) -> Params:
        if not (can_be_searched(value) and can_be_searched(name)):
            raise call.error(
                Rejected, f"{call.provider} cannot search for the {name} {value!r}: a backslash is in it"
            )
        return {"q": f"{quoted(name)}:{quoted(value)}"}

    def _must_be_shown(self, name: str, call: Call) -> None:
        """`Rejected` where Keycloak searches an attribute and shows nobody what is in it."""
        if hidden(self._realm.read("users/profile", Profile, call), name):
            raise call.error(
                Rejected,
                f"the realm's user profile shows no {name} to administrators: nobody can be found by it",
                hint="Realm settings → User profile: declare it, or let administrators see others",
            )

    def _count(self, call: Call) -> int:
        return int(read_as(self._realm.send("GET", "users/count", call), int, call))

    def _every_user(self, call: Call) -> Iterator[User]:
        """By login, each once. Keycloak's pages are numbered by places, so that a deletion moves what comes
        after it one place up: a page begins inside the one before it, and where it does not, we go back.
        """
        seen: set[str] = set()
        before: list[User] = []
        first = back = 0
        for _ in range(MAX_PAGES):
            asked = {"first": str(first), "max": str(PAGE_SIZE), "briefRepresentation": "false"}
            page = self._realm.read_list("users", User, call, params=asked)
            if page and page == before:
                raise call.error(Rejected, f"{call.provider} gives one page of its users twice")
            if first > 0 and (not page or page[0].id not in seen):
                back += 1
                if back > BACK:
                    break
                before, first = [], max(0, first - PAGE_SIZE)
                continue
            for user in page:
                if user.id not in seen:
                    seen.add(user.id)
                    yield user
            if len(page) < PAGE_SIZE:
                return
            before, first = page, first + len(page) - OVERLAP
        raise call.error(Rejected, f"{call.provider}'s list of users has no end, or moves all the time")
