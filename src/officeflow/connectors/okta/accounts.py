"""Accounts: found, listed, created, changed, renamed, and given a manager."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Account,
    AccountChange,
    CreatesAccounts,
    FindsAccounts,
    ListsAccounts,
    NewAccount,
    RenamesAccounts,
    SetsManagers,
    UpdatesAccounts,
)
from officeflow.connectors.okta.api import PAGE_SIZE, model_of, path_of
from officeflow.connectors.okta.base import OktaBase
from officeflow.connectors.okta.errors import Invalid
from officeflow.connectors.okta.passwords import unknown_password
from officeflow.connectors.okta.profile import OPEN, otherwise, sent
from officeflow.connectors.okta.types import Keyed, User, equals, quoted
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected

STATUSES = (*sorted(OPEN), "DEPROVISIONED", "STAGED", "SUSPENDED")
EVERY = " or ".join(f"status eq {quoted(status)}" for status in STATUSES)
"""Without a filter Okta leaves out who is deactivated."""
LONGEST_CHAIN = 100


class Accounts(
    OktaBase, FindsAccounts, ListsAccounts, CreatesAccounts, UpdatesAccounts, RenamesAccounts, SetsManagers
):
    def find_account(self, *, login: str | None = None, external_id: str | None = None) -> Account | None:
        call = self.call("find_account")
        if login is not None:
            found = self._by_login(login, call)
            user = found if found and (external_id is None or self._is(found, external_id)) else None
        elif external_id is not None:
            users = self._by_identity(external_id, call)
            if len(users) > 1:
                raise call.error(Conflict, f"{len(users)} accounts have the identity {external_id!r}")
            user = users[0] if users else None
        else:
            raise call.error(Rejected, "neither a login nor an external id to find an account by")
        return self._with_groups(user, call) if user else None

    def _by_login(self, login: str, call: Call) -> User | None:
        """At once, by its address. Where a login cannot stand in one, by the list, which sees late what is
        written.
        """
        if "/" in login or "\\" in login or not login.strip("."):
            asked = {"filter": equals({"profile.login": login}), "limit": PAGE_SIZE}
            return next((user for user in self._listed(asked, call) if _has_login(user, login)), None)
        try:
            user = self._api.one(path_of("users", login), User, call)
        except NotFound:
            return None
        return user if _has_login(user, login) else None

    def _by_identity(self, external_id: str, call: Call) -> list[User]:
        written = self._identity.written(external_id)
        asked = {
            "search": equals({f"profile.{self._identity.attribute}": written}),
            "limit": PAGE_SIZE,
        }
        return [user for user in self._listed(asked, call) if self._is(user, external_id)]

    def _is(self, user: User, external_id: str) -> bool:
        """Text is compared without case by Okta, and an identity is not."""
        return str(user.profile.get(self._identity.attribute) or "") == self._identity.written(external_id)

    def _listed(self, asked: dict[str, str], call: Call) -> Iterator[User]:
        return self._api.every("users", User, call, asked)

    def find_accounts(
        self, *, employee_number: str | None = None, email: str | None = None
    ) -> Sequence[Account]:
        call = self.call("find_accounts")
        wanted = equals({"profile.employeeNumber": employee_number, "profile.email": email})
        if not wanted:
            raise call.error(Rejected, "neither an employee number nor an e-mail address to find accounts by")
        accounts = map(self._account, self._listed({"search": wanted, "limit": PAGE_SIZE}, call))
        return [
            account
            for account in accounts
            if employee_number in {None, account.employee_number}
            and (email is None or (account.email or "").casefold() == email.casefold())
        ]

    def get_account(self, account_id: str) -> Account:
        call = self.call("get_account")
        return self._with_groups(self._user(account_id, call), call)

    def list_accounts(self) -> Iterator[Account]:
        call = self.call("list_accounts")
        for user in self._listed({"filter": EVERY, "limit": PAGE_SIZE}, call):
            yield self._account(user)

    def create_account(self, account: NewAccount, *, key: str) -> Account:
        call = self.call("create_account", writes=True)
        if account.unit is not None:
            raise call.error(Rejected, "Okta has no organizational units to create an account in")
        profile = {"login": account.login, "email": account.email or account.login}
        profile |= {name: value for name, value in sent(account, self._identity, call).items() if value}
        body: dict[str, object] = {"profile": profile}
        password = unknown_password() if account.active and not self._mails else ""
        if password:
            body["credentials"] = {"password": {"value": password}}
        params = {"activate": "true" if account.active else "false"}
        try:
            response = self._api.send(
                "POST", "users", call, body=body, params=params, key=key, masked=password
            )
        except Invalid as error:
            raise self._taken(account.login, error, call) from error
        with after_write():
            created = model_of(response, Keyed, call)
            user = self._settled(created.id, call, lambda user: (user.status in OPEN) is account.active)
            if wrong := otherwise(user, profile):
                raise call.nothing_happened(f"account {user.login} reads back with another {wrong}")
            if (user.status in OPEN) is not account.active:
                raise call.nothing_happened(f"account {user.login} reads back as {user.status}")
            return self._with_groups(user, call)

    def _taken(self, login: str, error: Invalid, call: Call, *, owner: str = "") -> ConnectorError:
        """A login that is taken has the code that every field has which does not fit: whether it is that is
        looked up. `owner` is the id of whom it may belong to.
        """
        other = self._by_login(login, call.reading())
        if other is None or other.id == owner:
            return error
        return call.error(
            Conflict, f"another account has the login {login}: {error.message}", status=error.status
        )

    def update_account(self, account_id: str, change: AccountChange, *, key: str) -> Account:
        call = self.call("update_account", writes=True)
        profile = sent(change, self._identity, call)
        user = self._there(account_id, call)
        if not profile:
            return self._with_groups(user, call.reading())
        return self._updated(account_id, profile, call, key=key)

    def _updated(self, account_id: str, profile: dict[str, str | None], call: Call, *, key: str) -> Account:
        """POST changes what is sent and leaves the rest."""
        self._api.send("POST", path_of("users", account_id), call, body={"profile": profile}, key=key)
        with after_write():
            user = self._user_read_back(account_id, call)
            if wrong := otherwise(user, profile):
                raise call.nothing_happened(f"account {user.login} reads back with another {wrong}")
            return self._with_groups(user, call)

    def rename_account(self, account_id: str, login: str, *, keep_old: bool, key: str) -> Account:
        del keep_old  # Okta has no aliases: the mail system keeps the old address, or does not
        call = self.call("rename_account", writes=True)
        user = self._there(account_id, call)
        if user.login == login:
            return self._with_groups(user, call.reading())
        try:
            return self._updated(account_id, {"login": login}, call, key=key)
        except Invalid as error:
            raise self._taken(login, error, call, owner=account_id) from error

    def set_manager(self, account_id: str, manager_id: str | None, *, key: str) -> Account:
        call = self.call("set_manager", writes=True)
        user = self._there(account_id, call)
        if (user.profile.get("managerId") or None) == manager_id:
            return self._with_groups(user, call.reading())
        if manager_id is not None:
            self._refuse_circle(user, manager_id, call)
        return self._updated(account_id, {"managerId": manager_id}, call, key=key)

    def _refuse_circle(self, user: User, manager_id: str, call: Call) -> None:
        """`NotFound` where there is no such manager, `Rejected` where the account would be above itself."""
        reading = call.reading()
        try:
            above = self._user(manager_id, reading)
        except NotFound as error:
            raise call.error(NotFound, f"there is no account {manager_id} to be the manager") from error
        for _ in range(LONGEST_CHAIN):
            if above.id == user.id:
                raise call.error(Rejected, f"account {user.login} would be above itself in the chain")
            try:
                above = self._user(str(above.profile.get("managerId") or ""), reading)
            except NotFound:  # the top, or something that is no id of Okta's
                return


def _has_login(user: User, login: str) -> bool:
    return user.login.casefold() == login.casefold()
