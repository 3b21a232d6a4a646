"""Single sign-on of applications in a tenant: SAML, OpenID Connect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.connectors.families.identity import OidcSettings, SamlSettings
from officeflow.errors import Conflict, NotFound, NothingHappened, Rejected, Transient
from tests.connectors.contract import KEY
from tests.connectors.entra import NOBODY, opened
from tests.counterparts.entra import CLIENT, TENANT, EntraServer, fixed

pytestmark = pytest.mark.integration
EMAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
CRM = SamlSettings(
    entity_id="https://crm.acme.example/saml",
    acs_urls=("https://crm.acme.example/acs", "https://crm.acme.example/acs2"),
    name_id="mail",
    attributes={EMAIL: "user.mail", "site": '"Berlin"'},
    logout_url="https://crm.acme.example/logout",
)
SHOP = OidcSettings(
    redirect_urls=("https://shop.acme.example/callback",),
    logout_urls=("https://shop.acme.example/logout",),
    claims={"email": "email"},
)


@pytest.fixture
def client(entra_server: EntraServer) -> Iterator[Any]:
    with opened(entra_server) as client:
        yield client
    assert entra_server.problems() == []


class TestSaml:
    def test_an_application_is_made_and_read_as_it_was_wished(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        made = client.create_application("CRM", CRM, key=KEY)
        assert made.name == "CRM"
        assert made.sso.entity_id == CRM.entity_id
        assert made.sso.acs_urls == CRM.acs_urls
        assert (made.sso.name_id, made.sso.logout_url) == ("user.mail", CRM.logout_url)
        assert made.sso.attributes == CRM.attributes
        assert f"/{TENANT}/federationmetadata/" in made.metadata_url
        principal = entra_server.state("servicePrincipal")[made.id]
        assert principal["preferredTokenSigningKeyThumbprint"]
        assert [each.id for each in client.applications_named("crm")] == [made.id]
        assert client.get_application(made.id) == made

    def test_what_the_settings_do_not_name_stays(self, entra_server: EntraServer, client: Any) -> None:
        made = client.create_application("CRM", CRM, key=KEY)
        before = len(entra_server.writes())
        assert client.configure_application(made.id, CRM, key=KEY) == made
        assert len(entra_server.writes()) == before, "it is so already"
        change = SamlSettings(
            entity_id="https://crm.acme.example/2", acs_urls=CRM.acs_urls[:1], attributes={"site": '"Ulm"'}
        )
        sso = client.configure_application(made.id, change, key=KEY).sso
        assert (sso.entity_id, sso.acs_urls) == (change.entity_id, change.acs_urls)
        assert (sso.name_id, sso.logout_url) == ("user.mail", CRM.logout_url)
        assert sso.attributes == {EMAIL: "user.mail", "site": '"Ulm"'}
        assert len(entra_server.state("claimsMappingPolicy")) == 1

    def test_a_policy_that_others_may_have_is_left_to_them(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        plain = SamlSettings(entity_id="urn:crm", acs_urls=CRM.acs_urls)
        made = client.create_application("CRM", plain, key=KEY)
        definition = {"ClaimsMappingPolicy": {"Version": 1, "ClaimsSchema": [
            {"Source": "user", "ID": "department", "SamlClaimType": "unit"}
        ]}}  # fmt: skip
        with entra_server.client() as graph:
            body = {"displayName": "Everybody's", "definition": [json.dumps(definition)]}
            shared = graph.post("/policies/claimsMappingPolicies", json=body).json()["id"]
            path = f"/servicePrincipals/{made.id}/claimsMappingPolicies/$ref"
            link = {"@odata.id": f"{graph.base_url}policies/claimsMappingPolicies/{shared}"}
            assert graph.post(path, json=link).status_code == 204
        change = SamlSettings(entity_id="urn:crm", acs_urls=CRM.acs_urls, attributes={EMAIL: "mail"})
        sso = client.configure_application(made.id, change, key=KEY).sso
        assert sso.attributes == {"unit": "user.department", EMAIL: "user.mail"}
        kept = entra_server.state("claimsMappingPolicy")[shared]
        assert json.loads(kept["definition"][0]) == definition

    def test_what_failed_in_the_middle_is_made_whole_by_the_next_attempt(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        plain = SamlSettings(entity_id="urn:crm", acs_urls=CRM.acs_urls)
        made = client.create_application("CRM", plain, key=KEY)
        route = "/v1.0/servicePrincipals/{id}/claimsMappingPolicies/$ref"
        entra_server.add_faults({"hook": "answer", "method": "POST", "route": route, "status": 503})
        with pytest.raises(Transient) as caught:
            client.configure_application(made.id, CRM, key=KEY)
        assert (caught.value.maybe_done, caught.value.taken) == (True, False)
        assert client.configure_application(made.id, CRM, key=KEY).sso.attributes == CRM.attributes
        assert len(entra_server.state("claimsMappingPolicy")) == 1

    def test_a_first_refusal_changed_nothing(self, entra_server: EntraServer, client: Any) -> None:
        made = client.create_application("CRM", CRM, key=KEY)
        wrong = SamlSettings(entity_id=CRM.entity_id, acs_urls=("no address",))
        with pytest.raises(Rejected) as caught:
            client.configure_application(made.id, wrong, key=KEY)
        assert not caught.value.maybe_done
        assert client.get_application(made.id) == made

    def test_an_entity_id_that_another_one_has_is_a_conflict(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        client.create_application("CRM", CRM, key=KEY)
        before = len(entra_server.writes())
        with pytest.raises(Conflict):
            client.create_application("CRM 2", CRM, key=KEY)
        assert len(entra_server.writes()) == before

    def test_a_source_that_is_none_is_refused_before_anything_is_sent(
        self, entra_server: EntraServer, client: Any
    ) -> None:
        wrong = SamlSettings(entity_id="urn:x", acs_urls=CRM.acs_urls, attributes={"a": "user.mail; drop"})
        with pytest.raises(Rejected, match="drop"):
            client.create_application("X", wrong, key=KEY)
        assert entra_server.writes() == []

    def test_a_setting_that_is_ignored_is_found_out(self, entra_server: EntraServer, client: Any) -> None:
        made = client.create_application("CRM", CRM, key=KEY)
        entra_server.add_faults({"hook": "nothing", "method": "PATCH", "route": "/v1.0/applications/{id}"})
        change = SamlSettings(entity_id=CRM.entity_id, acs_urls=("https://new.acme.example/acs",))
        with pytest.raises(NothingHappened, match="ACS"):
            client.configure_application(made.id, change, key=KEY)

    def test_one_that_is_seen_late_is_waited_for(self, entra_server: EntraServer) -> None:
        route = "/v1.0/applicationTemplates/{id}/instantiate"
        entra_server.add_faults({"hook": "lag", "method": "POST", "route": route, "reads": 2})
        with opened(entra_server, settle=5) as client:
            assert client.create_application("CRM", CRM, key=KEY).sso.entity_id == CRM.entity_id


class TestOidc:
    def test_an_application_is_made_and_changed(self, client: Any) -> None:
        made = client.create_application("Shop", SHOP, key=KEY)
        assert made.sso == SHOP
        assert made.metadata_url.endswith(f"/{TENANT}/v2.0/.well-known/openid-configuration")
        extension = f"extension_{CLIENT.replace('-', '')}_level"
        change = OidcSettings(
            redirect_urls=("https://shop.acme.example/new", "http://localhost:8080/back"),
            claims={extension: "user"},
            public=True,
        )
        sso = client.configure_application(made.id, change, key=KEY).sso
        assert (set(sso.redirect_urls), sso.public) == (set(change.redirect_urls), True)
        assert sso.logout_urls == SHOP.logout_urls
        assert sso.claims == {"email": "email", extension: "user"}

    def test_the_other_protocol_is_refused(self, client: Any) -> None:
        shop = client.create_application("Shop", SHOP, key=KEY)
        with pytest.raises(Rejected, match="other protocol"):
            client.configure_application(shop.id, CRM, key=KEY)

    def test_what_entra_cannot_keep_is_refused(self, entra_server: EntraServer, client: Any) -> None:
        for settings in (
            OidcSettings(redirect_urls=SHOP.redirect_urls, claims={"email": "user.mail"}),
            OidcSettings(redirect_urls=SHOP.redirect_urls, logout_urls=("https://a.x", "https://b.x")),
        ):
            with pytest.raises(Rejected):
                client.create_application("Shop", settings, key=KEY)
        assert entra_server.writes() == []


class TestReading:
    def test_one_that_signs_nobody_in_has_no_settings(self, client: Any) -> None:
        wiki = client.get_application(fixed("Wiki principal"))
        assert (wiki.name, wiki.sso, wiki.active) == ("Wiki", None, True)
        assert list(client.applications_named("x' or displayName ne '")) == []
        with pytest.raises(NotFound):
            client.get_application(NOBODY)
