"""Passwords, temporary access, sessions and factors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Account,
    EndsSessions,
    Factor,
    GivesTemporaryAccess,
    PasswordRules,
    ResetsFactors,
    Session,
    SetsPasswords,
    TemporaryAccess,
)
from officeflow.connectors.keycloak import passwords
from officeflow.connectors.keycloak.base import RealmClient
from officeflow.connectors.keycloak.realm import path_of
from officeflow.connectors.keycloak.types import (
    Consent,
    Credential,
    RealmSettings,
    RequiredAction,
    User,
    UserSession,
    moment,
)
from officeflow.counts import counted
from officeflow.errors import NotFound, Rejected

UPDATE_PASSWORD = "UPDATE_PASSWORD"  # noqa: S105 - Keycloak's name of a required action
ENROL: Mapping[str, str] = {
    "otp": "CONFIGURE_TOTP",
    "webauthn": "webauthn-register",
    "webauthn-passwordless": "webauthn-register-passwordless",
    "recovery-authn-codes": "CONFIGURE_RECOVERY_AUTHN_CODES",
}
"""By which required action a factor of this kind is enrolled."""
NO_FACTORS = frozenset({"password", "password-history"})


class KeepsCredentials(RealmClient, SetsPasswords, GivesTemporaryAccess, EndsSessions, ResetsFactors):
    """A password cannot be read back; when it was set, and whether it has to be changed, can."""

    def password_rules(self) -> PasswordRules:
        return passwords.rules(self._policy(self.call("password_rules")))

    def set_password(self, account_id: str, password: str, *, must_change: bool, key: str) -> Account:
        call = self.call("set_password", writes=True)
        user = self._set_password(account_id, password, call, key, must_change=must_change)
        with after_write():
            return self._whole(user, call.reading())

    def give_temporary_access(
        self, account_id: str, *, minutes: int, once: bool, key: str
    ) -> TemporaryAccess:
        """A password that has to be changed at the first sign-in, in place of the one before; `minutes`
        cannot be kept to, for Keycloak lets no password end.
        """
        del minutes
        call = self.call("give_temporary_access", writes=True)
        if not once:
            raise call.error(Rejected, f"temporary access by {call.provider} is good for one sign-in")
        password = passwords.made(self._policy(call.reading()))
        self._set_password(account_id, password, call, key, must_change=True)
        return TemporaryAccess(secret=password, kind="password", until=None, once=True)

    def sessions_of(self, account_id: str) -> Sequence[Session] | None:
        call = self.call("sessions_of")
        self._realm.user(account_id, call)
        return self._sessions_of(account_id, call)

    def end_sessions(self, account_id: str, *, key: str) -> str:
        call = self.call("end_sessions", writes=True)
        self._realm.user(account_id, call.reading())
        before = self._sessions_of(account_id, call.reading())
        self._realm.send("POST", path_of("users", account_id, "logout"), call, key=key)
        with after_write():
            for session in before:
                if session.kind == "token":
                    self._take(path_of("users", account_id, "consents", session.id), call, key)
            user = self._read_back(account_id, call)
            if left := self._sessions_of(account_id, call.reading()):
                raise call.nothing_happened(f"{_counts(left)} of account {user.username} are left")
            until = moment((user.not_before or 0) * 1000)
            if until is None:
                raise call.nothing_happened(f"tokens of account {user.username} from before are still good")
            return f"{_counts(before)} ended, none is left; {_refused(until)}"

    def factors_of(self, account_id: str) -> Sequence[Factor]:
        call = self.call("factors_of")
        self._realm.user(account_id, call)
        return self._factors(account_id, call)

    def reset_factors(self, account_id: str, *, key: str) -> Sequence[Factor]:
        """First its person is made to enrol anew, then the factors go: never is the password alone enough
        in between.
        """
        call = self.call("reset_factors", writes=True)
        reading = call.reading()
        user = self._realm.user(account_id, reading)
        taken = self._factors(account_id, reading)
        if not taken:
            return taken
        actions = self._to_enrol(user, taken, reading)
        if set(actions) != set(user.required_actions):
            place = path_of("users", account_id)
            self._realm.send("PUT", place, call, body={"requiredActions": actions}, key=key)
        with after_write():
            for factor in taken:
                self._take(path_of("users", account_id, "credentials", factor.id), call, key)
            after = self._read_back(account_id, call)
            if self._factors(account_id, reading) or set(actions) - set(after.required_actions):
                raise call.nothing_happened(f"account {after.username} has not lost all its factors")
        return taken

    def _take(self, path: str, call: Call, key: str) -> None:
        """Away, where it has not gone by itself."""
        with suppress(NotFound):
            self._realm.send("DELETE", path, call, key=key)

    def _set_password(
        self, account_id: str, password: str, call: Call, key: str, *, must_change: bool
    ) -> User:
        reading = call.reading()
        self._realm.user(account_id, reading)
        before = self._password_set(account_id, reading)
        body = {"type": "password", "value": password, "temporary": must_change}
        path = path_of("users", account_id, "reset-password")
        self._realm.send("PUT", path, call, body=body, key=key, secret=True)
        with after_write():
            user = self._read_back(account_id, call)
            is_elsewhere = bool(
                user.federation_link
            )  # a directory keeps the password, and tells nothing of it
            if not is_elsewhere and self._password_set(account_id, reading) in {before, None}:
                raise call.nothing_happened(f"account {user.username} has the password that it had")
            if (UPDATE_PASSWORD in user.required_actions) is not must_change:
                told = "need not" if must_change else "still has to"
                raise call.nothing_happened(f"the person of {user.username} {told} change the password")
            return user

    def _password_set(self, account_id: str, call: Call) -> tuple[str, int | None] | None:
        found = [each for each in self._credentials(account_id, call) if each.type == "password"]
        return (found[0].id, found[0].created_date) if found else None

    def _credentials(self, account_id: str, call: Call) -> list[Credential]:
        return self._realm.read_list(path_of("users", account_id, "credentials"), Credential, call)

    def _factors(self, account_id: str, call: Call) -> list[Factor]:
        return [
            Factor(id=each.id, kind=each.type, name=each.user_label or "")
            for each in self._credentials(account_id, call)
            if each.type not in NO_FACTORS
        ]

    def _to_enrol(self, user: User, factors: Sequence[Factor], call: Call) -> list[str]:
        """The account's required actions with those by which the factors are enrolled, as far as the realm
        has them.
        """
        known = self._realm.read_list("authentication/required-actions", RequiredAction, call)
        there = {action.alias for action in known if action.enabled}
        wanted = [ENROL[factor.kind] for factor in factors if factor.kind in ENROL]
        return list(dict.fromkeys([*user.required_actions, *(each for each in wanted if each in there)]))

    def _policy(self, call: Call) -> str | None:
        return self._realm.read("", RealmSettings, call).password_policy

    def _sessions_of(self, account_id: str, call: Call) -> list[Session]:
        place = path_of("users", account_id)
        sessions = [each.session() for each in self._realm.read_list(f"{place}/sessions", UserSession, call)]
        consents = self._realm.read_list(f"{place}/consents", Consent, call)
        return sessions + [
            Session(
                id=consent.client_id,
                kind="token",
                name=f"{consent.client_id} ({'offline token' if consent.additional_grants else 'consent'})",
                since=moment(consent.created_date),
            )
            for consent in consents
        ]


def _counts(sessions: Sequence[Session]) -> str:
    kinds = [each.kind for each in sessions]
    return f"{counted(kinds.count('session'), 'session')} and {counted(kinds.count('token'), 'token')}"


def _refused(until: dt.datetime) -> str:
    return f"tokens from before {until:%Y-%m-%d %H:%M:%S} UTC are refused"
