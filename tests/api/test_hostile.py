"""What is made to be read as something else: as SQL, as a pattern, as another path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from officeflow.api.description import described
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Organization, User
from officeflow.ids import new_id
from officeflow.rights.permissions import Role
from officeflow.settings import Settings

pytestmark = pytest.mark.integration
As = Callable[[Role], dict[str, str]]

MARK = "marked-4711"
TEXTS = (
    "' OR '1'='1",
    "'; SELECT set_config('officeflow.org_id', '{other}', false); --",
    "%",
    "_",
    "x" * 20_000,
    "9" * 400,
    "$.** ? (@ != null)\u202e",
)
"""SQL, wildcards of LIKE, what is too long or too large, a path of JSON with a character that is not seen."""
NAMES = (
    *("%2e%2e", "%2e%2e%2f{other}", "..%2f..%2fhealth", "{own}%00", "{own}%20", "{own}%0a", "{own};x=1"),
    *("%D0%B0cme", "{OWN}", "%ff%fe", "{own}%2fusers", "x" * 20_000, "%27%20OR%20%271%27=%271", "%25", "_"),
)
"""In place of an organization's slug or of another name in a path, as they are sent."""
ELSEWHERE = re.compile(r"/changes$|/connections")
"""Streams; what Airflow is asked for, which is not there (tests/airflow/test_client.py)."""


@pytest.fixture
def api_settings(valkey_url: str) -> Settings:
    return Settings.model_validate({"redis_url": valkey_url, "api_rate": "1000000 per 1 minute"})


@pytest.fixture
def both_have_people(database: Database, org: Organization, other: Organization) -> None:
    with database.service() as session:
        for each in (org, other):
            name, email = f"{MARK}-{each.slug}", f"{MARK}@{each.slug}.example"
            session.add(Employee(employee_id=new_id(), org_id=each.org_id, external_id=name, status="active"))
            session.add(User(user_id=new_id(), org_id=each.org_id, email=email, name=name, role="viewer"))


def reads() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in described()["paths"].items():
        if "get" in operations and not ELSEWHERE.search(path):
            yield path, operations["get"]


def named(path: str, **names: str) -> str:
    """`path` with `names` in it, and `x` where none is given."""
    return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], "x"), path)


@pytest.mark.usefixtures("both_have_people")
def test_no_parameter_is_read_as_a_query_or_a_pattern(
    anybody: TestClient, as_role: As, org: Organization, other: Organization
) -> None:
    headers, wrong, asked = as_role(Role.ADMIN), [], 0
    for path, operation in reads():
        for parameter in operation.get("parameters", ()):
            if parameter["in"] != "query":
                continue
            for text in TEXTS:
                given = {parameter["name"]: text.replace("{other}", str(other.org_id))}
                answer = anybody.get(named(path, org=org.slug), params=given, headers=headers)
                kind = answer.headers["content-type"]
                is_refused = 400 <= answer.status_code < 500 and kind == "application/problem+json"
                if not (is_refused or answer.status_code == 200) or MARK in answer.text:
                    wrong.append((path, parameter["name"], text[:40], answer.status_code, answer.text[:200]))
                asked += 1
    assert wrong == []
    assert asked > 300


@pytest.mark.usefixtures("both_have_people")
def test_no_name_in_a_path_leads_elsewhere(
    anybody: TestClient, as_role: As, org: Organization, other: Organization
) -> None:
    headers, wrong, asked = as_role(Role.ADMIN), [], 0
    for path, _ in reads():
        for name in re.findall(r"\{(\w+)\}", path)[-1:]:
            for trick in NAMES:
                text = trick.format(own=org.slug, other=other.slug, OWN=org.slug.upper())
                answer = anybody.get(named(path, **{"org": org.slug, name: text}), headers=headers)
                kind = answer.headers["content-type"]
                is_refused = answer.status_code in {403, 404, 422} and kind == "application/problem+json"
                if not is_refused or MARK in answer.text:
                    wrong.append((path, name, text[:40], answer.status_code, answer.text[:200]))
                asked += 1
    assert wrong == []
    assert asked > 300


@pytest.mark.parametrize(
    "path", ["/me/", "//me", "/ME", "/me%20", "/me%00", "/me%2f", "/x/%2e%2e/me", "/./me%2f"]
)
def test_a_path_is_the_one_that_is_written(anybody: TestClient, as_role: As, path: str) -> None:
    answer = anybody.get(f"http://api.test/officeflow/api/v1{path}", headers=as_role(Role.ADMIN))
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_what_is_said_of_a_long_name_is_short(anybody: TestClient, as_role: As) -> None:
    answer = anybody.get(f"/organizations/{quote('<b>' * 5000)}", headers=as_role(Role.ADMIN))
    assert (answer.status_code, len(answer.text) < 1000) == (404, True)


def test_a_token_of_another_organization_opens_nothing_here(
    anybody: TestClient, person: Callable[..., str], org: Organization, other: Organization
) -> None:
    """Nor does it tell whether there is one."""
    headers = {"Authorization": f"Bearer {person(other, Role.ADMIN)}"}
    for path, _ in reads():
        if "{org}" not in path:
            continue
        here, nowhere = (anybody.get(named(path, org=slug), headers=headers) for slug in (org.slug, "nobody"))
        assert here.status_code == nowhere.status_code == 404
        assert here.json()["code"] == nowhere.json()["code"] == "not_known"
