"""Runs that wait, as copies of one that really does: its rows in Airflow's tables under other ids.

The tables' columns are asked of the database, so a copy has all that the original has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

from psycopg import sql

from benchmarks.bench import Bench

COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
SPREAD = "now() + interval '30 minutes' + random() * interval '30 minutes'"
"""When a copy's parking ends: as after an hour of making them one by one."""


def copy_runs(bench: Bench, wanted: Mapping[str, tuple[str, int]]) -> None:
    """`wanted` gives for each DAG the run to copy, which is parked, and how many copies there shall be."""
    with bench.airflow_tables.transaction():
        for dag_id, (run_id, count) in wanted.items():
            _copy(bench, dag_id, run_id, count)
    for table in ("dag_run", "task_instance", "task_reschedule", "hitl_detail"):
        bench.airflow_tables.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _copy(bench: Bench, dag_id: str, run_id: str, count: int) -> None:
    execute, values = bench.airflow_tables.execute, {"dag": dag_id, "run": run_id, "count": count}
    execute("CREATE TEMP TABLE copied (number int, old uuid, new uuid, run_id text) ON COMMIT DROP")
    execute(
        "INSERT INTO copied SELECT n, ti.id, gen_random_uuid(), %(run)s || '-' || n FROM task_instance ti,"
        " generate_series(1, %(count)s) n WHERE ti.dag_id = %(dag)s AND ti.run_id = %(run)s",
        values,
    )
    own: dict[LiteralString, LiteralString] = {"run_id": "%(run)s || '-' || n", "run_after": SPREAD}
    execute(
        _insert(bench, "dag_run", own, "generate_series(1, %(count)s) n", leave=("id",))
        + sql.SQL(" WHERE o.dag_id = %(dag)s AND o.run_id = %(run)s"),
        values,
    )
    execute(_insert(bench, "task_instance", {"id": "c.new", "run_id": "c.run_id"}, "copied c", of="o.id"))
    for table in ("task_reschedule", "hitl_detail"):
        leave = ("id",) if table == "task_reschedule" else ()
        execute(_insert(bench, table, {"ti_id": "c.new"}, "copied c", leave=leave, of="o.ti_id"))
    execute("DROP TABLE copied")


def _insert(
    bench: Bench,
    table: LiteralString,
    own: Mapping[LiteralString, LiteralString],
    beside: LiteralString,
    *,
    leave: tuple[str, ...] = (),
    of: LiteralString = "",
) -> sql.Composed:
    """Rows `o` of the table again for each row of `beside`, with values of their `own`, and without the
    columns to `leave`.
    """
    rows = bench.airflow_tables.execute(COLUMNS, (table,)).fetchall()
    columns = [str(row[0]) for row in rows if row[0] not in leave]
    taken = [
        sql.SQL(own[name]) if name in own else sql.SQL("o.{}").format(sql.Identifier(name))
        for name in columns
    ]
    made = sql.SQL("INSERT INTO {table} ({columns}) SELECT {taken} FROM {table} o, {beside}").format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        taken=sql.SQL(", ").join(taken),
        beside=sql.SQL(beside),
    )
    return made + sql.SQL(f" WHERE {of} = c.old" if of else "")
