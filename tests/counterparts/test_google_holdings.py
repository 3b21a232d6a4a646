"""What people are in and what they have, in the Google Workspace that is played: groups, units, roles,
licences, transfers, devices, inbound SSO.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.counterparts.google import GoogleWorkspace

pytestmark = pytest.mark.integration

DIRECTORY = "/admin/directory/v1"
CUSTOMER = f"{DIRECTORY}/customer/my_customer"
STAFF = f"{DIRECTORY}/groups/staff@acme.example"
ADA = "ada@acme.example"
LICENCES = "/apps/licensing/v1/product/Google-Apps"
STARTER, STANDARD = "1010020027", "1010020028"


@pytest.fixture
def api(google_workspace: GoogleWorkspace) -> Iterator[httpx.Client]:
    with google_workspace.client() as client:
        yield client


@pytest.fixture
def ada(api: httpx.Client) -> str:
    """Her id."""
    name = {"givenName": "Ada", "familyName": "Lovelace"}
    return str(post(api, f"{DIRECTORY}/users", primaryEmail=ADA, name=name, password="correct horse")["id"])


def post(api: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    answer = api.post(path, json=body).raise_for_status()
    posted: dict[str, Any] = answer.json() if answer.content else {}
    return posted


def get(api: httpx.Client, path: str, **params: str) -> dict[str, Any]:
    got: dict[str, Any] = api.get(path, params=params).raise_for_status().json()
    return got


@cache
def certificate() -> str:
    """Self-signed, as identity providers' are."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def reason(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["errors"][0]["reason"]


