"""The Keycloak connector against a real Keycloak: lists, changes, applications, and who we are there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from officeflow.connectors.families import Capability
from officeflow.connectors.families.identity import (
    Account,
    AccountChange,
    Changes,
    NewAccount,
    OidcSettings,
    SamlSettings,
)
from officeflow.connectors.keycloak import accounts, changes
from officeflow.connectors.keycloak.client import KeycloakProvider
from officeflow.connectors.keycloak.provider import PROVIDER
from officeflow.errors import Conflict, NotFound, NothingHappened, Rejected, Unauthorized
from tests.connectors.contract import KEY
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.keycloak_realm import (
    ANA,
    PASSWORD,
    REALM,
    bearer,
    made,
    opened,
    otherwise,
    signed_in,
    takes_passwords,
)
from tests.counterparts.keycloak import KeycloakServer

pytestmark = pytest.mark.integration


@pytest.fixture
def client(keycloak_server: KeycloakServer) -> Iterator[KeycloakProvider]:
    with opened(keycloak_server) as client:
        yield client


@pytest.fixture
def proxy(keycloak_server: KeycloakServer) -> Iterator[FaultProxy]:
    with FaultProxy(keycloak_server.url).running() as proxy:
        yield proxy


@pytest.fixture
def ten(client: KeycloakProvider, monkeypatch: pytest.MonkeyPatch) -> list[Account]:
    """Ten people, of which four go on a page, and two of those on the next one again."""
    monkeypatch.setattr(accounts, "PAGE_SIZE", 4)
    monkeypatch.setattr(accounts, "OVERLAP", 2)
    return [client.create_account(NewAccount(login=f"person{each}"), key=KEY) for each in range(10)]


def test_everybody_is_listed_once_whatever_changes_meanwhile(
    client: KeycloakProvider, ten: list[Account]
) -> None:
    assert [account.login for account in client.list_accounts()] == [each.login for each in ten]
    listing = client.list_accounts()
    logins = [next(listing).login for _ in range(4)]
    for gone in ten[:4]:
        client.delete_account(gone.id, key=KEY)
    client.create_account(NewAccount(login="aaa"), key=KEY)
    logins += [account.login for account in listing]
    assert len(logins) == len(set(logins))
    assert {each.login for each in ten} <= set(logins)


def test_a_list_that_contradicts_itself_is_refused(
    keycloak_server: KeycloakServer, proxy: FaultProxy, ten: list[Account]
) -> None:
    with opened(keycloak_server, url=proxy.url) as through:
        first = proxy.forward("GET", f"{REALM}/users?max=4", bearer(keycloak_server), b"").content
        proxy.fault(Fault(kind="answer", methods=("GET",), path="/users?", body=first, times=2))
        with pytest.raises(Rejected, match="one page of its users twice"):
            list(through.list_accounts())
        proxy.faults.clear()
        proxy.fault(Fault(kind="answer", methods=("GET",), path="first=2&", body=b"[]", times=-1))
        with pytest.raises(Rejected, match="no end, or moves all the time"):
            list(through.list_accounts())
        proxy.faults.clear()
        proxy.fault(Fault(kind="answer", methods=("GET",), path="/users?", body=b"[]"))
        with pytest.raises(Rejected, match="there are 10 accounts, and gives 0") as caught:
            list(through.list_accounts())
    assert through.address in caught.value.message
    assert ten


def told(found: Changes) -> tuple[list[str], tuple[str, ...]]:
    return [account.login for account in found.accounts], found.deleted


def test_what_has_changed_since_is_told_once(
    keycloak_server: KeycloakServer, client: KeycloakProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By administrators, and by people themselves."""
    begin = client.changes_since(None)
    assert (told(begin), begin.complete) == (([], ()), True)
    ana = client.create_account(ANA, key=KEY)
    bea = client.create_account(NewAccount(login="bea"), key=KEY)
    client.update_account(ana.id, AccountChange(title="Lead"), key=KEY)
    client.delete_account(bea.id, key=KEY)
    found = client.changes_since(begin.cursor)
    assert told(found) == (["ana@acme.example"], (bea.id,))
    assert found.accounts[0].title == "Lead"
    assert told(client.changes_since(found.cursor)) == ([], ())
    assert told(client.changes_since(begin.cursor)) == told(found), "a cursor may be asked again"
    client.set_password(ana.id, PASSWORD, must_change=False, key=KEY)
    since = client.changes_since(client.changes_since(found.cursor).cursor).cursor
    monkeypatch.setattr(changes, "BATCH", 1)
    with otherwise(keycloak_server) as operator, takes_passwords(operator):
        token = signed_in(keycloak_server, ana.login, PASSWORD).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        place = f"{keycloak_server.url}/realms/acme/account/"
        with httpx.Client(trust_env=False, headers=headers) as herself:
            own = herself.get(place).json()
            herself.post(place, json={**own, "firstName": "Anna"}).raise_for_status()
        client.create_account(NewAccount(login="cleo"), key=KEY)
        some = client.changes_since(since)
        assert ([each.given_name for each in some.accounts], some.complete) == (["Anna"], False)
        rest = client.changes_since(some.cursor)
        assert (told(rest)[0], rest.complete) == (["cleo"], True)
        assert told(client.changes_since(rest.cursor)) == ([], ())
    with pytest.raises(Conflict, match="cleared"):  # `otherwise` has emptied the log
        client.changes_since(rest.cursor)
    for wrong in ("", "7", "{}", '{"admin-events": [1], "events": []}'):
        with pytest.raises(Conflict, match="no cursor"):
            client.changes_since(wrong)


