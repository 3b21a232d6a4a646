"""What groups at an OpenID provider make of people."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, User
from officeflow.errors import InvalidInput, NotKnown
from officeflow.rights.permissions import Role
from officeflow.tenants import users
from officeflow.tenants.claims import Groups, SignedIn, apply, groups_of

ANA = SignedIn(login="ana", email="ana@acme.example", name="Ana", groups=frozenset({"a", "b"}))


def test_a_list_says_what_groups_are_worth() -> None:
    found = groups_of(" a=acme:viewer, b = acme:admin,c=globex:auditor,it=platform,, ")
    assert found == Groups(
        {"a": ("acme", Role.VIEWER), "b": ("acme", Role.ADMIN), "c": ("globex", Role.AUDITOR)},
        frozenset({"it"}),
    )
    assert found.organizations == {"acme", "globex"}
    assert [found.role(org, ANA.groups) for org in ("acme", "globex")] == [Role.ADMIN, None]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as error:
        groups_of("a=acme:boss, b=acme, =acme:viewer, c=A B:viewer, d=acme:viewer, =platform")
    wrong = ["a=acme:boss", "b=acme", "=acme:viewer", "c=A B:viewer", "=platform"]
    assert [problem.path for problem in error.value.problems] == wrong


def everybody(database: Database, org: Organization) -> list[tuple[str, str, str | None, bool]]:
    with database.tenant(org.org_id) as session:
        rows = session.scalars(select(User).order_by(User.email))
        return [(each.email, each.role, each.airflow_login, each.is_active) for each in rows]


@pytest.mark.integration
def test_users_follow_the_groups_where_a_group_is_of_their_organization(
    database: Database, org: Organization, other: Organization
) -> None:
    with database.tenant(other.org_id) as session:
        users.create(
            session, other.org_id, email=ANA.email, name="Ana", role="admin", airflow_login=ANA.login
        )
    groups = groups_of("a=acme:viewer")
    for _ in range(2):
        apply(database, ANA, groups)
    assert everybody(database, org) == [(ANA.email, "viewer", "ana", True)]
    apply(database, ANA, groups_of("a=acme:editor"))
    apply(database, ANA, groups_of("z=acme:editor"))
    assert everybody(database, org) == [(ANA.email, "editor", "ana", False)]
    assert everybody(database, other) == [(ANA.email, "admin", "ana", True)]


@pytest.mark.integration
def test_a_user_with_another_login_is_not_taken_over(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        users.create(session, org.org_id, email=ANA.email, name="Ana", role="viewer", airflow_login="anna")
    with pytest.raises(InvalidInput, match="another login"):
        apply(database, ANA, groups_of("a=acme:admin"))
    assert everybody(database, org) == [(ANA.email, "viewer", "anna", True)]


@pytest.mark.integration
def test_a_group_of_an_organization_that_is_none_is_told(database: Database) -> None:
    with pytest.raises(NotKnown, match="acne"):
        apply(database, ANA, groups_of("a=acne:admin"))
