"""The Keycloak connector against a real Keycloak: groups, roles, passwords, sessions and factors."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from officeflow.connectors.families.identity import Entitlement, Factor
from officeflow.connectors.keycloak.client import KeycloakProvider
from officeflow.errors import Conflict, NotFound, NothingHappened, Rejected
from tests.connectors.contract import KEY
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.keycloak_realm import (
    ANA,
    PASSWORD,
    REALM,
    made,
    opened,
    otherwise,
    signed_in,
    takes_passwords,
    until,
)
from tests.counterparts.keycloak import KeycloakServer

pytestmark = pytest.mark.integration

USUAL = {"default-roles-acme", "offline_access", "uma_authorization"}
"""What everybody has in a realm that nobody has changed, beside roles of the client `account`."""


@pytest.fixture
def client(keycloak_server: KeycloakServer) -> Iterator[KeycloakProvider]:
    with opened(keycloak_server) as client:
        yield client


@pytest.fixture
def ana(client: KeycloakProvider) -> str:
    return client.create_account(ANA, key=KEY).id


@pytest.fixture
def proxy(keycloak_server: KeycloakServer) -> Iterator[FaultProxy]:
    with FaultProxy(keycloak_server.url).running() as proxy:
        yield proxy


def test_an_account_is_in_exactly_the_groups_that_are_named_by_their_paths(
    keycloak_server: KeycloakServer, client: KeycloakProvider, ana: str
) -> None:
    account = client.set_groups(ana, ["staff", "/Engineering/Platform", "Sales"], key=KEY)
    assert account.groups == ("Engineering/Platform", "Sales", "Staff")
    assert client.set_groups(ana, ["Engineering/Platform", "Everyone"], key=KEY).groups == (
        "Engineering/Platform",
        "Everyone",
    )
    writes = keycloak_server.writes()
    same = client.set_groups(ana, ["everyone", "engineering/platform"], key=KEY)
    assert same == client.find_account(login=ANA.login)
    assert keycloak_server.writes() == writes
    assert client.remove_groups(ana, ["everyone", "Staff", "none"], key=KEY).groups == (
        "Engineering/Platform",
    )
    with pytest.raises(NotFound, match="'Platform'") as caught:
        client.set_groups(ana, ["Staff", "Platform"], key=KEY)
    assert "path" in caught.value.hint
    with pytest.raises(NotFound):
        client.remove_groups("nobody", ["Staff"], key=KEY)
    assert [group.name for group in client.find_groups(["sales", "none", "Engineering/Platform"])] == [
        "Sales",
        "Engineering/Platform",
    ]


def test_a_group_whose_name_has_a_slash_is_told_from_one_inside_another(
    keycloak_server: KeycloakServer, client: KeycloakProvider, ana: str
) -> None:
    names = ("R/D", "50%_\\", "Ñandú 'x\" 🎉", "staff", "Group 1")
    with otherwise(keycloak_server) as operator:
        for name in names:
            operator.post(f"{REALM}/groups", json={"name": name}).raise_for_status()
        assert client.set_groups(ana, names, key=KEY).groups == tuple(sorted(names))
        assert client.set_groups(ana, ["Staff"], key=KEY).groups == ("Staff",), "case tells two apart"
        assert client.remove_groups(ana, ["staff"], key=KEY).groups == ("Staff",)
        with pytest.raises(Conflict):
            client.set_groups(ana, ["STAFF"], key=KEY)
        with made(operator, "groups", {"name": "R"}) as parent:
            operator.post(f"{parent}/children", json={"name": "D"}).raise_for_status()
            with pytest.raises(Conflict, match="2 groups are called 'R/D'"):
                client.set_groups(ana, ["R/D"], key=KEY)
        for group in operator.get(f"{REALM}/groups").json():
            if group["name"] in names:
                operator.delete(f"{REALM}/groups/{group['id']}").raise_for_status()


def test_groups_are_found_and_read_to_the_last_page(
    keycloak_server: KeycloakServer, client: KeycloakProvider, ana: str
) -> None:
    many = [f"Team {number:03}" for number in range(101)]
    with otherwise(keycloak_server) as operator, made(operator, "groups", {"name": "Teams"}) as teams:
        for name in many:
            group = operator.post(f"{teams}/children", json={"name": name}).raise_for_status().json()["id"]
            operator.put(f"{REALM}/users/{ana}/groups/{group}").raise_for_status()
        assert len(client.get_account(ana).groups) == 101
        assert client.find_groups(["Teams/Team 100"])
        assert len(client.remove_groups(ana, ["teams/team 100"], key=KEY).groups) == 100


def test_a_group_that_was_not_joined_is_found_out(
    keycloak_server: KeycloakServer, proxy: FaultProxy, ana: str
) -> None:
    with opened(keycloak_server, url=proxy.url) as through:
        proxy.fault(Fault(kind="answer", methods=("PUT",), status=204))
        with pytest.raises(NothingHappened, match="reads back in the groups"):
            through.set_groups(ana, ["Staff"], key=KEY)
        proxy.fault(Fault(kind="answer", methods=("PUT",), status=403, skip=1))
        with pytest.raises(Exception, match="403") as caught:
            through.set_groups(ana, ["Staff", "Sales"], key=KEY)
        assert getattr(caught.value, "maybe_done", None) is True, "one of two was joined"


def test_roles_of_the_realm_and_of_clients_are_given_and_taken(
    keycloak_server: KeycloakServer, client: KeycloakProvider, ana: str
) -> None:
    client.assign_role(ana, "Employee", key=KEY)
    client.assign_role(ana, "expenses/approver", key=KEY)
    roles = {role.name: role.by_group for role in client.roles_of(ana)}
    assert roles.keys() >= USUAL | {"employee", "expenses/approver", "account/view-profile"}
    assert (roles["employee"], roles["offline_access"]) == (None, "role default-roles-acme")
    writes = keycloak_server.writes()
    assert {role.name for role in client.assign_role(ana, "employee", key=KEY)} == roles.keys()
    client.unassign_role(ana, "auditor", key=KEY)
    assert keycloak_server.writes() == writes
    approver = client.find_role("expenses/approver")
    assert approver is not None
    assert client.find_role(approver.id) == approver
    left = client.unassign_role(ana, approver.id, key=KEY)
    assert "expenses/approver" not in {role.name for role in left}
    with pytest.raises(Rejected, match="given by role default-roles-acme"):
        client.unassign_role(ana, "offline_access", key=KEY)
    for unknown in ("expenses/none", "none", "https://payroll.acme.example/saml/none"):
        assert client.find_role(unknown) is None
        with pytest.raises(NotFound):
            client.assign_role(ana, unknown, key=KEY)


def test_a_role_of_a_group_above_and_a_composite_one_is_told_with_who_gives_it(
    keycloak_server: KeycloakServer, client: KeycloakProvider, ana: str
) -> None:
    composite = {
        "name": "R/D lead",
        "composite": True,
        "composites": {"realm": ["auditor"], "client": {"expenses": ["submitter"]}},
    }
    with otherwise(keycloak_server) as operator, made(operator, "roles", composite):
        (above,) = operator.get(f"{REALM}/groups", params={"search": "Engineering"}).json()
        role = operator.get(f"{REALM}/roles/R%2FD%20lead").json()
        place = f"{REALM}/groups/{above['id']}/role-mappings/realm"
        operator.post(place, json=[role]).raise_for_status()
        client.set_groups(ana, ["Engineering/Platform"], key=KEY)
        given = {each.name: each.by_group for each in client.roles_of(ana)}
        assert given["R/D lead"] == "Engineering"
        assert given["auditor"] == given["expenses/submitter"] == "role R/D lead"
        with pytest.raises(Rejected, match="given by Engineering"):
            client.unassign_role(ana, "R/D lead", key=KEY)
        client.assign_role(ana, "R/D lead", key=KEY)
        assert Entitlement(id=role["id"], name="R/D lead") in client.roles_of(ana)
        after = client.unassign_role(ana, "r/d LEAD", key=KEY)
        assert Entitlement(id=role["id"], name="R/D lead", by_group="Engineering") in after


def test_a_role_that_nobody_may_give_and_one_that_was_not_given(
    keycloak_server: KeycloakServer, client: KeycloakProvider, ana: str, proxy: FaultProxy
) -> None:
    with pytest.raises(Exception, match="403"):
        client.assign_role(ana, "realm-management/realm-admin", key=KEY)
    proxy.fault(Fault(kind="answer", methods=("POST",), path="role-mappings", status=204))
    with opened(keycloak_server, url=proxy.url) as through, pytest.raises(NothingHappened):
        through.assign_role(ana, "auditor", key=KEY)


def test_a_password_is_set_and_what_the_realm_does_not_allow_is_refused_without_it(
    keycloak_server: KeycloakServer, client: KeycloakProvider, ana: str, proxy: FaultProxy
) -> None:
    policy = "length(18) and upperCase(2) and digits(3) and notUsername(undefined) and passwordHistory(2)"
    with otherwise(keycloak_server, passwordPolicy=policy) as operator, takes_passwords(operator):
        assert client.password_rules().shortest == 18
        with pytest.raises(Rejected, match="invalidPasswordMinLengthMessage") as caught:
            client.set_password(ana, "Weak-PW-123", must_change=False, key=KEY)
        assert not caught.value.maybe_done
        assert "Weak-PW-123" not in f"{caught.value!r} {caught.value.__cause__!r}"
        account = client.set_password(ana, f"{PASSWORD}9", must_change=True, key=KEY)
        assert account.attributes["requiredActions"] == "UPDATE_PASSWORD"
        assert signed_in(keycloak_server, account.login, f"{PASSWORD}9").json()["error"] == "invalid_grant"
        with pytest.raises(Rejected, match="invalidPasswordHistoryMessage"):
            client.set_password(ana, f"{PASSWORD}9", must_change=False, key=KEY)
        assert (
            "requiredActions"
            not in client.set_password(ana, f"{PASSWORD}8", must_change=False, key=KEY).attributes
        )
        assert signed_in(keycloak_server, account.login, f"{PASSWORD}8").is_success
        access = client.give_temporary_access(ana, minutes=60, once=True, key=KEY)
        assert (access.kind, access.until, access.once) == ("password", None, True)
        assert access.secret not in repr(access)
        assert not signed_in(keycloak_server, account.login, f"{PASSWORD}8").is_success
        told = signed_in(keycloak_server, account.login, access.secret).json()
        assert told["error_description"] == "Account is not fully set up", "the password is right"
    with pytest.raises(Rejected, match="one sign-in"):
        client.give_temporary_access(ana, minutes=60, once=False, key=KEY)
    proxy.fault(Fault(kind="answer", methods=("PUT",), status=204))
    with opened(keycloak_server, url=proxy.url) as through, pytest.raises(NothingHappened) as lied:
        through.set_password(ana, PASSWORD, must_change=False, key=KEY)
    assert PASSWORD not in str(lied.value)


def test_sessions_and_offline_tokens_end(
    keycloak_server: KeycloakServer, client: KeycloakProvider, ana: str
) -> None:
    login = client.set_password(ana, PASSWORD, must_change=False, key=KEY).login
    with otherwise(keycloak_server) as operator, takes_passwords(operator):
        signed_in(keycloak_server, login, PASSWORD).raise_for_status()
        signed_in(keycloak_server, login, PASSWORD, scope="offline_access").raise_for_status()
        there = client.sessions_of(ana)
        assert there is not None
        assert [(session.kind, session.name) for session in there] == [
            ("session", "wiki from 127.0.0.1"),
            ("token", "wiki (offline token)"),
        ]
        assert there[0].since is not None
        told = client.end_sessions(ana, key=KEY)
        assert told.startswith("1 session and 1 token ended, none is left; tokens from before 20")
        assert client.sessions_of(ana) == []
        assert client.end_sessions(ana, key=KEY).startswith("0 sessions and 0 tokens ended")
        signed_in(keycloak_server, login, PASSWORD).raise_for_status()
        with FaultProxy(keycloak_server.url).running() as lying:
            lying.fault(Fault(kind="answer", methods=("POST",), path="/logout", status=204))
            left = pytest.raises(NothingHappened, match="1 session and 0 tokens of account")
            with opened(keycloak_server, url=lying.url) as through, left:
                through.end_sessions(ana, key=KEY)
    with pytest.raises(NotFound):
        client.end_sessions("nobody", key=KEY)


def test_who_is_locked_out_gets_in_again(
    keycloak_server: KeycloakServer, client: KeycloakProvider, ana: str
) -> None:
    account = client.set_password(ana, PASSWORD, must_change=False, key=KEY)
    writes = keycloak_server.writes()
    assert client.unlock_account(ana, key=KEY) == account
    assert keycloak_server.writes() == writes
    guarded = {"bruteForceProtected": True, "failureFactor": 1}
    with otherwise(keycloak_server, **guarded) as operator, takes_passwords(operator):
        signed_in(keycloak_server, account.login, "wrong")
        until(lambda: client.get_account(ana).locked is True)
        assert not client.unlock_account(ana, key=KEY).locked
        assert signed_in(keycloak_server, account.login, PASSWORD).is_success
    with otherwise(keycloak_server, **guarded, permanentLockout=True) as operator, takes_passwords(operator):
        signed_in(keycloak_server, account.login, "wrong")
        until(lambda: not client.get_account(ana).active)
        locked = client.get_account(ana)
        assert (locked.locked, locked.active, locked.status) == (True, False, "locked for good")
        unlocked = client.unlock_account(ana, key=KEY)
        assert (unlocked.locked, unlocked.active) == (False, True)
        assert signed_in(keycloak_server, account.login, PASSWORD).is_success


def test_factors_go_and_are_enrolled_anew(keycloak_server: KeycloakServer, client: KeycloakProvider) -> None:
    secret = json.dumps({"value": "not-to-be-told"})
    told = json.dumps({"subType": "totp", "digits": 6, "period": 30, "algorithm": "HmacSHA1", "counter": 0})
    otp = {"type": "otp", "userLabel": "phone", "secretData": secret, "credentialData": told}
    with keycloak_server.operator() as operator:
        person = {
            "username": "eve",
            "enabled": True,
            "credentials": [otp],
            "requiredActions": ["VERIFY_EMAIL"],
        }
        place = operator.post(f"{REALM}/users", json=person).raise_for_status().headers["Location"]
    eve = place.rpartition("/")[2]
    (factor,) = client.factors_of(eve)
    assert factor == Factor(id=factor.id, kind="otp", name="phone")
    client.set_password(eve, PASSWORD, must_change=False, key=KEY)
    assert client.reset_factors(eve, key=KEY) == [factor]
    assert client.factors_of(eve) == []
    actions = client.get_account(eve).attributes["requiredActions"]
    assert set(actions.split(",")) == {"VERIFY_EMAIL", "CONFIGURE_TOTP"}
    assert client.reset_factors(eve, key=KEY) == []
    assert signed_in(keycloak_server, "eve", PASSWORD).status_code != 200
