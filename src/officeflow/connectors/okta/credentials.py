"""Passwords, temporary ones, and factors."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Account,
    Factor,
    GivesTemporaryAccess,
    PasswordRules,
    ResetsFactors,
    SetsPasswords,
    TemporaryAccess,
)
from officeflow.connectors.okta import types
from officeflow.connectors.okta.api import model_of, path_of
from officeflow.connectors.okta.base import OktaBase
from officeflow.connectors.okta.profile import OPEN
from officeflow.connectors.okta.types import TemporaryPassword, User
from officeflow.errors import Rejected

EXPIRED = "PASSWORD_EXPIRED"
BY_ITSELF = "email"
"""The factor that Okta may have for everybody with an address. Neither its description nor its documentation
says whether a reset ends it: what reads back counts."""


class Credentials(OktaBase, SetsPasswords, GivesTemporaryAccess, ResetsFactors):
    def password_rules(self) -> PasswordRules:
        """Okta tells an organization's rules to those who may read its policies, which nothing else here
        needs: these are stricter than its usual ones.
        """
        return PasswordRules()

    def set_password(self, account_id: str, password: str, *, must_change: bool, key: str) -> Account:
        call = self.call("set_password", writes=True)
        user = self._there(account_id, call)
        if must_change:
            self._demand_open(user, call)
        body = {"credentials": {"password": {"value": password}}}
        self._api.send("POST", path_of("users", account_id), call, body=body, key=key, masked=password)
        with after_write():
            read = self._settled(account_id, call, lambda read: _has_another(read, user))
            if not _has_another(read, user):
                raise call.nothing_happened(f"account {user.login} still has the password that it had")
            if not must_change:
                return self._with_groups(read, call)
        with self._further_step():
            path = path_of("users", account_id, "lifecycle", "expire_password")
            self._api.send("POST", path, call, key=key)
        with after_write():
            return self._expired(account_id, call)

    def _expired(self, account_id: str, call: Call) -> Account:
        user = self._settled(account_id, call, lambda user: user.status == EXPIRED)
        if user.status != EXPIRED:
            raise call.nothing_happened(f"account {user.login} still reads {user.status}")
        return self._with_groups(user, call)

    def give_temporary_access(
        self, account_id: str, *, minutes: int, once: bool, key: str
    ) -> TemporaryAccess:
        """A password in the place of the one that the account has, which its person has to change at once.
        Okta ends it with the organization's usual age of passwords, not after `minutes`.
        """
        del minutes
        call = self.call("give_temporary_access", writes=True)
        if not once:
            text = "Okta's temporary password is changed at the first sign-in: it is good for one"
            raise call.error(Rejected, text)
        user = self._there(account_id, call)
        self._demand_open(user, call)
        path = path_of("users", account_id, "lifecycle", "expire_password_with_temp_password")
        response = self._api.send("POST", path, call, params={"revokeSessions": "false"}, key=key)
        with after_write():
            given = model_of(response, TemporaryPassword, call)
            read = self._settled(
                account_id, call, lambda read: read.status == EXPIRED and _has_another(read, user)
            )
            if read.status != EXPIRED or not _has_another(read, user):
                raise call.nothing_happened(f"account {read.login} has no other password when read back")
            return TemporaryAccess(secret=given.value, kind="password", until=None, once=True)

    def _demand_open(self, user: User, call: Call) -> None:
        """Okta would open a staged account by that, and refuses a suspended one."""
        if user.status not in OPEN:
            raise call.error(Rejected, f"account {user.login} is {user.status}", hint="activate it first")

    def factors_of(self, account_id: str) -> Sequence[Factor]:
        call = self.call("factors_of")
        self._user(account_id, call)
        return [_factor(each) for each in self._factors(account_id, call)]

    def reset_factors(self, account_id: str, *, key: str) -> Sequence[Factor]:
        call = self.call("reset_factors", writes=True)
        self._user(account_id, call.reading())
        before = self._factors(account_id, call.reading())
        if not before:
            return []
        self._api.send("POST", path_of("users", account_id, "lifecycle", "reset_factors"), call, key=key)
        with after_write():
            left = self._seen(lambda: self._factors(account_id, call), lambda read: not _resettable(read))
            if kinds := sorted(each.kind for each in _resettable(left)):
                raise call.nothing_happened(f"the factors {', '.join(kinds)} are still there")
            kept = {each.id for each in left}
            return [_factor(each) for each in before if each.id not in kept]

    def _factors(self, account_id: str, call: Call) -> list[types.Factor]:
        return list(self._api.every(path_of("users", account_id, "factors"), types.Factor, call))


def _has_another(read: User, before: User) -> bool:
    return read.password_changed is not None and read.password_changed != before.password_changed


def _resettable(factors: Sequence[types.Factor]) -> list[types.Factor]:
    return [each for each in factors if each.kind != BY_ITSELF]


def _factor(factor: types.Factor) -> Factor:
    return Factor(
        id=factor.id, kind=factor.kind, name=factor.provider or "", may_stay=factor.kind == BY_ITSELF
    )
