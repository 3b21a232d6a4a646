"""How people prove on paper who they are."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

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
from officeflow.errors import Rejected
from tests.nodes.paper.connectors.paper.base import PaperClient

LONGEST_ACCESS = 8 * 60
"""Minutes."""


class Credentials(PaperClient, SetsPasswords, GivesTemporaryAccess, EndsSessions, ResetsFactors):
    def password_rules(self) -> PasswordRules:
        self._reads("password_rules")
        return self._directory.rules

    def set_password(self, account_id: str, password: str, *, must_change: bool, key: str) -> Account:
        call, directory = self._writes("set_password", key), self._directory
        account = directory.known(account_id, call)
        if len(password) < directory.rules.shortest or classes_in(password) < directory.rules.classes:
            raise call.error(Rejected, "the password is not as the rules want it")
        kept = (password, must_change)
        directory.write(
            call,
            lambda: directory.passwords.update({account_id: kept}),
            lambda: directory.passwords.get(account_id) == kept,
            account_id,
        )
        return account

    def give_temporary_access(
        self, account_id: str, *, minutes: int, once: bool, key: str
    ) -> TemporaryAccess:
        call, directory = self._writes("give_temporary_access", key), self._directory
        directory.known(account_id, call)
        if minutes > LONGEST_ACCESS:
            raise call.error(Rejected, f"{minutes} minutes are more than {LONGEST_ACCESS}")
        code = secrets.token_hex(8)
        directory.write(
            call,
            lambda: directory.access.update({account_id: code}),
            lambda: directory.access.get(account_id) == code,
            account_id,
        )
        until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
        return TemporaryAccess(secret=code, kind="passcode", until=until, once=once)

    def sessions_of(self, account_id: str) -> Sequence[Session] | None:
        self._directory.known(account_id, self._reads("sessions_of"))
        return list(self._directory.sessions[account_id]) if self._directory.tells_sessions else None

    def end_sessions(self, account_id: str, *, key: str) -> str:
        call = self._writes("end_sessions", key)
        self._directory.known(account_id, call)
        open_ones = self._directory.sessions[account_id]
        count = len(open_ones)
        self._directory.write(call, open_ones.clear, lambda: not open_ones, account_id)
        return f"{count} ended, none is left"

    def factors_of(self, account_id: str) -> Sequence[Factor]:
        self._directory.known(account_id, self._reads("factors_of"))
        return list(self._directory.factors[account_id])

    def reset_factors(self, account_id: str, *, key: str) -> Sequence[Factor]:
        call = self._writes("reset_factors", key)
        self._directory.known(account_id, call)
        there = self._directory.factors[account_id]
        gone = list(there)
        if gone:
            self._directory.write(call, there.clear, lambda: not there, account_id)
        return gone


def classes_in(password: str) -> int:
    """How many of lower case, upper case, digits and signs are in it."""
    kinds = {
        "lower" if sign.islower() else "upper" if sign.isupper() else "digit" if sign.isdigit() else "sign"
        for sign in password
    }
    return len(kinds)
