"""Runs and ledger rows by the hundred thousand, written straight into OfficeFlow's own tables.

Nobody ran them: they are there to be counted, listed and paged through.
"""

from __future__ import annotations

from sqlalchemy import text

from benchmarks.bench import Bench

RUNS = text("""
INSERT INTO workflow_runs
    (run_id, org_id, dag_id, dag_run_id, trigger_event, status, context, correlation_id, started_at,
    ended_at)
SELECT gen_random_uuid(), :org, 'acme__bench-' || n % 20, gen_random_uuid()::text, 'employee.onboard',
    (ARRAY['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED',
        'FAILED', 'CANCELLED', 'RUNNING'])[1 + n % 10],
    '{}', 'bench', now() - n * interval '20 s',
    CASE WHEN n % 10 = 9 THEN NULL ELSE now() - n * interval '20 s' + interval '40 s' END
FROM generate_series(1, CAST(:runs AS integer)) AS n
RETURNING run_id
""")

ACTS = text("""
INSERT INTO node_runs
    (node_run_id, org_id, run_id, node_key, node_type, effect, status, idempotency_key, created_at,
    started_at, ended_at, error_details)
SELECT gen_random_uuid(), :org, r.run_id, 'node_' || n, 'identity.create_account', 'keyed',
    CASE WHEN r.status = 'FAILED' AND n = 10 THEN 'FAILED' ELSE 'SUCCEEDED' END, gen_random_uuid()::text,
    r.started_at, r.started_at, r.started_at + interval '1 s',
    CASE WHEN r.status = 'FAILED' AND n = 10
        THEN '{"code": "rejected", "message": "the directory said no"}'::jsonb END
FROM (SELECT run_id, status, started_at FROM workflow_runs w WHERE org_id = :org AND correlation_id = 'bench'
        AND NOT EXISTS (SELECT FROM node_runs WHERE run_id = w.run_id)) AS r,
    generate_series(1, CAST(:each AS integer)) AS n
""")


def add(bench: Bench, *, runs: int, acts: int) -> None:
    """So many more of each, for `acme`; the tables are analyzed afterwards, as autovacuum would."""
    org = {"org": bench.org.org_id}
    with bench.database.service() as session:
        session.execute(RUNS, {**org, "runs": runs})
        session.execute(ACTS, {**org, "each": acts // runs})
    with bench.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE workflow_runs, node_runs"))
