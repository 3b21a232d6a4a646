"""An Okta organization without a process of its own: how it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from counterparts.okta.organization import organization

AS_ADMINISTRATOR = {"Authorization": "SSWS secret"}
ANA = {"login": "ana@acme.example", "email": "ana@acme.example", "firstName": "Ana", "lastName": "Béla"}


@pytest.mark.parametrize("query", ["", '?search=profile.login eq "ana@acme.example"'])
def test_lists_see_what_is_new_after_the_index_does(tmp_path: Path, query: str) -> None:
    client = Client(organization(tmp_path, "secret", search_lag=600))
    made: Any = client.post("/api/v1/users", json={"profile": ANA}, headers=AS_ADMINISTRATOR)
    read = client.get(f"/api/v1/users/{made.json['id']}", headers=AS_ADMINISTRATOR)
    listed: Any = client.get(f"/api/v1/users{query}", headers=AS_ADMINISTRATOR)
    assert read.status_code == 200
    assert made.json["id"] not in {user["id"] for user in listed.json}


def test_without_a_description_it_plays_all_the_same_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_VENDOR_SPECS", str(tmp_path / "nowhere"))
    client = Client(organization(tmp_path, "secret"))
    about: Any = client.get("/__control/about", headers={"Authorization": "Bearer secret"})
    assert about.json["validation"] is False
    made = client.post("/api/v1/users?surprise=1", json={"profile": ANA}, headers=AS_ADMINISTRATOR)
    assert made.status_code == 200


def test_a_route_is_described_or_listed_as_undescribed(tmp_path: Path) -> None:
    application = organization(tmp_path, "secret")
    if application.description is None:
        pytest.skip("there is no description of Okta's below OFFICEFLOW_VENDOR_SPECS")
    described = {(each.method, each.template) for each in application.description.operations()}
    for route in application.routes:
        assert ((route.method, route.template) in described) is (route.undescribed is None), route.name
