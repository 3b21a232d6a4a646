"""Okta's requests, as its documentation shows them.

https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20, and its source:
okta/okta-developer-docs, `docs/reference/scim/scim-20/index.md`.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.scim.people import GROUP, USER, Provider

pytestmark = pytest.mark.integration
NEW = {
    "schemas": [USER],
    "userName": "test.user@okta.local",
    "name": {"givenName": "Test", "familyName": "User"},
    "emails": [{"primary": True, "value": "test.user@okta.local", "type": "work"}],
    "displayName": "Test User",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}


@pytest.fixture
def created(provider: Provider) -> Any:
    return provider.post("/Users", NEW)


def test_a_user_is_looked_for_and_created(provider: Provider) -> None:
    path = "/Users?filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100"
    before = provider.get(path)
    assert (before["totalResults"], before["startIndex"], before["itemsPerPage"]) == (0, 1, 0)
    created = provider.post("/Users", NEW)
    assert provider.get(path)["Resources"][0]["id"] == created["id"]
    assert (created["name"], created["active"]) == ({"givenName": "Test", "familyName": "User"}, True)
    assert "password" not in created


def test_who_is_there_already_is_a_conflict(provider: Provider, created: Any) -> None:
    answer = provider.ask("POST", "/Users", NEW)
    assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")


def test_pages_go_on_where_the_last_one_ended(provider: Provider) -> None:
    made = {provider.user()["id"] for _ in range(5)}
    seen = []
    for start in (1, 3, 5):
        page = provider.get(f"/Users?startIndex={start}&count=2")
        assert page["totalResults"] == 5
        seen += [each["id"] for each in page["Resources"]]
    assert sorted(seen) == sorted(made)


def put_body(user_id: str, **more: Any) -> dict[str, Any]:
    return {
        "schemas": [USER],
        "id": user_id,
        "userName": "test.user@okta.local",
        "name": {"givenName": "Another", "middleName": "Excited", "familyName": "User"},
        "emails": [
            {
                "primary": True,
                "value": "test.user@okta.local",
                "type": "work",
                "display": "test.user@okta.local",
            }
        ],
        "active": True,
        "groups": [],
        "meta": {"resourceType": "User"},
    } | more


def test_the_whole_user_is_put(provider: Provider, created: Any) -> None:
    answer = provider.ask("PUT", f"/Users/{created['id']}", put_body(created["id"]))
    assert answer.status_code == 200
    assert answer.json()["name"]["givenName"] == "Another"
    assert answer.json()["active"] is True


def test_a_user_is_deactivated_by_put(provider: Provider, created: Any) -> None:
    answer = provider.ask("PUT", f"/Users/{created['id']}", put_body(created["id"], active=False))
    assert answer.json()["active"] is False


def test_a_user_is_deactivated_by_patch_without_a_path(provider: Provider, created: Any) -> None:
    answer = provider.patch(f"/Users/{created['id']}", {"op": "replace", "value": {"active": False}})
    assert (answer.status_code, answer.json()["active"]) == (200, False)


class TestGroups:
    @pytest.fixture
    def group(self, provider: Provider) -> Any:
        return provider.post("/Groups", {"schemas": [GROUP], "displayName": "Test SCIMv2", "members": []})

    def test_is_renamed_with_its_id_beside_the_name(self, provider: Provider, group: Any) -> None:
        value = {"id": group["id"], "displayName": "Test SCIMv20"}
        answer = provider.patch(f"/Groups/{group['id']}", {"op": "replace", "value": value})
        assert answer.status_code == 204
        assert provider.get(f"/Groups/{group['id']}")["displayName"] == "Test SCIMv20"

    def test_members_are_removed_added_and_replaced(self, provider: Provider, group: Any) -> None:
        path = f"/Groups/{group['id']}"
        first, second, third = (provider.user()["id"] for _ in range(3))

        def members() -> list[str]:
            return sorted(each["value"] for each in provider.get(path).get("members", []))

        provider.patch(path, {"op": "add", "path": "members", "value": [{"value": first, "display": "a"}]})
        answer = provider.patch(
            path,
            {"op": "remove", "path": f'members[value eq "{first}"]'},
            {"op": "add", "path": "members", "value": [{"value": second, "display": "test.user@okta.local"}]},
        )
        assert answer.status_code == 204
        assert members() == [second]
        listed = [{"value": each, "display": "test.user@okta.local"} for each in (first, third)]
        provider.patch(path, {"op": "replace", "path": "members", "value": listed})
        assert members() == sorted([first, third])

    def test_is_deleted(self, provider: Provider, group: Any) -> None:
        assert provider.ask("DELETE", f"/Groups/{group['id']}").status_code == 204
        assert provider.ask("GET", f"/Groups/{group['id']}").status_code == 404
