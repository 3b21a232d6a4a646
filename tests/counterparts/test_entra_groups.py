"""Groups, applications and roles in the played Entra tenant."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.counterparts.entra import (
    EVENTUAL,
    EntraServer,
    fixed,
    login,
    made,
    names,
    reference,
    refused,
)

pytestmark = pytest.mark.integration
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"


@pytest.fixture
def graph(entra_server: EntraServer) -> Iterator[httpx.Client]:
    with entra_server.client() as client:
        yield client


def group(graph: httpx.Client, name: str, **fields: Any) -> str:
    body = {
        "displayName": name,
        "mailEnabled": False,
        "mailNickname": name.lower(),
        "securityEnabled": True,
        **fields,
    }
    answer = graph.post("/groups", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_members_come_and_go_once_and_are_seen_through_nested_groups(
    entra_server: EntraServer, graph: httpx.Client
) -> None:
    user = made(graph, "ann")
    staff, engineering = fixed("Staff"), fixed("Engineering")
    path = f"/groups/{engineering}/members/$ref"
    assert graph.post(path, json=reference(graph, user)).status_code == 204
    refused(graph.post(path, json=reference(graph, user)), 400, "Request_BadRequest")
    refused(graph.post(path, json=reference(graph, str(uuid.uuid4()))), 404, "Request_ResourceNotFound")
    graph.post(f"/groups/{staff}/members/$ref", json=reference(graph, engineering))
    graph.post(path, json=reference(graph, staff))
    assert names(graph.get(f"/users/{user}/memberOf")) == ["Engineering"]
    assert names(graph.get(f"/users/{user}/transitiveMemberOf/microsoft.graph.group")) == [
        "Engineering",
        "Staff",
    ]
    narrowed = {"$filter": "displayName eq 'Staff'", "$count": "true"}
    path_of_groups = f"/users/{user}/transitiveMemberOf/microsoft.graph.group"
    refused(graph.get(path_of_groups, params=narrowed), 400, "Request_UnsupportedQuery")
    assert names(graph.get(path_of_groups, params=narrowed, headers=EVENTUAL)) == ["Staff"]
    found = graph.get(f"/groups/{staff}/transitiveMembers").json()["value"]
    assert {each["@odata.type"] for each in found} == {"#microsoft.graph.group", "#microsoft.graph.user"}
    assert entra_server.groups_of(login("ann")) == {"Engineering"}
    removal = f"/groups/{engineering}/members/{user}/$ref"
    assert graph.delete(removal).status_code == 204
    refused(graph.delete(removal), 404, "Request_ResourceNotFound")


def test_twenty_members_are_added_at_once_all_or_none(entra_server: EntraServer, graph: httpx.Client) -> None:
    users = [made(graph, f"u{number}") for number in range(3)]
    staff = f"/groups/{fixed('Staff')}"
    bind = {"members@odata.bind": [reference(graph, user)["@odata.id"] for user in users]}
    graph.post(f"{staff}/members/$ref", json=reference(graph, users[2]))
    refused(graph.patch(staff, json=bind), 400, "Request_BadRequest")
    assert len(entra_server.state("member")) == 1
    graph.delete(f"{staff}/members/{users[2]}/$ref")
    assert graph.patch(staff, json=bind).status_code == 204
    assert len(graph.get(f"{staff}/members").json()["value"]) == 3
    refused(
        graph.patch(staff, json={"members@odata.bind": bind["members@odata.bind"] * 7}),
        400,
        "Request_BadRequest",
    )


def test_a_rule_takes_people_in_and_out(graph: httpx.Client) -> None:
    rule = '(user.department -in ["Sales", "Support"]) -and -not (user.city -startsWith "Ber")'
    fields = {"groupTypes": ["DynamicMembership"], "membershipRuleProcessingState": "On"}
    field = group(graph, "Field", membershipRule=rule, **fields)
    user = made(graph, "ann", department="sales", city="Hamburg")
    assert names(graph.get(f"/users/{user}/memberOf")) == ["Field"]
    graph.patch(f"/users/{user}", json={"city": "Berlin"})
    assert names(graph.get(f"/users/{user}/memberOf")) == ["Berlin"]
    graph.patch(f"/groups/{field}", json={"membershipRule": 'user.city -ne "Hamburg"'})
    assert names(graph.get(f"/users/{user}/memberOf")) == ["Berlin", "Field"]
    broken = {"membershipRule": "everybody, please"}
    refused(graph.patch(f"/groups/{field}", json=broken), 400, "Request_BadRequest")


def test_a_group_of_thousands_is_read_in_pages(entra_server: EntraServer, graph: httpx.Client) -> None:
    entra_server.control("POST", "people", {"number": 2500, "group": fixed("Staff")})
    found: list[str] = []
    link = f"/groups/{fixed('Staff')}/members?$top=999&$select=id"
    while link:
        page = graph.get(link).json()
        found += [each["id"] for each in page["value"]]
        link = page.get("@odata.nextLink", "")
    assert (len(found), len(set(found))) == (2500, 2500)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("Berlin", 403, "Authorization_RequestDenied"),
        ("Announcements", 400, "Request_BadRequest"),
        ("Warehouse", 400, "Request_BadRequest"),
    ],
    ids=["dynamic", "distribution list", "synchronized"],
)
def test_members_that_are_not_ours_to_change_are_refused(
    graph: httpx.Client, name: str, status: int, code: str
) -> None:
    body = reference(graph, made(graph, "ann"))
    refused(graph.post(f"/groups/{fixed(name)}/members/$ref", json=body), status, code)


def test_a_group_of_microsoft_365_comes_back_and_a_security_group_does_not(graph: httpx.Client) -> None:
    unified = group(graph, "Club", groupTypes=["Unified"], mailEnabled=True, securityEnabled=False)
    graph.post(f"/groups/{unified}/members/$ref", json=reference(graph, made(graph, "ann")))
    security = group(graph, "Vault")
    for identifier in (unified, security):
        assert graph.delete(f"/groups/{identifier}").status_code == 204
    assert graph.post(f"/directory/deletedItems/{unified}/restore").status_code == 200
    assert names(graph.get(f"/groups/{unified}/members")) == ["Ann"]
    refused(graph.post(f"/directory/deletedItems/{security}/restore"), 404, "Request_ResourceNotFound")
    for fields in (
        {"mailEnabled": True},
        {"securityEnabled": False},
        {"groupTypes": ["DynamicMembership"]},
        {"groupTypes": ["Unified"]},
    ):
        body = {"displayName": "X", "mailNickname": "x", "mailEnabled": False, "securityEnabled": True}
        refused(graph.post("/groups", json={**body, **fields}), 400, "Request_BadRequest")


def test_groups_are_found_by_kind(graph: httpx.Client) -> None:
    unified = {"$filter": "groupTypes/any(c:c eq 'Unified')", "$select": "displayName"}
    assert names(graph.get("/groups", params=unified)) == ["Sales"]
    search = {"$search": '"displayName:eng"'}
    assert names(graph.get("/groups", params=search, headers=EVENTUAL)) == ["Engineering"]


def test_a_person_is_assigned_one_role_of_an_application_once(graph: httpx.Client) -> None:
    user, wiki = made(graph, "ann"), fixed("Wiki principal")
    path = f"/users/{user}/appRoleAssignments"

    def body(role: str) -> dict[str, str]:
        return {"principalId": user, "resourceId": wiki, "appRoleId": role}

    refused(graph.post(path, json=body(str(uuid.UUID(int=0)))), 400, "Request_BadRequest")
    assignment = graph.post(path, json=body(fixed("Wiki Editor")))
    assert (assignment.status_code, assignment.json()["principalType"]) == (201, "User")
    refused(graph.post(path, json=body(fixed("Wiki Editor"))), 400, "Request_BadRequest")
    assigned = graph.get(f"/servicePrincipals/{wiki}/appRoleAssignedTo").json()["value"]
    assert [each["principalDisplayName"] for each in assigned] == ["Ann"]
    assert graph.delete(f"{path}/{assignment.json()['id']}").status_code == 204
    assert graph.get(path).json()["value"] == []


def test_a_users_applications_are_those_of_its_groups_too(graph: httpx.Client) -> None:
    """https://learn.microsoft.com/graph/api/user-list-approleassignments"""
    user, staff = made(graph, "ana"), fixed("Staff")
    body = {"principalId": staff, "resourceId": fixed("Wiki principal"), "appRoleId": fixed("Wiki Reader")}
    assert graph.post(f"/groups/{staff}/appRoleAssignments", json=body).status_code == 201
    assert graph.get(f"/users/{user}/appRoleAssignments").json()["value"] == []
    graph.post(f"/groups/{staff}/members/$ref", json=reference(graph, user))
    [found] = graph.get(f"/users/{user}/appRoleAssignments").json()["value"]
    assert (found["principalType"], found["principalDisplayName"]) == ("Group", "Staff")


