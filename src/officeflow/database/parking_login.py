"""The login at Airflow's database by which waiting runs are parked: what it may read, the columns that it may
write, and whether that database is of the version that parking is written for.

Airflow's owner grants it; `listeners.parking` uses it, `doctor` examines it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import psycopg
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from officeflow.database.engine import sqlalchemy_url, unanswered
from officeflow.errors import InvalidInput
from officeflow.program import typed

AIRFLOW = "3.3.2"
"""The version whose scheduler was read for `listeners.parking`."""

SCHEMA = "d2f4e1b3c5a7"
"""The revision of its tables."""

READ: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "alembic_version": ("version_num",),
        "dag": ("dag_id", "bundle_name"),
        "dag_run": (
            "id",
            "dag_id",
            "run_id",
            "state",
            "run_after",
            "created_at",
            "start_date",
            "last_scheduling_decision",
        ),
        "log": ("dttm", "event", "dag_id", "run_id"),
        "task_instance": (
            "id",
            "dag_id",
            "run_id",
            "state",
            "try_number",
            "updated_at",
            "end_date",
            "trigger_timeout",
            "retry_delay_override",
        ),
        "task_reschedule": ("id", "ti_id", "reschedule_date"),
    }
)
"""Columns that it may read: none that a run's data is in."""

WRITTEN = ("dag_run", "run_after")
FORGETS = ("log", "extra")
"""What a request to Airflow's API said, which its event log keeps: emptied for the runs of a person who is
erased. Nothing is parked by it, so parking does without.
"""

CONNECT_SECONDS = 5

_RIGHTS = """
SELECT wanted.name, wanted.col, to_regclass('public.' || wanted.name) IS NOT NULL AS has_table,
    EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.' || wanted.name)
        AND attname = wanted.col AND attnum > 0 AND NOT attisdropped) AS has_column
FROM unnest(CAST(:tables AS text[]), CAST(:columns AS text[])) AS wanted(name, col)
"""
_MAY = "SELECT has_column_privilege(:name, :column, :right)"
_TOO_MUCH = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
ORDER BY 1
"""


def statements(login: str, database: str) -> list[str]:
    """What Airflow's owner, or a superuser, has to say in Airflow's database, once its tables are there."""
    return [each.as_string(None) for each in _grants(login, database)]


def statements_of(url: str) -> list[str]:
    """`statements` of the login and the database that `url` names, and before them the one that makes it."""
    known = make_url(url)
    login = known.username or ""
    create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD '…'").format(sql.Identifier(login)).as_string(None)
    return [create, *statements(login, known.database or "")]


def _grants(login: str, database: str) -> Iterator[sql.Composed]:
    to = sql.Identifier(login)
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), to)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(to)
    for table, columns in READ.items():
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        yield sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(listed, sql.Identifier(table), to)
    for each in (WRITTEN, FORGETS):
        written, column = map(sql.Identifier, each)
        yield sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(column, written, to)


def ensure(url: str, *, maker_url: str, owner_url: str) -> None:
    """Make the login that `url` names, where there is none that works, and grant it what it needs.

    `maker_url` is of a login that may create roles on Airflow's server, `owner_url` of the owner of Airflow's
    tables. `InvalidInput` with the statements for an administrator where they may not. Safe to repeat.
    """
    parking = make_url(url)
    login, database = parking.username or "", parking.database or ""
    advice = "; ".join(statements_of(url))
    try:
        with _opened(maker_url) as connection:
            _ensure_login(connection, login, str(parking.password or ""), url)
        with _opened(owner_url) as connection:
            for grant in _grants(login, database):
                connection.execute(grant)
    except InsufficientPrivilege as error:
        raise InvalidInput(
            f"the login {login}, by which waiting runs are parked, cannot be made or granted its rights",
            hint=f"as a superuser in Airflow's database: {advice}",
        ) from error
    except psycopg.OperationalError as error:
        raise unanswered(error, make_url(owner_url)) from error


def _ensure_login(
    connection: psycopg.Connection[tuple[object, ...]], login: str, password: str, url: str
) -> None:
    """One that an administrator made is left as it is."""
    name = sql.Identifier(login)
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (login,)).fetchone()
    if known and _has_password(url):
        return
    verifier = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    verb = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}")
    connection.execute(verb.format(name, sql.Literal(verifier.decode())))


def _has_password(url: str) -> bool:
    """Whether the password is right. Without the right to connect, which comes later, that is told apart."""
    try:
        _opened(url).close()
    except psycopg.OperationalError as error:
        return "does not have CONNECT privilege" in str(error)
    return True


def _opened(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(_libpq(make_url(url)), autocommit=True, connect_timeout=CONNECT_SECONDS)


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def problems(connection: Connection) -> list[str]:
    """Why nothing is to be parked over this connection; empty where all is as it should be."""
    at = _revision(connection)
    if at != SCHEMA:
        return [f"Airflow's tables are at revision {at or 'unknown'}, parking knows {SCHEMA} ({AIRFLOW})"]
    pairs = [(table, column) for table, columns in READ.items() for column in columns]
    tables, columns = zip(*pairs, strict=True)
    rows = connection.execute(text(_RIGHTS), {"tables": list(tables), "columns": list(columns)}).all()
    missing = [f"{row.name}.{row.col}" for row in rows if not (row.has_table and row.has_column)]
    if missing:
        return [f"Airflow's database has no {', '.join(missing)}"]
    lacks = [
        f"SELECT ({column}) ON {table}" for table, column in pairs if not _may(connection, table, column)
    ]
    if not _may(connection, *WRITTEN, right="UPDATE"):
        lacks.append(f"UPDATE ({WRITTEN[1]}) ON {WRITTEN[0]}")
    return [f"the login may not {', '.join(lacks)}"] if lacks else []


def too_much(connection: Connection) -> list[str]:
    """Tables that the login may write in as a whole: it needs single columns."""
    return list(connection.scalars(text(_TOO_MUCH)))


def _revision(connection: Connection) -> str | None:
    if not connection.scalar(text("SELECT to_regclass('public.alembic_version') IS NOT NULL")):
        return None
    if not _may(connection, "alembic_version", "version_num"):
        return "(the login may not SELECT it)"
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def _may(connection: Connection, table: str, column: str, *, right: str = "SELECT") -> bool:
    values = {"name": f"public.{table}", "column": column, "right": right}
    return bool(connection.scalar(text(_MAY), values))


def examine(url: str) -> tuple[list[str], list[str]]:
    """`problems` and `too_much`; `Unavailable` where the database does not answer."""
    engine = create_engine(
        sqlalchemy_url(url), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS}
    )
    try:
        with engine.connect() as connection:
            return problems(connection), too_much(connection)
    except OperationalError as error:
        raise unanswered(error, engine.url) from error


def forget(url: str, dag_id: str, run_id: str) -> int:
    """Empty what Airflow's event log keeps of requests about this run; how many rows that were.

    `InvalidInput` where the login may not, `Unavailable` where the database does not answer.
    """
    table, column = map(sql.Identifier, FORGETS)
    statement = sql.SQL("UPDATE {} SET {} = NULL WHERE dag_id = %s AND run_id = %s").format(table, column)
    try:
        with _opened(url) as connection:
            return connection.execute(statement, (dag_id, run_id)).rowcount
    except InsufficientPrivilege as error:
        raise InvalidInput(
            f"the login {make_url(url).username} may not empty {'.'.join(FORGETS)} in Airflow's database",
            hint=f"`{typed('db grant-parking')}` grants it",
        ) from error
    except psycopg.OperationalError as error:
        raise unanswered(error, make_url(url)) from error
