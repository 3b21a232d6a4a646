"""The Okta that tests play against gives out groups, rules, applications and roles as Okta does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.counterparts.okta import OktaServer, examined

pytestmark = pytest.mark.integration

BOOKMARK: dict[str, Any] = {
    "name": "bookmark",
    "label": "Wiki",
    "signOnMode": "BOOKMARK",
    "settings": {"app": {"requestIntegration": False, "url": "https://wiki.acme.example"}},
}
SAML: dict[str, Any] = {
    "label": "Travel",
    "signOnMode": "SAML_2_0",
    "settings": {
        "signOn": {
            "ssoAcsUrl": "https://travel.example/acs",
            "audience": "https://travel.example",
            "recipient": "https://travel.example/acs",
            "destination": "https://travel.example/acs",
            "subjectNameIdTemplate": "${user.userName}",
            "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            "responseSigned": True,
            "assertionSigned": True,
            "signatureAlgorithm": "RSA_SHA256",
            "digestAlgorithm": "SHA256",
            "honorForceAuthn": True,
            "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "requestCompressed": False,
            "allowMultipleAcsEndpoints": False,
            "attributeStatements": [],
        }
    },
}
Person = Callable[..., str]


@pytest.fixture
def okta(okta_server: OktaServer) -> Iterator[httpx.Client]:
    with okta_server.client(event_hooks={"response": [examined]}) as client:
        yield client
    assert [each for each in okta_server.problems() if "the fake" in str(each["problems"])] == []


@pytest.fixture
def person(okta: httpx.Client) -> Person:
    """Makes an active user; its id."""

    def made(name: str, **profile: str) -> str:
        login = f"{name}@acme.example"
        whole = {"login": login, "email": login, "firstName": name, "lastName": "Example", **profile}
        body = {"profile": whole, "credentials": {"password": {"value": "Correct-Horse-1"}}}
        return str(okta.post("/api/v1/users", json=body).raise_for_status().json()["id"])

    return made


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errorCode"]


def test_groups_are_named_once_and_their_members_come_in_pages(
    okta: httpx.Client, okta_server: OktaServer
) -> None:
    group = okta.post("/api/v1/groups", json={"profile": {"name": "Ops", "description": "On call"}}).json()
    assert refusal(okta.post("/api/v1/groups", json={"profile": {"name": "Ops"}})) == (400, "E0000001")
    okta_server.control("POST", "people", {"count": 5, "group": "Ops"})
    first = okta.get(f"/api/v1/groups/{group['id']}/users?limit=3")
    rest = okta.get(first.links["next"]["url"])
    assert (len(first.json()), len(rest.json()), "next" in rest.links) == (3, 2, False)
    assert (
        okta.get("/api/v1/groups", params={"q": "op", "expand": "stats"}).json()[0]["_embedded"]["stats"][
            "usersCount"
        ]
        == 5
    )
    assert [
        g["id"] for g in okta.get("/api/v1/groups", params={"search": 'profile.name eq "Ops"'}).json()
    ] == [group["id"]]
    assert (
        okta.put(f"/api/v1/groups/{group['id']}", json={"profile": {"name": "Operations"}}).json()["profile"][
            "name"
        ]
        == "Operations"
    )
    assert okta.delete(f"/api/v1/groups/{group['id']}").status_code == 204
    assert refusal(okta.get(f"/api/v1/groups/{group['id']}")) == (404, "E0000007")


def test_members_who_are_removed_while_they_are_listed_hide_nobody(
    okta: httpx.Client, okta_server: OktaServer
) -> None:
    okta_server.control("POST", "people", {"count": 5, "group": "Staff"})
    url, seen = f"/api/v1/groups/{okta_server.group('Staff')['id']}/users?limit=2", []
    while url:
        page = okta.get(url)
        for member in page.json():
            seen.append(member["id"])
            okta.delete(f"/api/v1/groups/{okta_server.group('Staff')['id']}/users/{member['id']}")
        url = page.links.get("next", {}).get("url", "")
    assert len(seen) == 5
    assert okta_server.state("membership") == {}


def test_only_groups_of_okta_take_members(
    okta: httpx.Client, person: Person, okta_server: OktaServer
) -> None:
    ana = person("ana")
    staff, everyone = okta_server.group("Staff"), okta_server.group("Everyone")
    imported = okta_server.control("POST", "group", {"name": "Imported", "type": "APP_GROUP"})
    okta_server.control("POST", "member", {"group": imported["id"], "login": "ana@acme.example"})
    for method in ("PUT", "DELETE"):
        assert refusal(okta.request(method, f"/api/v1/groups/{everyone['id']}/users/{ana}")) == (
            501,
            "E0000060",
        )
        assert refusal(okta.request(method, f"/api/v1/groups/{imported['id']}/users/{ana}")) == (
            403,
            "E0000006",
        )
        assert okta.request(method, f"/api/v1/groups/{staff['id']}/users/{ana}").status_code == 204
    assert {group["profile"]["name"] for group in okta.get(f"/api/v1/users/{ana}/groups").json()} == {
        "Everyone",
        "Imported",
    }
    assert refusal(okta.delete(f"/api/v1/groups/{everyone['id']}")) == (403, "E0000006")


def test_a_rule_keeps_its_group_as_profiles_say(
    okta: httpx.Client, person: Person, okta_server: OktaServer
) -> None:
    ana, sales = person("ana", department="Sales"), okta_server.group("Sales")
    value = 'user.department=="Sales" && !String.startsWith(user.login, "x")'
    body = {
        "type": "group_rule",
        "name": "Sales people",
        "conditions": {"expression": {"type": "urn:okta:expression:1.0", "value": value}},
        "actions": {"assignUserToGroups": {"groupIds": [sales["id"]]}},
    }
    rule = okta.post("/api/v1/groups/rules", json=body).raise_for_status().json()
    assert (rule["status"], okta_server.groups_of("ana@acme.example")) == ("INACTIVE", set())
    assert okta.post(f"/api/v1/groups/rules/{rule['id']}/lifecycle/activate").status_code == 204
    person("bo", department="Sales")
    person("xi", department="Sales")
    assert [bool(okta_server.groups_of(f"{name}@acme.example")) for name in ("ana", "bo", "xi")] == [
        True,
        True,
        False,
    ]
    okta.post(f"/api/v1/users/{ana}", json={"profile": {"department": "Finance"}}).raise_for_status()
    assert okta_server.groups_of("ana@acme.example") == set()
    bo = okta.get("/api/v1/users/bo").json()["id"]
    okta.delete(f"/api/v1/groups/{sales['id']}/users/{bo}").raise_for_status()
    okta.post(f"/api/v1/users/{bo}", json={"profile": {"title": "Head"}}).raise_for_status()
    assert okta_server.groups_of("bo@acme.example") == set()
    assert okta.get(f"/api/v1/groups/rules/{rule['id']}").json()["conditions"]["people"]["users"][
        "exclude"
    ] == [bo]
    assert refusal(okta.put(f"/api/v1/groups/rules/{rule['id']}", json=body)) == (400, "E0000001")
    assert okta.delete(f"/api/v1/groups/rules/{rule['id']}?removeUsers=true").status_code == 202


@pytest.mark.parametrize(
    "value", ['user.department=="Sales" &&', "department", 'exec("x")', 'user.department=="Sales")']
)
def test_a_rule_that_says_nothing_is_refused(okta: httpx.Client, okta_server: OktaServer, value: str) -> None:
    body = {
        "type": "group_rule",
        "name": "Odd",
        "conditions": {"expression": {"type": "urn:okta:expression:1.0", "value": value}},
        "actions": {"assignUserToGroups": {"groupIds": [okta_server.group("Sales")["id"]]}},
    }
    assert refusal(okta.post("/api/v1/groups/rules", json=body)) == (400, "E0000001")


def test_an_application_is_assigned_to_users_and_to_groups(
    okta: httpx.Client, person: Person, okta_server: OktaServer
) -> None:
    ana, bo, staff = person("ana"), person("bo"), okta_server.group("Staff")
    app = okta.post("/api/v1/apps", json=BOOKMARK).raise_for_status().json()
    path = f"/api/v1/apps/{app['id']}"
    assert okta.post(f"{path}/users", json={"id": ana, "scope": "USER"}).json()["scope"] == "USER"
    okta.put(f"/api/v1/groups/{staff['id']}/users/{bo}").raise_for_status()
    assert refusal(okta.get(f"{path}/users/{bo}")) == (404, "E0000007")
    okta.put(f"{path}/groups/{staff['id']}", json={"priority": 1}).raise_for_status()
    assert okta.get(f"{path}/users/{bo}").json()["scope"] == "GROUP"
    assert {each["id"] for each in okta.get(f"{path}/users").json()} == {ana, bo}
    mine = {"filter": f'user.id eq "{bo}"', "expand": f"user/{bo}"}
    assert okta.get("/api/v1/apps", params=mine).json()[0]["_embedded"]["user"]["scope"] == "GROUP"
    assert [link["label"] for link in okta.get(f"/api/v1/users/{bo}/appLinks").json()] == ["Wiki"]
    assert refusal(okta.delete(f"{path}/users/{bo}")) == (403, "E0000046")
    assert okta.delete(f"{path}/users/{ana}").status_code == 204
    change = [{"op": "replace", "path": "/priority", "value": 3}]
    assert okta.patch(f"{path}/groups/{staff['id']}", json=change).json()["priority"] == 3
    assert okta.delete(f"{path}/groups/{staff['id']}").status_code == 204
    assert okta.get(f"{path}/users").json() == []


def test_an_application_is_configured_whole_and_deleted_when_it_is_inactive(okta: httpx.Client) -> None:
    app = okta.post("/api/v1/apps", json=SAML).raise_for_status().json()
    path = f"/api/v1/apps/{app['id']}"
    statement = {
        "type": "EXPRESSION",
        "name": "mail",
        "namespace": "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
        "values": ["user.email"],
    }
    app["settings"]["signOn"]["attributeStatements"] = [statement]
    changed = okta.put(path, json=app)
    assert changed.raise_for_status().json()["settings"]["signOn"]["attributeStatements"] == [statement]
    assert changed.json()["credentials"]["signing"]["kid"] == app["credentials"]["signing"]["kid"]
    assert refusal(okta.delete(path)) == (403, "E0000056")
    assert okta.post(f"{path}/lifecycle/deactivate").status_code == 200
    assert okta.get("/api/v1/apps", params={"filter": 'status eq "INACTIVE"'}).json()[0]["id"] == app["id"]
    assert okta.delete(path).status_code == 204
    assert refusal(okta.get(path)) == (404, "E0000007")


def test_an_application_of_openid_connect_has_credentials_that_stay(okta: httpx.Client) -> None:
    body = {
        "name": "oidc_client",
        "label": "Portal",
        "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": "client_secret_post"}},
        "settings": {
            "oauthClient": {
                "redirect_uris": ["https://portal.example/back"],
                "response_types": ["code"],
                "grant_types": ["authorization_code"],
                "application_type": "web",
            }
        },
    }
    app = okta.post("/api/v1/apps", json=body).raise_for_status().json()
    assert app["credentials"]["oauthClient"]["client_secret"]
    body["label"] = "The portal"
    changed = okta.put(f"/api/v1/apps/{app['id']}", json=body).raise_for_status().json()
    assert (changed["label"], changed["credentials"]) == ("The portal", app["credentials"])


def test_a_role_is_given_once_and_taken_by_its_own_id(okta: httpx.Client, person: Person) -> None:
    path = f"/api/v1/users/{person('ana')}/roles"
    role = okta.post(path, json={"type": "APP_ADMIN"})
    assert role.status_code == 201
    assert refusal(okta.post(path, json={"type": "APP_ADMIN"})) == (409, "E0000090")
    assert okta.get(f"{path}/{role.json()['id']}").json()["type"] == "APP_ADMIN"
    assert okta.delete(f"{path}/{role.json()['id']}").status_code == 204
    assert refusal(okta.delete(f"{path}/{role.json()['id']}")) == (404, "E0000007")
    assert okta.get(path).json() == []