def test_what_a_deleted_person_has_is_out_of_sight_and_comes_back_with_them(graph: httpx.Client) -> None:
    user, wiki = made(graph, "ann"), fixed("Wiki principal")
    body = {"principalId": user, "resourceId": wiki, "appRoleId": fixed("Wiki Editor")}
    graph.post(f"/users/{user}/appRoleAssignments", json=body)
    graph.post(f"/groups/{fixed('Staff')}/members/$ref", json=reference(graph, user))
    role = f"/directoryRoles/{fixed('User Administrator')}/members"
    graph.post(f"{role}/$ref", json=reference(graph, user))
    places = (f"/servicePrincipals/{wiki}/appRoleAssignedTo", f"/groups/{fixed('Staff')}/members", role)
    graph.delete(f"/users/{user}")
    assert [graph.get(place).json()["value"] for place in places] == [[], [], []]
    graph.post(f"/directory/deletedItems/{user}/restore")
    assert [len(graph.get(place).json()["value"]) for place in places] == [1, 1, 1]


def test_both_ways_to_directory_roles_show_the_same(graph: httpx.Client) -> None:
    user = made(graph, "ann")
    path = "/roleManagement/directory/roleAssignments"
    body = {"principalId": user, "roleDefinitionId": USER_ADMINISTRATOR, "directoryScopeId": "/"}
    assignment = graph.post(path, json=body)
    assert assignment.status_code == 201, assignment.text
    refused(graph.post(path, json=body), 400, "Request_BadRequest")
    role = graph.get("/directoryRoles").json()["value"][0]
    assert names(graph.get(f"/directoryRoles/{role['id']}/members")) == ["Ann"]
    assert graph.delete(f"/directoryRoles/{role['id']}/members/{user}/$ref").status_code == 204
    assert graph.get(path, params={"$filter": f"principalId eq '{user}'"}).json()["value"] == []


