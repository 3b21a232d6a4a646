from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, NullPool, create_engine

from officeflow.database import migrate
from officeflow.database.engine import sqlalchemy_url
from officeflow.database.tables import Base
from officeflow.errors import InvalidInput, Unavailable
from tests.database.conftest import Login

pytestmark = pytest.mark.integration

UPGRADE = "import sys; from officeflow.database import migrate; migrate.upgrade(sys.argv[1])"


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }


def differences(url: str) -> list[object]:
    """What Alembic would do to bring the database to the classes in `database/tables`."""
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))


def test_migrations_go_up_down_and_up_again(empty_database_url: str) -> None:
    assert migrate.current(empty_database_url) is None

    migrate.upgrade(empty_database_url)
    assert migrate.current(empty_database_url) == migrate.head()
    assert tables(empty_database_url) == {*Base.metadata.tables, "alembic_version"}

    migrate.downgrade(empty_database_url)
    assert migrate.current(empty_database_url) is None
    assert tables(empty_database_url) == {"alembic_version"}
    with psycopg.connect(empty_database_url) as connection:
        left = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
    assert left == []

    migrate.upgrade(empty_database_url)
    assert differences(empty_database_url) == []


def test_the_migrated_database_is_what_the_table_classes_say(database_url: str) -> None:
    assert differences(database_url) == []


def test_check_constraints_of_the_table_classes_exist_too(database_url: str) -> None:
    """Alembic's comparison leaves them out."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        )
        found = {name for (name,) in rows}
    wanted = {
        str(c.name)
        for table in Base.metadata.tables.values()
        for c in table.constraints
        if isinstance(c, CheckConstraint)
    }
    assert found == wanted


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO organizations (org_id, slug, name, domain, plan) VALUES (gen_random_uuid(), 'a',"
            " 'A', 'a.example', 'x')"
        )
    migrate.upgrade(database_url)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM organizations").fetchone() == (1,)


def test_processes_that_upgrade_at_the_same_time_all_succeed(empty_database_url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", UPGRADE, empty_database_url]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    outcomes = [(process.communicate()[1], process.returncode) for process in processes]
    assert outcomes == [("", 0)] * 3
    assert differences(empty_database_url) == []


def test_a_database_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="did not answer"):
        migrate.current("postgresql://nobody@127.0.0.1:1/nothing")


def test_a_login_that_may_not_create_tables_is_told_so(
    database_url: str, login: Login, postgres_url: str
) -> None:
    """The database belongs to somebody else."""
    migrate_as_owner(postgres_url, login)
    foreign = login.url.rpartition("/")[0] + "/" + database_url.rpartition("/")[2]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP TABLE alembic_version")
    with pytest.raises(InvalidInput, match="it must own the database"):
        migrate.upgrade(foreign)


def migrate_as_owner(postgres_url: str, login: Login) -> None:
    """Gives `login` the roles, which this cluster has already, as creating them would have."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "GRANT officeflow_tenant, officeflow_service, officeflow_gateway"
            f" TO {login.name} WITH ADMIN TRUE, INHERIT FALSE, SET"
            " FALSE"
        )
    migrate.upgrade(login.url)


def test_the_outbox_keeps_its_messages_up_down_and_up_again(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url, "0001")
    org = (
        "INSERT INTO organizations (org_id, slug, name, domain, plan) VALUES (gen_random_uuid(), 'a', 'A',"
        " 'a.example', 'x')"
    )
    message = """
        INSERT INTO outbox_messages (message_id, org_id, topic, key, type, subject, payload, correlation_id)
        SELECT gen_random_uuid(), org_id, 't', 'k', 't', %s, '{}', 'c' FROM organizations
    """
    with psycopg.connect(empty_database_url) as connection:
        connection.execute(org)
        connection.execute(message, ["short"])

    def subjects() -> list[int]:
        with psycopg.connect(empty_database_url) as connection:
            return [
                length
                for (length,) in connection.execute(
                    "SELECT length(subject) FROM outbox_messages ORDER BY position"
                )
            ]

    migrate.upgrade(empty_database_url, "0002")
    with psycopg.connect(empty_database_url) as connection:
        connection.execute(message, ["x" * 600])
    assert subjects() == [5, 600]
    migrate.downgrade(empty_database_url, "0001")
    assert subjects() == [5, 255]
    migrate.upgrade(empty_database_url)
    assert subjects() == [5, 255]
    assert differences(empty_database_url) == []


def test_groups_of_before_have_rows_for_an_owner_who_sees_none(login: Login, postgres_url: str) -> None:
    superuser = postgres_url.rpartition("/")[0] + "/" + login.name
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            f"GRANT officeflow_tenant, officeflow_service, officeflow_gateway TO {login.name}"
            " WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"
        )
    migrate.upgrade(login.url, "0011")
    with psycopg.connect(superuser) as connection:
        connection.execute(
            "INSERT INTO organizations (org_id, slug, name, domain, plan)"
            " VALUES (gen_random_uuid(), 'a', 'A', 'a.example', 'x')"
        )
        connection.execute(
            "INSERT INTO users (user_id, org_id, email, name, role)"
            " SELECT gen_random_uuid(), org_id, 'a@a.example', 'A', 'viewer' FROM organizations"
        )
        connection.execute(
            "INSERT INTO user_groups (group_name, user_id, org_id) SELECT 'Staff', user_id, org_id FROM users"
        )
    migrate.upgrade(login.url)
    with psycopg.connect(superuser) as connection:
        assert connection.execute("SELECT name, role FROM groups").fetchall() == [("Staff", None)]
        forced = "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'user_groups'"
        assert connection.execute(forced).fetchone() == (True,)


def test_logins_of_several_users_stay_with_what_they_allow(login: Login, postgres_url: str) -> None:
    superuser = postgres_url.rpartition("/")[0] + "/" + login.name
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            f"GRANT officeflow_tenant, officeflow_service, officeflow_gateway TO {login.name}"
            " WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"
        )
    migrate.upgrade(login.url, "0018")
    people = [
        ("a", "u1", "viewer", "ana", True),
        ("a", "u2", "operator", "ANA", True),
        ("a", "u3", "admin", "Ana", False),
        ("a", "u4", "viewer", None, True),
        ("a", "u5", "admin", "gone", False),
        ("b", "u6", "viewer", "ana", True),
    ]
    with psycopg.connect(superuser) as connection:
        connection.execute(
            "INSERT INTO organizations (org_id, slug, name, domain, plan)"
            " SELECT gen_random_uuid(), s, s, s, 'x' FROM unnest(ARRAY['a', 'b']) AS s"
        )
        connection.cursor().executemany(
            "INSERT INTO users (user_id, org_id, email, name, role, airflow_login, is_active)"
            " SELECT gen_random_uuid(), org_id, %s, 'X', %s, %s, %s FROM organizations WHERE slug = %s",
            [(*each[1:], each[0]) for each in people],
        )
    migrate.upgrade(login.url)
    with psycopg.connect(superuser) as connection:
        rows = connection.execute("SELECT email, airflow_login, role FROM users ORDER BY email").fetchall()
        forced = "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'users'"
        assert connection.execute(forced).fetchone() == (True,)
    kept = {"u2": "ANA", "u5": "gone", "u6": "ana"}
    assert rows == [(email, kept.get(email), role) for _, email, role, _, _ in people]
