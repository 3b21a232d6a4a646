"""Settings of single sign-on: what is kept at the registration, what at the service principal, and claims.

https://learn.microsoft.com/graph/application-saml-sso-configure-api
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra import claims
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Read, json_of, partly, quoted, segment
from officeflow.connectors.entra.sso_bodies import differences, registration_body, wanted_claims
from officeflow.connectors.entra.sso_reading import SettingsRead
from officeflow.connectors.entra.sso_types import (
    SAML,
    Certificate,
    Instantiated,
    MadeRegistration,
    Policy,
    Whole,
)
from officeflow.connectors.entra.types import Principal, Reference
from officeflow.connectors.families.identity import (
    Application,
    ConfiguresApplications,
    SamlSettings,
    SsoSettings,
)
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected

CUSTOM = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
"""The template of applications that are not in the gallery."""
_Claims = dict[str, str]
POLICIES = "policies/claimsMappingPolicies"
IN_PORTAL = "WindowsAzureActiveDirectoryIntegratedApp"
"""The tag with which the admin center lists a service principal."""


class SingleSignOn(SettingsRead, ConfiguresApplications):
    def create_application(self, name: str, settings: SsoSettings, *, key: str) -> Application:
        call = self.call("create_application", writes=True)
        wanted = wanted_claims(settings, call)
        if isinstance(settings, SamlSettings):
            self._free_entity(settings.entity_id, "", call)
            body = {"displayName": name}
            answer = self.graph.send(
                "POST", f"applicationTemplates/{CUSTOM}/instantiate", call, body=body, key=key
            )
            with after_write():
                made: Instantiated = valid(Instantiated, json_of(answer, call), call)
                principal_id = made.service_principal.id
        else:
            fresh = {**registration_body(settings, None, call), "displayName": name}
            answer = self.graph.send(
                "POST", "applications", call, body={**fresh, "signInAudience": "AzureADMyOrg"}, key=key
            )
            with after_write():
                principal_id = self._present(
                    valid(MadeRegistration, json_of(answer, call), call), call, key=key
                )
        with after_write():
            whole = self._there(principal_id, call)
            if not differences(whole, settings, wanted):
                return whole.application(self.settings)
            return self._written(whole, settings, wanted, call, key=key)

    def configure_application(self, application_id: str, settings: SsoSettings, *, key: str) -> Application:
        call = self.call("configure_application", writes=True)
        wanted = wanted_claims(settings, call)
        whole = self._whole_of(application_id, call.reading())
        sso = whole.sso
        if sso is not None and type(sso) is not type(settings):
            raise call.error(Rejected, f"the application {whole.principal.name!r} speaks the other protocol")
        if whole.registration is None:
            raise call.error(
                Rejected,
                f"the application {whole.principal.name!r} is registered in another tenant: its settings are"
                " kept there",
            )
        if isinstance(settings, SamlSettings):
            self._free_entity(settings.entity_id, whole.registration.id, call)
        if not differences(whole, settings, wanted):
            return whole.application(self.settings)
        return self._written(whole, settings, wanted, call, key=key)

    def _free_entity(self, entity_id: str, own: str, call: Call) -> None:
        where = f"identifierUris/any(u:u eq {quoted(entity_id)})"
        read = Read(path="applications", params={"$select": "id", "$filter": where})
        others = [e.id for e in self.graph.every(read, Reference, call.reading()) if e.id != own]
        if others:
            raise call.error(
                Conflict, f"the entity id {entity_id} is that of another application, {others[0]}"
            )

    def _present(self, made: MadeRegistration, call: Call, *, key: str) -> str:
        """Id of the registration's service principal, which is made here."""
        body = {"appId": made.app_id, "tags": [IN_PORTAL]}
        answer = self.graph.change("POST", "servicePrincipals", call, body=body, key=key)
        principal: Reference = valid(Reference, json_of(answer, call), call)
        return principal.id

    def _there(self, principal_id: str, call: Call) -> Whole:
        """As soon as both the service principal and its registration are seen."""

        def look() -> Whole | None:
            try:
                return self._whole_of(principal_id, call)
            except NotFound:
                return None

        whole = self.graph.settled(look, lambda each: each is not None and each.registration is not None)
        if whole is None or whole.registration is None:
            raise call.nothing_happened(f"the application {principal_id} is not there when read back")
        return whole

    def _written(
        self, whole: Whole, settings: SsoSettings, wanted: _Claims, call: Call, *, key: str
    ) -> Application:
        """Each part by itself, and then all of it read again."""
        done = False
        for write in self._writes(whole, settings, wanted, call, key=key):
            try:
                write()
            except ConnectorError as error:
                raise partly(error, done=done) from error
            done = True
        with after_write():
            found = self.graph.settled(
                lambda: self._whole_of(whole.principal.id, call),
                lambda each: not differences(each, settings, wanted),
            )
            if wrong := differences(found, settings, wanted):
                raise call.nothing_happened(
                    f"the application {whole.principal.name!r} reads back otherwise: {', '.join(wrong)}"
                )
            return found.application(self.settings)

    def _writes(
        self, whole: Whole, settings: SsoSettings, wanted: _Claims, call: Call, *, key: str
    ) -> Iterator[Callable[[], object]]:
        """In the order in which Microsoft takes them. Each can be made again where a later one failed."""
        principal, registration = whole.principal, whole.registration
        send = functools.partial(self.graph.change, "PATCH", call=call, key=key)
        place = f"servicePrincipals/{segment(principal.id)}"
        is_saml = isinstance(settings, SamlSettings)
        if is_saml and principal.preferred_single_sign_on_mode != SAML:
            yield lambda: send(place, body={"preferredSingleSignOnMode": SAML})
        if registration is not None:
            body = registration_body(settings, registration, call)
            yield lambda: send(f"applications/{segment(registration.id)}", body=body)
        if is_saml and not wanted.items() <= claims.of(whole.definitions).items():
            yield lambda: self._claim(whole, wanted, call, key=key)
        if is_saml and not principal.preferred_token_signing_key_thumbprint:
            yield lambda: self._certify(principal, call, key=key)

    def _claim(self, whole: Whole, wanted: _Claims, call: Call, *, key: str) -> None:
        """By a policy of the application's own: one that is there may be that of others too."""
        name = f"OfficeFlow {whole.principal.id}"
        listed = self.graph.every(Read(path=POLICIES), Policy, call.reading())
        known = next((each for each in listed if each.display_name == name), None)
        before = whole.definitions or (known.definition if known else [])
        definition = claims.merged(before, wanted)
        if known is not None:
            self.graph.send(
                "PATCH", f"{POLICIES}/{segment(known.id)}", call, body={"definition": definition}, key=key
            )
            own = known.id
        else:
            body = {"displayName": name, "definition": definition, "isOrganizationDefault": False}
            answer = self.graph.send("POST", POLICIES, call, body=body, key=key)
            made: Reference = valid(Reference, json_of(answer, call), call)
            own = made.id
        self._link(whole, own, call, key=key)

    def _link(self, whole: Whole, policy: str, call: Call, *, key: str) -> None:
        """An application has one policy."""
        place = f"servicePrincipals/{segment(whole.principal.id)}/claimsMappingPolicies"
        if policy in {each.id for each in whole.policies}:
            return
        for each in whole.policies:
            self.graph.send("DELETE", f"{place}/{segment(each.id)}/$ref", call, key=key)
        reference = {"@odata.id": self.graph.address(f"{POLICIES}/{segment(policy)}")}
        self.graph.change("POST", f"{place}/$ref", call, body=reference, key=key)

    def _certify(self, principal: Principal, call: Call, *, key: str) -> None:
        """Assertions are signed with a certificate of the application's own, which holds for three years."""
        place = f"servicePrincipals/{segment(principal.id)}"
        body = {"displayName": "CN=OfficeFlow"}
        answer = self.graph.change("POST", f"{place}/addTokenSigningCertificate", call, body=body, key=key)
        made: Certificate = valid(Certificate, json_of(answer, call), call)
        preferred = {"preferredTokenSigningKeyThumbprint": made.thumbprint}
        self.graph.change("PATCH", place, call, body=preferred, key=key)
