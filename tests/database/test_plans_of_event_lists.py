"""With many rows, a page of every list is read by an index: as many rows as it shows, whatever there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event as sql_events
from sqlalchemy import text
from sqlalchemy.orm import Session

from officeflow.database.engine import Database
from officeflow.database.pages import Wanted
from officeflow.database.tables import Organization
from officeflow.events import mass, pages
from officeflow.events.pages import EventFilter, LetterFilter, UnsentState
from officeflow.statuses import EventStatus
from officeflow.workflows import drafts, release_store, store

pytestmark = pytest.mark.integration

FILL = """
INSERT INTO inbox_events (inbox_id, org_id, source, event_id, kind, employee_key, event_time, correlation_id,
    content_hash, payload, status)
    SELECT gen_random_uuid(), CAST(:org AS uuid), 'hr', CAST(n AS text), 'employee.onboard', 'E' || n % 5000,
    now(), 'c', 'h', '{}', 'DISPATCHED' FROM generate_series(1, 20000) n;
INSERT INTO dead_letters (dead_letter_id, org_id, topic, partition, "offset", reason, detail, created_at)
    SELECT gen_random_uuid(), CAST(:org AS uuid), 't', 0, n, 'empty', '', now() - n * interval '1 second'
    FROM generate_series(1, 20000) n;
INSERT INTO outbox_messages (message_id, org_id, topic, key, type, payload, correlation_id)
    SELECT gen_random_uuid(), CAST(:org AS uuid), 't', 'k', 'x', '{}', 'c' FROM generate_series(1, 20000) n;
INSERT INTO workflow_drafts (draft_id, org_id, title, content, created_by, edited_by, updated_at)
    SELECT gen_random_uuid(), CAST(:org AS uuid), 't', '{}', 'x', 'x', now() - n * interval '1 second'
    FROM generate_series(1, 20000) n;
INSERT INTO releases (release_id, org_id, kind, state, subject, wanted, why, requested_by, requested_at)
    SELECT gen_random_uuid(), CAST(:org AS uuid), 'publish', 'APPROVED', 's' || n, '{}', '', 'x',
    now() - n * interval '1 second' FROM generate_series(1, 20000) n;
INSERT INTO workflows (workflow_id, org_id, slug, name, event_trigger, definition, place)
    SELECT gen_random_uuid(), CAST(:org AS uuid), 'w' || n, 'W', 'employee.onboard', '{}', n
    FROM generate_series(1, 20000) n;
"""
FILLED = ("inbox_events", "dead_letters", "outbox_messages", "workflow_drafts", "releases", "workflows")


@pytest.fixture
def filled(database: Database, org: Organization) -> Database:
    with database.engine.begin() as connection:
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(text(statement), {"org": str(org.org_id)})
        for table in FILLED:
            connection.execute(text(f"ANALYZE {table}"))
    return database


def test_no_list_reads_more_than_it_shows(filled: Database, org: Organization) -> None:
    org_id, wanted = org.org_id, Wanted(20)
    done = EventFilter(status=EventStatus.DISPATCHED)
    lists: dict[str, Callable[[Session], Any]] = {
        "inbox": lambda s: pages.events(s, org_id, wanted, EventFilter()),
        "inbox, a state": lambda s: pages.events(s, org_id, wanted, done),
        "inbox, a person": lambda s: pages.events(s, org_id, wanted, EventFilter(employee="E7")),
        "quarantine": lambda s: pages.letters(s, org_id, wanted, LetterFilter()),
        "outbox": lambda s: pages.unsent(s, org_id, wanted, state=UnsentState.WAITS),
        "drafts": lambda s: drafts.page(s, org_id, wanted),
        "releases": lambda s: release_store.page(s, org_id, wanted),
        "workflows": lambda s: store.page(s, org_id, wanted, active=True),
    }
    for name, ask in lists.items():
        with filled.tenant(org_id) as session:
            plans = _plans(session, ask)
        assert plans, name
        for plan in plans:
            assert "Seq Scan" not in plan, f"{name}:\n{plan}"
            assert "Sort" not in plan or name == "inbox, a person", f"{name}:\n{plan}"


def test_a_mass_is_counted_by_an_index(filled: Database, org: Organization) -> None:
    with filled.service() as session:
        plans = _plans(session, lambda s: mass._counted(s, org.org_id, "employee.exit"))
    assert "Seq Scan on inbox_events" not in plans[0]


def _plans(session: Session, ask: Callable[[Session], Any]) -> list[str]:
    """Of each SELECT of a table that was filled, as PostgreSQL runs it for this session."""
    seen: list[tuple[str, Any]] = []

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any) -> None:
        if any(f"FROM {table}" in statement for table in FILLED):
            seen.append((statement, parameters))

    connection = session.connection()
    sql_events.listen(connection.engine, "before_cursor_execute", note)
    try:
        ask(session)
    finally:
        sql_events.remove(connection.engine, "before_cursor_execute", note)
    found = []
    for statement, parameters in seen:
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        found.append("\n".join(row[0] for row in rows))
    return found
