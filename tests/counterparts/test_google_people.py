"""Users of the Google Workspace that is played: their life, how they are found, what is taken of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.counterparts.google import GoogleWorkspace

pytestmark = pytest.mark.integration

USERS = "/admin/directory/v1/users"
ADA = "ada@acme.example"


@pytest.fixture
def api(google_workspace: GoogleWorkspace) -> Iterator[httpx.Client]:
    with google_workspace.client() as client:
        yield client


def person(login: str = "ada", **fields: Any) -> dict[str, Any]:
    name = {"givenName": login.capitalize(), "familyName": "Lovelace"}
    return {"primaryEmail": f"{login}@acme.example", "name": name, "password": "correct horse", **fields}


def create(api: httpx.Client, login: str = "ada", **fields: Any) -> dict[str, Any]:
    created: dict[str, Any] = api.post(USERS, json=person(login, **fields)).raise_for_status().json()
    return created


def reason(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["errors"][0]["reason"]


def found(api: httpx.Client, query: str) -> list[str]:
    answer = api.get(USERS, params={"customer": "my_customer", "query": query}).raise_for_status()
    return [user["primaryEmail"].partition("@")[0] for user in answer.json().get("users", [])]


def test_a_user_is_found_by_id_address_and_alias(api: httpx.Client) -> None:
    created = create(api)
    api.post(f"{USERS}/{ADA}/aliases", json={"alias": "countess@acme.test"}).raise_for_status()
    for key in (created["id"], "ADA@acme.example", "countess@acme.test"):
        assert api.get(f"{USERS}/{key}").raise_for_status().json()["id"] == created["id"]
    assert api.get(f"{USERS}/{ADA}/aliases").json()["aliases"][0]["alias"] == "countess@acme.test"
    api.delete(f"{USERS}/{ADA}/aliases/countess@acme.test").raise_for_status()
    assert reason(api.get(f"{USERS}/countess@acme.test")) == (404, "notFound")


def test_an_address_is_one_persons_or_one_groups(api: httpx.Client) -> None:
    create(api)
    for taken in ("ada", "ADA", "staff"):
        assert reason(api.post(USERS, json=person(taken))) == (409, "duplicate")
    alias = api.post(f"{USERS}/{ADA}/aliases", json={"alias": "sales@acme.example"})
    assert reason(alias) == (409, "duplicate")


def test_what_google_does_not_take_of_a_user_is_refused(api: httpx.Client) -> None:
    wrong: list[dict[str, Any]] = [
        {"primaryEmail": "ada smith@acme.example"},
        {"name": {"givenName": "A" * 61, "familyName": "Lovelace"}},
        {"name": {"givenName": "", "familyName": "Lovelace"}},
        {"password": "short"},
        {"recoveryPhone": "030 123"},
        {"recoveryEmail": "nowhere"},
        {"orgUnitPath": "/Nowhere"},
        {"externalIds": [{"value": "1", "type": "payroll"}]},
        {"relations": {"value": "boss@acme.example", "type": "manager"}},
        {"emails": [{"type": "home"}]},
        {"customSchemas": {"nobody": {"knows": "1"}}},
        {"hashFunction": "SHA-1", "password": "in the clear"},
    ]
    for fields in wrong:
        assert reason(api.post(USERS, json={**person(), **fields})) == (400, "invalid"), fields
    assert reason(api.post(USERS, json=person() | {"primaryEmail": "ada@other.example"})) == (404, "notFound")
    assert found(api, "givenName=Ada") == []


def test_a_new_primary_address_leaves_the_old_one_as_an_alias(api: httpx.Client) -> None:
    create(api)
    api.put(f"{USERS}/{ADA}", json={"primaryEmail": "ada.king@acme.example"}).raise_for_status()
    user = api.get(f"{USERS}/{ADA}").json()
    assert (user["primaryEmail"], user["aliases"]) == ("ada.king@acme.example", [ADA])


def test_an_update_clears_lists_and_a_patch_does_not(api: httpx.Client) -> None:
    create(api, externalIds=[{"value": "e1", "type": "organization"}], recoveryEmail="ada@home.example")
    patched = api.patch(f"{USERS}/{ADA}", json={"externalIds": [], "recoveryEmail": None}).json()
    assert "recoveryEmail" not in patched
    assert patched["externalIds"] == [{"value": "e1", "type": "organization"}]
    updated = api.put(f"{USERS}/{ADA}", json={"externalIds": None, "name": {"givenName": "Augusta"}}).json()
    assert "externalIds" not in updated
    assert updated["name"]["fullName"] == "Augusta Lovelace"


def test_what_was_read_can_be_sent_back_and_changes_nothing(api: httpx.Client) -> None:
    create(api, emails=[{"address": "ada@home.example", "type": "home"}])
    api.post(f"{USERS}/{ADA}/aliases", json={"alias": "countess@acme.test"}).raise_for_status()
    read = api.get(f"{USERS}/{ADA}").json()
    assert {"address": "ada@home.example", "type": "home"} in read["emails"]
    assert api.put(f"{USERS}/{ADA}", json=read).raise_for_status().json() == read


def test_a_suspended_user_says_why_and_cannot_sign_in(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    identity = create(api)["id"]
    assert google_workspace.can_sign_in(ADA, "correct horse")
    assert not google_workspace.can_sign_in(ADA, "another")
    suspended = api.patch(f"{USERS}/{ADA}", json={"suspended": True}).json()
    assert suspended["suspensionReason"] == "ADMIN"
    assert not google_workspace.can_sign_in(ADA, "correct horse")
    assert google_workspace.state("sessions")[identity]["open"] == 0
    active = api.patch(f"{USERS}/{ADA}", json={"suspended": False}).json()
    assert "suspensionReason" not in active
    google_workspace.put(
        "users", identity, {**google_workspace.state("users")[identity], "suspended": True,
                            "suspensionReason": "ABUSE"}
    )  # fmt: skip
    assert reason(api.patch(f"{USERS}/{ADA}", json={"suspended": False})) == (412, "conditionNotMet")


def test_users_are_archived_as_far_as_licences_go(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    google_workspace.control("POST", "seats", {"archivedUsers": 1})
    create(api)
    create(api, "bob")
    assert api.patch(f"{USERS}/{ADA}", json={"archived": True}).json()["archived"]
    assert reason(api.patch(f"{USERS}/bob@acme.example", json={"archived": True})) == (412, "conditionNotMet")


def test_a_deleted_users_address_can_be_taken_again_and_then_nobody_comes_back(api: httpx.Client) -> None:
    identity = create(api)["id"]
    api.delete(f"{USERS}/{ADA}").raise_for_status()
    assert api.get(f"{USERS}/{ADA}").status_code == 404
    deleted = api.get(USERS, params={"customer": "my_customer", "showDeleted": "true"}).json()["users"]
    assert [(user["id"], "deletionTime" in user) for user in deleted] == [(identity, True)]
    second = create(api)
    assert second["id"] != identity
    assert reason(api.post(f"{USERS}/{identity}/undelete", json={})) == (409, "duplicate")
    api.delete(f"{USERS}/{second['id']}").raise_for_status()
    body = {"orgUnitPath": "/Former staff"}
    assert api.post(f"{USERS}/{identity}/undelete", json=body).status_code == 204
    assert api.get(f"{USERS}/{ADA}").json()["orgUnitPath"] == "/Former staff"


def test_nobody_comes_back_after_twenty_days(google_workspace: GoogleWorkspace, api: httpx.Client) -> None:
    identity = create(api)["id"]
    api.delete(f"{USERS}/{ADA}").raise_for_status()
    google_workspace.put_clock_forward(21 * 24 * 3600)
    with google_workspace.client(_later(google_workspace)) as later:
        assert reason(later.post(f"{USERS}/{identity}/undelete", json={})) == (404, "notFound")


def _later(google_workspace: GoogleWorkspace) -> str:
    """A token of the time that the fake believes it is."""
    import time

    now = int(time.time()) + 21 * 24 * 3600
    answer = google_workspace.ask_for_token(google_workspace.assertion(iat=now, exp=now + 3600))
    token: str = answer.raise_for_status().json()["access_token"]
    return token


def test_queries_find_whom_they_describe(api: httpx.Client) -> None:
    create(
        api,
        externalIds=[{"value": "e1", "type": "organization"}],
        organizations=[{"title": "Chief Engineer", "department": "R&D"}],
        relations=[{"value": "admin@acme.example", "type": "manager"}],
        orgUnitPath="/Staff",
    )
    create(api, "bob", relations=[{"value": ADA, "type": "manager"}], suspended=True)
    expected = {
        "externalId=e1": ["ada"],
        "email:ad*": ["admin", "ada"],
        "email=ADA@acme.example": ["ada"],
        "name:'ada love'": ["ada"],
        "orgTitle:engineer orgDepartment='R&D'": ["ada"],
        "isSuspended=true": ["bob"],
        "isAdmin=true": ["admin"],
        "orgUnitPath=/": ["admin", "ada", "bob"],
        "orgUnitPath=/Staff": ["ada"],
        "manager=admin@acme.example": ["ada", "bob"],
        "directManager=admin@acme.example": ["ada"],
        "lovelace": ["ada", "bob"],
        "givenName=Ad": [],
        r"familyName='O\'Brien'": [],
    }
    assert {query: found(api, query) for query in expected} == expected


@pytest.mark.parametrize(
    "query", ["email='x' or isAdmin=true'", "familyName=O'Brien", "shoeSize=44", "isAdmin=maybe", "phone:1"]
)
def test_what_is_no_query_is_refused(api: httpx.Client, query: str) -> None:
    response = api.get(USERS, params={"customer": "my_customer", "query": query})
    assert reason(response) == (400, "invalid")


def test_a_chain_of_managers_in_a_circle_ends(api: httpx.Client) -> None:
    create(api, relations=[{"value": "bob@acme.example", "type": "manager"}])
    create(api, "bob", relations=[{"value": ADA, "type": "manager"}])
    assert found(api, f"manager={ADA}") == ["bob"]


def test_pages_lead_through_everybody_in_order_once(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    google_workspace.control("POST", "crowd", {"count": 12})
    asked = {"customer": "my_customer", "maxResults": "5", "orderBy": "email", "sortOrder": "DESCENDING"}
    seen: list[str] = []
    token: str | None = ""
    while token is not None:
        params = {
            **asked,
            **({"pageToken": token} if token else {}),
            "fields": "users/primaryEmail,nextPageToken",
        }
        page = api.get(USERS, params=params).raise_for_status().json()
        seen += [user["primaryEmail"] for user in page["users"]]
        assert all(set(user) == {"primaryEmail"} for user in page["users"])
        token = page.get("nextPageToken")
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 13
    other = api.get(USERS, params={"domain": "acme.test", "pageToken": "bm9uc2Vuc2U="})
    assert reason(other) == (400, "invalid")


def test_custom_fields_are_shown_where_they_are_asked_for(api: httpx.Client) -> None:
    schemas = "/admin/directory/v1/customer/my_customer/schemas"
    field = {"fieldName": "level", "fieldType": "INT64", "displayName": "Level"}
    api.post(schemas, json={"schemaName": "hr", "displayName": "HR", "fields": [field]}).raise_for_status()
    create(api, customSchemas={"hr": {"level": "7"}})
    assert "customSchemas" not in api.get(f"{USERS}/{ADA}").json()
    custom = {"projection": "custom", "customFieldMask": "hr"}
    assert api.get(f"{USERS}/{ADA}", params=custom).json()["customSchemas"] == {"hr": {"level": "7"}}
    assert found(api, "hr.level>=7") == ["ada"]
    wrong = api.put(f"{USERS}/{ADA}", json={"customSchemas": {"hr": {"level": "high"}}})
    assert reason(wrong) == (400, "invalid")
    api.delete(f"{schemas}/hr").raise_for_status()
    assert "hr" not in api.get(f"{USERS}/{ADA}", params={"projection": "full"}).json().get(
        "customSchemas", {}
    )


def test_what_a_user_has_let_in_is_taken_back_one_by_one(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    identity = create(api)["id"]
    token = {"clientId": "app.example", "displayText": "App", "scopes": ["openid"]}
    google_workspace.control(
        "POST",
        "let_in",
        {"user": ADA, "tokens": [token], "asps": [{"name": "Mail"}], "isEnrolledIn2Sv": True},
    )
    of_ada = f"{USERS}/{ADA}"
    assert [each["clientId"] for each in api.get(f"{of_ada}/tokens").json()["items"]] == ["app.example"]
    assert [each["codeId"] for each in api.get(f"{of_ada}/asps").json()["items"]] == [1]
    api.post(f"{of_ada}/verificationCodes/generate").raise_for_status()
    assert len(api.get(f"{of_ada}/verificationCodes").json()["items"]) == 10
    for path in ("tokens/app.example", "asps/1"):
        api.delete(f"{of_ada}/{path}").raise_for_status()
        assert reason(api.delete(f"{of_ada}/{path}")) == (404, "notFound")
    api.post(f"{of_ada}/verificationCodes/invalidate").raise_for_status()
    for name in ("tokens", "asps", "verificationCodes"):
        assert "items" not in api.get(f"{of_ada}/{name}").json()
    api.post(f"{of_ada}/twoStepVerification/turnOff").raise_for_status()
    google_workspace.can_sign_in(ADA)
    api.post(f"{of_ada}/signOut").raise_for_status()
    assert google_workspace.state("sessions")[identity]["open"] == 0


def test_a_new_password_ends_application_passwords_and_sessions(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    create(api)
    google_workspace.control("POST", "let_in", {"user": ADA, "asps": [{"name": "Mail"}]})
    api.put(f"{USERS}/{ADA}", json={"password": "battery staple"}).raise_for_status()
    assert "items" not in api.get(f"{USERS}/{ADA}/asps").json()
    assert google_workspace.can_sign_in(ADA, "battery staple")
