"""Passwords, what lets somebody in without one, and two-step verification."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Account,
    EndsSessions,
    Factor,
    PasswordRules,
    ResetsFactors,
    Session,
    SetsPasswords,
)
from officeflow.connectors.google import services
from officeflow.connectors.google.types import ApplicationPassword, Token, User, valid
from officeflow.connectors.google.workspace import Workspace
from officeflow.counts import counted
from officeflow.errors import NotFound

TWO_STEPS = Factor(id="2sv", kind="2-step verification")
CODES = "backup codes"


class Credentials(Workspace, SetsPasswords, EndsSessions, ResetsFactors):
    def password_rules(self) -> PasswordRules:
        """Google does not tell the customer's; these fulfil the strictest that there can be."""
        return PasswordRules()

    def set_password(self, account_id: str, password: str, *, must_change: bool, key: str) -> Account:
        call = self.call("set_password", writes=True)
        self._user(account_id, call.reading())
        body = {"password": password, "changePasswordAtNextLogin": must_change}
        self._update(account_id, body, call, key=key, hides=[password])

        def holds(user: User) -> bool:
            return bool(user.changePasswordAtNextLogin) is must_change

        return self._read_back(
            account_id,
            holds,
            lambda user: f"to be changed at the next sign-in {bool(user.changePasswordAtNextLogin)}",
            call,
        )

    def sessions_of(self, account_id: str) -> Sequence[Session] | None:
        """Tokens that applications have, and application passwords; None where there are none of these, for
        Google does not list in which browsers somebody is signed in.
        """
        call = self.call("sessions_of")
        return self._sessions(self._user(account_id, call), call) or None

    def end_sessions(self, account_id: str, *, key: str) -> str:
        """Sign-in cookies are reset too."""
        call = self.call("end_sessions", writes=True)
        user = self._user(account_id, call.reading())
        before = self._sessions(user, call.reading())
        self._do(services.DIRECTORY, "users", "signOut", call, key=key, userKey=user.id)
        with after_write():
            for each in before:
                self._revoke(each, user, call, key=key)

            def look() -> tuple[list[Session], bool]:
                left = self._sessions(user, call)
                return left, not left

            if left := self._settled(look):
                names = ", ".join(f"{each.kind} {each.name}" for each in left)
                raise call.nothing_happened(f"{user.primaryEmail} still has {names}")
        tokens = sum(each.kind == "token" for each in before)
        ended = f"{counted(tokens, 'token')} and {counted(len(before) - tokens, 'application password')}"
        return f"signed out everywhere; {ended} revoked, none is left"

    def factors_of(self, account_id: str) -> Sequence[Factor]:
        call = self.call("factors_of")
        return self._factors(self._user(account_id, call), call)

    def reset_factors(self, account_id: str, *, key: str) -> Sequence[Factor]:
        """Two-step verification is turned off, with every way of it; backup codes are good for nothing."""
        call = self.call("reset_factors", writes=True)
        user = self._user(account_id, call.reading())
        before = self._factors(user, call.reading())
        if not before:
            return before
        if user.isEnrolledIn2Sv:
            self._do(services.DIRECTORY, "twoStepVerification", "turnOff", call, key=key, userKey=user.id)
        with after_write() if user.isEnrolledIn2Sv else nullcontext():
            self._do(services.DIRECTORY, "verificationCodes", "invalidate", call, key=key, userKey=user.id)
        with after_write():

            def look() -> tuple[Sequence[Factor], bool]:
                left = self._factors(self._user(user.id, call), call)
                return left, not left

            if left := self._settled(look):
                raise call.nothing_happened(f"{user.primaryEmail} still has {left[0].kind}")
        return before

    def _sessions(self, user: User, call: Call) -> list[Session]:
        tokens = [valid(Token, each, call) for each in self._listed_of("tokens", user, call)]
        passwords = [valid(ApplicationPassword, each, call) for each in self._listed_of("asps", user, call)]
        found = [
            Session(id=each.clientId, kind="token", name=each.displayText or each.clientId) for each in tokens
        ]
        return found + [
            Session(
                id=str(each.codeId),
                kind="app_password",
                name=each.name or str(each.codeId),
                since=_moment(each.creationTime),
            )
            for each in passwords
        ]

    def _revoke(self, session: Session, user: User, call: Call, *, key: str) -> None:
        """One that is gone already is as it should be."""
        named: dict[str, Any] = (
            {"clientId": session.id} if session.kind == "token" else {"codeId": int(session.id)}
        )
        collection = "tokens" if session.kind == "token" else "asps"
        try:
            self._do(services.DIRECTORY, collection, "delete", call, key=key, userKey=user.id, **named)
        except NotFound:
            return

    def _factors(self, user: User, call: Call) -> list[Factor]:
        codes = self._listed_of("verificationCodes", user, call)
        found = [TWO_STEPS] if user.isEnrolledIn2Sv else []
        return found + ([Factor(id="codes", kind=CODES, name=f"{len(codes)} left")] if codes else [])

    def _listed_of(self, collection: str, user: User, call: Call) -> list[Any]:
        """These lists have no pages."""
        found = self._ask(services.DIRECTORY, collection, "list", call, userKey=user.id).get("items") or []
        return found if isinstance(found, list) else []


def _moment(milliseconds: int | None) -> dt.datetime | None:
    """Google's 0 is no moment."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC) if milliseconds else None
