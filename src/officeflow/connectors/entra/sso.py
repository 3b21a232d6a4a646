"""Settings of single sign-on: what is kept at the registration, what at the service principal, and claims.

https://learn.microsoft.com/graph/application-saml-sso-configure-api
"""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra import batch, claims
from officeflow.connectors.entra.applications import PRINCIPAL_FIELDS, Applications
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Page, Read, json_of, quoted, segment
from officeflow.connectors.entra.sso_bodies import differences, registration_body, wanted_claims
from officeflow.connectors.entra.sso_types import (
    SAML,
    Certificate,
    Instantiated,
    MadeRegistration,
    Policy,
    Registration,
    Whole,
)
from officeflow.connectors.entra.types import Principal, Reference
from officeflow.connectors.families.identity import (
    Application,
    ConfiguresApplications,
    SamlSettings,
    SsoSettings,
)
from officeflow.errors import Conflict, NotFound, Rejected

CUSTOM = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
"""The template of applications that are not in the gallery."""
FIELDS = (
    f"{PRINCIPAL_FIELDS},preferredSingleSignOnMode,replyUrls,logoutUrl,servicePrincipalNames,"
    "preferredTokenSigningKeyThumbprint"
)
REGISTRATION_FIELDS = "id,appId,identifierUris,web,spa,publicClient,optionalClaims"
_Claims = dict[str, str]
IN_PORTAL = "WindowsAzureActiveDirectoryIntegratedApp"
"""The tag with which the admin center lists a service principal."""


class SingleSignOn(Applications, ConfiguresApplications):
    def applications_named(self, name: str) -> Sequence[Application]:
        call = self.call("applications_named")
        return [
            self._with_settings(each, call).application(self.settings)
            for each in self._called(name, call, FIELDS)
        ]

    def get_application(self, application_id: str) -> Application:
        return self._whole_of(application_id, self.call("get_application")).application(self.settings)

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
        answer = self.graph.send("POST", "servicePrincipals", call, body=body, key=key)
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
        principal, registration = whole.principal, whole.registration
        place = f"servicePrincipals/{segment(principal.id)}"
        is_saml = isinstance(settings, SamlSettings)
        if is_saml and principal.preferred_single_sign_on_mode != SAML:
            self.graph.send("PATCH", place, call, body={"preferredSingleSignOnMode": SAML}, key=key)
        with after_write():
            if registration is not None:
                body = registration_body(settings, registration, call)
                path = f"applications/{segment(registration.id)}"
                self.graph.send("PATCH", path, call, body=body, key=key)
            if is_saml:
                self._claim(whole, wanted, call, key=key)
                self._certify(principal, call, key=key)
            found = self.graph.settled(
                lambda: self._whole_of(principal.id, call),
                lambda each: not differences(each, settings, wanted),
            )
            if wrong := differences(found, settings, wanted):
                raise call.nothing_happened(
                    f"the application {principal.name!r} reads back otherwise: {', '.join(wrong)}"
                )
            return found.application(self.settings)

    def _claim(self, whole: Whole, wanted: _Claims, call: Call, *, key: str) -> None:
        """By a policy of the application's own: one that is there may be that of others too."""
        if wanted.items() <= claims.of(whole.definitions).items():
            return
        own = f"OfficeFlow {whole.principal.id}"
        definition = claims.merged(whole.definitions, wanted)
        known = next((each for each in whole.policies if each.display_name == own), None)
        if known is not None:
            path = f"policies/claimsMappingPolicies/{segment(known.id)}"
            self.graph.send("PATCH", path, call, body={"definition": definition}, key=key)
            return
        body = {"displayName": own, "definition": definition, "isOrganizationDefault": False}
        answer = self.graph.send("POST", "policies/claimsMappingPolicies", call, body=body, key=key)
        made: Reference = valid(Reference, json_of(answer, call), call)
        place = f"servicePrincipals/{segment(whole.principal.id)}/claimsMappingPolicies"
        for each in whole.policies:
            self.graph.send("DELETE", f"{place}/{segment(each.id)}/$ref", call, key=key)
        reference = {"@odata.id": self.graph.address(f"policies/claimsMappingPolicies/{segment(made.id)}")}
        self.graph.send("POST", f"{place}/$ref", call, body=reference, key=key)

    def _certify(self, principal: Principal, call: Call, *, key: str) -> None:
        """Assertions are signed with a certificate of the application's own, which holds for three years."""
        if principal.preferred_token_signing_key_thumbprint:
            return
        place = f"servicePrincipals/{segment(principal.id)}"
        body = {"displayName": "CN=OfficeFlow"}
        answer = self.graph.send("POST", f"{place}/addTokenSigningCertificate", call, body=body, key=key)
        made: Certificate = valid(Certificate, json_of(answer, call), call)
        preferred = {"preferredTokenSigningKeyThumbprint": made.thumbprint}
        self.graph.send("PATCH", place, call, body=preferred, key=key)

    def _whole_of(self, application_id: str, call: Call) -> Whole:
        path = f"servicePrincipals/{self._id(application_id, 'application', call)}"
        try:
            principal = self.graph.get(Read(path=path, params={"$select": FIELDS}), Principal, call)
        except NotFound as error:
            raise call.error(
                NotFound, f"there is no application {application_id}", status=error.status
            ) from error
        if principal.id.casefold() != application_id.casefold():
            raise call.contradiction(f"asked for {application_id}, it gives {principal.id}")
        return self._with_settings(principal, call)

    def _with_settings(self, principal: Principal, call: Call) -> Whole:
        where = f"appId eq {quoted(principal.app_id)}"
        registrations = Read(path="applications", params={"$select": REGISTRATION_FIELDS, "$filter": where})
        policies = Read(path=f"servicePrincipals/{segment(principal.id)}/claimsMappingPolicies")
        first, second = batch.answers(self.graph, [registrations, policies], call)
        found = [
            valid(Registration, each, call)
            for page in self.graph.pages_from(first, registrations, call)
            for each in page
        ]
        own = next((each for each in found if each.app_id == principal.app_id), None)
        listed = self.graph.model_of(second, Page, call).value
        return Whole(principal, own, [valid(Policy, each, call) for each in listed])
