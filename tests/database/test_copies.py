"""The databases that tests share one after the other: each is as a new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from tests.databases import Databases

pytestmark = pytest.mark.integration

ADD = (
    "INSERT INTO organizations (org_id, slug, name, domain, plan) VALUES (gen_random_uuid(), 'acme', 'Acme',"
    " 'acme.example', 'standard')"
)


@pytest.fixture
def own(postgres_url: str, template_database: str) -> Iterator[Databases]:
    made = Databases(postgres_url, template_database)
    yield made
    made.close()


def does(databases: Databases, name: str, statement: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(databases.url(name), autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


def number_of_oid(databases: Databases, name: str) -> object:
    return does(databases, name, "SELECT oid FROM pg_database WHERE datname = current_database()")[0][0]


def taken(databases: Databases, count: int) -> list[str]:
    return [databases.take() for _ in range(count)]


def test_one_that_was_given_back_comes_again_empty_and_under_another_name(own: Databases) -> None:
    names = taken(own, 3)
    known = [number_of_oid(own, name) for name in names]
    for name in names:
        does(own, name, ADD)
        own.give_back(name)
    again = own.take()
    assert again not in names
    assert number_of_oid(own, again) in known
    assert does(own, again, "SELECT count(*) FROM organizations") == [(0,)]
    own.give_back(again)


def test_it_goes_on_where_its_own_session_was_sent_away(own: Databases) -> None:
    names = taken(own, 3)
    for name in names:
        own.give_back(name)
    does(
        own,
        "postgres",
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    )
    assert does(own, own.take(), "SELECT count(*) FROM organizations") == [(0,)]


def test_who_still_uses_it_is_sent_away(own: Databases) -> None:
    name = own.take()
    with psycopg.connect(own.url(name)) as left:
        left.execute("LOCK TABLE organizations")
        own.give_back(name)
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE further ()",
        "ALTER TABLE organizations DISABLE TRIGGER ALL",
        "ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY",
        "ALTER POLICY tenant ON employees USING (true)",
        "DROP POLICY tenant ON employees",
        "ALTER TABLE organizations ALTER plan SET DEFAULT 'none'",
        "ALTER TABLE organizations ALTER plan DROP NOT NULL",
        "GRANT SELECT ON organizations TO PUBLIC",
        "UPDATE alembic_version SET version_num = 'other'",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 65', current_database()); END $$",
    ],
)
def test_one_whose_tables_or_rights_were_changed_does_not_come_again(
    own: Databases, change: LiteralString
) -> None:
    names = taken(own, 3)
    known = [number_of_oid(own, name) for name in names]
    for name in names:
        does(own, name, change)
        own.give_back(name)
    again = own.take()
    assert number_of_oid(own, again) not in known
    own.give_back(again)
