"""People over HTTP: what is sensitive is seen by who may, and that is noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.rights.permissions import Role
from tests.api.audited import audited

pytestmark = pytest.mark.integration
Header = dict[str, str]
PEOPLE = "/organizations/acme/employees"
BIRTHDAY = "1990-02-03"
ANA = {
    "external_id": "E/1 ü",
    "fields": {"given_name": "Ana", "family_name": "Ruiz", "department": "IT", "birth_date": BIRTHDAY},
}


@pytest.fixture
def admin(as_role: Callable[[Role], Header]) -> Header:
    return as_role(Role.ADMIN)


@pytest.fixture
def ana(anybody: TestClient, admin: Header) -> str:
    """Her place."""
    made = anybody.post(PEOPLE, json=ANA, headers=admin)
    assert made.status_code == 201, made.text
    return made.headers["location"].removeprefix("/officeflow/api/v1")


def test_a_person_is_entered_listed_and_shown_without_what_is_sensitive(
    anybody: TestClient, as_role: Callable[[Role], Header], ana: str
) -> None:
    operator = as_role(Role.OPERATOR)
    (listed,) = anybody.get(PEOPLE, headers=operator).json()["items"]
    assert (listed["external_id"], listed["name"], listed["status"]) == ("E/1 ü", "Ana Ruiz", "active")
    shown = anybody.get(ana, headers=operator)
    assert shown.json()["fields"]["birth_date"] == "(sensitive)"
    assert shown.json()["fields"]["department"] == "IT"
    assert BIRTHDAY not in shown.text
    assert anybody.get(f"{ana}/revealed", headers=operator).status_code == 403


def test_who_reveals_is_noted(anybody: TestClient, database: Database, admin: Header, ana: str) -> None:
    shown = anybody.get(f"{ana}/revealed", headers=admin)
    assert shown.json()["fields"]["birth_date"] == BIRTHDAY
    assert shown.headers["cache-control"] == "no-store"
    assert audited(database, "action", "subject", "details")[-1] == (
        "employee.revealed",
        "employee:E/1 ü",
        {"fields": ["birth_date"]},
    )
    assert BIRTHDAY not in str(audited(database, "details"))


def test_what_is_wrong_with_a_new_one(anybody: TestClient, admin: Header, ana: str) -> None:
    again = anybody.post(PEOPLE, json=ANA, headers=admin)
    assert (again.status_code, "already" in again.json()["detail"]) == (422, True)
    wrong = {"external_id": "2", "fields": {"start_date": "soon", "work_email": "no address"}}
    told = anybody.post(PEOPLE, json=wrong, headers=admin).json()
    assert {each["path"] for each in told["problems"]} == {
        "body.fields.start_date",
        "body.fields.work_email",
    }


def test_another_organizations_person_is_not_there(
    anybody: TestClient, ana: str, other: Organization, person: Callable[..., str]
) -> None:
    foreign = {"Authorization": f"Bearer {person(other, Role.ADMIN)}"}
    for path in (ana, f"{ana}/revealed"):
        assert anybody.get(path, headers=foreign).status_code == 404
        assert anybody.get(path.replace("/acme/", "/globex/"), headers=foreign).status_code == 404


class TestList:
    @pytest.fixture
    def everybody(self, anybody: TestClient, admin: Header) -> Header:
        for number in range(5):
            fields = {"department": "IT" if number % 2 else "HR", "manager_external_id": f"M{number // 3}"}
            new = {"external_id": f"E{number}", "fields": fields}
            assert anybody.post(PEOPLE, json=new, headers=admin).status_code == 201
        return admin

    def fetched(self, anybody: TestClient, header: Header, **asked: Any) -> Sequence[str]:
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = anybody.get(PEOPLE, params={"limit": 2, "cursor": cursor, **asked}, headers=header).json()
            found += [each["external_id"] for each in page["items"]]
            cursor = page["next"]
        return found

    def test_it_has_every_person_once_both_ways(self, anybody: TestClient, everybody: Header) -> None:
        up = self.fetched(anybody, everybody)
        assert up == [f"E{number}" for number in range(5)]
        assert self.fetched(anybody, everybody, sort="-external_id") == up[::-1]

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"department": "IT"}, ["E1", "E3"]),
            ({"manager": "M0"}, ["E0", "E1", "E2"]),
            ({"manager": "M0", "department": "IT"}, ["E1"]),
            ({"status": "exited"}, []),
            ({"status": "active", "department": "HR"}, ["E0", "E2", "E4"]),
        ],
    )
    def test_it_is_filtered(
        self, anybody: TestClient, everybody: Header, asked: dict[str, str], found: list[str]
    ) -> None:
        assert self.fetched(anybody, everybody, **asked) == found

    @pytest.mark.parametrize(
        ("asked", "path"),
        [
            ({"status": "gone"}, "query.status"),
            ({"sort": "salary"}, "query.sort"),
            ({"limit": 201}, "query.limit"),
            ({"cursor": "nonsense"}, "query.cursor"),
            ({"name": "Ana"}, "query.name"),
        ],
    )
    def test_what_it_does_not_know_is_refused(
        self, anybody: TestClient, everybody: Header, asked: dict[str, Any], path: str
    ) -> None:
        answer = anybody.get(PEOPLE, params=asked, headers=everybody)
        assert [each["path"] for each in answer.json()["problems"]] == [path]
