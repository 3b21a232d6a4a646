"""The life of people in the played Entra tenant."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.counterparts.entra import (
    DOMAIN,
    EVENTUAL,
    OFFICE,
    READER,
    SCARCE,
    EntraServer,
    fixed,
    login,
    made,
    names,
    new,
    reference,
    refused,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def graph(entra_server: EntraServer) -> Iterator[httpx.Client]:
    with entra_server.client() as client:
        yield client


def test_a_user_lives_from_creation_to_permanent_deletion(
    entra_server: EntraServer, graph: httpx.Client
) -> None:
    user = made(graph, "ann", department="Sales")
    assert entra_server.sign_in(login("ann")) is None
    assert graph.patch(f"/users/{user}", json={"accountEnabled": False}).status_code == 204
    shown = graph.get(f"/users/{login('ann')}", params={"$select": "department,accountEnabled"}).json()
    assert (shown["department"], shown["accountEnabled"]) == ("Sales", False)
    assert entra_server.sign_in(login("ann")) == 50057
    assert graph.delete(f"/users/{user}").status_code == 204
    refused(graph.get(f"/users/{user}"), 404, "Request_ResourceNotFound")
    deleted = graph.get("/directory/deletedItems/microsoft.graph.user").json()["value"]
    assert [each["id"] for each in deleted] == [user]
    assert graph.delete(f"/directory/deletedItems/{user}").status_code == 204
    refused(graph.get(f"/directory/deletedItems/{user}"), 404, "Request_ResourceNotFound")
    assert entra_server.problems() == []


def test_a_login_of_a_deleted_user_is_free_and_blocks_the_return_once_it_is_taken(
    graph: httpx.Client,
) -> None:
    first = made(graph, "ann")
    error = refused(graph.post("/users", json=new("ann")), 400, "Request_BadRequest")
    assert error["details"][0]["target"] == "userPrincipalName"
    graph.delete(f"/users/{first}")
    second = made(graph, "ann")
    refused(graph.post(f"/directory/deletedItems/{first}/restore"), 400, "Request_BadRequest")
    graph.delete(f"/users/{second}")
    restored = graph.post(f"/directory/deletedItems/{first}/restore")
    assert (restored.status_code, restored.json()["userPrincipalName"]) == (200, login("ann"))


def test_a_person_is_renamed_and_keeps_the_old_address_as_a_further_one(graph: httpx.Client) -> None:
    user, other = made(graph, "ann", mail=login("ann")), made(graph, "bob")
    renamed = {"userPrincipalName": login("anna"), "mail": login("anna"), "displayName": "Anna"}
    assert graph.patch(f"/users/{user}", json=renamed).status_code == 204
    shown = graph.get(f"/users/{login('ANNA')}", params={"$select": "proxyAddresses,identities"}).json()
    assert shown["proxyAddresses"] == [f"SMTP:{login('anna')}", f"smtp:{login('ann')}"]
    assert shown["identities"][0]["issuerAssignedId"] == login("anna")
    error = refused(graph.patch(f"/users/{other}", json={"mail": login("ann")}), 400, "Request_BadRequest")
    assert error["details"][0]["target"] == "proxyAddresses"


def test_deleted_items_end_after_thirty_days(entra_server: EntraServer, graph: httpx.Client) -> None:
    user = made(graph, "ann")
    graph.delete(f"/users/{user}")
    entra_server.put_clock_forward(31 * 24 * 3600)
    with entra_server.client() as later:
        refused(later.post(f"/directory/deletedItems/{user}/restore"), 404, "Request_ResourceNotFound")


@pytest.mark.parametrize(
    "fields",
    [
        {"userPrincipalName": "ann@elsewhere.example"},
        {"userPrincipalName": f"änn@{DOMAIN}"},
        {"displayName": "x" * 257},
        {"employeeId": "12345678901234567"},
        {"department": ""},
        {"usageLocation": "Germany"},
        {"passwordProfile": {"password": "weak"}},
        {"passwordProfile": {"password": f"Ann-and-more-{1}"}},
        {"signInSessionsValidFromDateTime": "2026-01-01T00:00:00Z"},
        {"extension_0123456789abcdef0123456789abcdef_number": "7"},
        {"aboutMe": "both worlds at once"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_value_that_the_directory_does_not_take_is_refused(
    graph: httpx.Client, fields: dict[str, Any]
) -> None:
    refused(graph.post("/users", json=new("ann", **fields)), 400, "Request_BadRequest")


def test_names_in_every_script_and_an_apostrophe_are_found_by_a_quoted_filter(graph: httpx.Client) -> None:
    for number, name in enumerate(("O'Brien", "Zoë Müller", "محمد", "李雷 😀")):
        made(graph, f"u{number}", displayName=name)
        quoted = name.replace("'", "''")
        assert names(graph.get("/users", params={"$filter": f"displayName eq '{quoted}'"})) == [name]
    injected = {"$filter": "displayName eq 'x' or displayName ne 'O''Brien'"}
    refused(graph.get("/users", params=injected), 400, "Request_UnsupportedQuery")
    refused(graph.get("/users", params={"$filter": "displayName eq 'O'Brien'"}), 400, "BadRequest")


def test_filters_searches_and_orders_need_what_the_directory_says(graph: httpx.Client) -> None:
    for name, department in (("ann", "Sales"), ("bob", "Finance"), ("cem", None)):
        made(graph, name, department=department, mail=login(name), companyName="Acme")

    def found(text: str, **headers: str) -> httpx.Response:
        return graph.get("/users", params={"$filter": text, "$count": "true"}, headers=headers)

    assert names(found("startsWith(displayName,'A') or department in ('finance')")) == ["Ann", "Bob"]
    assert names(found("accountEnabled eq true and not (department eq 'Sales')", **EVENTUAL)) == [
        "Bob",
        "Cem",
    ]
    assert names(found("department eq null", **EVENTUAL)) == ["Cem"]
    assert names(found(f"endsWith(mail,'@{DOMAIN}')", **EVENTUAL)) == ["Ann", "Bob", "Cem"]
    for advanced in (
        "department ne 'Sales'",
        "endswith(mail,'x')",
        "companyName eq 'Acme'",
        "department eq null",
    ):
        refused(found(advanced), 400, "Request_UnsupportedQuery")
        assert found(advanced, **EVENTUAL).status_code == 200
    search = {"$search": '"displayName:an" OR "department:fin"'}
    refused(graph.get("/users", params=search), 400, "Request_UnsupportedQuery")
    assert names(graph.get("/users", params=search, headers=EVENTUAL)) == ["Ann", "Bob"]
    ordered = graph.get("/users", params={"$orderby": "displayName desc", "$select": "displayName"})
    assert ordered.json()["value"] == [{"displayName": name} for name in ("Cem", "Bob", "Ann")]
    refused(graph.get("/users", params={"$select": "surprise"}), 400, "BadRequest")
    assert graph.get("/users/$count", headers=EVENTUAL).text == "3"


def test_a_list_comes_in_pages_to_its_end(entra_server: EntraServer, graph: httpx.Client) -> None:
    expected = sorted(made(graph, f"u{number}") for number in range(5))
    entra_server.add_faults({"hook": "empty_page", "route": "/v1.0/users", "skip": 1})
    found, sizes, link = [], [], "/users?$top=2&$select=id"
    while link:
        page = graph.get(link).json()
        sizes.append(len(page["value"]))
        found += [each["id"] for each in page["value"]]
        link = page.get("@odata.nextLink", "")
    assert (sorted(found), sizes) == (expected, [2, 0, 2, 1])
    refused(graph.get("/users", params={"$skiptoken": "made-up"}), 400, "Directory_ExpiredPageToken")
    entra_server.add_faults({"hook": "repeated_page", "route": "/v1.0/users", "times": 2})
    first = graph.get("/users?$top=2&$select=id").json()
    assert graph.get(first["@odata.nextLink"]).json() == first


def test_of_two_who_take_a_login_at_once_one_gets_it(graph: httpx.Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: graph.post("/users", json=new("ann")).status_code, range(4)))
    assert sorted(answers) == [201, 400, 400, 400]


def test_managers_may_form_a_circle_and_are_followed_once(graph: httpx.Client) -> None:
    ann, bob, cem = (made(graph, name) for name in ("ann", "bob", "cem"))
    for below, above in ((ann, bob), (bob, cem), (cem, ann)):
        answer = graph.put(f"/users/{below}/manager/$ref", json=reference(graph, above))
        assert answer.status_code == 204, answer.text
    refused(graph.put(f"/users/{ann}/manager/$ref", json=reference(graph, ann)), 400, "Request_BadRequest")
    assert graph.get(f"/users/{ann}/manager").json()["id"] == bob
    assert names(graph.get(f"/users/{bob}/directReports")) == ["Ann"]
    chain = graph.get(f"/users/{ann}", params={"$expand": "manager($levels=max;$select=id)"}).json()
    assert chain["manager"]["id"] == bob
    assert chain["manager"]["manager"]["id"] == cem
    assert "manager" not in chain["manager"]["manager"]
    assert graph.delete(f"/users/{ann}/manager/$ref").status_code == 204
    refused(graph.get(f"/users/{ann}/manager"), 404, "Request_ResourceNotFound")


def test_licences_need_a_location_and_units_and_come_from_groups_too(graph: httpx.Client) -> None:
    def assign(user: str, add: list[str], remove: list[str]) -> httpx.Response:
        body = {"addLicenses": [{"skuId": each} for each in add], "removeLicenses": remove}
        return graph.post(f"/users/{user}/assignLicense", json=body)

    def held(user: str) -> list[str]:
        shown = graph.get(f"/users/{user}", params={"$select": "assignedLicenses"}).json()
        return [each["skuId"] for each in shown["assignedLicenses"]]

    ann, bob = made(graph, "ann"), made(graph, "bob", usageLocation="DE")
    refused(assign(ann, [OFFICE], []), 400, "Request_BadRequest")
    graph.patch(f"/users/{ann}", json={"usageLocation": "DE"})
    assert assign(ann, [OFFICE, SCARCE], []).status_code == 200
    refused(assign(bob, [SCARCE], []), 400, "Request_BadRequest")
    refused(assign(bob, [], [OFFICE]), 400, "Request_BadRequest")
    graph.post(f"/groups/{fixed('Staff')}/members/$ref", json=reference(graph, bob))
    body = {"addLicenses": [{"skuId": OFFICE}], "removeLicenses": []}
    assert graph.post(f"/groups/{fixed('Staff')}/assignLicense", json=body).status_code == 202
    assert held(bob) == [OFFICE]
    refused(assign(bob, [], [OFFICE]), 400, "Request_BadRequest")
    units = {each["skuId"]: each["consumedUnits"] for each in graph.get("/subscribedSkus").json()["value"]}
    assert (units[OFFICE], units[SCARCE]) == (2, 1)
    graph.delete(f"/groups/{fixed('Staff')}/members/{bob}/$ref")
    assert held(bob) == []
    assert graph.delete(f"/users/{ann}").status_code == 204
    assert assign(bob, [SCARCE], []).status_code == 200


def test_doors_are_closed_sessions_methods_and_the_password(
    entra_server: EntraServer, graph: httpx.Client
) -> None:
    user = made(graph, "ann")
    register = {"user": user, "kind": "microsoftAuthenticator", "displayName": "phone"}
    method = entra_server.control("POST", "register", register)["id"]
    before = graph.get(f"/users/{user}", params={"$select": "signInSessionsValidFromDateTime"}).json()
    assert graph.post(f"/users/{user}/revokeSignInSessions").json()["value"] is True
    after = graph.get(f"/users/{user}", params={"$select": "signInSessionsValidFromDateTime"}).json()
    assert after["signInSessionsValidFromDateTime"] > before["signInSessionsValidFromDateTime"]
    listed = graph.get(f"/users/{user}/authentication/methods").json()["value"]
    assert [each["@odata.type"].rpartition(".")[2] for each in listed] == [
        "passwordAuthenticationMethod",
        "microsoftAuthenticatorAuthenticationMethod",
    ]
    path = f"/users/{user}/authentication/microsoftAuthenticatorMethods/{method}"
    assert graph.delete(path).status_code == 204
    refused(graph.delete(path), 404, "Request_ResourceNotFound")
    profile = {"password": "An0ther-and-long!", "forceChangePasswordNextSignIn": False}
    assert graph.patch(f"/users/{user}", json={"passwordProfile": profile}).status_code == 204
    assert entra_server.sign_in(login("ann")) == 50126
    assert entra_server.sign_in(login("ann"), "An0ther-and-long!") is None


def test_a_temporary_access_pass_lasts_as_long_as_it_says_and_a_new_one_takes_its_place(
    entra_server: EntraServer, graph: httpx.Client
) -> None:
    path = f"/users/{made(graph, 'ann')}/authentication/temporaryAccessPassMethods"
    refused(graph.post(path, json={"lifetimeInMinutes": 5}), 400, "badRequest")
    first = graph.post(path, json={"lifetimeInMinutes": 60, "isUsableOnce": True})
    assert (first.status_code, first.json()["isUsable"]) == (201, True)
    second = graph.post(path, json={"lifetimeInMinutes": 60, "isUsableOnce": True}).json()
    listed = graph.get(path).json()["value"]
    assert [(each["id"], each["temporaryAccessPass"]) for each in listed] == [(second["id"], None)]
    assert entra_server.sign_in(login("ann"), first.json()["temporaryAccessPass"]) == 50126
    assert entra_server.sign_in(login("ann"), second["temporaryAccessPass"]) is None
    assert entra_server.sign_in(login("ann"), second["temporaryAccessPass"]) == 50126
    third = graph.post(path, json={"lifetimeInMinutes": 10}).json()
    entra_server.put_clock_forward(11 * 60)
    assert graph.get(path).json()["value"][0]["methodUsabilityReason"] == "Expired"
    assert graph.delete(f"{path}/{third['id']}").status_code == 204


def test_what_comes_from_on_premises_is_read_only(entra_server: EntraServer, graph: httpx.Client) -> None:
    user = made(graph, "ann", usageLocation="DE")
    entra_server.control("POST", "synchronize", {"id": user})
    for fields in ({"department": "Sales"}, {"accountEnabled": False}):
        refused(graph.patch(f"/users/{user}", json=fields), 400, "Request_BadRequest")
    refused(graph.delete(f"/users/{user}"), 400, "Request_BadRequest")
    assert graph.patch(f"/users/{user}", json={"usageLocation": "FR"}).status_code == 204
    assert graph.post(f"/users/{user}/revokeSignInSessions").status_code == 200


def test_an_application_without_the_permission_is_denied(entra_server: EntraServer) -> None:
    with entra_server.client(READER) as reader:
        assert reader.get("/users").status_code == 200
        refused(reader.post("/users", json=new("ann")), 403, "Authorization_RequestDenied")
        refused(reader.get("/groups"), 403, "Authorization_RequestDenied")
        methods = f"/users/{login('ann')}/authentication/methods"
        refused(reader.get(methods), 403, "accessDenied")
    assert entra_server.state("user") == {}
