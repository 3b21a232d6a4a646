"""Whom an account at Airflow works for."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, User
from officeflow.rights.permissions import Permission, Role
from officeflow.rights.principals import Principal
from officeflow.tenants import administration, user_changes, users
from officeflow.tenants.membership import Memberships, standing
from officeflow.tenants.slugs import Slugs

pytestmark = pytest.mark.integration
ROOT = Principal(actor="cli:t", is_platform_admin=True)


def add(database: Database, org: Organization, name: str, role: str) -> None:
    with database.tenant(org.org_id) as session:
        email = f"{name}@acme.example"
        users.create(session, org.org_id, email=email, name=name, role=role, airflow_login="Ana")


def test_an_account_has_the_roles_of_its_active_users(
    database: Database, org: Organization, other: Organization
) -> None:
    add(database, org, "ana", "operator")
    add(database, other, "ana", "auditor")
    found = standing(database, "aNA")
    assert found.roles == {org.org_id: Role.OPERATOR, other.org_id: Role.AUDITOR}
    assert found.slugs == {org.slug: org.org_id, other.slug: other.org_id}
    user_changes.deactivate(database, org.slug, "ana@acme.example", why="left", by=ROOT)
    assert standing(database, "ana").roles == {other.org_id: Role.AUDITOR}
    user_changes.deactivate(database, other.slug, "ana@acme.example", why="left", by=ROOT)
    lost = standing(database, "ana")
    assert (lost.is_known, lost.is_lost, dict(lost.roles)) == (True, True, {})


def test_an_account_that_was_never_a_users_is_not_lost(database: Database) -> None:
    found = standing(database, "nobody")
    assert (found.is_known, found.is_lost) == (False, False)


def test_an_answer_is_used_again_for_a_moment_alone(database: Database, org: Organization) -> None:
    remembered, fresh = Memberships(database, fresh=3600), Memberships(database, fresh=0)
    add(database, org, "ana", "viewer")
    assert remembered.standing("ana").roles == fresh.standing("ana").roles == {org.org_id: Role.VIEWER}
    with database.tenant(org.org_id) as session:
        session.scalars(select(User)).one().is_active = False
    assert fresh.standing("ana").roles == {}
    assert remembered.standing("ANA").principal().may(Permission.RUN_READ, org.org_id)


def test_slugs_are_looked_up_once_and_together(database: Database, org: Organization) -> None:
    asked: list[str] = []
    known = Slugs(database, fresh=3600)
    with database.service() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(str(args[2])))
    names = {org.slug, "nobody", "No Slug", *(f"n{number}" for number in range(500))}
    for _ in range(3):
        assert known.taken(names) == {org.slug}
    assert len([statement for statement in asked if "FROM organizations" in statement]) == 1


def test_a_name_that_becomes_an_organizations_is_noticed(database: Database, org: Organization) -> None:
    slugs = Slugs(database, fresh=0)
    assert slugs.taken({"initech"}) == set()
    with database.service() as session:
        administration.add_organization(
            session, slug="initech", name="Initech", domain="initech.example", by="cli:t"
        )
    assert slugs.taken({"initech", org.slug}) == {"initech", org.slug}
