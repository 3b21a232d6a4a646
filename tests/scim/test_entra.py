"""Microsoft Entra's requests, as its documentation shows them.

MicrosoftDocs/entra-docs, docs/identity/app-provisioning: `use-scim-to-provision-users-and-groups.md` (create,
query, update, groups), `application-provisioning-config-problem-scim-compatibility.md` (what it sends without
the flag `aadOptscim062020`, and with it), `customize-application-attributes.md` (roles).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.scim.people import GROUP, USER, Provider

pytestmark = pytest.mark.integration
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
def created(provider: Provider) -> Any:
    return provider.post(
        "/Users",
        {
            "schemas": [USER, ENTERPRISE],
            "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
            "userName": "Test_User_00aa00aa-bb11-cc22-dd33-44ee44ee44ee",
            "active": True,
            "emails": [{"primary": True, "type": "work", "value": "Test_User_11bb11bb@testuser.com"}],
            "meta": {"resourceType": "User"},
            "name": {
                "formatted": "givenName familyName",
                "familyName": "familyName",
                "givenName": "givenName",
            },
            "roles": [],
        },
    )


def test_a_user_is_created_as_sent(created: Any) -> None:
    assert created["userName"] == "Test_User_00aa00aa-bb11-cc22-dd33-44ee44ee44ee"
    assert created["externalId"] == "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"
    assert created["name"]["familyName"] == "familyName"
    assert created["emails"] == [
        {"value": "Test_User_11bb11bb@testuser.com", "type": "work", "primary": True}
    ]
    assert created["meta"]["resourceType"] == "User"


def test_a_user_without_a_mailbox_has_the_login_as_address(provider: Provider) -> None:
    created = provider.post(
        "/Users",
        {
            "schemas": [USER],
            "externalId": "alias",
            "userName": "alias@contoso.OnMicrosoft.com",
            "active": True,
        },
    )
    assert created["emails"] == [{"value": "alias@contoso.OnMicrosoft.com", "type": "work", "primary": True}]


def test_a_query_finds_or_gives_an_empty_list(provider: Provider, created: Any) -> None:
    found = provider.get('/Users?filter=userName eq "test_user_00aa00aa-bb11-cc22-dd33-44ee44ee44ee"')
    assert [each["id"] for each in found["Resources"]] == [created["id"]]
    nobody = provider.ask("GET", '/Users?filter=userName eq "non-existent user"')
    assert (nobody.status_code, nobody.json()["totalResults"]) == (200, 0)


def test_a_user_who_is_not_there_is_a_404_with_an_error(provider: Provider) -> None:
    answer = provider.ask("GET", "/Users/5171a35d82074e068ce2")
    assert answer.status_code == 404
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert answer.json()["status"] == "404"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "replace", "path": "active", "value": False},
    ],
    ids=["without the flag", "with it"],
)
def test_a_user_is_disabled(provider: Provider, created: Any, operation: dict[str, Any]) -> None:
    answer = provider.patch(f"/Users/{created['id']}", operation)
    assert (answer.status_code, answer.json()["active"]) == (200, False)


def test_several_attributes_are_replaced(provider: Provider, created: Any) -> None:
    answer = provider.patch(
        f"/Users/{created['id']}",
        {"op": "Replace", "path": "displayName", "value": "Pvlo"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "TestBcwqnm@test.microsoft.com"},
        {"op": "Replace", "path": "name.givenName", "value": "Gtfd"},
        {"op": "Replace", "path": "name.familyName", "value": "Pkqf"},
        {"op": "Replace", "path": "externalId", "value": "Eqpj"},
        {"op": "Replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "Eqpj"},
    )
    now = answer.json()
    assert (now["displayName"], now["externalId"]) == ("Pvlo", "Eqpj")
    assert now["emails"] == [{"value": "TestBcwqnm@test.microsoft.com", "type": "work", "primary": True}]
    assert (now["name"]["givenName"], now["name"]["familyName"]) == ("Gtfd", "Pkqf")


def test_several_attributes_are_replaced_with_the_flag(provider: Provider, created: Any) -> None:
    answer = provider.patch(
        f"/Users/{created['id']}",
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "TestMhvaes@test.microsoft.com"},
        {
            "op": "replace",
            "value": {
                "displayName": "Bjfe",
                "name.givenName": "Kkom",
                "name.familyName": "Unua",
                f"{ENTERPRISE}:employeeNumber": "Aklq",
            },
        },
    )
    now = answer.json()
    assert (now["displayName"], now["name"]["givenName"], now["name"]["familyName"]) == (
        "Bjfe",
        "Kkom",
        "Unua",
    )


def test_the_login_is_replaced(provider: Provider, created: Any) -> None:
    name = "5b50642d-79fc-4410-9e90-4c077cdd1a59@testuser.com"
    answer = provider.patch(f"/Users/{created['id']}", {"op": "Replace", "path": "userName", "value": name})
    assert answer.json()["userName"] == name


@pytest.mark.parametrize(
    "operation",
    [
        {
            "op": "Add",
            "path": "roles",
            "value": [{"value": '{"id":"06b07648","value":"Admin","displayName":"Admin"}'}],
        },
        {"op": "Add", "path": 'roles[primary eq "True"].value', "value": "Admin"},
        {
            "op": "replace",
            "path": "roles",
            "value": [
                {
                    "primary": False,
                    "type": "WindowsAzureActiveDirectoryRole",
                    "display": "a",
                    "value": "Admin",
                },
                {
                    "primary": False,
                    "type": "WindowsAzureActiveDirectoryRole",
                    "display": "v",
                    "value": "Viewer",
                },
            ],
        },
    ],
    ids=["AppRoleAssignmentsComplex", "SingleAppRoleAssignment", "AssertiveAppRoleAssignmentsComplex"],
)
def test_a_role_is_given(provider: Provider, created: Any, operation: dict[str, Any]) -> None:
    answer = provider.patch(f"/Users/{created['id']}", operation)
    assert answer.status_code == 200, answer.text
    assert "admin" in [each["value"] for each in answer.json()["roles"]]


class TestGroups:
    @pytest.fixture
    def group(self, provider: Provider) -> Any:
        return provider.post(
            "/Groups",
            {
                "schemas": [
                    GROUP,
                    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
                ],
                "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
                "displayName": "displayName",
                "meta": {"resourceType": "Group"},
            },
        )

    def test_is_found_by_its_name_without_members(self, provider: Provider, group: Any) -> None:
        provider.patch(
            f"/Groups/{group['id']}",
            {"op": "Add", "path": "members", "value": [{"$ref": None, "value": provider.user()["id"]}]},
        )
        found = provider.get('/Groups?excludedAttributes=members&filter=displayName eq "displayName"')
        assert [each["id"] for each in found["Resources"]] == [group["id"]]
        assert "members" not in found["Resources"][0]
        assert "members" not in provider.get(f"/Groups/{group['id']}?excludedAttributes=members")

    def test_gets_another_name(self, provider: Provider, group: Any) -> None:
        name = "1879db59-3bdf-4490-ad68-ab880a269474updatedDisplayName"
        answer = provider.patch(
            f"/Groups/{group['id']}", {"op": "Replace", "path": "displayName", "value": name}
        )
        assert answer.status_code == 204
        assert provider.get(f"/Groups/{group['id']}")["displayName"] == name

    @pytest.mark.parametrize("with_flag", [False, True])
    def test_members_come_and_go(self, provider: Provider, group: Any, with_flag: bool) -> None:
        path, users = f"/Groups/{group['id']}", [provider.user()["id"] for _ in range(2)]
        for user_id in users:
            adding = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": user_id}]}
            assert provider.patch(path, adding).status_code == 204
        members = [each["value"] for each in provider.get(path)["members"]]
        assert sorted(members) == sorted(users)
        removing: dict[str, Any] = (
            {"op": "remove", "path": f'members[value eq "{users[0]}"]'}
            if with_flag
            else {"op": "Remove", "path": "members", "value": [{"value": users[0]}]}
        )
        assert provider.patch(path, removing).status_code == 204
        assert [each["value"] for each in provider.get(path)["members"]] == [users[1]]
