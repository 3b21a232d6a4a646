"""The Okta that tests play against lets in whom Okta would, and nobody else."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.counterparts.okta import OktaServer

pytestmark = pytest.mark.integration

CLIENT = "0oa0officeflow"
CUSTOM_DOMAIN = "https://id.acme.example"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def service_app(okta_server: OktaServer, key: ec.EllipticCurvePrivateKey) -> OktaServer:
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    scopes = ["okta.users.read", "okta.users.manage", "okta.groups.read", "okta.roles.manage"]
    client = {"client_id": CLIENT, "keys": [public.decode()], "scopes": scopes, "roles": ["USER_ADMIN"]}
    client["audiences"] = [f"{CUSTOM_DOMAIN}/oauth2/v1/token"]
    okta_server.control("POST", "client", client)
    return okta_server


def ask(
    okta: OktaServer, key: ec.EllipticCurvePrivateKey, scope: str = "okta.users.read", **claims: Any
) -> httpx.Response:
    address = f"{okta.url}/oauth2/v1/token"
    usual = {"iss": CLIENT, "sub": CLIENT, "aud": address, "exp": time.time() + 300, "jti": str(uuid.uuid4())}
    assertion = jwt.encode({**usual, **claims}, key, algorithm="ES256")
    form = {"grant_type": "client_credentials", "scope": scope, "client_assertion": assertion}
    with okta.client() as client:
        del client.headers["Authorization"]
        return client.post(address, data={**form, "client_assertion_type": TYPE})


def test_a_service_app_gets_a_token_that_ends(
    service_app: OktaServer, key: ec.EllipticCurvePrivateKey
) -> None:
    answer = ask(service_app, key).raise_for_status().json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    with service_app.client(answer["access_token"], "Bearer") as client:
        assert client.get("/api/v1/users").status_code == 200
        service_app.put_clock_forward(3601)
        ended = client.get("/api/v1/users")
    assert (ended.status_code, ended.json()["errorCode"]) == (401, "E0000011")
    assert 'error="invalid_token"' in ended.headers["WWW-Authenticate"]


def test_what_a_token_may_do_is_what_scopes_and_roles_both_allow(
    service_app: OktaServer, key: ec.EllipticCurvePrivateKey
) -> None:
    token = ask(service_app, key, "okta.users.read okta.roles.manage").json()["access_token"]
    with service_app.client(token, "Bearer") as client:
        unscoped = client.get("/api/v1/groups")
        without_role = client.get("/api/v1/users/administrator/roles")
        written = client.delete("/api/v1/users/administrator")
    assert (unscoped.status_code, unscoped.json()["errorCode"]) == (403, "E0000006")
    assert 'error="insufficient_scope"' in unscoped.headers["WWW-Authenticate"]
    assert (without_role.status_code, "WWW-Authenticate" in without_role.headers) == (403, False)
    assert written.status_code == 403
    assert service_app.user("administrator@okta.example")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://elsewhere.example/oauth2/v1/token"},
        {"exp": 1},
        {"exp": time.time() + 100_000},
        {"iss": "somebody"},
        {"sub": "somebody"},
    ],
)
def test_a_statement_that_does_not_hold_gets_no_token(
    service_app: OktaServer, key: ec.EllipticCurvePrivateKey, claims: dict[str, Any]
) -> None:
    refused = ask(service_app, key, **claims)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_a_statement_is_signed_with_the_apps_key_and_used_once(
    service_app: OktaServer, key: ec.EllipticCurvePrivateKey
) -> None:
    assert ask(service_app, ec.generate_private_key(ec.SECP256R1())).status_code == 401
    assert [ask(service_app, key, jti="same").status_code for _ in range(2)] == [200, 401]
    assert ask(service_app, key, aud=f"{CUSTOM_DOMAIN}/oauth2/v1/token").status_code == 200
    unknown = ask(service_app, key, "okta.users.read okta.apps.manage")
    assert (unknown.status_code, unknown.json()["error"]) == (400, "invalid_scope")


def test_an_api_token_may_do_what_its_administrators_role_allows(okta_server: OktaServer) -> None:
    okta_server.control("POST", "api_token", {"token": "read-only", "role": "READ_ONLY_ADMIN"})
    with okta_server.client("read-only") as client:
        assert client.get("/api/v1/users/me").json()["profile"]["login"] == "administrator@okta.example"
        assert client.delete("/api/v1/users/administrator").status_code == 403
    with okta_server.client("nobody") as client:
        assert client.get("/api/v1/users/me").json()["errorCode"] == "E0000011"


def test_what_is_too_much_is_refused_until_the_minute_is_over(okta_server: OktaServer) -> None:
    okta_server.control("POST", "rate_limit", {"limit": 2})
    with okta_server.client() as client:
        answers = [client.get("/api/v1/users") for _ in range(3)]
        okta_server.put_clock_forward(60)
        later = client.get("/api/v1/users")
    okta_server.control("POST", "rate_limit", {"limit": 10_000})
    assert [each.headers["X-Rate-Limit-Remaining"] for each in answers] == ["1", "0", "0"]
    assert (answers[2].status_code, answers[2].json()["errorCode"]) == (429, "E0000047")
    assert int(answers[2].headers["X-Rate-Limit-Reset"]) > time.time()
    assert later.status_code == 200
