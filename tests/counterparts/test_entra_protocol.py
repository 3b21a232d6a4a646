"""How the played Entra tenant speaks: tokens, validation, faults, batches, changes, what it keeps."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from counterparts.entra.application import described
from counterparts.entra.corrections import GraphDescription
from counterparts.vendors.description import Seen
from counterparts.vendors.mutations import mutants
from tests.counterparts.entra import (
    CLIENT,
    PASSWORD,
    TENANT,
    EntraServer,
    fixed,
    login,
    made,
    new,
    reference,
    refused,
)

pytestmark = pytest.mark.integration
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def graph(entra_server: EntraServer) -> Iterator[httpx.Client]:
    with entra_server.client() as client:
        yield client


class Certificate:
    """Of a client, with its key."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client")])
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder(name, name, self.key.public_key(), x509.random_serial_number())
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        builder = builder.add_extension(here, critical=False)
        builder = builder.not_valid_before(now - dt.timedelta(days=1))
        signed = builder.not_valid_after(now + dt.timedelta(days=30)).sign(self.key, hashes.SHA256())
        self.der = signed.public_bytes(serialization.Encoding.DER)
        self.pem = signed.public_bytes(serialization.Encoding.PEM)

    def key_and_certificate(self) -> bytes:
        plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return self.key.private_bytes(serialization.Encoding.PEM, *plain) + self.pem

    def assertion(self, server: EntraServer, **claims: Any) -> str:
        now = int(dt.datetime.now(dt.UTC).timestamp())
        usual = {
            "aud": f"{server.url}/{TENANT}/oauth2/v2.0/token",
            "iss": CLIENT,
            "sub": CLIENT,
            "jti": str(uuid.uuid4()),
            "nbf": now,
            "exp": now + 300,
        }
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(self.der).digest()).decode().rstrip("=")
        headers = {"x5t#S256": thumbprint}
        return jwt.encode({**usual, **claims}, self.key, algorithm="PS256", headers=headers)


def error_code(answer: httpx.Response) -> int:
    assert answer.status_code in {400, 401}, answer.text
    return int(answer.json()["error_codes"][0])


def test_a_secret_gives_a_token_with_the_granted_permissions(entra_server: EntraServer) -> None:
    claims = jwt.decode(entra_server.token(), options={"verify_signature": False})
    assert (claims["appid"], claims["tid"]) == (CLIENT, TENANT)
    assert "User.ReadWrite.All" in claims["roles"]
    wrong = entra_server.ask_for_token(client_id=CLIENT, client_secret="guessed")
    assert (wrong.status_code, error_code(wrong), wrong.json()["error"]) == (401, 7000215, "invalid_client")
    assert error_code(entra_server.ask_for_token(client_id=CLIENT)) == 7000216
    assert error_code(entra_server.ask_for_token(client_id=str(uuid.uuid4()), client_secret="x")) == 700016
    given = {"client_id": CLIENT, "client_secret": entra_server.secret}
    assert error_code(entra_server.ask_for_token(**given, scope="User.Read")) == 1002012
    assert error_code(entra_server.ask_for_token(**given, grant_type="password")) == 70003


def test_a_certificate_gives_a_token_only_to_who_holds_its_key(
    entra_server: EntraServer, graph: httpx.Client
) -> None:
    own, other = Certificate(), Certificate()

    def ask(assertion: str) -> httpx.Response:
        return entra_server.ask_for_token(
            client_id=CLIENT, client_assertion_type=JWT_BEARER, client_assertion=assertion
        )

    assert error_code(ask(own.assertion(entra_server))) == 700027
    credential = {
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "key": base64.b64encode(own.der).decode(),
    }
    path = f"/applications/{fixed('OfficeFlow application')}"
    assert graph.patch(path, json={"keyCredentials": [credential]}).status_code == 204
    answer = ask(own.assertion(entra_server))
    assert answer.status_code == 200, answer.text
    own_name = own.der
    own.der, other.der = other.der, own_name
    assert error_code(ask(other.assertion(entra_server))) == 700027
    other.der, own.der = own.der, own_name
    assert error_code(ask(own.assertion(entra_server, aud="https://elsewhere.example"))) == 700023
    assert error_code(ask(own.assertion(entra_server, exp=1_000_000_000))) == 700024
    assert error_code(ask(own.assertion(entra_server, sub="somebody"))) == 700021


