"""The life cycle of accounts: suspended and activated, unlocked, deleted.

A suspended account keeps what it has. Okta suspends an active one alone: one that is locked is unlocked just
before, and one whose person has to choose a password (`PROVISIONED`, `RECOVERY`, `PASSWORD_EXPIRED`) is given
one that nobody knows. Whether that makes it active Okta does not say: where it does not, that is told.
Deactivated and staged ones are closed as they are.
"""

from __future__ import annotations

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Account,
    DeletesAccounts,
    SuspendsAccounts,
    UnlocksAccounts,
)
from officeflow.connectors.okta.api import path_of
from officeflow.connectors.okta.base import OktaBase
from officeflow.connectors.okta.passwords import unknown_password
from officeflow.connectors.okta.profile import OPEN
from officeflow.connectors.okta.types import User
from officeflow.errors import NotFound, Rejected


class Lifecycle(OktaBase, SuspendsAccounts, UnlocksAccounts, DeletesAccounts):
    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        call = self.call("set_active", writes=True)
        user = self._user(account_id, call.reading())
        if (user.status in OPEN) is active:
            return self._with_groups(user, call.reading())
        if active:
            return self._opened(user, call, key=key)
        if user.status != "ACTIVE":
            now = self._make_active(user, call, key=key)
            with self._further_step():
                if now.status != "ACTIVE":
                    raise call.error(
                        Rejected,
                        f"account {now.login} has a password that nobody knows, and still reads {now.status}:"
                        " Okta suspends active accounts alone",
                        hint="deactivate it in Okta, which takes an account of any status",
                    )
                return self._suspended(account_id, call, key=key)
        return self._suspended(account_id, call, key=key)

    def _opened(self, user: User, call: Call, *, key: str) -> Account:
        if user.status == "SUSPENDED":
            self._step(user.id, "unsuspend", call, key=key)
        else:
            mails = "true" if self._mails else "false"
            self._step(user.id, "activate", call, key=key, sendEmail=mails)
        return self._now(user.id, call, OPEN)

    def _make_active(self, user: User, call: Call, *, key: str) -> User:
        """As it is then. That a password makes a waiting account active no description says: it is looked."""
        if user.status == "LOCKED_OUT":
            self._step(user.id, "unlock", call, key=key)
        else:
            password = unknown_password()
            body = {"credentials": {"password": {"value": password}}}
            self._api.send("POST", path_of("users", user.id), call, body=body, key=key, masked=password)
        with after_write():
            return self._settled(user.id, call, lambda read: read.status == "ACTIVE")

    def _suspended(self, account_id: str, call: Call, *, key: str) -> Account:
        self._step(account_id, "suspend", call, key=key)
        return self._now(account_id, call, frozenset({"SUSPENDED"}))

    def unlock_account(self, account_id: str, *, key: str) -> Account:
        call = self.call("unlock_account", writes=True)
        user = self._user(account_id, call.reading())
        if user.status != "LOCKED_OUT":
            return self._with_groups(user, call.reading())
        self._step(account_id, "unlock", call, key=key)
        return self._now(account_id, call, OPEN - {"LOCKED_OUT"})

    def delete_account(self, account_id: str, *, key: str) -> None:
        call = self.call("delete_account", writes=True)
        user = self._user(account_id, call.reading())
        if user.status == "DEPROVISIONED":
            self._delete(account_id, call, key=key)
            return
        self._step(account_id, "deactivate", call, key=key, sendEmail="false")
        with after_write():
            read = self._settled(account_id, call, lambda user: user.status == "DEPROVISIONED")
            if read.status != "DEPROVISIONED":
                raise call.nothing_happened(f"account {read.login} still reads {read.status}")
        with self._further_step():
            self._delete(account_id, call, key=key)

    def _delete(self, account_id: str, call: Call, *, key: str) -> None:
        self._api.send("DELETE", path_of("users", account_id), call, params={"sendEmail": "false"}, key=key)
        with after_write():
            left = self._seen(lambda: self._left(account_id, call), lambda user: user is None)
            if left is not None:
                raise call.nothing_happened(f"account {left.login} is still there, as {left.status}")

    def _left(self, account_id: str, call: Call) -> User | None:
        try:
            return self._user(account_id, call)
        except NotFound:
            return None

    def _step(self, account_id: str, step: str, call: Call, *, key: str, **params: str) -> None:
        self._api.send("POST", path_of("users", account_id, "lifecycle", step), call, params=params, key=key)

    def _now(self, account_id: str, call: Call, statuses: frozenset[str]) -> Account:
        """The account after a step, which has to have one of these statuses."""
        with after_write():
            user = self._settled(account_id, call, lambda user: user.status in statuses)
            if user.status not in statuses:
                raise call.nothing_happened(f"account {user.login} still reads {user.status}")
            return self._with_groups(user, call)
