"""Users and groups over HTTP, and that nobody gives a right that they have not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, User
from officeflow.rights.permissions import Permission, Role
from officeflow.settings import load_settings
from officeflow.tenants.membership import standing
from tests.api.audited import audited

pytestmark = pytest.mark.integration
Header = dict[str, str]
AsRole = Callable[[Role], Header]
USERS = "/organizations/acme/users"
WHY = {"why": "they asked"}
BO = {"email": "bo@acme.example", "name": "Bo", "role": "operator"}


@pytest.fixture
def admin(as_role: AsRole) -> Header:
    return as_role(Role.ADMIN)


@pytest.fixture
def narrow(program: Callable[..., str]) -> Header:
    """A program with an admin's role that may do two things with it."""
    token = program(Role.ADMIN, scopes=[Permission.USER_MANAGE, Permission.USER_READ])
    return {"Authorization": f"Bearer {token}"}


def test_a_user_is_created_listed_and_shown(
    anybody: TestClient, database: Database, admin: Header, other: Organization
) -> None:
    made = anybody.post(USERS, json=BO, headers=admin)
    assert (made.status_code, made.json()["active"]) == (201, True)
    by_uuid = anybody.get(made.headers["location"].removeprefix("/officeflow/api/v1"), headers=admin)
    assert by_uuid.json() == made.json()
    assert anybody.get(f"{USERS}/BO@acme.example", headers=admin).json() == made.json()
    listed = anybody.get(USERS, params={"role": "operator", "active": True}, headers=admin).json()
    assert listed["items"] == [made.json()]
    assert ("user.created", "user:bo@acme.example") in [row[1:] for row in audited(database)]
    taken = anybody.post(USERS, json=BO, headers=admin)
    assert taken.status_code == 422


def test_a_login_that_somebody_has_is_refused_with_who_has_it(
    anybody: TestClient, database: Database, admin: Header
) -> None:
    anybody.post(USERS, json=BO | {"role": "auditor", "airflow_login": "bo"}, headers=admin)
    second = {"email": "bo2@acme.example", "name": "Bo", "role": "admin", "airflow_login": "BO"}
    refused = anybody.post(USERS, json=second, headers=admin)
    (problem,) = refused.json()["problems"]
    assert (refused.status_code, problem["path"]) == (422, "body.airflow_login")
    assert "bo@acme.example's already, who is auditor" in problem["reason"]
    assert list(standing(database, "bo").roles.values()) == [Role.AUDITOR]


def test_the_login_of_officeflow_itself_is_not_an_organizations_to_give(
    anybody: TestClient, admin: Header, platform_admin: Header
) -> None:
    taken = BO | {"airflow_login": load_settings().airflow_username.upper()}
    refused = anybody.post(USERS, json=taken, headers=admin)
    (problem,) = refused.json()["problems"]
    assert (refused.status_code, problem["path"]) == (422, "body.airflow_login")
    assert "OfficeFlow's own account" in problem["reason"]
    assert anybody.post(USERS, json=taken, headers=platform_admin).status_code == 201


def test_they_are_listed_in_pages(anybody: TestClient, admin: Header) -> None:
    for number in range(4):
        anybody.post(USERS, json=BO | {"email": f"u{number}@acme.example"}, headers=admin)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = anybody.get(USERS, params={"limit": 2, "cursor": cursor}, headers=admin).json()
        seen += [each["email"] for each in page["items"]]
        cursor = page["next"]
    assert len(seen) == 5
    assert seen == sorted(seen)


def test_a_user_of_another_organization_is_not_there(
    anybody: TestClient, database: Database, admin: Header, other: Organization, person: Callable[..., str]
) -> None:
    person(other, Role.VIEWER)
    with database.service() as session:
        foreign = session.scalars(select(User).where(User.org_id == other.org_id)).one()
    for name in (foreign.user_id, foreign.email):
        assert anybody.get(f"{USERS}/{name}", headers=admin).status_code == 404
        headers = admin | {"If-Match": "*"}
        answer = anybody.put(f"{USERS}/{name}/role", json={"role": "admin", **WHY}, headers=headers)
        assert answer.status_code == 404
        assert anybody.post(f"{USERS}/{name}/deactivate", json=WHY, headers=admin).status_code == 404


