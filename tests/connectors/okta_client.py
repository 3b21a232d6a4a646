"""What the tests of the Okta connector share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from officeflow.connectors.connection import Connection
from officeflow.connectors.families.identity import NewAccount
from officeflow.connectors.okta.client import Okta
from officeflow.connectors.okta.scopes import SCOPES
from tests.counterparts.okta import OktaServer

ANA = NewAccount(
    login="ana@acme.example",
    external_id="1001",
    given_name="Ana",
    family_name="Pérez",
    email="ana@acme.example",
    title="Engineer",
    department="Engineering",
    attributes={"costCenter": "42", "preferredLanguage": "es"},
)
BO = replace(ANA, login="bo@acme.example", email="bo@acme.example", external_id="1002", given_name="Bo")
CLIENT = "0oa0officeflow"
IN_EXTRA = (
    "timeout", "ca_file", "proxy", "trusted_hosts", "mark", "identity", "activation_mail", "private_key",
    "key_id", "scopes", "audience",
)  # fmt: skip

MAKERS: Mapping[str, Any] = {
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}


def connection(server: OktaServer, **changes: Any) -> Connection:
    return Connection(
        id="acme.okta",
        provider="okta",
        host=changes.get("url", server.url),
        login=changes.get("login"),
        password=changes.get("password", server.token),
        extra={name: changes[name] for name in IN_EXTRA if name in changes},
    )


def pem(key: Any) -> str:
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return str(key.private_bytes(serialization.Encoding.PEM, *form).decode())


def service_app(server: OktaServer, kind: str = "P-256", **changes: Any) -> dict[str, Any]:
    """The fields of a connection to it."""
    key = MAKERS[kind]()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    app = {"client_id": CLIENT, "keys": [public.decode()], "scopes": list(SCOPES), "roles": ["SUPER_ADMIN"]}
    server.control("POST", "client", {**app, **changes})
    return {"login": CLIENT, "password": None, "private_key": pem(key)}


class OktaCase:
    """Its tests end without a request that Okta's description does not allow."""

    @pytest.fixture(autouse=True)
    def described(self, okta_server: OktaServer) -> Iterator[None]:
        yield
        assert okta_server.problems() == []

    @pytest.fixture
    def okta(self, okta_server: OktaServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Okta]:
        """A client that does not wait long for what does not come."""
        monkeypatch.setattr("officeflow.connectors.okta.base.SETTLES", 0.1)
        monkeypatch.setattr("officeflow.connectors.okta.base.LOOKS_AGAIN", 0.02)
        opened = Okta(connection(okta_server), correlation_id="c-1")
        yield opened
        opened.close()


def put_status(server: OktaServer, status: str) -> None:
    """Ana's account gets it without Okta's interface."""
    user = server.user(ANA.login) or {}
    server.put("user", user["id"], {**user, "status": status})
