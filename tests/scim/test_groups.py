"""A group of the provider's is one whom workflows may ask, and may make its users something."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.audit import store as audit
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, User
from officeflow.errors import InvalidInput
from officeflow.people import groups
from officeflow.rights.principals import Principal
from tests.scim.people import GROUP, Provider

pytestmark = pytest.mark.integration

BY = Principal(actor="cli:test", is_platform_admin=True)


@pytest.fixture
def settle(database: Database, org: Organization) -> Callable[..., None]:
    """Makes a group carry a role, or none."""

    def done(group: str, role: str | None) -> None:
        with database.tenant(org.org_id) as session:
            groups.set_role(session, org.org_id, group, role, why="a test", by=BY)

    return done


@pytest.fixture
def role(database: Database, org: Organization) -> Callable[[Any], str]:
    def read(user: Any) -> str:
        with database.tenant(org.org_id) as session:
            return session.scalars(select(User.role).where(User.airflow_login == user["userName"])).one()

    return read


def test_workflows_find_its_users(provider: Provider, database: Database, org: Organization) -> None:
    ana = provider.user()
    provider.group("Facilities", [ana])
    with database.tenant(org.org_id) as session:
        assert [str(each.user_id) for each in groups.every(session, org.org_id)["Facilities"]] == [ana["id"]]
    assert [each["display"] for each in provider.get(f"/Users/{ana['id']}")["groups"]] == ["Facilities"]


def test_one_that_was_made_by_hand_is_there(
    provider: Provider, database: Database, org: Organization
) -> None:
    ana = provider.user()
    with database.tenant(org.org_id) as session:
        groups.add(session, org.org_id, "By hand", ana["emails"][0]["value"], by="cli:test")
    (found,) = provider.found("Groups", 'displayName eq "By hand"')
    assert [each["value"] for each in found["members"]] == [ana["id"]]


def test_its_name_is_taken_once(provider: Provider) -> None:
    provider.group("Staff")
    second = provider.group("Others")
    body = {"schemas": [GROUP], "displayName": "Staff"}
    for answer in (
        provider.ask("POST", "/Groups", body),
        provider.ask("PUT", f"/Groups/{second['id']}", body),
    ):
        assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")


@pytest.mark.parametrize("name", ["", "R&D", "x" * 101])
def test_a_name_that_workflows_cannot_write_is_refused(provider: Provider, name: str) -> None:
    answer = provider.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": name})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


def test_only_users_of_the_organization_can_be_in_it(provider: Provider, stranger: Provider) -> None:
    for member in (stranger.user()["id"], provider.group()["id"], "x"):
        body = {"schemas": [GROUP], "displayName": "Staff", "members": [{"value": member}]}
        answer = provider.ask("POST", "/Groups", body)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")


def test_its_users_stay_when_it_is_renamed(provider: Provider, database: Database, org: Organization) -> None:
    ana = provider.user()
    made = provider.group("Before", [ana])
    provider.patch(f"/Groups/{made['id']}", {"op": "replace", "path": "displayName", "value": "After"})
    now = provider.get(f"/Groups/{made['id']}")
    assert (now["displayName"], [each["value"] for each in now["members"]]) == ("After", [ana["id"]])
    with database.tenant(org.org_id) as session:
        done = [(each.action, each.subject) for each in audit.newest(session, org.org_id)][-1]
    assert done == ("group.renamed", "group:After")


def test_a_member_more_is_another_version(provider: Provider) -> None:
    made, ana = provider.group(), provider.user()
    adding = {"op": "add", "path": "members", "value": [{"value": ana["id"]}]}
    path, version = f"/Groups/{made['id']}", made["meta"]["version"]
    assert provider.patch(path, adding, If_Match=version).status_code == 204
    assert provider.patch(path, adding, If_Match=version).status_code == 412


def test_members_that_come_at_once_are_all_there(provider: Provider) -> None:
    path, users = f"/Groups/{provider.group()['id']}", [provider.user()["id"] for _ in range(6)]

    def add(user_id: str) -> int:
        adding = {"op": "Add", "path": "members", "value": [{"value": user_id}]}
        return provider.patch(path, adding).status_code

    with ThreadPoolExecutor(len(users)) as pool:
        assert set(pool.map(add, users)) == {204}
    assert sorted(each["value"] for each in provider.get(path)["members"]) == sorted(users)


class TestRoles:
    def test_its_users_get_the_strongest(
        self, provider: Provider, settle: Callable[..., None], role: Callable[[Any], str]
    ) -> None:
        settle("Editors", "editor")
        ana = provider.user()
        (found,) = provider.found("Groups", 'displayName eq "Editors"')
        provider.group("Staff", [ana])
        path = f"/Groups/{found['id']}"
        provider.patch(path, {"op": "add", "path": "members", "value": [{"value": ana["id"]}]})
        assert role(ana) == "editor"
        settle("Staff", "auditor")
        assert role(ana) == "editor"
        provider.patch(path, {"op": "remove", "path": f'members[value eq "{ana["id"]}"]'})
        assert role(ana) == "auditor"
        settle("Staff", None)
        assert role(ana) == "viewer"

    def test_a_group_that_goes_takes_its_role_along(
        self, provider: Provider, settle: Callable[..., None], role: Callable[[Any], str]
    ) -> None:
        ana = provider.user(roles=[{"value": "approver"}])
        made = provider.group("Admins", [ana])
        settle("Admins", "admin")
        assert role(ana) == "admin"
        provider.ask("DELETE", f"/Groups/{made['id']}")
        assert role(ana) == "approver"

    def test_by_hand_too(
        self,
        provider: Provider,
        settle: Callable[..., None],
        role: Callable[[Any], str],
        database: Database,
        org: Organization,
    ) -> None:
        settle("Editors", "editor")
        ana = provider.user()
        address = ana["emails"][0]["value"]
        with database.tenant(org.org_id) as session:
            groups.add(session, org.org_id, "Editors", address, by="cli:test")
        assert role(ana) == "editor"
        with database.tenant(org.org_id) as session:
            groups.remove(session, org.org_id, "Editors", address, by="cli:test")
        assert role(ana) == "viewer"

    def test_there_must_be_such_a_role_and_a_reason(self, database: Database, org: Organization) -> None:
        with database.tenant(org.org_id) as session:
            for wrong in ({"role": "boss", "why": "x"}, {"role": "admin", "why": " "}):
                with pytest.raises(InvalidInput):
                    groups.set_role(session, org.org_id, "Staff", by=BY, **wrong)
