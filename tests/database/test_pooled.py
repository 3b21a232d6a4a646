"""What the next transaction finds on a connection that another organization's had, however that one ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import LiteralString

import pytest
from psycopg.errors import DivisionByZero
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.orm import Session

from officeflow.database.engine import Database
from officeflow.database.roles import Logins
from officeflow.database.tables import Employee, Organization
from officeflow.errors import Unavailable
from officeflow.ids import new_id

pytestmark = pytest.mark.integration

BACKEND = text("SELECT pg_backend_pid()")
SEEN = text("SELECT current_user = session_user, coalesce(current_setting('officeflow.org_id', true), '')")


@pytest.fixture
def pooled(
    database: Database, database_url: str, logins: Logins, org: Organization, other: Organization
) -> Iterator[Database]:
    """One connection for all, while nobody asks for two at once; each organization employs `E1`."""
    name = make_url(database_url).database
    tenants, services = (
        make_url(url).set(database=name).render_as_string(hide_password=False)
        for url in (logins.tenant_url, logins.service_url)
    )
    with Database(database_url, tenant_url=tenants, service_url=services, pool_size=1) as made:
        with made.service() as session:
            for org_id in (org.org_id, other.org_id):
                session.add(Employee(employee_id=new_id(), org_id=org_id, external_id="E1", status="active"))
        yield made


def _nothing(session: Session, org_id: uuid.UUID) -> None:
    del session, org_id


def _fail(session: Session, org_id: uuid.UUID) -> None:
    raise ZeroDivisionError


def _fail_in_the_database(session: Session, org_id: uuid.UUID) -> None:
    session.execute(text("SELECT 1/0"))


def _go_on_after_rolling_back(session: Session, org_id: uuid.UUID) -> None:
    session.rollback()
    with pytest.raises(InvalidRequestError):
        session.scalar(BACKEND)


def _roll_back_a_part(session: Session, org_id: uuid.UUID) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("SELECT 1/0"))
    assert session.scalars(select(Employee.org_id)).all() == [org_id], "still the same organization's"


ENDS = (_nothing, _fail, _fail_in_the_database, _go_on_after_rolling_back, _roll_back_a_part)


@pytest.mark.parametrize("end", ENDS)
def test_a_connection_is_nobodys_again(
    pooled: Database, org: Organization, end: Callable[[Session, uuid.UUID], None]
) -> None:
    backend = 0
    try:
        with pooled.tenant(org.org_id) as session:
            backend = session.scalar(BACKEND)
            end(session, org.org_id)
    except (ZeroDivisionError, DBAPIError):
        pass
    with pooled.tenants.connect() as connection:
        assert connection.scalar(BACKEND) == backend
        assert tuple(connection.execute(SEEN).one()) == (True, "")
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(select(Employee.org_id))


LEFT = (
    "SELECT set_config('officeflow.org_id', '{org}', false)",
    "SET SESSION officeflow.org_id = '{org}'",
    "SET SESSION ROLE officeflow_tenant",
    "SET search_path = pg_temp, public",
)
"""What would last longer than its transaction."""


@pytest.mark.parametrize("statement", LEFT)
def test_what_one_leaves_on_a_connection_does_not_count_for_the_next(
    pooled: Database, org: Organization, other: Organization, statement: str
) -> None:
    with pooled.tenant(org.org_id) as session:
        backend = session.scalar(BACKEND)
        session.execute(text(statement.format(org=org.org_id)))
    with pooled.tenant(other.org_id) as session:
        assert session.scalar(BACKEND) == backend
        assert session.scalars(select(Employee.org_id)).all() == [other.org_id]


def test_a_service_steps_back_from_an_organization_with_its_transaction(
    pooled: Database, org: Organization, other: Organization
) -> None:
    with pooled.tenant(org.org_id), pooled.service() as session:
        assert set(session.scalars(select(Employee.org_id))) == {org.org_id, other.org_id}


def test_a_connection_that_was_ended_is_replaced_by_one_of_nobody(
    pooled: Database, org: Organization, other: Organization
) -> None:
    def lose() -> None:
        with pooled.tenant(org.org_id) as session, pooled.engine.connect() as admin:
            admin.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": session.scalar(BACKEND)})
            session.execute(select(Employee.org_id))

    with pytest.raises(Unavailable):
        lose()
    with pooled.tenant(other.org_id) as session:
        assert session.scalars(select(Employee.org_id)).all() == [other.org_id]


RENAME = "UPDATE employees SET external_id = %s RETURNING org_id"


def _external_ids(database: Database) -> dict[uuid.UUID, str]:
    with database.service() as session:
        return {each.org_id: each.external_id for each in session.scalars(select(Employee))}


def test_statements_sent_at_once_reach_one_organizations_rows_and_leave_the_connection_to_nobody(
    pooled: Database, org: Organization, other: Organization
) -> None:
    with pooled.tenant_at_once(org.org_id) as connection:
        renamed = connection.execute(RENAME, ("E2",))
        backend = connection.execute("SELECT pg_backend_pid()")
    assert renamed.fetchall() == [(org.org_id,)]
    assert _external_ids(pooled) == {org.org_id: "E2", other.org_id: "E1"}
    with pooled.tenants.connect() as after:
        assert backend.fetchone() == (after.scalar(BACKEND),)
        assert tuple(after.execute(SEEN).one()) == (True, "")
        assert not after.connection.driver_connection.autocommit  # type: ignore[union-attr]


@pytest.mark.parametrize("statement", [None, "SELECT 1/0"])
def test_statements_sent_at_once_are_undone_together(
    pooled: Database, org: Organization, other: Organization, statement: LiteralString | None
) -> None:
    def rename_and_fail() -> None:
        with pooled.tenant_at_once(org.org_id) as connection:
            connection.execute(RENAME, ("E2",))
            if statement is None:
                raise ZeroDivisionError
            connection.execute(statement)

    with pytest.raises((ZeroDivisionError, DivisionByZero)):
        rename_and_fail()
    assert _external_ids(pooled) == {org.org_id: "E1", other.org_id: "E1"}
    with pooled.tenant(other.org_id) as session:
        assert session.scalars(select(Employee.org_id)).all() == [other.org_id]


def test_a_connection_that_was_ended_before_statements_sent_at_once_is_replaced(
    pooled: Database, org: Organization
) -> None:
    with pooled.tenant(org.org_id) as session:
        backend = session.scalar(BACKEND)
    with pooled.engine.connect() as admin:
        admin.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": backend})
    with pytest.raises(Unavailable, match="the database"), pooled.tenant_at_once(org.org_id) as connection:
        connection.execute(RENAME, ("E2",))
    with pooled.tenant_at_once(org.org_id) as connection:
        renamed = connection.execute(RENAME, ("E3",))
    assert renamed.rowcount == 1
