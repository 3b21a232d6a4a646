"""The realm `acme` of the Keycloak that stands for a customer's: what is in it, what OfficeFlow's account may
do there, and that it is as new for each test.
"""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from counterparts.keycloak.__main__ import wait_for_the_former
from officeflow.stack.servers import keycloak
from tests.counterparts.keycloak import LAYOUT, KeycloakServer

pytestmark = pytest.mark.integration

ADA = {"username": "ada", "enabled": True, "attributes": {"employeeNumber": ["7"]}}


def test_the_realm_has_groups_roles_and_applications_and_nobody(keycloak_server: KeycloakServer) -> None:
    assert keycloak_server.users() == []
    with keycloak_server.client() as client:
        groups = client.get("/groups", params={"search": ""}).json()
        assert {group["name"] for group in groups} == {"Everyone", "Staff", "Engineering", "Sales"}
        assert client.get("/group-by-path/Engineering/Platform").is_success
        roles = {role["name"] for role in client.get("/roles").json()}
        assert {"employee", "contractor", "auditor"} <= roles
        applications = {each["clientId"]: each for each in client.get("/clients").json()}
        expenses = applications["expenses"]["id"]
        assert {role["name"] for role in client.get(f"/clients/{expenses}/roles").json()} == {
            "submitter",
            "approver",
        }
    assert applications["wiki"]["protocol"] == "openid-connect"
    assert applications["https://payroll.acme.example/saml"]["protocol"] == "saml"


def test_officeflows_account_keeps_people_and_applications_and_not_the_realm(
    keycloak_server: KeycloakServer,
) -> None:
    with keycloak_server.client() as client:
        assert client.post("/users", json=ADA).status_code == 201
        assert client.post("/users", json=ADA).status_code == 409
        assert client.post("/clients", json={"clientId": "forum"}).status_code == 201
        assert client.get("/admin-events").status_code == 200
        assert client.put("", json={"displayName": "Mine"}).status_code == 403
        assert client.post("/roles", json={"name": "owner"}).status_code == 403
        assert client.delete("/admin-events").status_code == 403
    user = keycloak_server.user("ada")
    assert user is not None
    assert user["attributes"] == {"employeeNumber": ["7"]}
    assert [(w["operationType"], w["resourceType"]) for w in keycloak_server.writes()] == [
        ("CREATE", "USER"),
        ("CREATE", "CLIENT"),
    ]


def test_a_reset_leaves_nothing_of_what_was_changed(keycloak_server: KeycloakServer) -> None:
    with keycloak_server.client() as client:
        client.post("/users", json=ADA | {"groups": ["/Staff"]}).raise_for_status()
    keycloak_server.reset()
    assert (keycloak_server.users(), keycloak_server.writes()) == ([], [])
    with keycloak_server.client() as client:
        staff = client.get("/group-by-path/Staff").json()["id"]
        client.delete(f"/groups/{staff}").raise_for_status()
        client.post("/groups", json={"name": "Guild"}).raise_for_status()
        client.post("/users", json=ADA).raise_for_status()
    keycloak_server.reset()
    with keycloak_server.client() as client:
        assert client.get("/group-by-path/Staff").is_success
        assert client.get("/group-by-path/Guild").status_code == 404
    assert (keycloak_server.users(), keycloak_server.writes()) == ([], [])


def test_the_secret_of_every_copy_opens_none_and_the_output_has_none(keycloak_server: KeycloakServer) -> None:
    told = json.loads(keycloak.place_file(LAYOUT).read_text())
    everybodys = Path(told["secret_file"]).read_text()
    own = keycloak_server.operator_secret()
    assert keycloak_server.sign_in("master", keycloak.OPERATOR, own).is_success
    assert keycloak_server.sign_in("master", keycloak.OPERATOR, everybodys).status_code == 401
    output = keycloak_server.output()
    assert "Listening on" in output
    assert not [each for each in (own, everybodys, keycloak_server.secret) if each in output]


def test_it_starts_when_the_one_that_was_killed_has_left_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as former, ThreadPoolExecutor() as aside:
        port = former.getsockname()[1]
        waiting = aside.submit(wait_for_the_former, port)
        former.accept()[0].close()
        former.accept()[0].close()
        assert not waiting.done()
        former.close()
        waiting.result(timeout=10)


def test_a_port_that_another_has_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit, match=f"port {port} has been in use"):
            wait_for_the_former(port, seconds=0)


@pytest.mark.crash
def test_a_person_survives_kill_9(keycloak_server: KeycloakServer) -> None:
    with keycloak_server.client() as client:
        client.post("/users", json=ADA).raise_for_status()
        keycloak_server.kill()
    keycloak_server.start()
    assert [user["username"] for user in keycloak_server.users()] == ["ada"]
    assert [w["resourceType"] for w in keycloak_server.writes()] == ["USER"]