class TestRole:
    def test_it_is_set_by_who_saw_what_it_was(
        self, anybody: TestClient, database: Database, admin: Header
    ) -> None:
        anybody.post(USERS, json=BO, headers=admin)
        path = f"{USERS}/bo@acme.example"
        seen = admin | {"If-Match": anybody.get(path, headers=admin).headers["etag"]}
        changed = anybody.put(f"{path}/role", json={"role": "editor", **WHY}, headers=seen)
        assert (changed.status_code, changed.json()["role"]) == (200, "editor")
        assert audited(database, "action", "details")[-1] == (
            "user.role_changed",
            {"before": "operator", "after": "editor", "why": "they asked"},
        )
        late = anybody.put(f"{path}/role", json={"role": "viewer", **WHY}, headers=seen)
        assert late.status_code == 412
        assert anybody.put(f"{path}/role", json={"role": "viewer", **WHY}, headers=admin).status_code == 428

    def test_nobody_gives_a_right_that_they_have_not(
        self, anybody: TestClient, database: Database, admin: Header, narrow: Header
    ) -> None:
        anybody.post(USERS, json=BO | {"role": "viewer"}, headers=admin)
        path, headers = f"{USERS}/bo@acme.example", narrow | {"If-Match": "*"}
        before = audited(database)
        raised = anybody.put(f"{path}/role", json={"role": "admin", **WHY}, headers=headers)
        assert (raised.status_code, raised.json()["code"]) == (403, "not_yours_to_give")
        made = anybody.post(USERS, json=BO | {"email": "eve@acme.example", "role": "admin"}, headers=narrow)
        assert made.status_code == 403
        assert anybody.post(f"{path}/activate", json=WHY, headers=narrow).status_code == 403
        assert anybody.get(path, headers=admin).json()["role"] == "viewer"
        assert audited(database) == before

    def test_there_is_no_other_role(self, anybody: TestClient, admin: Header) -> None:
        answer = anybody.post(USERS, json=BO | {"role": "root"}, headers=admin)
        assert [each["path"] for each in answer.json()["problems"]] == ["body.role"]

    def test_the_last_admin_stays_one(
        self, anybody: TestClient, admin: Header, platform_admin: Header
    ) -> None:
        mine = anybody.get(USERS, params={"role": "admin"}, headers=admin).json()["items"][0]["user_id"]
        headers = admin | {"If-Match": "*"}
        demoted = anybody.put(f"{USERS}/{mine}/role", json={"role": "viewer", **WHY}, headers=headers)
        assert (demoted.status_code, "no admin any more" in demoted.json()["detail"]) == (422, True)
        assert anybody.post(f"{USERS}/{mine}/deactivate", json=WHY, headers=admin).status_code == 422
        assert anybody.post(f"{USERS}/{mine}/deactivate", json=WHY, headers=platform_admin).status_code == 200


def test_who_is_deactivated_may_nothing_and_all_again_afterwards(
    anybody: TestClient, org: Organization, database: Database, admin: Header, person: Callable[..., str]
) -> None:
    bearer = {"Authorization": f"Bearer {person(org, Role.OPERATOR)}"}
    theirs = anybody.get(USERS, params={"role": "operator"}, headers=bearer).json()["items"][0]["user_id"]
    off = anybody.post(f"{USERS}/{theirs}/deactivate", json=WHY, headers=admin)
    assert off.json()["active"] is False
    assert anybody.get(USERS, headers=bearer).status_code == 404
    assert anybody.get("/me", headers=bearer).json()["organizations"] == []
    anybody.post(f"{USERS}/{theirs}/deactivate", json=WHY, headers=admin)
    anybody.post(f"{USERS}/{theirs}/activate", json=WHY, headers=admin)
    assert anybody.get(USERS, headers=bearer).status_code == 200
    actions = [action for (action,) in audited(database, "action")]
    assert actions == ["user.deactivated", "user.activated"]


class TestGroups:
    GROUPS = "/organizations/acme/groups"
    MEMBERS = f"{GROUPS}/it desk/members"

    def test_somebody_is_put_in_and_taken_out(self, anybody: TestClient, admin: Header) -> None:
        anybody.post(USERS, json=BO, headers=admin)
        bo = f"{self.MEMBERS}/bo@acme.example"
        assert [anybody.put(bo, headers=admin).status_code for _ in range(2)] == [204, 204]
        assert anybody.get(self.GROUPS, headers=admin).json() == {
            "items": [{"name": "it desk", "members": 1}],
            "next": None,
        }
        members = anybody.get(self.MEMBERS, headers=admin).json()["items"]
        assert [each["email"] for each in members] == ["bo@acme.example"]
        assert anybody.delete(bo, headers=admin).status_code == 204
        assert anybody.delete(bo, headers=admin).status_code == 404
        assert anybody.get(self.MEMBERS, headers=admin).json()["items"] == []
        assert anybody.get(f"{self.GROUPS}/nobody/members", headers=admin).status_code == 404

    def test_a_name_that_cannot_be_one(self, anybody: TestClient, admin: Header) -> None:
        anybody.post(USERS, json=BO, headers=admin)
        answer = anybody.put(f"{self.GROUPS}/<b>/members/bo@acme.example", headers=admin)
        assert answer.status_code == 422
