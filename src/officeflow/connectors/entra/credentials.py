"""How a user proves who they are: passwords, Temporary Access Passes, sessions, authentication methods."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra.base import Tenant
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Read, json_of, partly, segment
from officeflow.connectors.entra.types import Method, Pass
from officeflow.connectors.entra.user import User
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
from officeflow.errors import ConnectorError, NotFound, Rejected

if TYPE_CHECKING:
    import httpx

SINCE = "signInSessionsValidFromDateTime"
CHANGED = "lastPasswordChangeDateTime"
PASSWORD = "password"  # noqa: S105 - a kind of method, which everybody has and nobody can take away
PLACES = {
    "phone": "phoneMethods",
    "email": "emailMethods",
    "fido2": "fido2Methods",
    "microsoftAuthenticator": "microsoftAuthenticatorMethods",
    "softwareOath": "softwareOathMethods",
    "windowsHelloForBusiness": "windowsHelloForBusinessMethods",
    "platformCredential": "platformCredentialMethods",
    "temporaryAccessPass": "temporaryAccessPassMethods",
}
"""Where a method of each kind is deleted:
https://learn.microsoft.com/graph/api/resources/authenticationmethods-overview."""


class Credentials(Tenant, SetsPasswords, GivesTemporaryAccess, EndsSessions, ResetsFactors):
    def password_rules(self) -> PasswordRules:
        """Entra tells none; its own, eight characters of three kinds, are weaker than the usual ones."""
        return PasswordRules()

    def set_password(self, account_id: str, password: str, *, must_change: bool, key: str) -> Account:
        call = self.call("set_password", writes=True)
        user = self._user(account_id, call.reading(), CHANGED)
        self._own(user, ["the password"], call)
        body = {"passwordProfile": {"password": password, "forceChangePasswordNextSignIn": must_change}}
        answer = self.graph.send(
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
        answer = self.graph.send("POST", path, call, body=body, key=key)
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
        answer = self.graph.send("POST", path, call, body={}, key=key)
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

    def factors_of(self, account_id: str) -> Sequence[Factor]:
        call = self.call("factors_of")
        return [_factor(each) for each in self._methods(self._user(account_id, call), call)]

    def reset_factors(self, account_id: str, *, key: str) -> Sequence[Factor]:
        call = self.call("reset_factors", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        found = self._methods(user, reading)
        if strange := sorted({each.kind for each in found} - set(PLACES)):
            raise call.error(
                Rejected,
                f"account {user.user_principal_name} has methods that are not known how to be taken away:"
                f" {', '.join(strange)}",
                hint="take them away in the Entra admin center",
            )
        if found:
            self._take_away(user, found, call, key=key)
            self._methods_are_gone(user, {each.id for each in found}, call)
        return [_factor(each) for each in found]

    def _methods(self, user: User, call: Call) -> list[Method]:
        read = Read(path=f"users/{segment(user.id)}/authentication/methods")
        return [each for each in self.graph.every(read, Method, call) if each.kind != PASSWORD]

    def _take_away(self, user: User, methods: Sequence[Method], call: Call, *, key: str) -> None:
        """The default one is refused while there are others, and nothing says which that is: whatever is
        refused is tried again after the rest.
        """
        waiting, done = list(methods), False
        while waiting:
            refused: list[Method] = []
            last: Rejected | None = None
            for each in waiting:
                place = f"users/{segment(user.id)}/authentication/{PLACES[each.kind]}/{segment(each.id)}"
                try:
                    self.graph.send("DELETE", place, call, key=key)
                except NotFound:
                    continue
                except Rejected as error:
                    if error.status != 400:
                        raise partly(error, done=done) from error
                    refused.append(each)
                    last = error
                except ConnectorError as error:
                    raise partly(error, done=done) from error
                else:
                    done = True
            if last is not None and len(refused) == len(waiting):
                raise partly(last, done=done)
            waiting = refused

    def _methods_are_gone(self, user: User, ids: set[str], call: Call) -> None:
        def left() -> list[str]:
            return sorted(each.kind for each in self._methods(user, call) if each.id in ids)

        with after_write():
            if kinds := self.graph.settled(left, lambda found: not found):
                raise call.nothing_happened(
                    f"account {user.user_principal_name} still has {', '.join(kinds)}"
                )


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


def _factor(method: Method) -> Factor:
    name = method.display_name or method.phone_number or method.email_address or ""
    return Factor(id=method.id, kind=method.kind, name=name)
