from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput, NotKnown
from officeflow.ids import new_id
from officeflow.tenants import organizations, users
from officeflow.tenants.roles import ROLES

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("role", ROLES)
def test_a_user_is_found_by_address_whatever_its_case(
    database: Database, org: Organization, role: str
) -> None:
    with database.tenant(org.org_id) as session:
        users.create(
            session, org.org_id, email="Ana@Acme.Example", name="Ana", role=role, airflow_login="ana"
        )
    with database.tenant(org.org_id) as session:
        found = users.find(session, org.org_id, "ANA@acme.example")
    assert (found.email, found.role, found.airflow_login, found.is_active) == (
        "ana@acme.example",
        role,
        "ana",
        True,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ana"),
        ("email", "a b@c.d"),
        ("email", "a@b.example, c@d.example"),
        ("email", "Ana <ana@acme.example>"),
        ("email", f"{'a' * 250}@b.example"),
        ("name", " "),
        ("name", "a\0"),
        ("airflow_login", ""),
    ],
)
def test_what_cannot_be_a_user_is_refused_by_field(
    database: Database, org: Organization, field: str, value: str
) -> None:
    values = {"email": "ana@acme.example", "name": "Ana", "role": "admin", field: value}
    with database.tenant(org.org_id) as session, pytest.raises(InvalidInput) as caught:
        users.create(session, org.org_id, **values)
    assert [problem.path for problem in caught.value.problems] == [field]


def test_an_unknown_role_is_refused(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session, pytest.raises(InvalidInput, match="did you mean auditor"):
        users.create(session, org.org_id, email="a@b.example", name="A", role="auditer")


def test_an_address_is_taken_once_per_organization(database: Database, org: Organization) -> None:
    with database.service() as session:
        other = organizations.create(session, slug="globex", name="Globex", domain="globex.example")
        for org_id in (org.org_id, other.org_id):
            users.create(session, org_id, email="ana@acme.example", name="Ana", role="viewer")
        with pytest.raises(InvalidInput, match="already"):
            users.create(session, org.org_id, email="ANA@acme.example", name="Ana", role="viewer")
        assert [each.email for each in users.every(session, org.org_id)] == ["ana@acme.example"]


def test_a_login_is_one_users_of_an_organization_whatever_its_case(
    database: Database, org: Organization, other: Organization
) -> None:
    with database.service() as session:
        for org_id in (org.org_id, other.org_id):
            users.create(
                session, org_id, email="a@acme.example", name="A", role="auditor", airflow_login="Ana"
            )
        with pytest.raises(InvalidInput) as caught:
            users.create(
                session, org.org_id, email="b@acme.example", name="B", role="admin", airflow_login="aNA"
            )
        assert [each.email for each in users.every(session, org.org_id)] == ["a@acme.example"]
        for number in range(2):
            email = f"{number}@acme.example"
            users.create(session, org.org_id, email=email, name="C", role="viewer")
    (problem,) = caught.value.problems
    assert (problem.path, "a@acme.example's already, who is auditor" in problem.reason) == (
        "airflow_login",
        True,
    )


def test_a_user_of_no_organization_is_not_called_a_duplicate(database: Database) -> None:
    with database.service() as session, pytest.raises(IntegrityError, match="fk_users_org_id_organizations"):
        users.create(session, new_id(), email="a@b.example", name="A", role="viewer")


def test_an_unknown_user_suggests_a_close_one(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        users.create(session, org.org_id, email="ana@acme.example", name="Ana", role="viewer")
        with pytest.raises(NotKnown, match=r"did you mean ana@acme\.example"):
            users.find(session, org.org_id, "anna@acme.example")