def test_clients_find_the_token_endpoint(entra_server: EntraServer) -> None:
    with httpx.Client(base_url=entra_server.url, trust_env=False) as client:
        path = f"/{TENANT}/v2.0/.well-known/openid-configuration"
        configuration = client.get(path).json()
        assert configuration["token_endpoint"] == f"{entra_server.url}/{TENANT}/oauth2/v2.0/token"
        key = jwt.PyJWK(client.get(configuration["jwks_uri"]).json()["keys"][0])
        jwt.decode(entra_server.token(), key, audience="https://graph.microsoft.com")
        instance = client.get("/common/discovery/instance", params={"api-version": "1.1"}).json()
        assert instance["tenant_discovery_endpoint"] == f"{entra_server.url}{path}"


class EntraOverTls(EntraServer):
    def arguments(self) -> list[str]:
        return [*super().arguments(), "--certificate", str(self.folder / "server.pem")]


@pytest.mark.long
def test_it_speaks_tls_with_a_certificate_and_calls_itself_so(tmp_path: Path) -> None:
    certificate = Certificate()
    (tmp_path / "server.pem").write_bytes(certificate.key_and_certificate())
    server = EntraOverTls(tmp_path)
    server.start()
    try:
        address = f"https://127.0.0.1:{server.port}"
        trusting = ssl.create_default_context(cadata=certificate.pem.decode())
        with httpx.Client(base_url=address, verify=trusting, trust_env=False) as client:
            found = client.get(f"/{TENANT}/v2.0/.well-known/openid-configuration").json()
            assert found["token_endpoint"].startswith(address)
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.get(address, trust_env=False)
    finally:
        server.stop()


def test_a_token_ends_and_a_changed_one_is_none(entra_server: EntraServer, graph: httpx.Client) -> None:
    assert graph.get("/users").status_code == 200
    entra_server.put_clock_forward(3700)
    answer = graph.get("/users")
    refused(answer, 401, "InvalidAuthenticationToken")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    forged = {"Authorization": f"Bearer {entra_server.token()[:-4]}AAAA"}
    refused(graph.get("/users", headers=forged), 401, "InvalidAuthenticationToken")


def graph_description() -> GraphDescription:
    description = described()
    if description is None:
        pytest.skip("there is no description of Microsoft Graph below OFFICEFLOW_VENDOR_SPECS")
    return description


def fitting(graph: httpx.Client) -> dict[tuple[str, str], tuple[str, Any]]:
    """A request that fits, for operations whose mutants are tried: path and body."""
    user = made(graph, "ann", usageLocation="DE")
    staff = fixed("Staff")
    return {
        ("GET", "/v1.0/users"): ("/v1.0/users", None),
        ("POST", "/v1.0/users"): ("/v1.0/users", new("bob", employeeOrgData={"division": "North"})),
        ("PATCH", "/v1.0/groups/{id}"): (f"/v1.0/groups/{staff}", {"description": "All"}),
        ("POST", "/v1.0/groups/{id}/members/$ref"): (
            f"/v1.0/groups/{staff}/members/$ref",
            reference(graph, user),
        ),
        ("POST", "/v1.0/users/{id}/assignLicense"): (
            f"/v1.0/users/{user}/assignLicense",
            {"addLicenses": [], "removeLicenses": []},
        ),
        ("POST", "/v1.0/users/{id}/appRoleAssignments"): (
            f"/v1.0/users/{user}/appRoleAssignments",
            {"principalId": user, "resourceId": staff, "appRoleId": staff},
        ),
    }


