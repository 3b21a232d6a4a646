"""How people of a tenant prove who they are, and how the connector itself does."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import logging
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from officeflow.connectors import tokens
from officeflow.connectors.entra.settings import settings_of
from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import NewAccount
from officeflow.connectors.fields import assemble
from officeflow.connectors.opening import open_provider
from officeflow.errors import InvalidInput, NothingHappened, Rejected, Unauthorized
from tests.connectors.contract import CORRELATION, KEY
from tests.connectors.entra import ANA, connection, opened
from tests.counterparts.entra import CLIENT, TENANT, EntraServer, fixed, login

pytestmark = pytest.mark.integration
PASSWORD = "Kräftig-und-lang-77!"
LONG_AGO = "2020-01-01T00:00:00Z"
PHONE = {"phoneNumber": "+49 301234567", "phoneType": "mobile"}


@pytest.fixture
def client(entra_server: EntraServer) -> Iterator[Any]:
    with opened(entra_server) as client:
        yield client
    assert entra_server.problems() == []


@pytest.fixture
def ana(entra_server: EntraServer, client: Any) -> str:
    """Whose password and sessions are from long ago."""
    made = client.create_account(NewAccount(login=login("ana")), key=KEY)
    moments = {"lastPasswordChangeDateTime": LONG_AGO, "signInSessionsValidFromDateTime": LONG_AGO}
    entra_server.put("user", made.id, {**entra_server.state("user")[made.id], **moments})
    return str(made.id)


def register(server: EntraServer, account: str, kind: str, **fields: Any) -> str:
    answer = server.control("POST", "register", {"user": account, "kind": kind, **fields})
    return str(answer["id"])


class TestPasswords:
    def test_a_password_is_set_and_let_in(self, entra_server: EntraServer, client: Any, ana: str) -> None:
        client.set_password(ana, PASSWORD, must_change=False, key=KEY)
        assert entra_server.sign_in(login("ana"), PASSWORD) is None
        client.set_password(ana, f"{PASSWORD}2", must_change=True, key=KEY)
        assert entra_server.sign_in(login("ana"), f"{PASSWORD}2") == 50055

    def test_one_that_the_rules_refuse_is_rejected_and_stands_in_nothing(
        self, entra_server: EntraServer, client: Any, ana: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        weak = "onlyletters"
        with pytest.raises(Rejected, match="InvalidPassword") as caught:
            client.set_password(ana, weak, must_change=True, key=KEY)
        told = {"error": {"code": "Request_BadRequest", "message": f"The password {PASSWORD} is known."}}
        entra_server.add_faults(
            {"hook": "answer", "method": "PATCH", "route": "/v1.0/users/{id}", "status": 400, "body": told}
        )
        with pytest.raises(Rejected) as again:
            client.set_password(ana, PASSWORD, must_change=True, key=KEY)
        written = f"{caught.value!r} {again.value!r} {caplog.text} {entra_server.requests()}"
        assert weak not in written
        assert PASSWORD not in written
        assert entra_server.secret not in written

    def test_a_yes_without_a_new_password_is_found_out(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        entra_server.add_faults({"hook": "nothing", "method": "PATCH", "route": "/v1.0/users/{id}"})
        with pytest.raises(NothingHappened):
            client.set_password(ana, PASSWORD, must_change=True, key=KEY)


class TestTemporaryAccess:
    def test_a_pass_lets_in_once_and_ends_the_one_before(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        first = client.give_temporary_access(ana, minutes=60, once=False, key=KEY)
        second = client.give_temporary_access(ana, minutes=120, once=True, key=KEY)
        assert (second.kind, second.once) == ("passcode", True)
        left = second.until - dt.datetime.now(dt.UTC)
        assert dt.timedelta(minutes=110) < left < dt.timedelta(minutes=121)
        assert second.secret not in repr(second)
        assert entra_server.sign_in(login("ana"), first.secret) is not None
        assert entra_server.sign_in(login("ana"), second.secret) is None
        assert entra_server.sign_in(login("ana"), second.secret) is not None

    def test_a_time_that_the_policy_does_not_allow_is_rejected(self, client: Any, ana: str) -> None:
        with pytest.raises(Rejected):
            client.give_temporary_access(ana, minutes=5, once=True, key=KEY)

    def test_a_yes_without_a_pass_is_found_out(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        route = "/v1.0/users/{id}/authentication/temporaryAccessPassMethods"
        entra_server.add_faults({"hook": "nothing", "method": "POST", "route": route})
        with pytest.raises(NothingHappened):
            client.give_temporary_access(ana, minutes=60, once=True, key=KEY)


class TestSessions:
    def test_sessions_end_and_that_is_seen(self, entra_server: EntraServer, client: Any, ana: str) -> None:
        assert client.sessions_of(ana) is None
        assert "are refused" in client.end_sessions(ana, key=KEY)
        assert "are refused" in client.end_sessions(ana, key=KEY)
        user = entra_server.state("user")[ana]
        assert user["signInSessionsValidFromDateTime"] > LONG_AGO

    def test_a_yes_without_an_end_is_found_out(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        route = "/v1.0/users/{id}/revokeSignInSessions"
        entra_server.add_faults({"hook": "nothing", "method": "POST", "route": route})
        with pytest.raises(NothingHappened, match="old sessions are valid"):
            client.end_sessions(ana, key=KEY)


class TestFactors:
    def test_all_factors_go_the_default_one_last(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        register(entra_server, ana, "phone", **PHONE, _isDefault=True)
        register(entra_server, ana, "fido2", displayName="Key")
        register(entra_server, ana, "microsoftAuthenticator", displayName="Phone")
        found = client.factors_of(ana)
        assert {each.kind: each.name for each in found} == {
            "phone": "+49 301234567",
            "fido2": "Key",
            "microsoftAuthenticator": "Phone",
        }
        assert list(client.reset_factors(ana, key=KEY)) == list(found)
        assert list(client.factors_of(ana)) == []
        assert list(client.reset_factors(ana, key=KEY)) == []

    def test_a_kind_that_is_not_known_is_named_before_anything_goes(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        register(entra_server, ana, "phone", **PHONE)
        register(entra_server, ana, "palmVein", displayName="Hand")
        with pytest.raises(Rejected, match="palmVein"):
            client.reset_factors(ana, key=KEY)
        assert len(client.factors_of(ana)) == 2

    def test_a_yes_without_an_end_is_found_out(
        self, entra_server: EntraServer, client: Any, ana: str
    ) -> None:
        register(entra_server, ana, "phone", **PHONE)
        route = "/v1.0/users/{id}/authentication/{collection}/{method}"
        entra_server.add_faults({"hook": "nothing", "method": "DELETE", "route": route})
        with pytest.raises(NothingHappened, match="phone"):
            client.reset_factors(ana, key=KEY)


class Certificate:
    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "officeflow")])
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - dt.timedelta(days=1))
        signed = builder.not_valid_after(now + dt.timedelta(days=30)).sign(key, hashes.SHA256())
        plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.der = signed.public_bytes(serialization.Encoding.DER)
        self.fields: dict[str, str] = {
            "certificate": signed.public_bytes(serialization.Encoding.PEM).decode(),
            "private_key": key.private_bytes(serialization.Encoding.PEM, *plain).decode(),
            "password": "",
        }


class TestOurOwn:
    @pytest.fixture(autouse=True)
    def _nothing_kept(self) -> None:
        tokens._kept.clear()

    def test_a_certificate_lets_us_in_and_none_that_is_not_registered(
        self, entra_server: EntraServer
    ) -> None:
        own = Certificate()
        with opened(entra_server, **own.fields) as client, pytest.raises(Unauthorized, match="700027"):
            client.check()
        key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(own.der).decode()}
        with entra_server.client() as graph:
            path = f"/applications/{fixed('OfficeFlow application')}"
            assert graph.patch(path, json={"keyCredentials": [key]}).status_code == 204
        values = {
            "tenant": TENANT,
            "client_id": CLIENT,
            "url": entra_server.url,
            "login_url": entra_server.url,
            "certificate": own.fields["certificate"],
            "private_key": own.fields["private_key"],
        }
        typed = assemble("acme.entra", "entra", values)
        client = open_provider(typed, correlation_id=CORRELATION, family=Family.IDENTITY)
        assert client.create_account(ANA, key=KEY).login == ANA.login
        client.close()
        assert own.fields["private_key"] not in f"{typed!r} {client!r} {client.settings!r}"
        assert entra_server.problems() == []

    def test_the_assertion_is_what_microsoft_asks_for(self, entra_server: EntraServer) -> None:
        own = Certificate()
        request = settings_of(connection(entra_server, **own.fields)).grant.request()
        form = dict(pair.split("=", 1) for pair in request.content.decode().split("&"))
        header = jwt.get_unverified_header(form["client_assertion"])
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(own.der).digest()).decode().rstrip("=")
        assert (header["alg"], header["x5t#S256"]) == ("PS256", thumbprint)
        claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
        assert claims["aud"] == str(request.url)
        assert claims["iss"] == claims["sub"]

    def test_a_key_of_another_certificate_is_refused_when_it_is_opened(
        self, entra_server: EntraServer
    ) -> None:
        mixed = {**Certificate().fields, "private_key": Certificate().fields["private_key"]}
        with pytest.raises(InvalidInput, match="not that of the certificate"), opened(entra_server, **mixed):
            pass

    def test_a_certificate_and_its_key_go_together(self, entra_server: EntraServer) -> None:
        fields = Certificate().fields
        with (
            pytest.raises(InvalidInput, match="go together"),
            opened(entra_server, certificate=fields["certificate"]),
        ):
            pass

    @pytest.mark.parametrize(
        ("graph", "login_url", "scope"),
        [
            (None, "https://login.microsoftonline.com", "https://graph.microsoft.com/.default"),
            ("https://graph.microsoft.us", "https://login.microsoftonline.us", "https://graph.microsoft.us/.default"),
            ("https://gate.acme.example", "https://login.microsoftonline.com", "https://graph.microsoft.com/.default"),
        ],
    )  # fmt: skip
    def test_each_cloud_has_its_own_login(
        self, entra_server: EntraServer, graph: str | None, login_url: str, scope: str
    ) -> None:
        grant: Any = settings_of(connection(entra_server, url=graph, login_url="")).grant
        assert grant.endpoint.startswith(f"{login_url}/")
        assert grant.scope == scope
