from __future__ import annotations

import datetime as dt
import uuid

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import ProgrammingError

from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, Employee, Organization, User
from officeflow.ids import new_id
from tests.database.conftest import Login
from tests.database.test_migrations import migrate_as_owner

pytestmark = pytest.mark.integration

PLATFORM_TABLES = {"alembic_version", "idempotency_keys"}
"""Tables that hold nothing of any tenant. A table that you add here must say so in its docstring."""

WITHOUT_KNOWN_ORGANIZATION = {"dead_letters"}
"""Tables whose rows may belong to no organization that we know; only services see those."""


@pytest.fixture
def both_employ(database: Database, org: Organization, other: Organization) -> None:
    with database.service() as session:
        session.add_all(
            [
                employee(org.org_id),
                employee(other.org_id),
                letter(org.org_id),
                letter(other.org_id),
                letter(None),
            ]
        )


def employee(org_id: uuid.UUID) -> Employee:
    return Employee(employee_id=new_id(), org_id=org_id, external_id="E1", status="active")


def letter(org_id: uuid.UUID | None) -> DeadLetter:
    offset = new_id().int % 10**9
    return DeadLetter(
        dead_letter_id=new_id(),
        org_id=org_id,
        topic="t",
        partition=0,
        offset=offset,
        reason="not_json",
        detail="",
    )


OF_THE_GATEWAY = {"organizations", "webhook_sources", "dead_letters", "organization_keys", "person_keys"}
"""What the webhook gateway sees or adds to: keys of one organization at a time, all else of all."""