def test_requests_that_the_description_does_not_allow_are_refused_and_told(
    entra_server: EntraServer, graph: httpx.Client
) -> None:
    description = graph_description()
    operations = list(description.operations())
    known = fitting(graph)
    tried = 0
    for operation in operations:
        if (operation.method, operation.template) not in known:
            continue
        path, body = known[operation.method, operation.template]
        request = httpx.Request(operation.method, entra_server.url + path, json=body)
        seen = Seen(operation.method, path, [], dict(request.headers), request.read())
        for mutant in mutants(operation, seen, operations):
            answer = graph.request(
                mutant.request.method,
                entra_server.url + mutant.request.path,
                params=dict(mutant.request.query),
                content=mutant.request.body,
                headers={"Content-Type": mutant.request.headers.get("content-type", "")},
            )
            assert answer.status_code in mutant.statuses, (operation.template, mutant.name, answer.text)
            tried += 1
    assert tried >= 20
    assert len(entra_server.problems()) == tried
    assert [u["displayName"] for u in entra_server.state("user").values()] == ["Ann"]


def test_every_route_is_described_or_listed_with_its_page(entra_server: EntraServer) -> None:
    description = graph_description()
    about = entra_server.control("GET", "about")
    assert about["validation"] is True
    paged = {f"{each['method']} {each['route']}": each["page"] for each in about["undescribed"]}
    assert all(page.startswith("https://learn.microsoft.com/") for page in paged.values())
    templates = {f"{each.method} {each.template}" for each in description.operations()}
    assert set(about["routes"]) <= templates | set(paged)


def test_faults_throttle_break_off_and_pretend(entra_server: EntraServer, graph: httpx.Client) -> None:
    users = {"method": "POST", "route": "/v1.0/users"}
    entra_server.add_faults(
        {"hook": "rate_limit", **users, "retry_after": 7},
        {"hook": "answer", **users, "status": 503, "headers": {"Retry-After": "2"}, "skip": 1},
        {"hook": "act_then_drop", **users, "skip": 2},
        {"hook": "nothing", **users, "skip": 3},
    )
    throttled = graph.post("/users", json=new("ann"))
    refused(throttled, 429, "TooManyRequests")
    assert throttled.headers["Retry-After"] == "7"
    inner = throttled.json()["error"]["innerError"]
    assert inner["request-id"] == throttled.headers["request-id"]
    refused(graph.post("/users", json=new("ann")), 503, "serviceNotAvailable")
    assert entra_server.user(login("ann")) is None
    with pytest.raises(httpx.TransportError):
        graph.post("/users", json=new("ann"))
    assert entra_server.user(login("ann")) is not None
    assert graph.post("/users", json=new("bob")).status_code == 201
    assert entra_server.user(login("bob")) is None


def test_what_was_written_is_seen_late(entra_server: EntraServer, graph: httpx.Client) -> None:
    entra_server.add_faults(
        {
            "hook": "lag",
            "method": "POST",
            "route": "/v1.0/users",
            "reads": 2,
            "seen_by": ["GET /v1.0/users/{id}"],
        },
        {"hook": "lag", "route": "/v1.0/groups/{id}/members/$ref", "reads": 1},
    )
    user = made(graph, "ann")
    for _ in range(2):
        refused(graph.get(f"/users/{user}"), 404, "Request_ResourceNotFound")
    assert graph.get(f"/users/{user}").status_code == 200
    graph.post(f"/groups/{fixed('Staff')}/members/$ref", json=reference(graph, user))
    assert graph.get(f"/users/{user}/memberOf").json()["value"] == []
    assert len(graph.get(f"/users/{user}/memberOf").json()["value"]) == 1