@pytest.mark.usefixtures("ada")
def test_a_member_is_added_once_changed_and_removed_once(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    assert post(api, f"{STAFF}/members", email=ADA)["role"] == "MEMBER"
    assert reason(api.post(f"{STAFF}/members", json={"email": ADA})) == (409, "duplicate")
    assert google_workspace.groups_of(ADA) == {"Staff"}
    assert api.patch(f"{STAFF}/members/{ADA}", json={"role": "OWNER"}).json()["role"] == "OWNER"
    assert [each["email"] for each in get(api, f"{STAFF}/members", roles="OWNER,MANAGER")["members"]] == [ADA]
    assert reason(api.put(f"{STAFF}/members/{ADA}", json={"role": "KING"})) == (400, "invalid")
    assert [each["name"] for each in get(api, f"{DIRECTORY}/groups", userKey=ADA)["groups"]] == ["Staff"]
    assert api.delete(f"{STAFF}/members/{ADA}").status_code == 204
    assert reason(api.delete(f"{STAFF}/members/{ADA}")) == (404, "notFound")
    assert google_workspace.groups_of(ADA) == set()


def test_members_are_people_groups_and_strangers_but_nobody_of_ours_who_is_not_there(
    api: httpx.Client, ada: str
) -> None:
    assert post(api, f"{STAFF}/members", id=ada)["email"] == ADA
    stranger = post(api, f"{STAFF}/members", email="Kim@partner.example")
    assert (stranger["email"], "status" in stranger) == ("kim@partner.example", False)
    assert reason(api.post(f"{STAFF}/members", json={"email": "ghost@acme.example"})) == (404, "notFound")
    assert get(api, STAFF)["directMembersCount"] == "2"
    api.delete(f"{DIRECTORY}/users/{ADA}").raise_for_status()
    assert get(api, STAFF)["directMembersCount"] == "1"


@pytest.mark.usefixtures("ada")
def test_nested_members_are_members_and_a_circle_is_refused(api: httpx.Client) -> None:
    post(api, f"{DIRECTORY}/groups/engineering@acme.example/members", email=ADA)
    assert post(api, f"{STAFF}/members", email="engineering@acme.example")["type"] == "GROUP"
    assert get(api, f"{STAFF}/hasMember/{ADA}") == {"isMember": True}
    assert get(api, f"{STAFF}/hasMember/admin@acme.example") == {"isMember": False}
    assert len(get(api, f"{STAFF}/members")["members"]) == 1
    derived = get(api, f"{STAFF}/members", includeDerivedMembership="true")["members"]
    assert [each["email"] for each in derived] == ["engineering@acme.example", ADA]
    circle = api.post(
        f"{DIRECTORY}/groups/engineering@acme.example/members", json={"email": "staff@acme.example"}
    )
    assert reason(circle) == (412, "conditionNotMet")
    assert reason(api.get(f"{STAFF}/hasMember/kim@partner.example")) == (400, "invalid")


def test_five_thousand_members_are_read_in_twenty_five_pages(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    google_workspace.control("POST", "crowd", {"count": 5000, "group": "staff@acme.example"})
    seen: set[str] = set()
    pages = 0
    token: str | None = ""
    while token is not None:
        params = {"fields": "members/id,nextPageToken", **({"pageToken": token} if token else {})}
        page = get(api, f"{STAFF}/members", **params)
        seen |= {member["id"] for member in page["members"]}
        pages, token = pages + 1, page.get("nextPageToken")
    assert (pages, len(seen)) == (25, 5000)


def test_who_empties_a_group_page_by_page_misses_nobody(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    google_workspace.control("POST", "crowd", {"count": 9, "group": "staff@acme.example"})
    token: str | None = ""
    while token is not None:
        page = get(api, f"{STAFF}/members", maxResults="2", **({"pageToken": token} if token else {}))
        for member in page["members"]:
            api.delete(f"{STAFF}/members/{member['id']}").raise_for_status()
        token = page.get("nextPageToken")
    assert google_workspace.state("members") == {}


def test_a_group_is_found_changed_and_deleted_with_its_settings(api: httpx.Client) -> None:
    group = post(api, f"{DIRECTORY}/groups", email="Board@acme.example", name="Board")
    path = f"{DIRECTORY}/groups/{group['id']}"
    post(api, f"{path}/aliases", alias="directors@acme.example")
    for query in ("email=directors@acme.example", "name:'boa'", "email:boa*"):
        found = get(api, f"{DIRECTORY}/groups", customer="my_customer", query=query)["groups"]
        assert [each["id"] for each in found] == [group["id"]]
    wrong = api.get(f"{DIRECTORY}/groups", params={"customer": "my_customer", "query": "name='x' or y"})
    assert reason(wrong) == (400, "invalid")
    assert api.patch(path, json={"description": "Who decides"}).json()["description"] == "Who decides"
    assert api.put(path, json={"name": "The board"}).json()["description"] == ""
    settings = f"/groups/v1/groups/{group['email']}"
    closed = {"whoCanJoin": "INVITED_CAN_JOIN", "allowExternalMembers": "false"}
    api.patch(settings, params={"alt": "json"}, json=closed).raise_for_status()
    assert get(api, settings, alt="json")["whoCanJoin"] == "INVITED_CAN_JOIN"
    api.delete(path).raise_for_status()
    assert reason(api.get(f"{DIRECTORY}/groups/directors@acme.example")) == (404, "notFound")


@pytest.mark.usefixtures("ada")
def test_a_unit_moves_with_all_that_is_below_it(api: httpx.Client) -> None:
    units = f"{CUSTOMER}/orgunits"
    post(api, units, name="Research", parentOrgUnitPath="/Staff")
    post(api, units, name="Lab", parentOrgUnitPath="/Staff/Research")
    api.put(f"{DIRECTORY}/users/{ADA}", json={"orgUnitPath": "/Staff/Research/Lab"}).raise_for_status()
    again = api.post(units, json={"name": "research", "parentOrgUnitPath": "/Staff"})
    assert reason(again) == (400, "invalid")
    below_itself = {"parentOrgUnitPath": "/Staff/Research/Lab"}
    assert reason(api.patch(f"{units}/Staff/Research", json=below_itself)) == (400, "invalid")
    api.patch(f"{units}/Staff/Research", json={"parentOrgUnitPath": "/"}).raise_for_status()
    assert get(api, f"{DIRECTORY}/users/{ADA}")["orgUnitPath"] == "/Research/Lab"
    listed = get(api, units, type="all", orgUnitPath="/Research")["organizationUnits"]
    assert [each["orgUnitPath"] for each in listed] == ["/Research/Lab"]
    assert reason(api.delete(f"{units}/Research/Lab")) == (412, "conditionNotMet")
    assert reason(api.get(f"{units}/Staff/Research")) == (404, "notFound")


def test_roles_are_assigned_once_and_make_administrators(api: httpx.Client, ada: str) -> None:
    role = post(
        api, f"{CUSTOMER}/roles", roleName="Desk", rolePrivileges=[{"privilegeName": "USERS_RETRIEVE"}]
    )
    assigned = {"roleId": role["roleId"], "assignedTo": ada, "scopeType": "CUSTOMER"}
    held = post(api, f"{CUSTOMER}/roleassignments", **assigned)
    assert reason(api.post(f"{CUSTOMER}/roleassignments", json=assigned)) == (409, "duplicate")
    assert get(api, f"{DIRECTORY}/users/{ADA}")["isDelegatedAdmin"]
    assert reason(api.delete(f"{CUSTOMER}/roles/{role['roleId']}")) == (412, "conditionNotMet")
    assert len(get(api, f"{CUSTOMER}/roleassignments", userKey=ADA)["items"]) == 1
    path = f"{CUSTOMER}/roleassignments/{held['roleAssignmentId']}"
    api.delete(path).raise_for_status()
    assert reason(api.delete(path)) == (404, "notFound")
    for status in (True, False):
        api.post(f"{DIRECTORY}/users/{ADA}/makeAdmin", json={"status": status}).raise_for_status()
        assert get(api, f"{DIRECTORY}/users/{ADA}")["isAdmin"] is status
    system = get(api, f"{CUSTOMER}/roles")["items"][0]
    assert reason(api.delete(f"{CUSTOMER}/roles/{system['roleId']}")) == (403, "forbidden")


@pytest.mark.usefixtures("ada")
def test_licences_run_out_and_one_is_held_for_each_product(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    google_workspace.control("POST", "seats", {STARTER: 1})
    starter = f"{LICENCES}/sku/{STARTER}/user"
    post(api, starter, userId=ADA)
    assert reason(api.post(starter, json={"userId": ADA})) == (412, "conditionNotMet")
    assert reason(api.post(starter, json={"userId": "admin@acme.example"})) == (412, "conditionNotMet")
    standard = {"userId": ADA, "skuId": STANDARD, "productId": "Google-Apps"}
    assert reason(api.post(f"{LICENCES}/sku/{STANDARD}/user", json={"userId": ADA})) == (
        412,
        "conditionNotMet",
    )
    assert api.put(f"{starter}/{ADA}", json=standard).json()["skuId"] == STANDARD
    assert len(get(api, f"{LICENCES}/users", customerId="acme.example")["items"]) == 1
    assert reason(api.get(f"{starter}/{ADA}")) == (404, "notFound")
    assert reason(api.post(f"{LICENCES}/sku/none/user", json={"userId": ADA})) == (400, "invalid")
    assert reason(api.post(starter, json={"userId": "ghost@acme.example"})) == (400, "invalid")
    api.delete(f"{DIRECTORY}/users/{ADA}").raise_for_status()
    assert "items" not in get(api, f"{LICENCES}/users", customerId="my_customer")


def test_a_transfer_goes_on_while_it_is_looked_at_and_fails_without_its_people(
    api: httpx.Client, ada: str
) -> None:
    transfers = "/admin/datatransfer/v1/transfers"
    admin = get(api, f"{DIRECTORY}/users/admin@acme.example")["id"]
    drive = get(api, "/admin/datatransfer/v1/applications", customerId="my_customer")["applications"][0]
    wanted = {"applicationId": drive["id"], "applicationTransferParams": drive["transferParams"]}
    body = {"oldOwnerUserId": ada, "newOwnerUserId": admin, "applicationDataTransfers": [wanted]}
    first, second = post(api, transfers, **body)["id"], post(api, transfers, **body)["id"]
    states = [get(api, f"{transfers}/{first}")["overallTransferStatusCode"] for _ in range(4)]
    assert states == ["new", "inProgress", "completed", "completed"]
    api.delete(f"{DIRECTORY}/users/{ADA}").raise_for_status()
    states = [get(api, f"{transfers}/{second}")["overallTransferStatusCode"] for _ in range(2)]
    assert states == ["new", "failed"]
    assert reason(api.post(transfers, json=body)) == (404, "notFound")


@pytest.mark.usefixtures("ada")
def test_a_mobile_device_is_wiped_of_the_account(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    identity = google_workspace.control("POST", "mobile_device", {"user": ADA})["resourceId"]
    path = f"{CUSTOMER}/devices/mobile"
    assert len(get(api, path, query=f"email:{ADA}")["mobiledevices"]) == 1
    api.post(f"{path}/{identity}/action", json={"action": "admin_account_wipe"}).raise_for_status()
    assert get(api, f"{path}/{identity}")["status"] == "ACCOUNT_WIPED"
    api.delete(f"{path}/{identity}").raise_for_status()
    assert api.get(f"{path}/{identity}").status_code == 404


def test_a_profile_of_inbound_sso_is_made_assigned_and_taken_away(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    config = {"entityId": "https://idp.example", "singleSignOnServiceUri": "https://idp.example/sso"}
    made = post(api, "/v1/inboundSamlSsoProfiles", displayName="IdP", idpConfig=config)
    assert made["done"]
    name = made["response"]["name"]
    profile = f"/v1/{name}"
    mask = {"updateMask": "idpConfig.logoutRedirectUri"}
    logout = {"idpConfig": {"logoutRedirectUri": "https://idp.example/out"}}
    api.patch(profile, params=mask, json=logout).raise_for_status()
    assert get(api, profile)["idpConfig"] == {**config, **logout["idpConfig"]}
    staff = next(g["id"] for g in google_workspace.state("groups").values() if g["name"] == "Staff")
    sales = next(g["id"] for g in google_workspace.state("groups").values() if g["name"] == "Sales")
    assignment = {"ssoMode": "SAML_SSO", "samlSsoInfo": {"inboundSamlSsoProfile": name}, "rank": 1}
    first = post(api, "/v1/inboundSsoAssignments", targetGroup=f"groups/{staff}", **assignment)["response"]
    post(api, "/v1/inboundSsoAssignments", targetGroup=f"groups/{sales}", **assignment)
    assert get(api, f"/v1/{first['name']}")["rank"] == 2
    again = api.post("/v1/inboundSsoAssignments", json={**assignment, "targetGroup": f"groups/{staff}"})
    assert (again.status_code, again.json()["error"]["status"]) == (409, "ALREADY_EXISTS")
    used = api.delete(profile)
    assert (used.status_code, used.json()["error"]["status"]) == (400, "FAILED_PRECONDITION")
    for each in get(api, "/v1/inboundSsoAssignments")["inboundSsoAssignments"]:
        api.delete(f"/v1/{each['name']}").raise_for_status()
    assert api.delete(profile).json()["done"]
    assert api.get(profile).json()["error"]["status"] == "NOT_FOUND"


def test_a_profile_has_two_credentials_at_most(api: httpx.Client) -> None:
    config = {"entityId": "https://idp.example", "singleSignOnServiceUri": "https://idp.example/sso"}
    name = post(api, "/v1/inboundSamlSsoProfiles", idpConfig=config)["response"]["name"]
    for _ in range(2):
        added = post(api, f"/v1/{name}/idpCredentials:add", pemData=certificate())["response"]
    assert added["rsaKeyInfo"]["keySize"] == 2048
    assert api.post(f"/v1/{name}/idpCredentials:add", json={"pemData": certificate()}).status_code == 400
    assert api.delete(f"/v1/{added['name']}").json()["done"]
    assert len(get(api, f"/v1/{name}/idpCredentials")["idpCredentials"]) == 1
    assert api.post(f"/v1/{name}/idpCredentials:add", json={"pemData": "nonsense"}).status_code == 400


def test_with_multi_party_approval_nothing_is_done_yet(
    google_workspace: GoogleWorkspace, api: httpx.Client
) -> None:
    google_workspace.put("settings", "settings", {"multiPartyApproval": True})
    config = {"entityId": "https://idp.example", "singleSignOnServiceUri": "https://idp.example/sso"}
    waiting = post(api, "/v1/inboundSamlSsoProfiles", idpConfig=config)
    assert not waiting["done"]
    assert waiting["metadata"] == {"state": "awaiting-multi-party-approval"}
    assert get(api, "/v1/inboundSamlSsoProfiles") == {}


def test_null_takes_back_what_can_be_left_out_and_nothing_else(api: httpx.Client) -> None:
    role = post(api, f"{CUSTOMER}/roles", roleName="Desk", rolePrivileges=[])
    assert (
        api.patch(f"{CUSTOMER}/roles/{role['roleId']}", json={"roleName": None}).json()["roleName"] == "Desk"
    )
    assert api.patch(STAFF, json={"name": None, "description": None}).json()["name"] == "Staff"
    field = {"fieldName": "level", "fieldType": "STRING", "displayName": "Level"}
    post(api, f"{CUSTOMER}/schemas", schemaName="hr", displayName="HR", fields=[field])
    nameless = {"fields": [{"fieldType": "STRING", "displayName": "Level"}]}
    assert reason(api.patch(f"{CUSTOMER}/schemas/hr", json=nameless)) == (400, "invalid")
    unranked = {"rank": None, "ssoMode": "SSO_OFF", "targetGroup": "groups/none"}
    assert api.post("/v1/inboundSsoAssignments", json=unranked).status_code == 400
    assert api.get("/v1/inboundSsoAssignments", params={"pageSize": "-1"}).status_code == 400
