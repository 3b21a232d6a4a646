"""The Okta that tests play against takes no request that Okta's own description does not allow."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from counterparts.okta.described import description
from counterparts.vendors.description import Operation, Seen
from counterparts.vendors.mutations import Mutant, mutants
from counterparts.vendors.openapi import OpenApi
from tests.counterparts.okta import OktaServer
from tests.counterparts.test_okta_access import BOOKMARK, SAML

pytestmark = pytest.mark.integration

PROFILE = {"login": "ana@acme.example", "email": "ana@acme.example", "firstName": "Ana", "lastName": "Béla"}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/api/v1/users"): {
        "profile": PROFILE,
        "credentials": {"password": {"value": "Correct-Horse-1"}},
    },
    ("POST", "/api/v1/users/{id}"): {"profile": {"department": "Sales"}},
    ("PUT", "/api/v1/users/{id}"): {"profile": PROFILE},
    ("DELETE", "/api/v1/users/{id}"): None,
    ("GET", "/api/v1/users"): None,
    ("POST", "/api/v1/users/{id}/lifecycle/suspend"): None,
    ("POST", "/api/v1/users/{userId}/roles"): {"type": "APP_ADMIN"},
    ("POST", "/api/v1/groups"): {"profile": {"name": "Ops", "description": "On call"}},
    ("PUT", "/api/v1/groups/{groupId}/users/{userId}"): None,
    ("POST", "/api/v1/groups/rules"): {
        "type": "group_rule",
        "name": "Sales",
        "conditions": {"expression": {"type": "urn:okta:expression:1.0", "value": 'user.title=="Head"'}},
        "actions": {"assignUserToGroups": {"groupIds": ["00g"]}},
    },
    ("POST", "/api/v1/apps"): SAML,
    ("PUT", "/api/v1/apps/{appId}"): BOOKMARK,
    ("POST", "/api/v1/apps/{appId}/users"): {"id": "00u", "credentials": {"userName": "ana"}},
    ("GET", "/api/v1/logs"): None,
}
"""A body that fits, of each of these operations; None where it takes none."""


@pytest.fixture(scope="module")
def okta_description() -> OpenApi:
    found = description()
    if found is None:
        pytest.skip("there is no description of Okta's below OFFICEFLOW_VENDOR_SPECS")
    return found


def request_that_fits(operation: Operation, body: Any) -> Seen:
    path = operation.template
    for parameter in operation.parameters:
        path = path.replace(f"{{{parameter.name}}}", "nobody")
    if body is None:
        return Seen(operation.method, path)
    return Seen(operation.method, path, [], {"content-type": "application/json"}, json.dumps(body).encode())


def derived(description_: OpenApi) -> dict[str, Mutant]:
    operations = list(description_.operations())
    return {
        f"{operation.method} {operation.template}: {mutant.name}": mutant
        for operation in operations
        if (operation.method, operation.template) in BODIES
        for mutant in mutants(
            operation,
            request_that_fits(operation, BODIES[operation.method, operation.template]),
            operations,
        )
    }


def send(client: httpx.Client, request: Seen) -> httpx.Response:
    return client.request(
        request.method,
        request.path,
        params=[(name, value) for name, value in request.query],
        headers=dict(request.headers),
        content=request.body,
    )


def test_what_fits_has_no_problems(okta_description: OpenApi) -> None:
    for operation in okta_description.operations():
        if (operation.method, operation.template) in BODIES:
            body = BODIES[operation.method, operation.template]
            assert okta_description.problems(request_that_fits(operation, body)) == []


def test_requests_mutated_from_the_description_are_refused_and_change_nothing(
    okta_server: OktaServer, okta_description: OpenApi
) -> None:
    found = derived(okta_description)
    kinds = ("unknown query", "wrong query", "without", "wrong type", "unknown property", "not JSON")
    assert len(found) > 200
    assert all(any(kind in name for name in found) for kind in kinds)
    before = okta_server.control("GET", "state")
    with okta_server.client() as client:
        taken = {
            name: answer.status_code
            for name, mutant in found.items()
            if (answer := send(client, mutant.request)).status_code not in mutant.statuses
        }
    assert taken == {}
    assert okta_server.control("GET", "state") == before
    assert len(okta_server.problems()) == len(found)


def test_a_route_without_a_description_is_listed_with_its_page_and_is_as_strict(
    okta_server: OktaServer,
) -> None:
    about = okta_server.control("GET", "about")
    listed = {(each["method"], each["route"]): each["page"] for each in about["undescribed"]}
    assert listed["DELETE", "/api/v1/users/{userId}/roles/{roleAssignmentId}"].startswith(
        "https://developer.okta.com/"
    )
    with okta_server.client() as client:
        path = "/api/v1/users/administrator"
        refused = [
            client.delete(f"{path}/grants?surprise=1"),
            client.request("DELETE", f"{path}/grants", json={"all": True}),
            client.post("/api/v1/apps/nothing/lifecycle/activate", json={}),
            client.post("/oauth2/v1/token", json={"grant_type": "client_credentials"}),
        ]
    assert [answer.status_code for answer in refused] == [400, 400, 400, 400]
