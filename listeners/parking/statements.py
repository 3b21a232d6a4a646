"""What is asked and written in Airflow's database (PostgreSQL), in the terms of the version that
`officeflow.database.parking_login` names.

States are written out in the texts, not given as values: so PostgreSQL uses its partial index of running
runs.
"""

from __future__ import annotations

from sqlalchemy import text

_TASKS = """
SELECT
    coalesce(bool_or(ti.state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred')), true) AS acts,
    count(*) FILTER (WHERE ti.state IN ('awaiting_input', 'up_for_reschedule', 'up_for_retry')) AS waiting,
    max(ti.updated_at) AS changed,
    min(CASE ti.state
        WHEN 'up_for_reschedule' THEN coalesce((
            SELECT tr.reschedule_date FROM task_reschedule tr
            WHERE tr.ti_id = ti.id ORDER BY tr.id DESC LIMIT 1
        ), '-infinity')
        WHEN 'up_for_retry' THEN
            coalesce(ti.end_date + ti.retry_delay_override * interval '1 second', '-infinity')
        WHEN 'awaiting_input' THEN coalesce(ti.trigger_timeout, 'infinity')
    END) AS due
FROM task_instance ti WHERE ti.dag_id = dr.dag_id AND ti.run_id = dr.run_id
"""
"""Of the run `dr`: whether a task is in work, how many wait, when the last one changed, and when the first
has something to do. A retry whose moment is not in its row counts as due.
"""

_QUIET = """
NOT tasks.acts AND tasks.waiting > 0
AND tasks.changed + :margin <= dr.last_scheduling_decision
"""
"""Nothing is in work, and the scheduler has looked since the last change: what could start has started."""

_OURS = "EXISTS (SELECT FROM dag WHERE dag.dag_id = dr.dag_id AND dag.bundle_name = :bundle)"

_PARKED = """
dr.run_after > now() AND (
    dr.start_date IS NOT NULL OR EXISTS (SELECT FROM task_instance ti
        WHERE ti.dag_id = dr.dag_id AND ti.run_id = dr.run_id AND ti.try_number > 0))
"""
"""A run has started though its `run_after` is ahead, which nobody but parking makes so. One that was cleared
has no start any more, but tasks that have been tried.
"""

_COLUMNS = """
SELECT dr.id, dr.dag_id, dr.run_id, dr.state, dr.run_after, dr.start_date, dr.last_scheduling_decision
"""
"""Of runs that are found by their own keys first: statistics of `run_after` are soon old, and by them
PostgreSQL would go through all that are parked.
"""

_BACK = "least(coalesce(dr.start_date, dr.created_at, now()), now())"
"""What `run_after` may well have been before: a run starts as soon as it is due."""

PARK = text(f"""
WITH quiet AS MATERIALIZED (
    SELECT dr.id, tasks.due
    FROM dag_run dr CROSS JOIN LATERAL ({_TASKS}) AS tasks
    WHERE dr.state = 'running' AND dr.run_after <= now() AND NOT dr.id = ANY(:spared)
        AND {_OURS} AND {_QUIET} AND tasks.due > now() + :least
    LIMIT :most
    FOR UPDATE OF dr SKIP LOCKED
)
UPDATE dag_run dr SET run_after = least(quiet.due, now() + :longest * (0.75 + random() / 4))
FROM quiet WHERE dr.id = quiet.id
RETURNING dr.id
""")  # noqa: S608 - put together of texts of this file
"""Park runs that are quiet for some time yet. Those of many that were parked at once do not come back at
once.
"""

RENEW = text(f"""
WITH soon AS MATERIALIZED (
    SELECT dr.id, tasks.due
    FROM dag_run dr CROSS JOIN LATERAL ({_TASKS}) AS tasks
    WHERE dr.state = 'running' AND dr.run_after > now() AND dr.run_after < now() + :within
        AND dr.last_scheduling_decision > now() - :unseen
        AND {_OURS} AND {_PARKED} AND {_QUIET} AND tasks.due > dr.run_after
    LIMIT :most
    FOR UPDATE OF dr SKIP LOCKED
)
UPDATE dag_run dr SET run_after = least(soon.due, now() + :longest * (0.75 + random() / 4))
FROM soon WHERE dr.id = soon.id
RETURNING dr.id
""")  # noqa: S608
"""Park those for longer whose parking ends soon, and that have nothing to do by then."""

