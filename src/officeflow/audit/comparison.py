"""The audit log beside what the other tables say was done: a record that is missing there is found by what it
was about.

This is what finds records that were deleted before they were chained, where the other tables were left as
they are. Each pair of rows is written in one transaction, so neither can be there without the other.
"""

from __future__ import annotations

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from officeflow.audit.actions import AuditAction
from officeflow.errors import Problem

MOST = 50
"""How many of a kind are named; the rest is counted."""

ACTS = """
SELECT 'node_runs[' || run.dag_id || '/' || run.dag_run_id || ' ' || act.node_key || ']' AS place,
    'the act is ' || act.status || ' in attempt ' || act.attempt AS says
FROM node_runs AS act JOIN workflow_runs AS run USING (run_id)
WHERE act.org_id = :org AND act.status IN ('SUCCEEDED', 'FAILED', 'ASKED') AND NOT EXISTS (
    SELECT FROM audit_records AS told
    WHERE told.org_id = act.org_id AND told.details->>'key' = act.idempotency_key
        AND told.details->>'status' = act.status
        AND (told.action = :resolved OR told.details->>'attempt' = act.attempt::text)
)
ORDER BY act.created_at
"""

EVENTS = """
SELECT 'inbox_events[' || event.source || ' ' || event.event_id || ']' AS place,
    'the event is ' || event.status AS says
FROM inbox_events AS event
WHERE event.org_id = :org AND event.status IN ('DISPATCHED', 'IGNORED') AND NOT EXISTS (
    SELECT FROM audit_records AS told
    WHERE told.org_id = event.org_id AND told.action = :dispatched
        AND told.details->>'event_id' = event.event_id AND told.details->>'source' = event.source
)
ORDER BY event.arrival
"""

RUNS = """
SELECT 'workflow_runs[' || run.dag_id || '/' || run.dag_run_id || ']' AS place,
    'the run is ' || run.status AS says
FROM workflow_runs AS run
WHERE run.org_id = :org
    AND (run.status = 'SUCCEEDED' OR run.status = 'FAILED'
        AND run.error_details->>'code' IN ('run_failed', 'run_vanished'))
    AND NOT EXISTS (
        SELECT FROM audit_records AS told
        WHERE told.org_id = run.org_id AND told.action = :ended AND told.subject = 'run:' || run.run_id
            AND told.details->>'status' = run.status
    )
ORDER BY run.started_at
"""


def missing(session: Session, org_id: uuid.UUID) -> list[Problem]:
    """What was done, by the ledger, the inbox and the runs, and has no audit record.

    `session` may be the tenant's own or a service's.
    """
    problems: list[Problem] = []
    for query, action in (
        (ACTS, {"resolved": str(AuditAction.ACT_RESOLVED)}),
        (EVENTS, {"dispatched": str(AuditAction.EVENT_DISPATCHED)}),
        (RUNS, {"ended": str(AuditAction.RUN_ENDED)}),
    ):
        rows = session.execute(text(query), {"org": org_id, **action}).all()
        problems += [
            Problem(place, f"{says}, and no audit record tells of it") for place, says in rows[:MOST]
        ]
        if len(rows) > MOST:
            problems.append(Problem("", f"and {len(rows) - MOST} more of these"))
    return problems