def test_the_parts_of_a_batch_wait_fail_and_are_throttled_by_themselves(
    entra_server: EntraServer, graph: httpx.Client
) -> None:
    headers = {"Content-Type": "application/json"}
    entra_server.add_faults({"hook": "rate_limit", "route": "/v1.0/groups", "retry_after": 3})
    requests: list[dict[str, Any]] = [
        {"id": "4", "method": "GET", "url": f"/users/{login('ann')}", "dependsOn": ["1"]},
        {"id": "1", "method": "POST", "url": "/users", "body": new("ann"), "headers": headers},
        {"id": "2", "method": "GET", "url": "/groups"},
        {"id": "3", "method": "GET", "url": "/users", "dependsOn": ["2"]},
    ]
    answer = graph.post("/$batch", json={"requests": requests}).json()
    parts = {each["id"]: each for each in answer["responses"]}
    assert {name: part["status"] for name, part in parts.items()} == {"1": 201, "2": 429, "3": 424, "4": 200}
    assert parts["2"]["headers"]["Retry-After"] == "3"
    assert [each["effect"] for each in entra_server.writes()] == ["writes"]
    many = [{"id": str(number), "method": "GET", "url": "/users"} for number in range(21)]
    refused(graph.post("/$batch", json={"requests": many}), 400, "BadRequest")


def to_the_end(graph: httpx.Client, link: str) -> tuple[list[dict[str, Any]], str]:
    """All that a round tells, and the link to the next round."""
    found: list[dict[str, Any]] = []
    while True:
        page = graph.get(link).json()
        found += page["value"]
        if "@odata.deltaLink" in page:
            return found, str(page["@odata.deltaLink"])
        link = page["@odata.nextLink"]


def test_changes_are_told_until_the_token_is_forgotten(
    entra_server: EntraServer, graph: httpx.Client
) -> None:
    ann, bob = made(graph, "ann"), made(graph, "bob")
    found, link = to_the_end(graph, "/users/delta?$select=displayName&$top=1")
    assert [each["id"] for each in found] == [ann, bob]
    assert to_the_end(graph, link)[0] == []
    graph.patch(f"/users/{ann}", json={"displayName": "Anna"})
    graph.delete(f"/users/{bob}")
    changed, later = to_the_end(graph, link)
    assert changed == [{"displayName": "Anna", "id": ann}, {"id": bob, "@removed": {"reason": "changed"}}]
    graph.delete(f"/directory/deletedItems/{bob}")
    gone, _ = to_the_end(graph, later)
    assert gone == [{"id": bob, "@removed": {"reason": "deleted"}}]
    groups = graph.get("/groups/delta()", params={"$deltatoken": "latest"}).json()["@odata.deltaLink"]
    graph.post(f"/groups/{fixed('Staff')}/members/$ref", json=reference(graph, ann))
    members = graph.get(groups).json()["value"][0]["members@delta"]
    assert members == [{"@odata.type": "#microsoft.graph.user", "id": ann}]
    entra_server.control("POST", "expire_delta")
    forgotten = graph.get(link)
    refused(forgotten, 410, "syncStateNotFound")
    assert graph.get(forgotten.headers["Location"]).status_code == 200
    refused(graph.get("/users/delta", params={"$deltatoken": "made-up"}), 400, "BadRequest")


def test_the_tenant_survives_kill_9_and_tokens_do_too(entra_server: EntraServer, graph: httpx.Client) -> None:
    user = made(graph, "ann")
    graph.post(f"/groups/{fixed('Staff')}/members/$ref", json=reference(graph, user))
    entra_server.kill()
    entra_server.start()
    assert graph.get(f"/users/{user}").status_code == 200
    assert entra_server.groups_of(login("ann")) == {"Staff"}


def test_neither_journal_nor_state_holds_a_secret(entra_server: EntraServer, graph: httpx.Client) -> None:
    user = made(graph, "ann")
    given = graph.post(f"/users/{user}/authentication/temporaryAccessPassMethods", json={}).json()
    path = f"/applications/{fixed('OfficeFlow application')}/addPassword"
    added = graph.post(path, json={"passwordCredential": {"displayName": "second"}}).json()
    token = graph.headers["Authorization"].removeprefix("Bearer ")
    secrets = [entra_server.secret, PASSWORD, given["temporaryAccessPass"], added["secretText"], token]
    for name in ("requests.jsonl", "output", "entra.sqlite", "entra.sqlite-wal"):
        kept = (entra_server.folder / name).read_bytes()
        assert [each for each in secrets if each.encode() in kept] == [], name
