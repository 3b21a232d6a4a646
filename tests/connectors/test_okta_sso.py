"""Single sign-on of applications in Okta."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.connectors.families.identity import OidcSettings, SamlSettings, SsoSettings
from officeflow.connectors.okta.client import Okta
from officeflow.errors import NotFound, NothingHappened, Rejected
from tests.connectors.contract import KEY
from tests.connectors.okta_client import OktaCase
from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration

ACS = "https://crm.example/saml/acs"
SAML = SamlSettings(
    entity_id="https://crm.example",
    acs_urls=(ACS,),
    name_id="${user.email}",
    attributes={"givenName": "user.firstName"},
)
OIDC = OidcSettings(redirect_urls=("https://wiki.example/back",), logout_urls=("https://wiki.example/out",))
APPS = "/api/v1/apps"


def stored(server: OktaServer) -> dict[str, Any]:
    (app,) = server.state("app").values()
    return app


class TestSso(OktaCase):
    def test_a_saml_application_is_created_and_read_back(self, okta: Okta, okta_server: OktaServer) -> None:
        created = okta.create_application("CRM", SAML, key=KEY)
        assert (created.name, created.active, created.sso) == ("CRM", True, SAML)
        assert created.metadata_url is not None
        assert created.metadata_url.endswith("/sso/saml/metadata")
        sign_on = stored(okta_server)["settings"]["signOn"]
        assert (sign_on["ssoAcsUrl"], sign_on["recipient"], sign_on["destination"]) == (ACS, ACS, ACS)
        assert okta.get_application(created.id) == created
        assert okta.applications_named("crm") == [created]
        assert okta.applications_named("CR") == []

    def test_what_the_settings_do_not_name_stays(self, okta: Okta, okta_server: OktaServer) -> None:
        created = okta.create_application("CRM", SAML, key=KEY)
        app = stored(okta_server)
        sign_on = {**app["settings"]["signOn"], "defaultRelayState": "/home"}
        okta_server.put(
            "app", created.id, {**app, "settings": {"signOn": sign_on, "notes": {"admin": "ours"}}}
        )
        several = SamlSettings(
            entity_id="https://crm.example",
            acs_urls=("https://eu.crm.example/acs", ACS),
            attributes={"mail": "user.email"},
            logout_url="https://crm.example/slo",
        )
        changed = okta.configure_application(created.id, several, key=KEY)
        assert changed.sso == SamlSettings(
            entity_id="https://crm.example",
            acs_urls=several.acs_urls,
            name_id="${user.email}",
            attributes={"givenName": "user.firstName", "mail": "user.email"},
            logout_url="https://crm.example/slo",
        )
        after = stored(okta_server)
        assert after["settings"]["signOn"]["defaultRelayState"] == "/home"
        assert after["settings"]["notes"] == {"admin": "ours"}
        assert after["credentials"] == app["credentials"]
        with okta_server.only_reads():
            assert okta.configure_application(created.id, several, key=KEY) == changed
        assert okta.configure_application(created.id, SAML, key=KEY).sso != changed.sso

    def test_an_oidc_application_is_created_and_changed_and_keeps_its_secret(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        created = okta.create_application("Wiki", OIDC, key=KEY)
        assert created.sso == OIDC
        assert created.metadata_url == f"{okta_server.url}/.well-known/openid-configuration"
        client = stored(okta_server)["credentials"]["oauthClient"]
        assert client["client_secret"] not in repr(created)
        moved = OidcSettings(redirect_urls=("https://wiki.example/new",))
        changed = okta.configure_application(created.id, moved, key=KEY)
        assert changed.sso == OidcSettings(redirect_urls=moved.redirect_urls, logout_urls=OIDC.logout_urls)
        assert stored(okta_server)["credentials"]["oauthClient"] == client
        public = okta.configure_application(
            created.id, OidcSettings(redirect_urls=moved.redirect_urls, public=True), key=KEY
        )
        assert isinstance(public.sso, OidcSettings)
        assert public.sso.public

    def test_an_application_of_the_other_protocol_is_left_alone(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        created = okta.create_application("CRM", SAML, key=KEY)
        with okta_server.only_reads():
            with pytest.raises(Rejected, match="SAML_2_0"):
                okta.configure_application(created.id, OIDC, key=KEY)
            for identity in ("0oanobody", "../users", "CRM"):
                with pytest.raises(NotFound):
                    okta.configure_application(identity, SAML, key=KEY)

    @pytest.mark.parametrize(
        "settings",
        [
            SamlSettings(entity_id="x", acs_urls=()),
            SamlSettings(entity_id="x", acs_urls=(ACS,), name_id="email"),
            OidcSettings(redirect_urls=("https://x.example",), claims={"dept": "user.department"}),
        ],
    )
    def test_what_okta_would_take_for_something_else_is_refused_before_it_is_sent(
        self, okta: Okta, okta_server: OktaServer, settings: SsoSettings
    ) -> None:
        with okta_server.only_reads(), pytest.raises(Rejected):
            okta.create_application("CRM", settings, key=KEY)

    def test_yes_without_an_effect_is_found_out(self, okta: Okta, okta_server: OktaServer) -> None:
        created = okta.create_application("CRM", SAML, key=KEY)
        moved = SamlSettings(entity_id="https://other.example", acs_urls=(ACS,))
        okta_server.add_faults(
            {"hook": "nothing", "method": "POST", "route": APPS},
            {"hook": "nothing", "method": "PUT", "route": f"{APPS}/{{appId}}"},
        )
        with pytest.raises(NothingHappened) as caught:
            okta.create_application("Wiki", OIDC, key=KEY)
        assert caught.value.taken
        with pytest.raises(NothingHappened) as caught:
            okta.configure_application(created.id, moved, key=KEY)
        assert caught.value.taken

    def test_an_application_that_signs_in_otherwise_has_no_settings(
        self, okta: Okta, okta_server: OktaServer
    ) -> None:
        body = {
            "name": "bookmark",
            "label": "Link",
            "signOnMode": "BOOKMARK",
            "settings": {"app": {"url": "https://crm.example"}},
        }
        with okta_server.client() as client:
            client.post("/api/v1/apps", json=body).raise_for_status()
        (found,) = okta.applications_named("Link")
        assert (found.sso, found.metadata_url) == (None, None)
