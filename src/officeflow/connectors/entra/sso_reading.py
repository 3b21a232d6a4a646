"""Settings of single sign-on, read: a service principal, its registration, its claims."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call
from officeflow.connectors.entra import batch
from officeflow.connectors.entra.applications import PRINCIPAL_FIELDS, Applications
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Page, Read, quoted, segment
from officeflow.connectors.entra.sso_types import Policy, Registration, Whole
from officeflow.connectors.entra.types import Principal
from officeflow.connectors.families.identity import Application
from officeflow.errors import NotFound

FIELDS = (
    f"{PRINCIPAL_FIELDS},preferredSingleSignOnMode,replyUrls,logoutUrl,servicePrincipalNames,"
    "preferredTokenSigningKeyThumbprint"
)
REGISTRATION_FIELDS = "id,appId,identifierUris,web,spa,publicClient,optionalClaims"


class SettingsRead(Applications):
    def applications_named(self, name: str) -> Sequence[Application]:
        call = self.call("applications_named")
        return [
            self._with_settings(each, call).application(self.settings)
            for each in self._called(name, call, FIELDS)
        ]

    def get_application(self, application_id: str) -> Application:
        return self._whole_of(application_id, self.call("get_application")).application(self.settings)

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