@pytest.mark.parametrize("off", ["adminEventsEnabled", "eventsEnabled"])
def test_a_realm_that_saves_no_events_says_so(
    keycloak_server: KeycloakServer, client: KeycloakProvider, off: str
) -> None:
    with otherwise(keycloak_server, **{off: False}), pytest.raises(Rejected, match="does not save") as caught:
        client.changes_since(None)
    assert "Events" in caught.value.hint


OIDC = OidcSettings(
    redirect_urls=("https://forum.acme.example/cb",),
    logout_urls=("https://forum.acme.example/out", "https://forum.acme.example/bye"),
    claims={
        "https://acme.example/dept.name": "department",
        "mail": "email",
        "teams": "groups",
        "may": "roles",
    },
)
SAML = SamlSettings(
    entity_id="https://books.acme.example/saml?a=1&b=2",
    acs_urls=("https://books.acme.example/acs", "https://books.acme.example/acs2"),
    name_id="employeeNumber",
    attributes={"urn:oid:0.9.2342": "email", "dept": "department", "groups": "groups", "Role": "roles"},
    logout_url="https://books.acme.example/slo",
)


def test_an_oidc_application_is_made_and_configured_and_keeps_what_nobody_named(
    keycloak_server: KeycloakServer, client: KeycloakProvider, proxy: FaultProxy
) -> None:
    with otherwise(keycloak_server) as operator:
        forum = client.create_application("forum", OIDC, key=KEY)
        place = f"{REALM}/clients/{forum.id}"
        try:
            assert (forum.name, forum.sso) == ("forum", OIDC)
            assert forum.metadata_url is not None
            issuer = httpx.get(forum.metadata_url, trust_env=False).json()["issuer"]
            assert issuer == f"{keycloak_server.url}/realms/acme"
            assert [each.id for each in client.applications_named("FORUM")] == [forum.id]
            with pytest.raises(Conflict):
                client.create_application("forum", OIDC, key=KEY)
            secret = operator.get(place).json()["secret"]
            assert secret not in repr(client.get_application(forum.id))
            changed = OidcSettings(
                redirect_urls=("https://forum.acme.example/new",), claims={"mail": "username"}, public=True
            )
            before = operator.get(place).json()
            after = client.configure_application(forum.id, changed, key=KEY)
            assert after.sso == OidcSettings(
                redirect_urls=changed.redirect_urls,
                logout_urls=OIDC.logout_urls,
                claims={**OIDC.claims, "mail": "username"},
                public=True,
            )
            left = operator.get(place).json()
            said = {"redirectUris", "protocolMappers", "publicClient", "attributes", "secret"}
            assert {n: v for n, v in left.items() if n not in said} == {
                n: v for n, v in before.items() if n not in said
            }
            writes = keycloak_server.writes()
            assert client.configure_application(forum.id, changed, key=KEY) == after
            assert keycloak_server.writes() == writes
            with pytest.raises(Rejected, match="speaks openid-connect"):
                client.configure_application(forum.id, SAML, key=KEY)
            bad = OidcSettings(redirect_urls=("javascript:alert(1)",))
            with pytest.raises(Rejected, match="invalid_input"):
                client.configure_application(forum.id, bad, key=KEY)
            proxy.fault(Fault(kind="answer", methods=("PUT",), status=204))
            with opened(keycloak_server, url=proxy.url) as through, pytest.raises(NothingHappened):
                through.configure_application(forum.id, OIDC, key=KEY)
        finally:
            operator.delete(place)
    with pytest.raises(NotFound):
        client.get_application(forum.id)


