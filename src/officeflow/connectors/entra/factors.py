"""Authentication methods of a user."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra.base import Tenant
from officeflow.connectors.entra.graph import Read, partly, segment
from officeflow.connectors.entra.types import Method
from officeflow.connectors.entra.user import User
from officeflow.connectors.families.identity import Factor, ResetsFactors
from officeflow.errors import ConnectorError, NotFound, Rejected

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


class Factors(Tenant, ResetsFactors):
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


def _factor(method: Method) -> Factor:
    name = method.display_name or method.phone_number or method.email_address or ""
    return Factor(id=method.id, kind=method.kind, name=name)
