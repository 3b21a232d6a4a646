"""Profiles of inbound SSO, as Google keeps them: read, written, their certificates.

https://cloud.google.com/identity/docs/how-to/setup-sso-profiles
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import SamlIdentityProvider
from officeflow.connectors.google import services
from officeflow.connectors.google.asking import OURS
from officeflow.connectors.google.groups import Groups
from officeflow.connectors.google.types import Operation, Profile, ProfileCredential, SsoAssignment, valid
from officeflow.errors import NotFound, Rejected

PROFILES = "inboundSamlSsoProfiles"
CREDENTIALS = f"{PROFILES}.idpCredentials"
ASSIGNMENTS = "inboundSsoAssignments"
NAME = re.compile(rf"{PROFILES}/[A-Za-z0-9_-]+")
MOST_CERTIFICATES = 2
"""That a profile can have."""
URLS = {
    "sign_in_url": "singleSignOnServiceUri",
    "sign_out_url": "logoutRedirectUri",
    "password_url": "changePasswordUri",
}


class Profiles(Groups):
    """Where the connection names a customer, nothing of another one's is seen or changed."""

    def _profiles(self, call: Call) -> list[Profile]:
        found = (valid(Profile, each, call) for each in self._entries(PROFILES, call))
        return list({each.name: each for each in found if self._is_ours(each.customer)}.values())

    def _profile(self, name: str, call: Call) -> Profile:
        if not NAME.fullmatch(name):
            raise call.error(NotFound, f"there is no SSO profile {name!r}", status=404)
        found = valid(Profile, self._ask(services.CLOUD_IDENTITY, PROFILES, "get", call, name=name), call)
        if found.name != name:
            raise call.contradiction(f"asked for {name}, it gives {found.name}")
        if not self._is_ours(found.customer):
            raise call.error(
                Rejected,
                f"{name} is of {found.customer or 'an untold customer'}, and the connection's customer is"
                f" {self._customer}",
                hint="correct the connection's customer or admin",
            )
        return found

    def _sso_assignments(self, call: Call) -> list[SsoAssignment]:
        found = (valid(SsoAssignment, each, call) for each in self._entries(ASSIGNMENTS, call))
        return list({each.name: each for each in found if self._is_ours(each.customer)}.values())

    def _entries(self, collection: str, call: Call) -> Iterator[Any]:
        """Without a filter it is what the administrator's own customer has."""
        ours = {} if self._customer == OURS else {"filter": f'customer=="customers/{self._customer}"'}
        listed = self._pages(
            services.CLOUD_IDENTITY, collection, "list", collection, call, pageSize=100, **ours
        )
        return (each for page in listed for each in page)

    def _is_ours(self, customer: str | None) -> bool:
        """By what a profile or assignment says of whose it is."""
        return self._customer == OURS or customer == f"customers/{self._customer}"

    def _certificates(self, profile: str, call: Call) -> list[str]:
        """Their names, in Google's order."""
        listed = self._pages(
            services.CLOUD_IDENTITY, CREDENTIALS, "list", "idpCredentials", call, parent=profile
        )
        return [valid(ProfileCredential, each, call).name for page in listed for each in page]

    def _replace_certificates(self, profile: str, new: Sequence[str], call: Call, *, key: str) -> None:
        """A new one is there before the last old one goes, so that people sign in all the while."""
        if len(new) > MOST_CERTIFICATES:
            raise call.error(Rejected, f"Google takes {MOST_CERTIFICATES} certificates at most")
        old = self._certificates(profile, call.reading())
        for done, pem in enumerate(new):
            while old and len(old) + done >= MOST_CERTIFICATES:
                self._delete_certificate(old.pop(0), call, key=key)
            body = {"pemData": pem}
            self._operate(CREDENTIALS, "add", call, key=key, parent=profile, body=body)
        for each in old:
            self._delete_certificate(each, call, key=key)

    def _delete_certificate(self, name: str, call: Call, *, key: str) -> None:
        self._operate(CREDENTIALS, "delete", call, key=key, name=name)

    def _operate(
        self, collection: str, method: str, call: Call, *, key: str, **parameters: Any
    ) -> Mapping[str, Any]:
        """What a change gives that is done at once; `Rejected` where it failed, or a further administrator
        has to approve it first.
        """
        answer = self._ask(services.CLOUD_IDENTITY, collection, method, call, key=key, **parameters)
        operation = valid(Operation, answer, call)
        if operation.error is not None:
            code = operation.error.get("code")
            raise call.error(Rejected, f"{call.provider} has not done {call.operation}: error {code}")
        if not operation.done:
            raise call.error(
                Rejected,
                f"{call.provider} waits with {call.operation} until another administrator approves it",
                maybe_done=True,
                hint="it is under Security, Multi-party approval in the Admin console",
            )
        return operation.response or {}


def config(provider: SamlIdentityProvider) -> dict[str, str]:
    """What somebody set."""
    given = {there: getattr(provider, name) for name, there in URLS.items()}
    return {"entityId": provider.entity_id, **{there: url for there, url in given.items() if url is not None}}


def differences(profile: Profile, provider: SamlIdentityProvider) -> Iterator[str]:
    """Fields of the profile that are not as they were written."""
    for name, wanted in config(provider).items():
        if (getattr(profile.idpConfig, name) or "") != wanted:
            yield f"{name} {getattr(profile.idpConfig, name) or 'missing'}"