def test_saml_is_set_up_from_a_template(graph: httpx.Client) -> None:
    made_of = graph.post(
        "/applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate", json={"displayName": "Desk"}
    ).json()
    application, principal = (
        f"/applications/{made_of['application']['id']}",
        f"/servicePrincipals/{made_of['servicePrincipal']['id']}",
    )
    web = {"redirectUris": ["https://desk.example/saml/acs"]}
    changed = {"identifierUris": ["https://desk.example/saml"], "web": web}
    assert graph.patch(application, json=changed).status_code == 204
    assert graph.patch(principal, json={"preferredSingleSignOnMode": "saml"}).status_code == 204
    certificate = graph.post(
        f"{principal}/addTokenSigningCertificate", json={"displayName": "CN=Desk"}
    ).json()
    preferred = {"preferredTokenSigningKeyThumbprint": certificate["thumbprint"]}
    assert graph.patch(principal, json=preferred).status_code == 204
    schema = '{"ClaimsMappingPolicy": {"Version": 1, "IncludeBasicClaimSet": "true", "ClaimsSchema": []}}'
    policies = "/policies/claimsMappingPolicies"
    policy = graph.post(policies, json={"definition": [schema], "displayName": "Desk"}).json()["id"]
    body = {"@odata.id": f"{graph.base_url}policies/claimsMappingPolicies/{policy}"}
    assert graph.post(f"{principal}/claimsMappingPolicies/$ref", json=body).status_code == 204
    refused(graph.post(f"{principal}/claimsMappingPolicies/$ref", json=body), 400, "Request_BadRequest")
    app_id = made_of["application"]["appId"]
    shown = graph.get(f"/servicePrincipals(appId='{app_id}')").json()
    assert graph.get(f"/applications(appId='{app_id}')").json()["id"] == made_of["application"]["id"]
    assert graph.get(f"/directoryObjects/{shown['id']}").json()["displayName"] == "Desk"
    assert (shown["preferredSingleSignOnMode"], shown["replyUrls"]) == ("saml", web["redirectUris"])
    broken = {"definition": ["{"], "displayName": "Desk"}
    refused(graph.post(policies, json=broken), 400, "Request_BadRequest")
    wrong = {"web": {"redirectUris": ["http://desk.example/*"]}}
    refused(graph.patch(application, json=wrong), 400, "Request_BadRequest")
    refused(graph.patch(principal, json={"preferredSingleSignOnMode": "magic"}), 400, "Request_BadRequest")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/applications", {"displayName": "Desk", "surprise": 1}),
        ("/applications", {"displayName": "Desk", "web": {"surprise": 1}}),
        ("/applications", {"notes": "without a name"}),
        ("/servicePrincipals", {"appId": 7}),
        ("/roleManagement/directory/roleAssignments", {"principalId": "x"}),
        ("/oauth2PermissionGrants", {"clientId": "x", "resourceId": "y", "consentType": "Perhaps"}),
    ],
)
def test_bodies_by_documentation_only_are_checked_too(
    entra_server: EntraServer, graph: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    refused(graph.post(path, json=body), 400, "Request_BadRequest")
    assert len(entra_server.problems()) == 1


def test_an_oidc_application_and_a_directory_extension_of_it(graph: httpx.Client) -> None:
    claims = {"idToken": [{"name": "email", "essential": False}]}
    body = {
        "displayName": "Portal",
        "web": {"redirectUris": ["https://portal.example/callback"]},
        "optionalClaims": claims,
    }
    application = graph.post("/applications", json=body).json()
    assert application["optionalClaims"] == claims
    extension = {"name": "employeeNumber", "dataType": "String", "targetObjects": ["User"]}
    path = f"/applications/{application['id']}/extensionProperties"
    name = graph.post(path, json=extension).json()["name"]
    assert name == f"extension_{application['appId'].replace('-', '')}_employeeNumber"
    user = made(graph, "ann", **{name: "4711"})
    assert names(graph.get("/users", params={"$filter": f"{name} eq '4711'"})) == ["Ann"]
    assert graph.patch(f"/users/{user}", json={name: "4712"}).status_code == 204
    assert graph.get(f"/users/{user}", params={"$select": name}).json()[name] == "4712"
    refused(graph.patch(f"/users/{user}", json={name: 4713}), 400, "Request_BadRequest")


def test_delegated_permissions_are_listed_and_withdrawn(graph: httpx.Client) -> None:
    user = made(graph, "ann")
    body = {
        "clientId": fixed("Wiki principal"),
        "consentType": "Principal",
        "principalId": user,
        "resourceId": fixed("Microsoft Graph"),
        "scope": "User.Read",
    }
    grant = graph.post("/oauth2PermissionGrants", json=body).json()
    listed = graph.get(f"/users/{user}/oauth2PermissionGrants").json()["value"]
    assert [each["scope"] for each in listed] == ["User.Read"]
    assert graph.delete(f"/oauth2PermissionGrants/{grant['id']}").status_code == 204
    assert graph.get("/oauth2PermissionGrants").json()["value"] == []