def test_every_table_belongs_to_tenants_or_is_listed_as_the_platforms(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("""
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnotnull,
                   (SELECT array_agg(p.polname::text ORDER BY p.polname) FROM pg_policy p
                    WHERE p.polrelid = c.oid)
            FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
        """).fetchall()
    assert {row[0] for row in rows} >= PLATFORM_TABLES
    for table, enabled, forced, org_id_not_null, policies in rows:
        if table in PLATFORM_TABLES:
            continue
        assert org_id_not_null is not None, (
            f"{table} has no org_id: add it, or list the table in PLATFORM_TABLES"
        )
        assert org_id_not_null or table in WITHOUT_KNOWN_ORGANIZATION, f"{table}.org_id may be null"
        assert (enabled, forced) == (
            True,
            True,
        ), f"{table} has no row-level security: call `protect` in its migration"
        wanted = ["gateway", "service", "tenant"] if table in OF_THE_GATEWAY else ["service", "tenant"]
        assert policies == wanted, f"{table} lacks a policy: call `protect` in its migration"


TENANTS = (
    "(( SELECT (CURRENT_USER = 'officeflow_tenant'::name)) AND (org_id = ( SELECT"
    " (NULLIF(current_setting('officeflow.org_id'::text, true), ''::text))::uuid AS \"nullif\")))"
)
SERVICES = "( SELECT (CURRENT_USER = 'officeflow_service'::name))"
GATEWAYS = "( SELECT (CURRENT_USER = 'officeflow_gateway'::name))"
OF_ITS_ORGANIZATION = (
    f"({GATEWAYS} AND (org_id = ( SELECT (NULLIF(current_setting('officeflow.org_id'::text, true),"
    " ''::text))::uuid AS \"nullif\"))"
)


@pytest.mark.parametrize(("policy", "rule"), [("tenant", TENANTS), ("service", SERVICES)])
def test_every_table_has_the_same_policies(database_url: str, policy: str, rule: str) -> None:
    with psycopg.connect(database_url) as connection:
        query = (
            "SELECT DISTINCT roles::text, cmd, permissive, qual, with_check FROM pg_policies WHERE policyname"
            " = %s"
        )
        policies = connection.execute(query, [policy]).fetchall()
    assert policies == [(f"{{officeflow_{policy}}}", "ALL", "PERMISSIVE", rule, rule)]


def test_the_gateways_policies_are_told_one_by_one(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        query = "SELECT tablename, qual, with_check FROM pg_policies WHERE policyname = 'gateway'"
        policies = {table: (seen, written) for table, seen, written in connection.execute(query)}
    wanted = dict.fromkeys(OF_THE_GATEWAY, GATEWAYS) | {
        "organization_keys": f"{OF_ITS_ORGANIZATION})",
        "person_keys": f"{OF_ITS_ORGANIZATION} AND (retired_at IS NULL))",
    }
    assert policies == {table: (rule, rule) for table, rule in wanted.items()}


@pytest.mark.usefixtures("both_employ")
def test_a_tenants_transaction_sees_its_own_rows_alone(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        assert set(session.scalars(select(Organization.org_id))) == {org.org_id}
        assert set(session.scalars(select(Employee.org_id))) == {org.org_id}
        assert set(session.scalars(select(DeadLetter.org_id))) == {org.org_id}


@pytest.mark.usefixtures("both_employ")
def test_a_services_transaction_sees_all_rows(
    database: Database, org: Organization, other: Organization
) -> None:
    with database.service() as session:
        assert set(session.scalars(select(Employee.org_id))) == {org.org_id, other.org_id}
        assert set(session.scalars(select(DeadLetter.org_id))) == {org.org_id, other.org_id, None}


@pytest.mark.parametrize("table", [employee, letter])
def test_a_tenant_cannot_insert_for_another(
    database: Database, org: Organization, other: Organization, table: object
) -> None:
    assert callable(table)
    with pytest.raises(ProgrammingError, match="row-level security"), database.tenant(org.org_id) as session:
        session.add(table(other.org_id))


@pytest.mark.usefixtures("both_employ")
def test_a_tenant_cannot_hand_a_row_to_another(
    database: Database, org: Organization, other: Organization
) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), database.tenant(org.org_id) as session:
        session.execute(update(Employee).values(org_id=other.org_id))


@pytest.mark.usefixtures("both_employ")
def test_a_tenant_changes_no_row_of_another(
    database: Database, org: Organization, other: Organization
) -> None:
    with database.tenant(org.org_id) as session:
        session.execute(update(Employee).values(department="Sales"))
    with database.service() as session:
        assert session.scalar(select(Employee.department).where(Employee.org_id == other.org_id)) is None


@pytest.mark.usefixtures("both_employ")
def test_a_tenant_role_without_an_organization_sees_nothing(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("SET ROLE officeflow_tenant")
        assert connection.execute("SELECT count(*) FROM employees").fetchone() == (0,)
        connection.execute("SELECT set_config('officeflow.org_id', '', false)")
        assert connection.execute("SELECT count(*) FROM employees").fetchone() == (0,)


@pytest.mark.parametrize("inherits", [False, True])
def test_the_login_sees_nothing_until_it_steps_down(login: Login, postgres_url: str, inherits: bool) -> None:
    """Although it owns the tables, and even where an administrator let it inherit from the roles."""
    migrate_as_owner(postgres_url, login)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "GRANT officeflow_tenant, officeflow_service, officeflow_gateway"
            f" TO {login.name} WITH INHERIT {inherits}"
        )
    database = Database(login.url)
    organization = Organization(
        org_id=new_id(), slug="acme", name="Acme", domain="acme.example", plan="standard"
    )
    with database.service() as session:
        session.add(organization)
    with psycopg.connect(login.url) as connection:
        assert connection.execute("SELECT count(*) FROM organizations").fetchone() == (0,)
        with pytest.raises(InsufficientPrivilege):
            connection.execute(
                "INSERT INTO organizations (org_id, slug, name, domain, plan) VALUES (gen_random_uuid(), 'b',"
                " 'B', 'b.example', 'x')"
            )
    with database.tenant(organization.org_id) as session:
        assert session.scalars(select(Organization.slug)).all() == ["acme"]
    database.dispose()


def test_a_connection_goes_back_to_the_pool_as_nobody(database_url: str, org: Organization) -> None:
    database = Database(database_url, pool_size=1)
    with database.tenant(org.org_id) as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    with database.engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT pg_backend_pid(), current_user = session_user, current_setting('officeflow.org_id',"
                " true)"
            )
        ).one()
    database.dispose()
    assert tuple(row) in {(backend, True, ""), (backend, True, None)}


def test_a_transaction_that_raises_leaves_nothing(database: Database, org: Organization) -> None:
    def add_and_raise() -> None:
        with database.tenant(org.org_id) as session:
            session.add(employee(org.org_id))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_raise()
    with database.service() as session:
        assert session.scalar(select(func.count()).select_from(Employee)) == 0


def test_a_tenant_cannot_create_or_change_organizations(database: Database, org: Organization) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), database.tenant(org.org_id) as session:
        session.execute(update(Organization).values(plan="free", updated_at=dt.datetime.now(dt.UTC)))


def test_a_tenant_deletes_nothing(database: Database, org: Organization) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), database.tenant(org.org_id) as session:
        session.execute(delete(User))