def test_a_saml_application_is_made_and_configured(
    keycloak_server: KeycloakServer, client: KeycloakProvider
) -> None:
    (payroll,) = client.applications_named("payroll")
    assert isinstance(payroll.sso, SamlSettings)
    assert (payroll.sso.entity_id, payroll.sso.name_id) == ("https://payroll.acme.example/saml", "email")
    with otherwise(keycloak_server) as operator:
        books = client.create_application("Books", SAML, key=KEY)
        place = f"{REALM}/clients/{books.id}"
        try:
            assert (books.name, books.sso) == ("Books", SAML)
            assert books.metadata_url is not None
            assert "EntityDescriptor" in httpx.get(books.metadata_url, trust_env=False).text
            stored = operator.get(place).json()
            assert stored["attributes"]["saml.client.signature"] == "false"
            changed = SamlSettings(entity_id=SAML.entity_id, acs_urls=SAML.acs_urls[1:], name_id="email")
            after = client.configure_application(books.id, changed, key=KEY)
            assert isinstance(after.sso, SamlSettings)
            assert after.sso.acs_urls == SAML.acs_urls[1:]
            assert (after.sso.name_id, after.sso.attributes) == ("email", SAML.attributes)
            assert after.sso.logout_url == SAML.logout_url
            assert stored["secret"] not in repr(after)
            again = client.configure_application(books.id, SAML, key=KEY)
            assert again.sso == SAML
            with pytest.raises(Conflict):
                client.create_application("Other books", SAML, key=KEY)
        finally:
            operator.delete(place)


def test_who_we_are_and_what_we_may_is_told(client: KeycloakProvider) -> None:
    standing = client.standing()
    assert standing.who == "service-account-officeflow of the realm acme"
    assert standing.may == PROVIDER.services[0].capabilities
    assert standing.lacks == {}
    assert client.check() == "the realm acme of a Keycloak with 0 accounts"


def test_a_role_that_is_missing_is_named_by_what_needs_it(keycloak_server: KeycloakServer) -> None:
    without = otherwise(keycloak_server, editUsernameAllowed=False)
    with without as operator, made(operator, "clients", signing(None)) as place:
        allow(operator, place, "manage-users", "view-realm")
        with opened(keycloak_server, client_id="robot", password="robot-secret") as robot:
            lacks = robot.standing().lacks
            assert lacks == {
                Capability.KEEP_ROLES: "realm-management: view-clients or manage-clients",
                Capability.FOLLOW_CHANGES: "realm-management: view-events or manage-events",
                Capability.CONFIGURE_APPLICATIONS: "realm-management: manage-clients",
                Capability.RENAME_ACCOUNTS: "the realm: Edit username is off",
            }
            with pytest.raises(Unauthorized):
                robot.changes_since(None)
            with pytest.raises(Unauthorized):
                robot.applications_named("wiki")
            assert robot.find_role("employee") is not None
        bare = {"clientId": "bare", "secret": "bare-secret", "serviceAccountsEnabled": True}
        with (
            made(operator, "clients", bare),
            opened(keycloak_server, client_id="bare", password="bare-secret") as nobody,
        ):
            assert (nobody.standing().may, len(nobody.standing().lacks)) == (frozenset(), 17)
        with opened(keycloak_server, password="wrong") as stranger, pytest.raises(Unauthorized):
            stranger.standing()


def test_a_client_may_sign_who_it_is(keycloak_server: KeycloakServer) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with otherwise(keycloak_server) as operator, made(operator, "clients", signing(key)) as place:
        allow(operator, place, "view-users")
        with opened(keycloak_server, client_id="robot", password=None, private_key=pem) as robot:
            assert robot.find_account(login="nobody") is None
            assert robot.standing().who == "service-account-robot of the realm acme"


def signing(key: rsa.RSAPrivateKey | None) -> dict[str, object]:
    """A service account that signs with this key, or has a secret."""
    robot = {"clientId": "robot", "serviceAccountsEnabled": True, "publicClient": False}
    if key is None:
        return {**robot, "secret": "robot-secret"}
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "robot")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    text = "".join(certificate.public_bytes(serialization.Encoding.PEM).decode().splitlines()[1:-1])
    attributes = {"jwt.credential.certificate": text, "token.endpoint.auth.signing.alg": "RS256"}
    return {**robot, "clientAuthenticatorType": "client-jwt", "attributes": attributes}


def allow(operator: httpx.Client, client: str, *roles: str) -> None:
    account = operator.get(f"{client}/service-account-user").json()["id"]
    (manager,) = operator.get(f"{REALM}/clients", params={"clientId": "realm-management"}).json()
    there = operator.get(f"{REALM}/clients/{manager['id']}/roles").json()
    body = [role for role in there if role["name"] in roles]
    place = f"{REALM}/users/{account}/role-mappings/clients/{manager['id']}"
    operator.post(place, json=body).raise_for_status()
