"""A user of the provider's is a user of ours."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.audit import store as audit
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, User
from officeflow.ids import new_id
from tests.scim.people import Provider, user

pytestmark = pytest.mark.integration
Rows = Callable[[], list[User]]


@pytest.fixture
def rows(database: Database, org: Organization) -> Rows:
    def read() -> list[User]:
        with database.tenant(org.org_id) as session:
            return list(session.scalars(select(User).order_by(User.email)))

    return read


@pytest.fixture
def recorded(database: Database, org: Organization) -> Callable[[], list[tuple[str, str]]]:
    def read() -> list[tuple[str, str]]:
        with database.tenant(org.org_id) as session:
            return [(each.action, each.subject) for each in audit.newest(session, org.org_id)]

    return read


@pytest.fixture
def by_hand(database: Database, org: Organization) -> Callable[..., User]:
    def made(**more: Any) -> User:
        known = {"user_id": new_id(), "org_id": org.org_id, "name": "Eva", "role": "admin"}
        with database.tenant(org.org_id) as session:
            row = User(**known | {"email": "eva@acme.example"} | more)
            session.add(row)
        return row

    return made


def test_a_new_one_is_a_viewer_with_their_login(provider: Provider, rows: Rows) -> None:
    provider.post("/Users", user(userName="Ana", emails=[{"value": "Ana@Acme.example"}]))
    (row,) = rows()
    assert (row.airflow_login, row.email, row.name) == ("Ana", "ana@acme.example", "Ana Pérez")
    assert (row.role, row.is_active) == ("viewer", True)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"name": {"formatted": "Dr. Ana"}}, "Dr. Ana"),
        ({"name": {"givenName": "Ana", "familyName": "Pérez"}}, "Ana Pérez"),
        ({}, "ana"),
    ],
)
def test_without_a_name_to_show_there_is_another(
    provider: Provider, rows: Rows, told: dict[str, Any], name: str
) -> None:
    body = user(userName="ana", **told)
    del body["displayName"]
    assert "displayName" not in provider.post("/Users", body)
    assert rows()[0].name == name


@pytest.mark.parametrize(
    ("emails", "address"),
    [
        ([{"value": "a@x.example"}, {"value": "b@x.example", "type": "work"}], "b@x.example"),
        (
            [{"value": "a@x.example", "primary": True}, {"value": "b@x.example", "type": "work"}],
            "a@x.example",
        ),
        ([{"value": "a@x.example"}, {"value": "b@x.example"}], "a@x.example"),
    ],
)
def test_one_of_the_addresses_counts(
    provider: Provider, rows: Rows, emails: list[dict[str, Any]], address: str
) -> None:
    assert provider.user(emails=emails)["emails"] == emails
    assert rows()[0].email == address


@pytest.mark.parametrize(
    ("wrong", "scim_type"),
    [
        ({"userName": ""}, "invalidValue"),
        ({"userName": "ana", "emails": []}, "invalidValue"),
        ({"userName": "OfficeFlow"}, "invalidValue"),
        ({"emails": [{"value": "no address"}]}, "invalidValue"),
        ({"roles": [{"value": "boss"}]}, "invalidValue"),
        ({"displayName": "x" * 256}, "invalidValue"),
        ({"emails": [{"value": f"{n}@acme.example"} for n in range(51)]}, "invalidValue"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    provider: Provider, rows: Rows, wrong: dict[str, Any], scim_type: str
) -> None:
    answer = provider.ask("POST", "/Users", user(**wrong))
    assert (answer.status_code, answer.json()["scimType"]) == (400, scim_type), answer.text
    assert rows() == []


def test_who_has_the_login_of_officeflow_itself_can_still_be_deactivated(
    provider: Provider, by_hand: Callable[..., User], rows: Rows
) -> None:
    path = f"/Users/{by_hand(airflow_login='officeflow').user_id}"
    assert provider.patch(path, {"op": "replace", "path": "active", "value": False}).status_code == 200
    assert rows()[0].is_active is False


@pytest.mark.parametrize("name", ["emails", "Emails"])
@pytest.mark.parametrize("emails", [[], None])
def test_an_empty_list_of_addresses_is_as_good_as_none(
    provider: Provider, rows: Rows, name: str, emails: Any
) -> None:
    body = {key: value for key, value in user(userName="Bo@acme.example").items() if key != "emails"}
    made = provider.post("/Users", {**body, name: emails})
    put = provider.ask("PUT", f"/Users/{made['id']}", {**body, name: emails})
    assert (put.status_code, put.json()["emails"]) == (200, made["emails"])
    assert [row.email for row in rows()] == ["bo@acme.example"]


@pytest.mark.parametrize("emails", [[], None])
def test_without_an_address_a_login_that_is_none_is_refused_with_what_to_send(
    provider: Provider, emails: Any
) -> None:
    answer = provider.ask("POST", "/Users", user(userName="ana", emails=emails))
    assert (answer.status_code, "userName is no address" in answer.json()["detail"]) == (400, True)


def test_a_put_says_whether_the_user_is_active(provider: Provider) -> None:
    """Who is deactivated must not come back by a body that does not speak of it."""
    made = provider.user(active=False)
    body = {name: value for name, value in user().items() if name != "active"}
    assert provider.ask("PUT", f"/Users/{made['id']}", body).status_code == 400
    assert provider.get(f"/Users/{made['id']}")["active"] is False


class TestTaken:
    def test_a_login_or_an_address_of_another(self, provider: Provider) -> None:
        first, second = provider.user(), provider.user()
        for wrong in ({"userName": first["userName"].upper()}, {"emails": first["emails"]}):
            created = provider.ask("POST", "/Users", user(**wrong))
            put = provider.ask("PUT", f"/Users/{second['id']}", user(**wrong))
            for answer in (created, put):
                assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")

    def test_deactivating_is_not_refused_for_what_others_have(
        self, provider: Provider, by_hand: Callable[..., User], rows: Rows
    ) -> None:
        """Eva has no login, and Fay's is Eva's address: both have the same userName."""
        eva = by_hand(role="operator")
        fay = by_hand(email="fay@acme.example", airflow_login="EVA@acme.example")
        for each in (eva, fay):
            path = f"/Users/{each.user_id}"
            assert (
                provider.patch(path, {"op": "replace", "path": "active", "value": False}).status_code == 200
            )
        assert [(row.is_active, row.airflow_login) for row in rows()] == [
            (False, None),
            (False, "EVA@acme.example"),
        ]

    def test_another_organization_may_have_the_same(self, provider: Provider, stranger: Provider) -> None:
        body = user()
        provider.post("/Users", body)
        stranger.post("/Users", body)


class TestDeleted:
    def test_is_kept_inactive_and_not_shown(
        self, provider: Provider, rows: Rows, recorded: Callable[[], Any]
    ) -> None:
        made = provider.user(roles=[{"value": "admin"}])
        provider.group("Staff", [made])
        assert provider.ask("DELETE", f"/Users/{made['id']}").status_code == 204
        assert provider.ask("GET", f"/Users/{made['id']}").status_code == 404
        assert provider.ask("DELETE", f"/Users/{made['id']}").status_code == 404
        assert provider.get("/Users")["totalResults"] == 0
        assert "members" not in provider.found("Groups", 'displayName eq "Staff"')[0]
        (row,) = rows()
        assert (row.is_active, row.role) == (False, "viewer")
        assert ("user.removed", f"user:{row.email}") in recorded()

    def test_is_the_same_user_when_created_again(self, provider: Provider, rows: Rows) -> None:
        body = user(roles=[{"value": "admin"}])
        first = provider.post("/Users", body)
        provider.ask("DELETE", f"/Users/{first['id']}")
        again = provider.post("/Users", {**body, "roles": []})
        assert again["id"] == first["id"]
        (row,) = rows()
        assert (row.is_active, row.role) == (True, "viewer")

    def test_gives_their_login_free(
        self, provider: Provider, rows: Rows, recorded: Callable[[], list[tuple[str, str]]]
    ) -> None:
        first, third = provider.user(userName="ana"), provider.user()
        for_ana = {"op": "replace", "path": "userName", "value": "ANA"}
        provider.ask("DELETE", f"/Users/{first['id']}")
        second = provider.user(userName="ana")
        assert second["id"] != first["id"]
        assert ("user.changed", f"user:{first['emails'][0]['value']}") in recorded()
        assert provider.patch(f"/Users/{third['id']}", for_ana).status_code == 409
        provider.ask("DELETE", f"/Users/{second['id']}")
        assert provider.patch(f"/Users/{third['id']}", for_ana).status_code == 200
        logins = {str(row.user_id): row.airflow_login for row in rows()}
        assert logins == {first["id"]: None, second["id"]: None, third["id"]: "ANA"}

    def test_is_shown_again_once_people_make_them_active(
        self, provider: Provider, database: Database, org: Organization
    ) -> None:
        made = provider.user()
        provider.ask("DELETE", f"/Users/{made['id']}")
        with database.tenant(org.org_id) as session:
            session.scalars(select(User)).one().is_active = True
        assert provider.get(f"/Users/{made['id']}")["active"] is True


class TestMadeByHand:
    def test_is_found_and_taken_over(
        self, provider: Provider, by_hand: Callable[..., User], rows: Rows
    ) -> None:
        eva = by_hand()
        (found,) = provider.found("Users", 'userName eq "eva@acme.example"')
        assert (found["id"], found["displayName"]) == (str(eva.user_id), "Eva")
        provider.patch(f"/Users/{found['id']}", {"op": "add", "path": "externalId", "value": "E-1"})
        (row,) = rows()
        assert (row.airflow_login, row.role) == ("eva@acme.example", "admin")

    def test_keeps_their_role_where_the_provider_gives_none(
        self, provider: Provider, by_hand: Callable[..., User], rows: Rows
    ) -> None:
        eva = by_hand()
        body = user(userName="eva", emails=[{"value": eva.email}])
        assert "roles" not in provider.ask("PUT", f"/Users/{eva.user_id}", body).json()
        assert rows()[0].role == "admin"

    def test_is_what_the_provider_says_while_it_says_something(
        self, provider: Provider, by_hand: Callable[..., User], rows: Rows
    ) -> None:
        path = f"/Users/{by_hand(role='editor').user_id}"
        provider.patch(path, {"op": "add", "path": "roles", "value": [{"value": "viewer"}]})
        assert rows()[0].role == "viewer"
        provider.patch(path, {"op": "remove", "path": "roles"})
        assert rows()[0].role == "editor"


def test_the_strongest_role_counts(provider: Provider, rows: Rows) -> None:
    made = provider.user(roles=[{"value": "viewer", "primary": True}, {"value": "operator"}])
    assert rows()[0].role == "operator"
    assert [each["value"] for each in made["roles"]] == ["viewer", "operator"]


def test_each_change_is_recorded_with_it(
    provider: Provider, recorded: Callable[[], list[tuple[str, str]]]
) -> None:
    made = provider.user(userName="ana", emails=[{"value": "ana@acme.example"}])
    path, subject = f"/Users/{made['id']}", "user:ana@acme.example"
    provider.patch(path, {"op": "replace", "path": "active", "value": False})
    provider.patch(path, {"op": "replace", "path": "active", "value": True})
    provider.patch(path, {"op": "replace", "path": "displayName", "value": "A"})
    provider.patch(path, {"op": "replace", "path": "displayName", "value": "A"})
    provider.patch(path, {"op": "add", "path": "roles", "value": [{"value": "editor"}]})
    assert recorded() == [
        ("user.created", subject),
        ("user.deactivated", subject),
        ("user.activated", subject),
        ("user.changed", subject),
        ("user.changed", subject),
        ("user.role_changed", subject),
    ]


def test_of_two_at_once_one_gets_the_login(provider: Provider, rows: Rows) -> None:
    bodies = [user(userName="ana") for _ in range(6)]
    with ThreadPoolExecutor(len(bodies)) as pool:
        statuses = list(pool.map(lambda body: provider.ask("POST", "/Users", body).status_code, bodies))
    assert sorted(statuses) == [201, 409, 409, 409, 409, 409]
    assert len(rows()) == 1


def test_what_is_refused_is_not_recorded(provider: Provider, recorded: Callable[[], Any]) -> None:
    provider.user(userName="ana")
    before = recorded()
    provider.ask("POST", "/Users", user(userName="ana"))
    assert recorded() == before


class TestVersions:
    def test_a_change_that_knows_the_last_one(self, provider: Provider) -> None:
        made = provider.user()
        path, version = f"/Users/{made['id']}", made["meta"]["version"]
        naming = {"op": "replace", "path": "displayName", "value": "A"}
        changed = provider.patch(path, naming, If_Match=version)
        assert (changed.status_code, changed.headers["etag"]) != (200, version)
        late = provider.patch(path, {**naming, "value": "B"}, If_Match=version)
        assert (late.status_code, provider.get(path)["displayName"]) == (412, "A")
        assert provider.ask("DELETE", path, If_Match=version).status_code == 412

    def test_who_has_the_state_gets_no_body(self, provider: Provider) -> None:
        made = provider.user()
        answer = provider.ask("GET", f"/Users/{made['id']}", If_None_Match=made["meta"]["version"])
        assert (answer.status_code, answer.content) == (304, b"")

    def test_a_change_by_hand_is_another_state(
        self, provider: Provider, database: Database, org: Organization
    ) -> None:
        made = provider.user()
        with database.tenant(org.org_id) as session:
            session.scalars(select(User)).one().is_active = False
        answer = provider.ask("GET", f"/Users/{made['id']}", If_None_Match=made["meta"]["version"])
        assert answer.status_code == 200
