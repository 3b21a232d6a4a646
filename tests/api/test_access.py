"""Access rules over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.rights.permissions import Role
from officeflow.tenants import persons

pytestmark = pytest.mark.integration
Header = dict[str, str]
AsRole = Callable[[Role], Header]
PATH = "/organizations/acme/access-rules"
STAFF = {"name": "staff", "connections": {"directory": {"groups": ["Staff"]}}}


class Airflow:
    def connections(self, prefix: str = "") -> list[dict[str, str]]:
        return [{"connection_id": f"{prefix}directory", "conn_type": "scim"}]


@pytest.fixture(autouse=True)
def connections(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def airflow() -> Iterator[Airflow]:
        yield Airflow()

    monkeypatch.setattr(context, "airflow", airflow)


def test_an_admin_sets_them_and_everybody_of_the_organization_sees_them(
    anybody: TestClient, as_role: AsRole, database: Database
) -> None:
    admin, viewer = as_role(Role.ADMIN), as_role(Role.VIEWER)
    before = anybody.get(PATH, headers=viewer)
    assert (before.json()["version"], before.json()["rules"]) == (0, [])
    body: dict[str, Any] = {"rules": [STAFF], "why": "new"}
    seen = {"If-Match": before.headers["etag"]}
    assert anybody.put(PATH, json=body, headers=viewer | seen).status_code == 403
    assert anybody.put(PATH, json=body, headers=admin).status_code == 428
    made = anybody.put(PATH, json=body, headers=admin | seen)
    assert (made.status_code, made.json()["version"]) == (200, 1)
    assert anybody.get(PATH, headers=viewer).json() | {"release": None} == made.json()
    assert anybody.put(PATH, json={**body, "rules": []}, headers=admin | seen).status_code == 412
    persons.enter(database, SystemClock(), "acme", "E1", {"department": "Sales"}, by="cli:boss")
    of = anybody.get("/organizations/acme/employees/E1/access", headers=as_role(Role.OPERATOR)).json()
    assert [(each["connection"], each["name"], each["rules"]) for each in of["entitlements"]] == [
        ("directory", "Staff", ["staff"])
    ]


def test_mistakes_are_told_with_the_paths_of_the_rules(anybody: TestClient, as_role: AsRole) -> None:
    wrong = {"rules": [{"name": "a", "connections": {"directory": {"licences": ["E3"]}}}]}
    checked = anybody.post(f"{PATH}/check", json=wrong, headers=as_role(Role.EDITOR)).json()
    assert not checked["valid"]
    assert [each["path"] for each in checked["problems"]] == ["rules[0].connections.directory.licences"]
    sent = anybody.put(PATH, json={**wrong, "why": "x"}, headers=as_role(Role.ADMIN) | {"If-Match": "*"})
    assert sent.status_code == 422, sent.text
    assert "body.rules[0].connections.directory.licences" in sent.text
