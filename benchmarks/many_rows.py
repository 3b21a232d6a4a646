"""Runs and ledger rows by the hundred thousand, with what came in and what people are asked, written straight
into OfficeFlow's own tables.

Nobody ran them: they are there to be counted, listed and paged through. Everybody is noted as written to, and
Airflow as told, so that no service has anything to do with them.
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
    jsonb_build_object('event', jsonb_build_object('employee', 'B-' || :first + n)), 'bench',
    now() - n * interval '20 s',
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

EVENTS = text("""
INSERT INTO inbox_events
    (inbox_id, org_id, source, event_id, kind, employee_key, event_time, correlation_id, content_hash,
    payload, status, received_at, dispatched_at)
SELECT gen_random_uuid(), :org, 'bench', gen_random_uuid()::text, 'employee.onboard', 'B-' || :first + n,
    now() - n * interval '20 s', 'bench', 'bench',
    jsonb_build_object('work_email', 'b-' || :first + n || '@acme.example'),
    CASE WHEN :first + n = 1 THEN 'HELD' ELSE 'DISPATCHED' END,
    now() - n * interval '20 s', now() - n * interval '19 s'
FROM generate_series(1, CAST(:runs AS integer)) AS n
""")
"""One is held: the steward looks for open runs in Airflow, which does not have these, and leaves those alone
whose event has not been dispatched. All have one correlation id.
"""

USERS = text("""
INSERT INTO users (user_id, org_id, email, name, role, airflow_login)
SELECT gen_random_uuid(), :org, 'bench-' || n || '@acme.example', 'Bench ' || n, 'operator',
    CASE WHEN n = 0 THEN 'admin' END
FROM generate_series(0, 19) AS n
ON CONFLICT DO NOTHING
""")
"""The first one is who asks: it is asked, and stands in for some of the others."""

DELEGATIONS = text("""
INSERT INTO delegations
    (delegation_id, org_id, from_user_id, to_user_id, starts_on, ends_on, made_by, created_at)
SELECT gen_random_uuid(), :org, giver.user_id, taker.user_id, current_date - 1, current_date + 7, 'bench',
    now()
FROM users AS giver, users AS taker
WHERE giver.org_id = :org AND giver.email LIKE 'bench-1_@acme.example' AND taker.org_id = :org
    AND taker.email = 'bench-' || CASE WHEN giver.email < 'bench-15' THEN 0 ELSE 5 END || '@acme.example'
    AND NOT EXISTS (SELECT FROM delegations WHERE org_id = :org)
""")

REQUESTS = text("""
INSERT INTO human_requests
    (request_id, org_id, run_id, node_key, kind, subject, body, options, asked, state, decision, created_at,
    decided_at, told_airflow_at)
SELECT gen_random_uuid(), :org, run_id, 'ask_' || n, 'approval', 'May they come in?', '""',
    '["Approve", "Reject"]', '[{"role": "operator"}]', CAST(:state AS text),
    CASE :state WHEN 'OPEN' THEN '' ELSE 'Reject' END, started_at + interval '1 s',
    CASE :state WHEN 'OPEN' THEN NULL ELSE started_at + interval '30 s' END,
    CASE :state WHEN 'OPEN' THEN NULL ELSE started_at + interval '31 s' END
FROM (SELECT run_id, started_at, row_number() OVER (ORDER BY started_at) AS row, count(*) OVER () AS rows
        FROM workflow_runs WHERE org_id = :org AND correlation_id = 'bench' AND status = :of_runs
        AND run_id NOT IN (SELECT run_id FROM human_requests WHERE org_id = :org)) AS r
    JOIN generate_series(1, CAST(:number AS integer)) AS n ON row = 1 + n % rows
""")

SEATS = text("""
INSERT INTO human_assignments
    (assignment_id, org_id, request_id, user_id, answered_by, why, state, choice, answered_at, mailed_at,
    created_at)
SELECT gen_random_uuid(), :org, q.request_id, u.user_id,
    CASE WHEN q.state <> 'OPEN' AND seat = 0 THEN u.user_id END, 'role operator',
    CASE WHEN q.state = 'OPEN' THEN 'OPEN' WHEN seat = 0 THEN 'ANSWERED' ELSE 'WITHDRAWN' END,
    CASE WHEN q.state <> 'OPEN' AND seat = 0 THEN q.decision ELSE '' END,
    CASE WHEN q.state <> 'OPEN' AND seat = 0 THEN q.decided_at END, q.created_at, q.created_at
FROM (SELECT *, row_number() OVER () AS row FROM human_requests a WHERE org_id = :org
        AND NOT EXISTS (SELECT FROM human_assignments WHERE request_id = a.request_id)) AS q
    CROSS JOIN generate_series(0, 2) AS seat
    JOIN users AS u ON u.org_id = :org AND u.email = 'bench-' || (row + 7 * seat) % 20 || '@acme.example'
""")

LINKS = text("""
INSERT INTO answer_links (token_hash, org_id, assignment_id, user_id, expires_at, mailed_at)
SELECT md5(s.assignment_id::text), :org, s.assignment_id, d.to_user_id, now() + interval '1 day', now()
FROM human_assignments AS s JOIN delegations AS d ON d.from_user_id = s.user_id
WHERE s.org_id = :org AND s.state = 'OPEN'
ON CONFLICT DO NOTHING
""")

OPEN = 300
"""Questions that nobody has answered, whatever the number of runs."""

TABLES = (
    "workflow_runs, node_runs, inbox_events, users, delegations, human_requests, human_assignments,"
    " answer_links"
)


def add(bench: Bench, *, runs: int, acts: int) -> None:
    """So many more runs and acts, for `acme`, an event to each run and a decided question to every tenth; and
    `OPEN` questions, once. The tables are analyzed afterwards, as autovacuum would.
    """
    org = {"org": bench.org.org_id}
    with bench.database.service() as session:
        there = session.scalar(text("SELECT count(*) FROM workflow_runs WHERE correlation_id = 'bench'")) or 0
        some = {**org, "runs": runs, "first": there}
        session.execute(RUNS, some)
        session.execute(ACTS, {**org, "each": acts // runs})
        session.execute(EVENTS, some)
        session.execute(USERS, org)
        session.execute(DELEGATIONS, org)
        decided = {"state": "DECIDED", "of_runs": "FAILED", "number": runs // 10}
        opened = {"state": "OPEN", "of_runs": "RUNNING", "number": 0 if there else OPEN}
        for questions in (decided, opened):
            session.execute(REQUESTS, {**org, **questions})
        session.execute(SEATS, org)
        session.execute(LINKS, org)
    with bench.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM ANALYZE {TABLES}"))
