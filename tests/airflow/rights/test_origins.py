"""Airflow's routes, called by a browser's cookie: from its own pages, and from others."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.origins import SAFE
from tests.airflow.rights.calls import call_of
from tests.airflow.rights.conftest import Installation
from tests.airflow.rights.marks import dag_id_of
from tests.airflow.rights.process import ROUTED

pytestmark = pytest.mark.integration

OWN = f"/api/v2/dags/{dag_id_of('north')}"
ANOTHER_PORT = {"Sec-Fetch-Site": "same-site", "Origin": f"{ROUTED}:8090"}
BY_PASSWORD = {"POST /auth/token", "POST /auth/token/cli"}


@pytest.fixture
def cookies(installation: Installation) -> str:
    """Of somebody who may do something."""
    return str(installation.process.told(page=installation.person("admin")[0]))


def changes(made: Installation) -> list[dict[str, Any]]:
    """A call of each route that may change something by the cookie."""
    routes = [r for r in made.process.routes if r.split()[0] not in SAFE and r not in BY_PASSWORD]
    return [call_of(route, made.places["north"], f"origins{n}") for n, route in enumerate(routes)]


def test_no_route_of_airflows_changes_anything_for_another_page(
    installation: Installation, cookies: str
) -> None:
    asked = [{**call, "headers": {"Cookie": cookies, **ANOTHER_PORT}} for call in changes(installation)]
    assert len(asked) > 60
    wrong = [
        f"{call['method']} {call['path']}: {status}"
        for call, (status, text) in zip(asked, installation.process.call(asked), strict=True)
        if status != 403 or "a page of this Airflow's own" not in text
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": ROUTED}, 200),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://127.0.0.1"}, 403),
    ],
)
def test_a_page_of_airflows_own_changes_what_its_user_may(
    installation: Installation, cookies: str, headers: dict[str, str], status: int
) -> None:
    sent = {"Cookie": cookies, **headers}
    change = {"method": "PATCH", "path": OWN, "json": {"is_paused": False}, "headers": sent}
    assert installation.process.call([change])[0][0] == status


def test_a_program_changes_by_its_token_wherever_it_is(installation: Installation) -> None:
    token = installation.tokens["north-admin"]
    change = {"method": "PATCH", "path": OWN, "json": {"is_paused": False}, "token": token}
    assert installation.process.call([{**change, "headers": ANOTHER_PORT}])[0][0] == 200
