"""The servers that depart from the RFC refuse what none of them would take."""

from __future__ import annotations

from typing import Any

import pytest

from tests.counterparts.scim_odd import OddScimServers

pytestmark = pytest.mark.integration

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ANA: dict[str, Any] = {"schemas": [USER], "userName": "ana@acme.example"}


def patch(*operations: Any) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


REFUSED: tuple[tuple[str, str, str, Any, int], ...] = (
    ("plain", "POST", "Users", {"userName": "b"}, 400),
    ("plain", "POST", "Users", {"schemas": [USER]}, 400),
    ("plain", "POST", "Users", {**ANA, "userName": "b", "shoeSize": 43}, 400),
    ("plain", "POST", "Users", {**ANA, "userName": "ANA@acme.example"}, 409),
    ("plain", "POST", "Users", [], 400),
    ("plain", "PATCH", "Users/{id}", {"Operations": [{"op": "remove", "path": "title"}]}, 400),
    ("plain", "PATCH", "Users/{id}", patch(), 400),
    ("plain", "PATCH", "Users/{id}", patch({"op": "set", "path": "title", "value": "x"}), 400),
    ("plain", "PATCH", "Users/{id}", patch({"op": "replace", "path": "title"}), 400),
    ("plain", "PATCH", "Users/{id}", patch({"op": "remove"}), 400),
    ("plain", "PATCH", "Users/{id}", patch({"op": "replace", "value": "x"}), 400),
    ("plain", "PATCH", "Users/{id}", patch({"op": "replace", "path": "shoeSize", "value": 43}), 400),
    ("plain", "PATCH", "Users/{id}", patch({"op": "replace", "path": "active", "value": "no"}), 400),
    ("text", "PATCH", "Users/{id}", patch({"op": "replace", "path": "active", "value": False}), 400),
    ("pathless", "PATCH", "Users/{id}", patch({"op": "replace", "path": "active", "value": False}), 400),
    ("put-only", "PATCH", "Users/{id}", patch({"op": "remove", "path": "title"}), 405),
    ("put-only", "PUT", "Users/{id}", ANA, 428),
    ("plain", "PUT", "Users/nobody", ANA, 404),
    ("unfiltered", "GET", 'Users?filter=userName eq "a"', None, 400),
    ("plain", "GET", "Users?filter=userName pr", None, 400),
    ("plain", "POST", "Bulk", {"Operations": []}, 404),
    ("bulk", "POST", "Bulk", {"Operations": []}, 400),
    ("bare", "GET", "Groups", None, 404),
    ("untold", "GET", "ServiceProviderConfig", None, 404),
)


def test_what_no_such_server_takes_is_refused_and_changes_nothing(odd_scim: OddScimServers) -> None:
    with odd_scim.client() as http:
        made = {
            dialect: http.post(f"/{dialect}/v2/Users", json=ANA).raise_for_status()
            for dialect in sorted({dialect for dialect, *_ in REFUSED})
        }
        before = {dialect: odd_scim.state(dialect) for dialect in made}
        for dialect, method, path, body, status in REFUSED:
            place = path.replace("{id}", str(made[dialect].json()["id"]))
            answer = http.request(method, f"/{dialect}/v2/{place}", json=body)
            assert answer.status_code == status, (dialect, method, path, body)
    assert {dialect: odd_scim.state(dialect) for dialect in made} == before


def test_nobody_is_let_in_without_the_token(odd_scim: OddScimServers) -> None:
    with odd_scim.client() as http:
        for path in ("/plain/v2/Users", "/__control/plain"):
            assert http.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_the_journal_says_what_was_no_request_of_the_protocol(odd_scim: OddScimServers) -> None:
    with odd_scim.client() as http:
        http.post("/plain/v2/Users", content=b"x", headers={"Content-Type": "text/plain"})
        http.get("/plain/v2/Users")
    wrong, right = odd_scim.requests()
    assert (wrong["status"], right["status"], "problems" in right) == (415, 200, False)
    assert wrong["problems"]
