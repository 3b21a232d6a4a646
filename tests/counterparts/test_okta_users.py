"""The Okta that tests play against has users with Okta's life cycle, and finds them as Okta does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.counterparts.okta import OktaServer, examined

pytestmark = pytest.mark.integration

PASSWORD = {"password": {"value": "Correct-Horse-1"}}
Create = Callable[..., dict[str, Any]]


@pytest.fixture
def okta(okta_server: OktaServer) -> Iterator[httpx.Client]:
    with okta_server.client(event_hooks={"response": [examined]}) as client:
        yield client
    assert [each for each in okta_server.problems() if "the fake" in str(each["problems"])] == []


@pytest.fixture
def create(okta: httpx.Client) -> Create:
    def created(login: str = "ana@acme.example", query: str = "", **body: Any) -> dict[str, Any]:
        profile = {
            "login": login,
            "email": login,
            "firstName": "Ana",
            "lastName": "Béla",
            **body.pop("profile", {}),
        }
        response = okta.post(f"/api/v1/users{query}", json={"profile": profile, **body})
        found: dict[str, Any] = response.raise_for_status().json()
        return found

    return created


def step(okta: httpx.Client, user: dict[str, Any], name: str, query: str = "") -> httpx.Response:
    return okta.post(f"/api/v1/users/{user['id']}/lifecycle/{name}{query}")


def status(okta: httpx.Client, user: dict[str, Any]) -> str:
    return str(okta.get(f"/api/v1/users/{user['id']}").json().get("status"))


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errorCode"]


@pytest.mark.parametrize(
    ("query", "body", "begins"),
    [
        ("?activate=false", {}, "STAGED"),
        ("", {}, "PROVISIONED"),
        ("", {"credentials": PASSWORD}, "ACTIVE"),
        ("?activate=true&nextLogin=changePassword", {"credentials": PASSWORD}, "PASSWORD_EXPIRED"),
    ],
)
def test_a_user_begins_as_it_is_created(
    create: Create, query: str, body: dict[str, Any], begins: str
) -> None:
    assert create(query=query, **body)["status"] == begins


def test_the_life_of_an_account(okta: httpx.Client, create: Create, okta_server: OktaServer) -> None:
    user = create(query="?activate=false", credentials=PASSWORD)
    assert refusal(step(okta, user, "suspend")) == (400, "E0000001")
    assert step(okta, user, "activate", "?sendEmail=false").json()["activationUrl"]
    assert refusal(step(okta, user, "activate")) == (403, "E0000016")
    assert step(okta, user, "suspend").status_code == 200
    assert (status(okta, user), okta_server.can_sign_in("ana@acme.example")) == ("SUSPENDED", False)
    assert step(okta, user, "unsuspend").status_code == 200
    assert refusal(step(okta, user, "unsuspend")) == (400, "E0000001")
    assert refusal(step(okta, user, "unlock")) == (403, "E0000032")
    okta_server.control("POST", "lock", {"login": "ana@acme.example"})
    assert status(okta, user) == "LOCKED_OUT"
    assert step(okta, user, "unlock").status_code == 200
    assert step(okta, user, "deactivate").status_code == 200
    assert status(okta, user) == "DEPROVISIONED"
    assert refusal(step(okta, user, "suspend")) == (400, "E0000001")
    assert refusal(step(okta, user, "deactivate")) == (404, "E0000007")
    assert refusal(okta.post(f"/api/v1/users/{user['id']}", json={})) == (404, "E0000007")
    assert step(okta, user, "activate", "?sendEmail=true").json() == {}
    assert status(okta, user) == "PROVISIONED"
    assert [mail["about"] for mail in okta_server.state("mail").values()] == ["activation"]


def test_the_first_delete_deactivates_and_the_second_deletes(okta: httpx.Client, create: Create) -> None:
    path = f"/api/v1/users/{create(credentials=PASSWORD)['id']}"
    assert okta.delete(path).status_code == 204
    assert okta.get(path).json()["status"] == "DEPROVISIONED"
    assert okta.delete(path).status_code == 204
    assert refusal(okta.get(path)) == (404, "E0000007")
    create()


def test_passwords_are_reset_expired_and_given_for_a_while(
    okta: httpx.Client, create: Create, okta_server: OktaServer
) -> None:
    user = create(credentials=PASSWORD)
    assert (
        okta_server.control("POST", "sign_in", {"login": "ana@acme.example", "password": "wrong"})[
            "signed_in"
        ]
        is False
    )
    temporary = step(okta, user, "expire_password_with_temp_password", "?revokeSessions=true").json()[
        "tempPassword"
    ]
    assert status(okta, user) == "PASSWORD_EXPIRED"
    told = {"login": "ana@acme.example", "password": temporary}
    assert okta_server.control("POST", "sign_in", told)["signed_in"] is True
    assert step(okta, user, "reset_password", "?sendEmail=false").json()["resetPasswordUrl"]
    assert status(okta, user) == "RECOVERY"
    assert step(okta, user, "expire_password").json()["status"] == "PASSWORD_EXPIRED"
    step(okta, user, "deactivate")
    assert refusal(step(okta, user, "reset_password", "?sendEmail=false")) == (403, "E0000038")


def test_a_partial_update_keeps_what_it_does_not_name_and_a_full_one_does_not(
    okta: httpx.Client, create: Create
) -> None:
    user = create(profile={"department": "Sales", "title": "Head"})
    path = f"/api/v1/users/{user['id']}"
    changed = okta.post(path, json={"profile": {"department": "Finance", "title": None}}).json()["profile"]
    assert (changed["department"], changed["firstName"], "title" in changed) == ("Finance", "Ana", False)
    whole = {name: user["profile"][name] for name in ("login", "email", "firstName", "lastName")}
    assert okta.put(path, json={"profile": whole}).json()["profile"] == whole
    assert refusal(okta.put(path, json={"profile": {"department": "Sales"}})) == (400, "E0000001")


def test_an_attribute_that_nobody_defined_is_refused_until_somebody_does(
    okta: httpx.Client, create: Create, okta_server: OktaServer
) -> None:
    path = f"/api/v1/users/{create()['id']}"
    refused = okta.post(path, json={"profile": {"shoeSize": 43}})
    assert refusal(refused) == (400, "E0000001")
    assert refused.json()["errorCauses"][0]["errorSummary"].startswith("shoeSize:")
    okta_server.control("POST", "attribute", {"name": "shoeSize", "type": "integer"})
    assert okta.post(path, json={"profile": {"shoeSize": 43}}).json()["profile"]["shoeSize"] == 43
    schema = okta.get("/api/v1/meta/schemas/user/default").json()["definitions"]
    assert schema["custom"]["properties"]["shoeSize"]["type"] == "integer"


def test_a_login_belongs_to_one_user_whatever_its_case(okta: httpx.Client, create: Create) -> None:
    create("ana@acme.example")
    with pytest.raises(httpx.HTTPStatusError) as refused:
        create("ANA@acme.example")
    assert refusal(refused.value.response) == (400, "E0000001")
    cause = refused.value.response.json()["errorCauses"][0]["errorSummary"]
    assert cause == "login: An object with this field already exists in the current organization"
    assert okta.get("/api/v1/users/ana").json()["profile"]["login"] == "ana@acme.example"


def logins(response: httpx.Response) -> list[str]:
    return [user["profile"]["login"].partition("@")[0] for user in response.raise_for_status().json()]


def test_users_are_found_by_expression(okta: httpx.Client, create: Create) -> None:
    create("ana@acme.example", profile={"department": "R&D"})
    create("bo@acme.example", profile={"department": 'The "A" team'})
    gone = create("cy@acme.example", profile={"department": "R&D"})
    step(okta, gone, "deactivate")

    def found(**query: str) -> list[str]:
        return logins(okta.get("/api/v1/users", params=query))

    assert found() == ["administrator", "ana", "bo"]
    assert found(search='profile.department eq "R&D"') == ["ana", "cy"]
    assert found(search='profile.department eq "r&d" and not (status eq "DEPROVISIONED")') == ["ana"]
    assert found(search='profile.department sw "The \\"A"') == ["bo"]
    assert found(
        search='status eq "PROVISIONED" or profile.login co "cy@"', sortBy="profile.login", sortOrder="desc"
    ) == [
        "cy",
        "bo",
        "ana",
    ]
    assert found(filter='profile.email eq "bo@acme.example"') == ["bo"]
    assert found(q="bo@") == ["bo"]
    for bad in (
        'profile.login eq "a" or',
        'profile.login eq "a" )',
        "profile.login = 'a'",
        'profile.login eq "a',
    ):
        assert refusal(okta.get("/api/v1/users", params={"search": bad})) == (400, "E0000031")
    assert refusal(okta.get("/api/v1/users", params={"filter": 'profile.title eq "Head"'})) == (
        400,
        "E0000031",
    )


def test_pages_end_even_where_one_in_the_middle_is_empty(okta: httpx.Client, okta_server: OktaServer) -> None:
    okta_server.control("POST", "people", {"count": 9})
    okta_server.add_faults({"hook": "empty_page", "method": "GET", "route": "/api/v1/users", "skip": 1})
    sizes: list[int] = []
    seen: set[str] = set()
    url = "/api/v1/users?limit=4"
    while url:
        page = okta.get(url)
        sizes.append(len(page.json()))
        seen.update(user["id"] for user in page.json())
        url = page.links.get("next", {}).get("url", "")
    assert (sizes, len(seen)) == ([4, 0, 4, 2], 10)
    assert refusal(okta.get("/api/v1/users?after=mine")) == (400, "E0000029")
    okta_server.add_faults({"hook": "repeated_page", "method": "GET", "route": "/api/v1/users"})
    first = okta.get("/api/v1/users?limit=4")
    assert okta.get(first.links["next"]["url"]).json() == first.json()


def test_the_index_is_late_and_the_user_is_not(
    okta: httpx.Client, create: Create, okta_server: OktaServer
) -> None:
    lag = {
        "hook": "lag",
        "method": "POST",
        "route": "/api/v1/users",
        "reads": 2,
        "seen_by": ["GET /api/v1/users"],
    }
    okta_server.add_faults(lag)
    user = create()
    query = {"search": 'profile.login eq "ana@acme.example"'}
    assert status(okta, user) == "PROVISIONED"
    assert [logins(okta.get("/api/v1/users", params=query)) for _ in range(3)] == [[], [], ["ana"]]


def test_who_leaves_loses_sessions_tokens_factors_roles_groups_and_applications(
    okta: httpx.Client, create: Create, okta_server: OktaServer
) -> None:
    user = create(credentials=PASSWORD, groupIds=[okta_server.group("Staff")["id"]])
    path = f"/api/v1/users/{user['id']}"
    assert okta_server.can_sign_in("ana@acme.example")
    okta.post(f"{path}/factors", json={"factorType": "question", "provider": "OKTA"}).raise_for_status()
    okta.post(f"{path}/roles", json={"type": "HELP_DESK_ADMIN"}).raise_for_status()
    assert okta_server.groups_of("ana@acme.example") == {"Staff"}
    okta.delete(f"{path}/sessions").raise_for_status()
    assert (okta_server.state("session"), len(okta_server.state("refreshToken"))) == ({}, 1)
    assert [each["client_id"] for each in okta.get(f"{path}/clients").json()] == ["0oa1mail"]
    okta.delete(f"{path}/sessions?oauthTokens=true").raise_for_status()
    assert okta_server.state("refreshToken") == {}
    assert len(okta.get(f"{path}/grants").json()) == 1
    okta.delete(f"{path}/grants").raise_for_status()
    (factor,) = okta.get(f"{path}/factors").json()
    okta.delete(f"{path}/factors/{factor['id']}").raise_for_status()
    assert okta.get(f"{path}/factors").json() == []
    step(okta, user, "deactivate").raise_for_status()
    assert okta.get(f"{path}/roles").json() == []
    assert [group["type"] for group in okta.get(f"{path}/groups").json()] == ["BUILT_IN"]
    events = okta.get("/api/v1/logs", params={"filter": f'target.id eq "{user["id"]}"'})
    assert {"user.lifecycle.create", "user.session.clear", "user.lifecycle.deactivate"} <= {
        event["eventType"] for event in events.json()
    }
