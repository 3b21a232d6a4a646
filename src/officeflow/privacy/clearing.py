"""What is emptied of a person's rows, table by table: the statements of an erasure and of retention.

What stays says that something was done, when, by whom and how it ended; what goes is what it was about.
Statements know `:org`, `:external` and `:pseudonym`, `:runs` (UUIDs) and, where something is cut off by time,
`:most`.
"""

from __future__ import annotations

ERROR = """CASE WHEN error_details IS NULL THEN NULL
    ELSE jsonb_build_object('code', error_details->'code', 'message', '(erased)') END"""
"""An error without the words of it, which may quote what a node was given."""

ACTS = f"""
UPDATE node_runs SET input = NULL, output = NULL, output_sealed = NULL, progress = NULL, params_hash = NULL,
    story = '[]', error_details = {ERROR}
WHERE org_id = :org AND run_id = ANY (:runs)
"""  # noqa: S608 - a statement of ours
REFUSALS = "DELETE FROM node_refusals WHERE org_id = :org AND run_id = ANY (:runs)"
REQUESTS = """
UPDATE human_requests SET subject = '(erased)', body = convert_to('""', 'UTF8'), form = NULL, asked = '[]',
    escalate_to = '[]', unasked = '[]', not_counted = '[]'
WHERE org_id = :org AND run_id = ANY (:runs)
"""
_REQUESTED = "SELECT request_id FROM human_requests WHERE org_id = :org AND run_id = ANY (:runs)"
LINKS = f"""
DELETE FROM answer_links WHERE org_id = :org AND assignment_id IN (
    SELECT assignment_id FROM human_assignments WHERE request_id IN ({_REQUESTED}))
"""  # noqa: S608 - a statement of ours
ANSWERS = f"""
UPDATE human_assignments SET reason = '', answer = NULL, why = '', mail_problem = ''
WHERE org_id = :org AND request_id IN ({_REQUESTED})
"""  # noqa: S608 - a statement of ours
WAITS = f"""
UPDATE event_waits SET bindings = NULL, expression = '', error_details = {ERROR}
WHERE org_id = :org AND run_id = ANY (:runs)
"""  # noqa: S608 - a statement of ours
CALLS = f"""
UPDATE run_requests SET input = NULL, error_details = {ERROR}
WHERE org_id = :org AND parent_run_id = ANY (:runs)
"""  # noqa: S608 - a statement of ours
WAKES = "DELETE FROM wakes WHERE org_id = :org AND run_id = ANY (:runs)"
NAMES = "DELETE FROM name_reservations WHERE org_id = :org AND run_id = ANY (:runs)"
RUNS = f"""
UPDATE workflow_runs SET
    context = jsonb_strip_nulls(jsonb_build_object(
        'correlation_id', context->'correlation_id',
        'event', CASE WHEN jsonb_typeof(context->'event') = 'object' THEN jsonb_build_object(
            'id', context->'event'->'id', 'source', context->'event'->'source',
            'kind', context->'event'->'kind', 'org', context->'event'->'org',
            'time', context->'event'->'time', 'employee', CAST(:pseudonym AS text),
            'payload', '{{}}'::jsonb) END)),
    control_why = '',
    undone = CASE WHEN undone IS NULL THEN NULL ELSE undone || '{{"remaining": [], "why": ""}}' END,
    error_details = {ERROR}
WHERE org_id = :org AND run_id = ANY (:runs)
"""  # noqa: S608 - a statement of ours

OF_RUNS: dict[str, str] = {
    "node_runs": ACTS,
    "node_refusals": REFUSALS,
    "answer_links": LINKS,
    "human_assignments": ANSWERS,
    "human_requests": REQUESTS,
    "event_waits": WAITS,
    "run_requests": CALLS,
    "wakes": WAKES,
    "name_reservations": NAMES,
    "workflow_runs": RUNS,
}
"""By table, in an order in which none looks for what another has emptied."""

HELD = """
SELECT release_id, count(*) FROM inbox_events
WHERE org_id = :org AND employee_key = :external AND status = 'HELD' GROUP BY release_id ORDER BY release_id
"""
"""What waits for a second person, by release."""
SENDERS = """
DELETE FROM event_senders AS sender USING inbox_events AS event
WHERE sender.org_id = :org AND event.org_id = :org AND event.employee_key = :external
    AND event.source = sender.source AND event.event_id = sender.event_id
"""
_MAY_START = "status IN ('RECEIVED', 'HELD')"
EVENTS = f"""
UPDATE inbox_events SET payload = '{{}}', sensitive = NULL, employee_key = :pseudonym,
    last_error = CASE WHEN {_MAY_START} THEN 'the person was erased' END,
    dispatched_at = CASE WHEN {_MAY_START} THEN clock_timestamp() ELSE dispatched_at END,
    status = CASE WHEN {_MAY_START} THEN 'REFUSED' ELSE status END
WHERE org_id = :org AND employee_key = :external
"""  # noqa: S608 - a statement of ours
"""What has started nothing yet never will."""
AWAITED = "UPDATE event_waits SET employee = :pseudonym WHERE org_id = :org AND employee = :external"

OUTBOX = """
DELETE FROM outbox_messages WHERE org_id = :org AND topic <> 'audit.events'
    AND (sent_at IS NOT NULL OR set_aside_at IS NOT NULL)
    AND (key = :key OR subject = 'employee:' || CAST(:external AS text)
        OR payload->>'employee' = CAST(:external AS text)
        OR payload->>'run_id' = ANY (:run_names))
"""
UNSENT = """
SELECT count(*) FROM outbox_messages WHERE org_id = :org AND topic <> 'audit.events'
    AND sent_at IS NULL AND set_aside_at IS NULL
    AND (key = :key OR subject = 'employee:' || CAST(:external AS text)
        OR payload->>'employee' = CAST(:external AS text)
        OR payload->>'run_id' = ANY (:run_names))
"""
OUTBOX_AUDIT = """
DELETE FROM outbox_messages WHERE org_id = :org AND topic = 'audit.events' AND sent_at IS NOT NULL
    AND payload->>'subject' = 'employee:' || CAST(:external AS text)
"""
KEYS = """
UPDATE person_keys SET wrapped = NULL, person = NULL, destroyed_at = clock_timestamp(),
    retired_at = coalesce(retired_at, clock_timestamp())
WHERE org_id = :org AND person = :person RETURNING key_id
"""
ANONYMOUS = """
INSERT INTO employees (employee_id, org_id, external_id, status)
SELECT CAST(:anonymous AS uuid), org_id, CAST(:pseudonym AS text), status
FROM employees WHERE employee_id = :employee
"""
TO_ANONYMOUS = {
    "workflow_runs": "UPDATE workflow_runs SET employee_id = :anonymous WHERE employee_id = :employee",
    "plans": "UPDATE plans SET employee_id = :anonymous WHERE employee_id = :employee",
}
GONE = "DELETE FROM employees WHERE employee_id = :employee"

LETTERS = """
UPDATE dead_letters SET key = NULL, body = NULL, headers = '[]', detail = '(erased)',
    status = CASE WHEN status = 'OPEN' THEN 'DISCARDED' ELSE status END
WHERE dead_letter_id = ANY (:letters)
"""
ORDERS = """
UPDATE control_requests SET body = :empty, result = NULL
WHERE request_id = ANY (:orders)
"""
