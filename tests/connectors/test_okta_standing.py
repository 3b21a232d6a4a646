"""Who we are at Okta, and what we may do there."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.connectors.families import Capability
from officeflow.connectors.okta.client import Okta
from officeflow.connectors.okta.provider import PROVIDER
from officeflow.connectors.okta.scopes import NEEDS
from officeflow.errors import InvalidInput, RateLimited, Rejected, Unauthorized
from tests.connectors.contract import KEY
from tests.connectors.okta_client import ANA, CLIENT, MAKERS, OktaCase, connection, pem, service_app
from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration

REFUSED = {"hook": "answer", "method": "POST", "route": "/api/v1/users", "status": 401}


def opened(server: OktaServer, fields: dict[str, Any]) -> Okta:
    return Okta(connection(server, **fields), correlation_id="c-1")


class TestStanding(OktaCase):
    def test_a_token_is_its_administrator(self, okta: Okta) -> None:
        assert okta.standing().who == "administrator@okta.example"
        assert okta.check() == "Okta, and we are administrator@okta.example"

    @pytest.mark.parametrize(
        ("roles", "lacking"),
        [
            (["SUPER_ADMIN"], set()),
            (["ORG_ADMIN", "APP_ADMIN"], {Capability.KEEP_ROLES}),
        ],
    )
    def test_a_token_may_what_its_administrators_roles_allow(
        self, okta: Okta, okta_server: OktaServer, roles: list[str], lacking: set[Capability]
    ) -> None:
        administrator = okta.find_account(login="administrator@okta.example")
        assert administrator is not None
        for role in roles:
            okta.assign_role(administrator.id, role, key=KEY)
        standing = okta.standing()
        assert standing.lacks.keys() == lacking
        assert standing.may == PROVIDER.services[0].capabilities - lacking

    def test_of_lesser_roles_nothing_is_concluded(self, okta: Okta, okta_server: OktaServer) -> None:
        administrator = okta.find_account(login="administrator@okta.example")
        assert administrator is not None
        okta.assign_role(administrator.id, "HELP_DESK_ADMIN", key=KEY)
        standing = okta.standing()
        assert (standing.may, standing.lacks, standing.notes) == (
            frozenset(),
            {},
            ("its roles: HELP_DESK_ADMIN",),
        )

    def test_every_capability_has_its_scopes(self) -> None:
        assert NEEDS.keys() == PROVIDER.services[0].capabilities


class TestServiceApp(OktaCase):
    @pytest.mark.parametrize(
        "kind",
        [
            "RSA",
            "P-256",
            pytest.param("P-521", marks=pytest.mark.long),
        ],
    )
    def test_a_service_app_signs_for_its_token(self, okta_server: OktaServer, kind: str) -> None:
        okta = opened(okta_server, service_app(okta_server, kind))
        created = okta.create_account(ANA, key=KEY)
        found = okta.find_account(login=ANA.login)
        assert found == created
        assert okta.check() == f"Okta, and we are the service app {CLIENT}"
        assert okta.standing().lacks == {}
        okta.close()
        asked = [each for each in okta_server.requests() if each["path"] == "/oauth2/v1/token"]
        assert len(asked) == 1

    def test_scopes_that_were_not_granted_are_missing_by_name(self, okta_server: OktaServer) -> None:
        scopes = ["okta.users.manage", "okta.groups.read"]
        fields = service_app(okta_server, scopes=scopes)
        okta = opened(okta_server, {**fields, "scopes": "okta.users.manage, okta.groups.read"})
        standing = okta.standing()
        assert standing.who == f"the service app {CLIENT}"
        assert Capability.CREATE_ACCOUNTS not in standing.lacks
        assert standing.lacks[Capability.KEEP_GROUPS] == "the scopes okta.groups.manage"
        assert standing.lacks[Capability.FOLLOW_CHANGES] == "the scopes okta.logs.read"
        okta.close()
        greedy = opened(okta_server, fields)
        with pytest.raises(Unauthorized, match="invalid_scope"):
            greedy.check()
        greedy.close()

    def test_its_audience_is_the_name_that_okta_knows(self, okta_server: OktaServer) -> None:
        audience = "https://acme.okta.example/oauth2/v1/token"
        fields = service_app(okta_server, audiences=[audience])
        okta = opened(okta_server, {**fields, "audience": audience})
        assert CLIENT in okta.check()
        okta.close()

    def test_a_token_endpoint_that_is_down_in_the_middle_leaves_nothing_done(
        self, okta_server: OktaServer
    ) -> None:
        okta = opened(okta_server, service_app(okta_server))
        okta.check()
        down = {"hook": "rate_limit", "method": "POST", "route": "/oauth2/v1/token", "retry_after": 7}
        okta_server.add_faults(REFUSED, down)
        with pytest.raises(RateLimited) as caught:
            okta.create_account(ANA, key=KEY)
        okta.close()
        assert (caught.value.retry_after, caught.value.maybe_done) == (7, False)
        assert okta_server.user(ANA.login) is None

    def test_a_key_of_another_app_is_unauthorized_and_in_no_error(self, okta_server: OktaServer) -> None:
        service_app(okta_server)
        other = pem(MAKERS["P-256"]())
        okta = opened(okta_server, {"login": CLIENT, "password": None, "private_key": other})
        with pytest.raises(Unauthorized) as caught:
            okta.check()
        okta.close()
        assert other.splitlines()[1] not in f"{caught.value!r} {caught.value.hint}"

    @pytest.mark.parametrize(
        "fields",
        [
            {"password": "token", "login": CLIENT},
            {"password": None, "login": CLIENT},
            {"password": None, "private_key": pem(MAKERS["P-256"]())},
            {"password": None, "login": CLIENT, "private_key": "no key"},
            {"password": None, "login": CLIENT, "private_key": pem(MAKERS["Ed25519"]())},
            {"password": "to\nken"},
        ],
    )
    def test_credentials_that_do_not_fit_together_are_refused(
        self, okta_server: OktaServer, fields: dict[str, Any]
    ) -> None:
        with pytest.raises(InvalidInput):
            opened(okta_server, fields)
        assert okta_server.requests() == []

    def test_another_address_than_an_organizations_is_told(self, okta_server: OktaServer) -> None:
        okta = opened(okta_server, {"url": f"{okta_server.url}/api/v1"})
        with pytest.raises(Rejected) as caught:
            okta.check()
        okta.close()
        assert "url" in caught.value.hint
        okta_server.begin()
