"""Accounts: created, changed, renamed, suspended, unlocked and deleted."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Account,
    AccountChange,
    CreatesAccounts,
    DeletesAccounts,
    NewAccount,
    RenamesAccounts,
    SetsManagers,
    SuspendsAccounts,
    UnlocksAccounts,
    UpdatesAccounts,
)
from officeflow.connectors.keycloak.accounts import ReadsAccounts
from officeflow.connectors.keycloak.documents import MANAGER, Wish, body_of, lost, not_writable
from officeflow.connectors.keycloak.realm import path_of
from officeflow.connectors.keycloak.types import Lock, Profile, RealmSettings, RequiredAction, User
from officeflow.errors import NotFound, Rejected


class ChangesAccounts(
    ReadsAccounts,
    CreatesAccounts,
    UpdatesAccounts,
    RenamesAccounts,
    SuspendsAccounts,
    UnlocksAccounts,
    DeletesAccounts,
    SetsManagers,
):
    """After every write the account is read again, by its id."""

    def create_account(self, account: NewAccount, *, key: str) -> Account:
        call = self.call("create_account", writes=True)
        wish = self._documents.wish(account, call)
        self._must_be_kept(wish, call)
        body = {"username": account.login, "enabled": account.active, **body_of(wish, None)}
        response = self._realm.send("POST", "users", call, body=body, key=key)
        with after_write():
            user = self._read_back(
                self._created_id(response.headers.get("Location", ""), account, call), call
            )
            wrong = wish.missing_in(user)
            wrong += [] if user.username.casefold() == account.login.casefold() else ["login"]
            wrong += [] if user.enabled is account.active else ["active"]
            if wrong:
                raise call.nothing_happened(
                    f"account {user.username} reads back otherwise than it was created: {', '.join(wrong)}"
                )
            return self._whole(user, call.reading())

    def update_account(self, account_id: str, change: AccountChange, *, key: str) -> Account:
        call = self.call("update_account", writes=True)
        return self._fulfil(account_id, self._documents.wish(change, call), call, key)

    def set_manager(self, account_id: str, manager_id: str | None, *, key: str) -> Account:
        call = self.call("set_manager", writes=True)
        if manager_id is not None:
            try:
                self._realm.user(manager_id, call.reading())
            except NotFound as error:
                raise call.error(
                    NotFound, f"the manager's account {manager_id} is not there", status=404
                ) from error
        return self._fulfil(account_id, Wish(attributes={MANAGER: manager_id or ""}), call, key)

    def rename_account(self, account_id: str, login: str, *, keep_old: bool, key: str) -> Account:
        del keep_old  # an account has no aliases
        call = self.call("rename_account", writes=True)
        user = self._realm.user(account_id, call.reading())
        if user.username.casefold() == login.casefold():
            return self._whole(user, call.reading())
        settings = self._realm.read("", RealmSettings, call.reading())
        if settings.registration_email_as_username:
            text = "logins are e-mail addresses in this realm: change the account's e-mail address"
            raise call.error(Rejected, text)
        if settings.edit_username_allowed is False:
            raise call.error(
                Rejected,
                "this realm lets nobody change a login",
                hint="Realm settings → Login → Edit username",
            )
        self._put(account_id, {"username": login}, call, key)
        with after_write():
            after = self._read_back(account_id, call)
            if after.username.casefold() != login.casefold():
                raise call.nothing_happened(f"the account is still called {after.username}")
            self._nothing_else(user, after, Wish(), call)
            return self._whole(after, call.reading())

    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        call = self.call("set_active", writes=True)
        self._put(account_id, {"enabled": active}, call, key)
        with after_write():
            user = self._read_back(account_id, call)
            if user.enabled is not active:
                raise call.nothing_happened(
                    f"account {user.username} still reads {'enabled' if user.enabled else 'disabled'}"
                )
            return self._whole(user, call.reading())

    def unlock_account(self, account_id: str, *, key: str) -> Account:
        call = self.call("unlock_account", writes=True)
        user = self._realm.user(account_id, call.reading())
        lock = path_of("attack-detection", "brute-force", "users", account_id)
        if not self._realm.read(lock, Lock, call).disabled and not user.locked_for_good:
            return self._whole(user, call.reading())
        self._realm.send("DELETE", lock, call, key=key)
        with after_write():
            if user.locked_for_good:
                self._put(account_id, {"enabled": True}, call, key)
            account = self._whole(self._read_back(account_id, call), call.reading())
            if account.locked:
                raise call.nothing_happened(f"account {account.login} is still locked")
            return account

    def delete_account(self, account_id: str, *, key: str) -> None:
        call = self.call("delete_account", writes=True)
        self._realm.send("DELETE", path_of("users", account_id), call, key=key)
        with after_write():
            try:
                user = self._realm.user(account_id, call)
            except NotFound:
                return
            raise call.nothing_happened(f"account {user.username} is still there")

    def _fulfil(self, account_id: str, wish: Wish, call: Call, key: str) -> Account:
        user = self._realm.user(account_id, call.reading())
        body = body_of(wish, user)
        if not body:
            return self._whole(user, call.reading())
        self._must_be_kept(wish, call, user)
        self._put(account_id, body, call, key)
        with after_write():
            after = self._read_back(account_id, call)
            if wrong := wish.missing_in(after):
                raise call.nothing_happened(f"account {after.username} has still another {', '.join(wrong)}")
            self._nothing_else(user, after, wish, call)
            return self._whole(after, call.reading())

    def _nothing_else(self, before: User, after: User, wish: Wish, call: Call) -> None:
        if names := lost(before, after, wish):
            raise call.nothing_happened(
                f"something else of account {after.username} is different now: {', '.join(names)}"
            )

    def _put(self, account_id: str, body: dict[str, object], call: Call, key: str) -> None:
        self._realm.send("PUT", path_of("users", account_id), call, body=body, key=key)

    def _must_be_kept(self, wish: Wish, call: Call, user: User | None = None) -> None:
        """`Rejected` where Keycloak would say yes to what is wished, and not keep it."""
        attributes = wish.attributes_differ(user) if user else {n: t for n, t in wish.attributes.items() if t}
        names = [*attributes, *(wish.root_differs(user) if user else wish.root)]
        if names:
            profile = self._realm.read("users/profile", Profile, call.reading())
            if barred := not_writable(profile, names):
                raise call.error(
                    Rejected,
                    f"the realm's user profile has no {' and no '.join(barred)} that an administrator may"
                    " write: Keycloak would drop it",
                    hint="Realm settings → User profile: declare it, or let administrators write others",
                )
        if wish.actions:
            known = self._realm.read_list("authentication/required-actions", RequiredAction, call.reading())
            there = {action.alias for action in known if action.enabled}
            if unknown := [each for each in wish.actions if each not in there]:
                raise call.error(Rejected, f"the realm has no required action {unknown[0]}")

    def _created_id(self, location: str, account: NewAccount, call: Call) -> str:
        """By the answer's Location, or by a search for the login where something in between took that
        away.
        """
        if place := urlsplit(location).path.rstrip("/"):
            return unquote(place.rpartition("/")[2])
        found = self.find_account(login=account.login)
        if found is None:
            raise call.nothing_happened(
                f"its answer names no account, and there is none with the login {account.login}"
            )
        return found.id
