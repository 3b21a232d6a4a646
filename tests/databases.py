"""Databases for tests: copies of a template.

One that a test gives back is emptied, named anew and used again: copying takes much longer.

A database in which anything else than rows has changed (a table, a trigger, a right, a policy) is dropped.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

COPY = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
"""The files as they are: where nothing waits for the disk, in less than half the time that their pages take
through the log.
"""
RESTING = 2
"""How many are left alone for a while before one of them is used again: PostgreSQL renames none that somebody
has just left.
"""

TABLES = (
    "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p')"
    " AND relnamespace = 'public'::regnamespace ORDER BY 1"
)
SEQUENCES = (
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " FROM pg_sequences WHERE last_value > 0"
)
LEAVE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
STRUCTURE = """
WITH ours AS MATERIALIZED (SELECT oid
    FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'),
tables AS MATERIALIZED (SELECT oid, xmin AS changed
    FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours)),
things(thing) AS (
    SELECT ('namespace', oid, n.xmin)::text FROM pg_namespace n JOIN ours USING (oid)
    UNION ALL SELECT ('class', oid, changed)::text FROM tables
    UNION ALL SELECT ('attribute', attrelid, attnum, xmin)::text
        FROM pg_attribute WHERE attrelid IN (SELECT oid FROM tables) AND attnum > 0
    UNION ALL SELECT ('default', oid, xmin)::text FROM pg_attrdef
    UNION ALL SELECT ('trigger', oid, xmin)::text FROM pg_trigger
    UNION ALL SELECT ('policy', oid, xmin)::text FROM pg_policy
    UNION ALL SELECT ('function', oid, xmin)::text
        FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
    UNION ALL SELECT ('constraint', oid, xmin)::text
        FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)
    UNION ALL SELECT ('event trigger', oid, xmin)::text FROM pg_event_trigger
    UNION ALL SELECT ('extension', oid, xmin)::text FROM pg_extension
    UNION ALL SELECT (setrole, setconfig)::text FROM pg_db_role_setting
        JOIN pg_database d ON d.oid = setdatabase
        WHERE datname = current_database()
    UNION ALL SELECT (datacl, datdba, datconnlimit)::text FROM pg_database WHERE datname = current_database()
)
SELECT count(*), sum(hashtextextended(thing, 0)) FROM things
"""
"""A copy of the files has the transactions in it that made each row of the catalog: what was changed or made
since has another.
"""
WRITTEN = (
    "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p')"
    " AND relnamespace = 'public'::regnamespace AND (relkind = 'p' OR pg_relation_size(oid) > 0)"
)
"""Tables that have, or had, rows."""


@dataclass(frozen=True, slots=True)
class Content:
    """Of a database as it is new: its tables by whether they have rows, and a digest of all else, those rows
    included.
    """

    empty: tuple[str, ...]
    filled: tuple[str, ...]
    digest: str


class Databases:
    """Of one session. `close` drops all that were given back."""

    def __init__(self, postgres_url: str, template: str) -> None:
        self._postgres_url = postgres_url
        self._template = template
        self._admin: psycopg.Connection[tuple[object, ...]] | None = None
        self._content: Content | None = None
        self._resting: list[str] = []

    def url(self, name: str) -> str:
        return make_url(self._postgres_url).set(database=name).render_as_string(hide_password=False)

    def take(self) -> str:
        """The name of an empty one, which no other had before."""
        name = f"officeflow_test_{secrets.token_hex(6)}"
        if len(self._resting) > RESTING:
            self._execute("ALTER DATABASE {} RENAME TO {}", self._resting.pop(0), name)
        else:
            self._execute(COPY, name, self._template)
            self._content = self._content or self._look(name)
        return name

    def give_back(self, name: str) -> None:
        if self._emptied(name):
            self._resting.append(name)
        else:
            self._drop(name)

    def close(self) -> None:
        while self._resting:
            self._drop(self._resting.pop())
        if self._admin is not None:
            self._admin.close()

    def _look(self, name: str) -> Content:
        with psycopg.connect(self.url(name)) as connection:
            tables = [str(row[0]) for row in connection.execute(TABLES)]
            filled = tuple(each for each in tables if connection.execute(_all_rows(each, limit=1)).fetchone())
            return Content(
                tuple(each for each in tables if each not in filled), filled, _digest(connection, filled)
            )

    def _emptied(self, name: str) -> bool:
        """Whether it is now as a new one is; triggers that forbid to delete are passed over, as only a
        superuser can.
        """
        content = self._content
        assert content is not None
        try:
            with psycopg.connect(self.url(name)) as connection:
                connection.execute(LEAVE)
                if _digest(connection, content.filled) != content.digest:
                    return False
                written = {str(row[0]) for row in connection.execute(WRITTEN)} & set(content.empty)
                emptying = [sql.SQL("DELETE FROM {}").format(sql.SQL(table)) for table in sorted(written)]
                connection.execute(
                    sql.SQL("; ").join(
                        [sql.SQL("SET session_replication_role = replica"), *emptying, sql.SQL(SEQUENCES)]
                    )
                )
        except psycopg.Error:
            return False
        return True

    def _drop(self, name: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: str, *names: str) -> None:
        admin = self._connected()
        admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        """The one connection that it has, or another: tests start the server anew, and send sessions away."""
        if self._admin is not None:
            try:
                self._admin.execute("SELECT 1")
            except psycopg.Error:
                self._admin.close()
            else:
                return self._admin
        self._admin = psycopg.connect(self._postgres_url, autocommit=True)
        return self._admin


def _all_rows(table: str, *, limit: int | None = None) -> sql.Composed:
    return sql.SQL("SELECT t::text FROM {} t ORDER BY 1 LIMIT {}").format(sql.SQL(table), sql.Literal(limit))


def _digest(connection: psycopg.Connection[tuple[object, ...]], filled: tuple[str, ...]) -> str:
    structure = connection.execute(STRUCTURE).fetchone()
    return str([structure, *(connection.execute(_all_rows(table)).fetchall() for table in filled)])
