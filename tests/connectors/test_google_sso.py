"""Identity providers by which people sign in to Google Workspace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from officeflow.connectors.families.identity import SamlIdentityProvider
from officeflow.errors import Conflict, NotFound, NothingHappened, Rejected, Unauthorized
from tests.connectors.contract import KEY
from tests.connectors.google_connection import begun, opened
from tests.counterparts.google import GoogleWorkspace

pytestmark = pytest.mark.integration

PROFILE = "/v1/inboundSamlSsoProfiles/{inboundSamlSsoProfilesId}"


@pytest.fixture
def server(google_workspace: GoogleWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleWorkspace]:
    with begun(google_workspace, monkeypatch) as server:
        yield server


@pytest.fixture
def client(server: GoogleWorkspace) -> Iterator[Any]:
    with opened(server) as client:
        yield client


@cache
def certificate() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "id.example")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


def provider(**changes: Any) -> SamlIdentityProvider:
    given = {"entity_id": "https://id.example", "sign_in_url": "https://id.example/in", **changes}
    return SamlIdentityProvider(**given)


def test_a_provider_is_trusted_changed_and_its_certificates_turned_over(
    server: GoogleWorkspace, client: Any
) -> None:
    made = client.trust_provider("House", provider(certificates=(certificate(),)), key=KEY)
    assert (made.name, made.certificates, made.units, made.groups) == ("House", 1, (), ())
    assert made.entity_id.startswith("https://accounts.google.com/")
    assert made.acs_url.startswith("https://accounts.google.com/")
    assert client.trusts_named("HOUSE") == [made]
    with pytest.raises(Conflict, match="already"):
        client.trust_provider("house", provider(), key=KEY)
    changed = client.change_trust(made.id, provider(sign_out_url="https://id.example/out"), key=KEY)
    assert changed.provider == provider(sign_out_url="https://id.example/out")
    turned = client.change_trust(made.id, provider(certificates=(certificate(),) * 2), key=KEY)
    assert (turned.certificates, turned.provider.sign_out_url) == (2, "https://id.example/out")
    assert client.change_trust(made.id, provider(certificates=(certificate(),)), key=KEY).certificates == 1
    assert len(server.state("inboundSamlSsoProfiles")) == 1


def test_exactly_the_units_and_groups_that_are_named_sign_in_by_it(
    server: GoogleWorkspace, client: Any
) -> None:
    house, other = (client.trust_provider(name, provider(), key=KEY) for name in ("House", "Other"))
    applied = client.apply_trust(house.id, units=["/staff"], groups=["Sales", "Engineering"], key=KEY)
    assert (applied.units, applied.groups) == (("/Staff",), ("Engineering", "Sales"))
    writes = len(server.writes())
    client.apply_trust(house.id, units=["/Staff"], groups=["Engineering", "Sales"], key=KEY)
    assert len(server.writes()) == writes
    with pytest.raises(Conflict, match="Sales"):
        client.apply_trust(other.id, units=[], groups=["Sales"], key=KEY)
    less = client.apply_trust(house.id, units=[], groups=["Engineering"], key=KEY)
    assert (less.units, less.groups) == ((), ("Engineering",))
    assert client.apply_trust(other.id, units=[], groups=["Sales"], key=KEY).groups == ("Sales",)
    for unknown in ({"units": ["/Nowhere"], "groups": []}, {"units": [], "groups": ["None such"]}):
        with pytest.raises(NotFound):
            client.apply_trust(other.id, **unknown, key=KEY)


def test_the_whole_organization_is_a_unit_too(server: GoogleWorkspace, client: Any) -> None:
    house = client.trust_provider("House", provider(), key=KEY)
    assert client.apply_trust(house.id, units=["/"], groups=[], key=KEY).units == ("/",)
    [assigned] = server.state("inboundSsoAssignments").values()
    assert f"id:{assigned['targetOrgUnit'].removeprefix('orgUnits/')}" in server.state("orgUnits")


def test_what_would_be_refused_is_told_by_looking(server: GoogleWorkspace, client: Any) -> None:
    house = client.trust_provider("House", provider(), key=KEY)
    client.apply_trust(house.id, units=[], groups=["Sales"], key=KEY)
    writes = len(server.writes())
    client.check_targets(house.id, units=["/Staff"], groups=["Sales"])
    for error, units, groups in ((Conflict, [], ["Sales"]), (NotFound, ["/Nowhere"], [])):
        with pytest.raises(error):
            client.check_targets(None, units=units, groups=groups)
    assert len(server.writes()) == writes


def test_a_profile_is_removed_once_nobody_signs_in_by_it(server: GoogleWorkspace, client: Any) -> None:
    house = client.trust_provider("House", provider(certificates=(certificate(),)), key=KEY)
    client.apply_trust(house.id, units=[], groups=["Sales"], key=KEY)
    with pytest.raises(Conflict, match="people sign in by"):
        client.remove_trust(house.id, key=KEY)
    client.apply_trust(house.id, units=[], groups=[], key=KEY)
    server.add_faults({"hook": "nothing", "method": "DELETE", "route": PROFILE})
    with pytest.raises(NothingHappened, match="is there still"):
        client.remove_trust(house.id, key=KEY)
    server.control("DELETE", "faults")
    client.remove_trust(house.id, key=KEY)
    assert server.state("inboundSamlSsoProfiles") == {}
    client.remove_trust(house.id, key=KEY)


def test_what_another_administrator_has_to_approve_is_told(server: GoogleWorkspace, client: Any) -> None:
    server.put("settings", "settings", {"multiPartyApproval": True})
    with pytest.raises(Rejected, match="another administrator approves") as caught:
        client.trust_provider("House", provider(), key=KEY)
    assert caught.value.maybe_done


def test_a_profile_that_did_not_change_is_found_out(server: GoogleWorkspace, client: Any) -> None:
    made = client.trust_provider("House", provider(), key=KEY)
    server.add_faults({"hook": "nothing", "method": "PATCH", "route": PROFILE})
    with pytest.raises(NothingHappened, match="singleSignOnServiceUri"):
        client.change_trust(made.id, provider(sign_in_url="https://id.example/new"), key=KEY)


def test_what_is_no_provider_or_profile_is_refused(client: Any) -> None:
    for wrong in (provider(sign_in_url="http://id.example"), provider(certificates=("no PEM",))):
        with pytest.raises(Rejected):
            client.trust_provider("House", wrong, key=KEY)
    for name in ("", "x", "inboundSamlSsoProfiles/../users", "inboundSamlSsoProfiles/none"):
        with pytest.raises(NotFound):
            client.get_trust(name)


def test_whose_sign_in_is_off_is_left_to_that(server: GoogleWorkspace, client: Any) -> None:
    [sales] = (id_ for id_, each in server.state("groups").items() if each["name"] == "Sales")
    name = "inboundSsoAssignments/off"
    server.put(
        "inboundSsoAssignments",
        name,
        {"name": name, "ssoMode": "SSO_OFF", "targetGroup": f"groups/{sales}", "rank": 1},
    )
    with pytest.raises(Conflict, match="Sales"):
        client.check_targets(None, units=[], groups=["Sales"])


def test_nothing_of_another_customer_than_the_named_one_is_touched(
    server: GoogleWorkspace, client: Any
) -> None:
    """Also where the list says yes to a filter that it does not heed."""
    with opened(server, customer="C03az79cb") as ours:
        house = ours.trust_provider("House", provider(), key=KEY)
        assert ours.apply_trust(house.id, units=[], groups=["Sales"], key=KEY).groups == ("Sales",)
        foreign = "inboundSamlSsoProfiles/foreign"
        document = {**server.state("inboundSamlSsoProfiles")[house.id], "name": foreign}
        server.put("inboundSamlSsoProfiles", foreign, {**document, "customer": "customers/C0another"})
        assert [each.id for each in ours.trusts_named("House")] == [house.id]
        assert len(client.trusts_named("House")) == 2
        _refuses_all(server, ours, foreign)
    with opened(server, customer="C0another") as another:
        _refuses_all(server, another, house.id)
        looks: list[Callable[[], object]] = [
            lambda: another.trusts_named("House"),
            lambda: another.check_targets(None, units=[], groups=["Sales"]),
        ]
        for look in looks:
            with pytest.raises(Unauthorized):
                look()


def _refuses_all(server: GoogleWorkspace, client: Any, trust: str) -> None:
    writes = len(server.writes())
    refused: list[Callable[[], object]] = [
        lambda: client.get_trust(trust),
        lambda: client.change_trust(trust, provider(sign_in_url="https://id.example/new"), key=KEY),
        lambda: client.apply_trust(trust, units=["/Staff"], groups=[], key=KEY),
        lambda: client.remove_trust(trust, key=KEY),
    ]
    for act in refused:
        with pytest.raises(Rejected, match="the connection's customer is"):
            act()
    assert len(server.writes()) == writes
