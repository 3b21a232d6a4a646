"""Runs that wait, as copies of one that really does: its rows in Airflow's tables and in ours, under ids of
their own.

The tables' columns are asked of the database, so a copy has all that the original has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from benchmarks.bench import Bench
from officeflow.errors import Unavailable
from officeflow.ids import workflow_run_id

Connection = psycopg.Connection[tuple[Any, ...]]
Values = Mapping[LiteralString, LiteralString]

COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
SPREAD = "now() + random() * interval '55 minutes'"
"""When a copy's parking ends: as of runs that have waited for long, some of them within the next seconds."""

ACT = (
    "encode(sha256((c.new || ':' || o.node_key || ':' || o.map_index || ':' || o.generation)::bytea), 'hex')"
)
"""`officeflow.ids.idempotency_key` of a copy's act."""

BEGAN = "o.start_date - random() * interval '1 hour'"
"""When it began for Airflow: not all in one second, as copies of one run would have."""

BEFORE = "o.started_at - random() * interval '1 hour'"
"""When it began: the steward takes open runs in this order."""

OF_A_RUN: Mapping[LiteralString, Values] = {
    "node_runs": {"run_id": "c.new", "node_run_id": "gen_random_uuid()", "idempotency_key": ACT},
    "human_requests": {"run_id": "c.new", "request_id": "gen_random_uuid()"},
    "event_waits": {
        "run_id": "c.new",
        "wait_id": "gen_random_uuid()",
        "employee": "o.employee || '-' || c.number",
    },
    "node_refusals": {"run_id": "c.new"},
}
"""Our tables with rows of runs that wait, and what each copy has of its own in them."""

AIRFLOWS = ("dag_run", "task_instance", "task_reschedule", "hitl_detail")


def copy_runs(bench: Bench, wanted: Mapping[str, tuple[str, int]]) -> None:
    """`wanted` gives for each DAG the run to copy, which is parked, and how many copies there shall be."""
    with bench.airflow_tables.transaction():
        for dag_id, (run_id, count) in wanted.items():
            _copy(bench.airflow_tables, dag_id, run_id, count)
    with ours(bench) as connection:
        for dag_id, (run_id, count) in wanted.items():
            _copy_ours(connection, dag_id, run_id, count)
    _analyze(bench.airflow_tables, AIRFLOWS)
    with psycopg.connect(bench.stack.database_url, autocommit=True) as owner:
        _analyze(owner, ("workflow_runs", *OF_A_RUN))


def waiting_rows(bench: Bench) -> dict[str, int]:
    """How many rows of ours each kind of wait has that is still open."""
    queries: dict[str, LiteralString] = {
        "runs": "SELECT count(*) FROM workflow_runs WHERE ended_at IS NULL",
        "questions": "SELECT count(*) FROM human_requests WHERE state = 'OPEN'",
        "events": "SELECT count(*) FROM event_waits WHERE matched_at IS NULL AND ended_at IS NULL",
    }
    with ours(bench) as connection:
        return {name: _number(connection, query) for name, query in queries.items()}


@contextmanager
def ours(bench: Bench) -> Iterator[Connection]:
    """A service's transaction in our database, in the driver's terms."""
    with bench.database.service() as session:
        driver = session.connection().connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            raise TypeError(f"rows are copied over psycopg's connection, not {type(driver).__name__}")
        yield driver


def _number(connection: Connection, query: LiteralString) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _analyze(connection: Connection, tables: Sequence[str]) -> None:
    for table in tables:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


# ── Airflow's ──


def _copy(connection: Connection, dag_id: str, run_id: str, count: int) -> None:
    values = {"dag": dag_id, "run": run_id, "count": count}
    execute: Callable[[sql.Composed | LiteralString], object] = partial(connection.execute, params=values)
    connection.execute(
        "CREATE TEMP TABLE copied (number int, old uuid, new uuid, run_id text) ON COMMIT DROP"
    )
    execute(
        "INSERT INTO copied SELECT n, ti.id, gen_random_uuid(), %(run)s || '-' || n FROM task_instance ti,"
        " generate_series(1, %(count)s) n WHERE ti.dag_id = %(dag)s AND ti.run_id = %(run)s"
    )
    own: Values = {"run_id": "%(run)s || '-' || n", "run_after": SPREAD, "start_date": BEGAN}
    execute(
        _insert(connection, "dag_run", own, "generate_series(1, %(count)s) n", leave=("id",))
        + sql.SQL(" WHERE o.dag_id = %(dag)s AND o.run_id = %(run)s")
    )
    tasks: Values = {"id": "c.new", "run_id": "c.run_id"}
    execute(_insert(connection, "task_instance", tasks, "copied c", of="o.id = c.old"))
    for table in ("task_reschedule", "hitl_detail"):
        leave = ("id",) if table == "task_reschedule" else ()
        execute(_insert(connection, table, {"ti_id": "c.new"}, "copied c", leave=leave, of="o.ti_id = c.old"))
    connection.execute("DROP TABLE copied")


# ── ours ──


def _copy_ours(connection: Connection, dag_id: str, run_id: str, count: int) -> None:
    names = [f"{run_id}-{number}" for number in range(1, count + 1)]
    connection.execute(
        "CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT number::int, %(old)s::uuid AS old, new, run_id"
        " FROM unnest(%(ids)s::uuid[], %(names)s::text[]) WITH ORDINALITY AS made(new, run_id, number)",
        {
            "old": workflow_run_id(dag_id, run_id),
            "ids": [workflow_run_id(dag_id, name) for name in names],
            "names": names,
        },
    )
    run: Values = {"run_id": "c.new", "dag_run_id": "c.run_id", "started_at": BEFORE}
    made = connection.execute(_insert(connection, "workflow_runs", run, "copied c", of="o.run_id = c.old"))
    if made.rowcount != count:
        raise Unavailable(f"{made.rowcount} of {count} copies of {dag_id}/{run_id} were made: it has no row")
    for table, own in OF_A_RUN.items():
        connection.execute(_insert(connection, table, own, "copied c", of="o.run_id = c.old"))
    connection.execute("DROP TABLE copied")


def _insert(
    connection: Connection,
    table: str,
    own: Values,
    beside: LiteralString,
    *,
    leave: tuple[str, ...] = (),
    of: LiteralString = "",
) -> sql.Composed:
    """Rows `o` of the table again for each row of `beside`, where `of` holds, with values of their `own` and
    without the columns to `leave`.
    """
    rows = connection.execute(COLUMNS, (table,)).fetchall()
    columns = [str(row[0]) for row in rows if row[0] not in leave]
    values: dict[str, LiteralString] = dict(own)
    taken = [
        sql.SQL(values[name]) if name in values else sql.SQL("o.{}").format(sql.Identifier(name))
        for name in columns
    ]
    made = sql.SQL("INSERT INTO {table} ({columns}) SELECT {taken} FROM {table} o, {beside}").format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        taken=sql.SQL(", ").join(taken),
        beside=sql.SQL(beside),
    )
    return made + sql.SQL(f" WHERE {of}" if of else "")
