"""Accounts found, listed, created, changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra import attributes, batch, comparing
from officeflow.connectors.entra.base import MANAGER, Tenant
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import LARGEST_PAGE, Read, json_of, quoted, segment
from officeflow.connectors.entra.settings import EXTENSION_ATTRIBUTE
from officeflow.connectors.entra.types import Reference
from officeflow.connectors.entra.user import User
from officeflow.connectors.families.identity import (
    Account,
    AccountChange,
    CreatesAccounts,
    FindsAccounts,
    ListsAccounts,
    NewAccount,
    UpdatesAccounts,
)
from officeflow.errors import Conflict, Rejected


class Accounts(Tenant, FindsAccounts, ListsAccounts, CreatesAccounts, UpdatesAccounts):
    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        call = self.call("find_account")
        if login is None and external_id is None:
            raise call.error(Rejected, "neither a login nor an external id to find an account by")
        found = self._matching(login, external_id, call)
        if len(found) > 1:
            raise call.error(
                Conflict, f"{len(found)} accounts match: {', '.join(e.user_principal_name for e in found)}"
            )
        return self._account(found[0], call) if found else None

    def _matching(self, login: str | None, external_id: str | None, call: Call) -> list[User]:
        """Those that fit all that is given, looked at ourselves too: an answer may ignore a filter."""
        number = attributes.marked(external_id, self.settings)
        name = self.settings.identity
        is_indexed = number is not None and bool(EXTENSION_ATTRIBUTE.fullmatch(name))
        place = f"{attributes.FIFTEEN_IN}/{name}" if is_indexed else name
        wanted = [f"{place} eq {quoted(number)}"] if number is not None else []
        wanted += [f"userPrincipalName eq {quoted(login)}"] if login is not None else []
        params = {"$select": attributes.selected(self.settings), "$filter": " and ".join(wanted)}
        if not is_indexed:  # advanced queries expand nothing
            params["$expand"] = MANAGER
        found = self.graph.every(Read(path="users", params=params, advanced=is_indexed), User, call)
        users = {each.id: each for each in found}
        if is_indexed:  # the index lags, and knows no manager
            users = {identity: self._user(identity, call) for identity in users}
        return [
            each
            for each in users.values()
            if (login is None or each.user_principal_name.casefold() == login.casefold())
            and (number is None or each.get(name) == number)
        ]

    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        call = self.call("find_accounts")
        filters = _by_number(employee_number) if employee_number is not None else _by_email(email or "")
        if employee_number is None and email is None:
            return []
        reads = [
            Read(
                path="users",
                params={
                    "$select": attributes.selected(self.settings),
                    "$filter": each,
                    "$expand": MANAGER,
                },
            )
            for each in filters
        ]
        found: dict[str, Account] = {}
        for read, answer in zip(reads, batch.answers(self.graph, reads, call), strict=True):
            for page in self.graph.pages_from(answer, read, call):
                for each in page:
                    account = valid(User, each, call).account(self.settings)
                    if _fits(account, employee_number, email):
                        found[account.id] = account
        return list(found.values())

    def get_account(self, account_id: str) -> Account:
        call = self.call("get_account")
        return self._account(self._user(account_id, call), call)

    def list_accounts(self) -> Iterator[Account]:
        call = self.call("list_accounts")
        params = {
            "$select": attributes.selected(self.settings),
            "$expand": MANAGER,
            "$top": LARGEST_PAGE,
        }
        seen: set[str] = set()
        for page in self.graph.pages(Read(path="users", params=params), call):
            users: list[User] = [valid(User, each, call) for each in page]
            fresh = [user for user in users if user.id not in seen]
            if users and not fresh:
                raise call.error(Rejected, "the list of users gives a page again")
            for user in fresh:
                if user.id not in seen:
                    seen.add(user.id)
                    yield user.account(self.settings)

    def create_account(self, account: NewAccount, *, key: str) -> Account:
        call = self.call("create_account", writes=True)
        body = attributes.new_user(account, self.settings, call)
        secret = body["passwordProfile"]["password"]
        answer = self.graph.send("POST", "users", call, body=body, key=key, secret=secret)
        with after_write():
            created: Reference = valid(Reference, json_of(answer, call), call)
        return self._seen(created.id, lambda user: self._not_as_wished(user, account), call)

    def _not_as_wished(self, user: User, wished: NewAccount) -> str:
        """What of that which later acts rely on is not as wished."""
        number = attributes.marked(wished.external_id, self.settings)
        read = user.get(self.settings.identity)
        checks = (
            (
                "login",
                user.user_principal_name.casefold() == wished.login.casefold(),
                user.user_principal_name,
            ),
            (self.settings.identity, number is None or read == number, read),
            ("active", user.account_enabled is wished.active, user.account_enabled),
        )
        return ", ".join(f"{name} {value}" for name, right, value in checks if not right)

    def update_account(self, account_id: str, change: AccountChange, *, key: str) -> Account:
        call = self.call("update_account", writes=True)
        body = attributes.changes(change, self.settings, call)
        reading = call.reading()
        more = [name for name in body if name.startswith("extension_")]
        user = self._user(account_id, reading, *more)
        self._own(user, comparing.mastered(user, body), call)
        if not comparing.different(user, body):
            return self._account(user, reading)
        self.graph.change("PATCH", f"users/{segment(user.id)}", call, body=body, key=key)
        return self._seen(user.id, lambda found: ", ".join(comparing.different(found, body)), call, *more)


def _by_number(number: str) -> list[str]:
    return [f"employeeId eq {quoted(number)}"]


def _by_email(email: str) -> list[str]:
    """Each place by itself: not every combination of them is one that Entra answers."""
    return [
        f"mail eq {quoted(email)}",
        f"proxyAddresses/any(a:a eq {quoted(f'smtp:{email}')})",
        f"otherMails/any(a:a eq {quoted(email)})",
    ]


def _fits(account: Account, employee_number: str | None, email: str | None) -> bool:
    mails = {each.casefold() for each in account.emails}
    return (employee_number is None or account.employee_number == employee_number) and (
        email is None or email.casefold() in mails
    )