UNPARK = text(f"""
WITH named AS MATERIALIZED ({_COLUMNS} FROM dag_run dr WHERE dr.id = ANY(:runs)),
parked AS MATERIALIZED (SELECT dr.id FROM named dr WHERE {_PARKED}),
those AS MATERIALIZED (
    SELECT dr.id FROM parked JOIN dag_run dr ON dr.id = parked.id
    FOR UPDATE OF dr SKIP LOCKED
)
UPDATE dag_run dr SET run_after = {_BACK} FROM those WHERE dr.id = those.id
RETURNING dr.id
""")  # noqa: S608
"""Put these back. One that somebody else has locked is left to the next look: nobody is waited for."""

NAMED = text("""
SELECT dr.id FROM unnest(CAST(:dags AS text[]), CAST(:names AS text[])) AS named(dag_id, run_id)
JOIN dag_run dr ON dr.dag_id = named.dag_id AND dr.run_id = named.run_id
""")

RESTLESS = text(f"""
WITH those AS MATERIALIZED ({_COLUMNS} FROM dag_run dr WHERE dr.id = ANY(:runs))
SELECT dr.id FROM those dr CROSS JOIN LATERAL ({_TASKS}) AS tasks
WHERE {_OURS} AND {_PARKED} AND (dr.state <> 'running' OR ({_QUIET}) IS NOT TRUE)
""")  # noqa: S608
"""Those of these runs that are parked and should not be."""

ACTING = text(f"""
WITH acting AS MATERIALIZED (
    SELECT DISTINCT ti.dag_id, ti.run_id FROM task_instance ti
    WHERE ti.state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred')
), those AS MATERIALIZED (
    {_COLUMNS} FROM acting JOIN dag_run dr ON dr.dag_id = acting.dag_id AND dr.run_id = acting.run_id
)
SELECT dr.id FROM those dr WHERE {_OURS} AND {_PARKED}
""")  # noqa: S608
"""Parked runs with a task in work: one that was answered, or whose question has run out."""

TOUCHED = text(f"""
WITH touched AS MATERIALIZED (
    SELECT DISTINCT log.dag_id, log.run_id FROM log
    WHERE log.dttm > now() - :within AND log.run_id IS NOT NULL AND log.event NOT IN (
        'running', 'success', 'failed', 'skipped', 'up_for_retry', 'up_for_reschedule', 'deferred',
        'awaiting_input')
), those AS MATERIALIZED (
    {_COLUMNS} FROM touched JOIN dag_run dr ON dr.dag_id = touched.dag_id AND dr.run_id = touched.run_id
)
SELECT dr.id FROM those dr WHERE dr.run_after > now()
""")  # noqa: S608
"""Runs that somebody has done something to of late, by Airflow's audit log: clear, mark, answer. The log has
it before it is done.
"""

MANY_TOUCHED = text("""
SELECT EXISTS (SELECT FROM log
WHERE log.dttm > now() - :within AND log.run_id IS NULL
    AND (log.event LIKE '%task_instance%' OR log.event LIKE '%dag_run%' OR log.event LIKE 'cli_task%'))
""")
"""Whether somebody has of late done something to runs that the log does not name: they may be many."""

NEXT_PARKED = text("""
SELECT dr.id FROM dag_run dr WHERE dr.run_after > now() AND dr.id > :after ORDER BY dr.id LIMIT :most
""")

PARKED = text(f"""
SELECT count(*) FROM dag_run dr
WHERE dr.state = 'running' AND dr.run_after > now() AND dr.start_date IS NOT NULL AND {_OURS}
""")  # noqa: S608

ALL_PARKED = text(f"SELECT dr.id FROM dag_run dr WHERE {_OURS} AND {_PARKED}")  # noqa: S608
