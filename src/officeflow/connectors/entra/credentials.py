"""What lets a user in: passwords, Temporary Access Passes, sessions."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from officeflow.connectors.call import after_write
from officeflow.connectors.entra.base import Tenant
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Read, json_of, segment
from officeflow.connectors.entra.types import Pass
from officeflow.connectors.entra.user import User
from officeflow.connectors.families.identity import (
    Account,
    EndsSessions,
    GivesTemporaryAccess,
    PasswordRules,
    Session,
    SetsPasswords,
    TemporaryAccess,
)

if TYPE_CHECKING:
    import httpx

SINCE = "signInSessionsValidFromDateTime"
CHANGED = "lastPasswordChangeDateTime"


class Credentials(Tenant, SetsPasswords, GivesTemporaryAccess, EndsSessions):
    def password_rules(self) -> PasswordRules:
        """Entra tells none; its own, eight characters of three kinds, are weaker than the usual ones."""
        return PasswordRules()

    def set_password(self, account_id: str, password: str, *, must_change: bool, key: str) -> Account:
        call = self.call("set_password", writes=True)
        user = self._user(account_id, call.reading(), CHANGED)
        self._own(user, ["the password"], call)
        body = {"passwordProfile": {"password": password, "forceChangePasswordNextSignIn": must_change}}
        answer = self.graph.change(
            "PATCH", f"users/{segment(user.id)}", call, body=body, key=key, secret=password
        )
        moved = _moved(user.last_password_change_date_time, answer)

        def wrong(found: User) -> str:
            profile = found.password_profile
            told = profile.force_change_password_next_sign_in if profile else None
            if not moved(found.last_password_change_date_time):
                return "the password is the one from before"
            return "" if told in {None, must_change} else f"it must be changed: {told}"

        return self._seen(user.id, wrong, call, CHANGED, "passwordProfile")

    def give_temporary_access(
        self, account_id: str, *, minutes: int, once: bool, key: str
    ) -> TemporaryAccess:
        """A Temporary Access Pass; Entra deletes the one from before."""
        call = self.call("give_temporary_access", writes=True)
        user = self._user(account_id, call.reading())
        path = f"users/{segment(user.id)}/authentication/temporaryAccessPassMethods"
        body = {"lifetimeInMinutes": minutes, "isUsableOnce": once}
        answer = self.graph.change("POST", path, call, body=body, key=key)
        with after_write():
            made: Pass = valid(Pass, json_of(answer, call), call)
            if not made.temporary_access_pass:
                raise call.nothing_happened("it told no pass")

            def right(found: Sequence[Pass]) -> bool:
                return [each.id for each in found] == [made.id]

            listed = self.graph.settled(lambda: self.graph.every(Read(path=path), Pass, call), right)
            if not right(listed):
                raise call.nothing_happened(f"account {user.user_principal_name} has {len(listed)} passes")
        return TemporaryAccess(
            secret=made.temporary_access_pass,
            kind="passcode",
            until=made.until(),
            once=once if made.is_usable_once is None else made.is_usable_once,
        )

    def sessions_of(self, account_id: str) -> Sequence[Session] | None:
        """Entra lists none."""
        self._id(account_id, "account", self.call("sessions_of"))
        return None

    def end_sessions(self, account_id: str, *, key: str) -> str:
        call = self.call("end_sessions", writes=True)
        user = self._user(account_id, call.reading(), SINCE)
        before = user.sign_in_sessions_valid_from_date_time
        path = f"users/{segment(user.id)}/revokeSignInSessions"
        answer = self.graph.change("POST", path, call, key=key)
        moved = _moved(before, answer)
        with after_write():
            found = self._settled(
                user.id,
                lambda each: (
                    "" if moved(each.sign_in_sessions_valid_from_date_time) else "old sessions are valid"
                ),
                call,
                SINCE,
            )
        since = found.sign_in_sessions_valid_from_date_time
        return f"sessions and refresh tokens from before {since:%Y-%m-%d %H:%M:%S} UTC are refused"


def _moved(before: dt.datetime | None, answer: httpx.Response) -> Callable[[dt.datetime | None], bool]:
    """Whether a moment that Entra keeps is later than it was. It is kept in whole seconds: within one, the
    answer's own time tells.
    """
    told = _date(answer)

    def moved(now: dt.datetime | None) -> bool:
        if now is None:
            return False
        return before is None or now > before or (told is not None and now >= told)

    return moved


def _date(answer: httpx.Response) -> dt.datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
