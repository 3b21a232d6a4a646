"""What lists cost: with 20,000 runs, acts and records no list reads a whole table."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from officeflow.audit import searching
from officeflow.database import pages
from officeflow.database.engine import Database
from officeflow.database.pages import Wanted
from officeflow.database.tables import Organization
from officeflow.events import figures as of_events
from officeflow.people import figures as of_people
from officeflow.people import finding as requests
from officeflow.runs import changes, deeds, figures, finding
from officeflow.statuses import ODD_ACTS, ActStatus, RequestState, ShownRunStatus

pytestmark = pytest.mark.integration

ROWS = 20_000
LARGE = {"workflow_runs", "node_runs", "human_requests", "audit_records", "inbox_events"}
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
WANTED = Wanted(20)

FILL = """
SET LOCAL session_replication_role = replica;
INSERT INTO workflow_runs (run_id, org_id, version, dag_id, dag_run_id, trigger_event, status, context,
    correlation_id, started_at, ended_at)
SELECT md5('run' || i)::uuid, '{org}', 1 + i % 5, 'acme__w' || i % 50, 'r' || i, 'employee.onboard',
    CASE WHEN i % 100 = 0 THEN 'FAILED' WHEN i % 101 = 0 THEN 'RUNNING' ELSE 'SUCCEEDED' END,
    jsonb_build_object('event', jsonb_build_object('employee', 'E-' || i % 5000)), 'c',
    timestamptz '{now}' - i * interval '2 minutes',
    CASE WHEN i % 101 = 0 AND i % 100 <> 0 THEN NULL ELSE timestamptz '{now}' - i * interval '1 minute' END
FROM generate_series(1, {rows}) i;
INSERT INTO node_runs (node_run_id, org_id, run_id, node_key, node_type, effect, status, idempotency_key,
    created_at, started_at)
SELECT md5('act' || i)::uuid, '{org}', md5('run' || i)::uuid, 'mail', 'email.send', 'idempotent',
    CASE WHEN i % 100 = 0 THEN 'FAILED' ELSE 'SUCCEEDED' END, 'k' || i,
    timestamptz '{now}' - i * interval '2 minutes', timestamptz '{now}' - i * interval '2 minutes'
FROM generate_series(1, {rows}) i;
INSERT INTO human_requests (request_id, org_id, run_id, node_key, kind, subject, body, state, created_at)
SELECT md5('ask' || i)::uuid, '{org}', md5('run' || i)::uuid, 'ask', 'approval', 's', '""',
    CASE WHEN i % 100 = 0 THEN 'OPEN' ELSE 'DECIDED' END, timestamptz '{now}' - i * interval '2 minutes'
FROM generate_series(1, {rows}) i;
INSERT INTO audit_records (record_id, org_id, actor, action, subject, details, occurred_at)
SELECT md5('record' || i)::uuid, '{org}',
    CASE WHEN i % 200 = 0 THEN 'airflow:ana' ELSE 'node:acme__w/mail' END,
    CASE WHEN i % 200 = 0 THEN 'run.paused' ELSE 'act.done' END, 'employee:E-' || i % 5000, '{{}}',
    timestamptz '{now}' - i * interval '2 minutes'
FROM generate_series(1, {rows}) i;
INSERT INTO inbox_events (inbox_id, org_id, source, event_id, kind, employee_key, event_time, correlation_id,
    content_hash, payload, received_at)
SELECT md5('event' || i)::uuid, '{org}', 'hr', 'e' || i, 'employee.onboard', 'E-1', '{now}', 'c', 'h', '{{}}',
    timestamptz '{now}' - i * interval '2 minutes'
FROM generate_series(1, {rows}) i;
"""


@pytest.fixture
def full(database: Database, org: Organization) -> Organization:
    """An organization with all of it."""
    with database.engine.begin() as connection:
        for statement in FILL.format(org=org.org_id, now=NOW, rows=ROWS).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE " + ", ".join(sorted(LARGE)))
    return org


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def plans_of(session: Session, ask: Callable[[], object]) -> list[tuple[str, dict[str, Any]]]:
    """The statements of `ask`, each with its plan."""
    told: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            told.append((statement, parameters))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    ask()
    event.remove(connection, "before_cursor_execute", note)
    assert told
    found = []
    for statement, parameters in told:
        [plan] = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
        found.append((statement, plan["Plan"]))
    return found


def read_whole(session: Session, ask: Callable[[], object]) -> list[str]:
    """The large tables that the statements of `ask` read from beginning to end."""
    return [
        f"{each['Relation Name']}: {statement}"
        for statement, plan in plans_of(session, ask)
        for each in nodes(plan)
        if each["Node Type"] == "Seq Scan" and each["Relation Name"] in LARGE
    ]


def acts_of_others(session: Session, ask: Callable[[], object]) -> list[str]:
    """How the statements of `ask` read acts otherwise than by the run that they are of."""
    return [
        f"{each['Node Type']}: {statement}"
        for statement, plan in plans_of(session, ask)
        for each in nodes(plan)
        if each.get("Relation Name") == "node_runs"
        and "run_id = workflow_runs.run_id" not in f"{each.get('Index Cond')} {each.get('Recheck Cond')}"
    ]


SINCE, UNTIL = NOW - dt.timedelta(days=9), NOW - dt.timedelta(days=2)
RUNS = (
    finding.Sought(),
    finding.Sought(sort=finding.Sort.OLDEST),
    finding.Sought(since=SINCE, until=UNTIL),
    finding.Sought(workflow="acme__w7"),
    finding.Sought(employee="E-77"),
    finding.Sought(attention=True),
    finding.Sought(workflow="acme__w7", version=2),
    finding.Sought(attention=False),
    finding.Sought(statuses=[ShownRunStatus.FAILED, ShownRunStatus.WAITING]),
    finding.Sought(statuses=[ShownRunStatus.FAILED, ShownRunStatus.RUNNING]),
    *(finding.Sought(statuses=[status]) for status in ShownRunStatus),
)
ACTS = (
    deeds.Sought(),
    *(deeds.Sought(statuses=[status]) for status in ActStatus),
    deeds.Sought(statuses=sorted(ODD_ACTS)),
    deeds.Sought(statuses=[ActStatus.FAILED], employee="E-77"),
    deeds.Sought(statuses=[ActStatus.ASKED], since=SINCE, until=UNTIL),
    deeds.Sought(statuses=[ActStatus.FAILED], type="email.send", node="mail"),
    deeds.Sought(employee="E-77"),
    deeds.Sought(since=SINCE, until=UNTIL),
)
REQUESTS = (
    requests.Sought(),
    requests.Sought(state=None, newest_first=True),
    requests.Sought(state=RequestState.DECIDED),
    requests.Sought(asked=frozenset({uuid.uuid4()})),
)
RECORDS = (
    searching.Sought(),
    searching.Sought(actor="airflow:ana"),
    searching.Sought(action="run.paused"),
    searching.Sought(action="act.done"),
    searching.Sought(subject="employee:E-77"),
    searching.Sought(since=SINCE, until=UNTIL),
)


def lists(session: Session, org: Organization) -> Iterator[tuple[str, Callable[[], object]]]:
    org_id = org.org_id
    for runs in RUNS:
        yield f"runs {runs}", partial(finding.page, session, org_id, runs, WANTED)
    for acts in ACTS:
        yield f"acts {acts}", partial(deeds.page, session, org_id, acts, WANTED)
    for asked in REQUESTS:
        yield f"requests {asked}", partial(requests.page, session, org_id, asked, WANTED, now=NOW)
    for records in RECORDS:
        yield f"records {records}", partial(searching.page, session, org_id, records, WANTED)


def figures_of(session: Session, org: Organization) -> Iterator[tuple[str, Callable[[], object]]]:
    org_id, days = org.org_id, figures.Days(dt.date(2026, 2, 20), dt.date(2026, 2, 22), "UTC")
    position = changes.now(session)
    look = changes._Look(position, position)
    yield "changed runs", lambda: session.execute(changes._Runs(org_id).page(look)).all()
    yield "changed requests", lambda: session.execute(changes._Requests(org_id, None).page(look)).all()
    yield "runs by day", partial(figures.runs_by_day, session, org_id, days)
    yield "open runs", partial(figures.open_runs, session, org_id)
    yield "durations", partial(figures.durations, session, org_id, days)
    yield "failures", partial(figures.failures, session, org_id, days)
    yield "events", partial(of_events.came, session, org_id, holds=days.holds, day_of=days.of)
    yield "questions", partial(of_people.open_questions, session, org_id, now=NOW)


def test_acts_that_ended_otherwise_are_found_by_their_status_in_pages(
    full: Organization, database: Database
) -> None:
    """Every hundredth failed, and every thousandth of all is asked about; none of it is sifted."""
    with database.engine.begin() as connection:
        asked = "UPDATE node_runs SET status = 'ASKED' WHERE idempotency_key LIKE 'k%%000'"
        connection.exec_driver_sql(asked)
    pages_of = {}
    with database.tenant(full.org_id) as session:
        for statuses in ([ActStatus.FAILED], [ActStatus.ASKED], [ActStatus.ASKED, ActStatus.FAILED]):
            wanted, found = Wanted(50), []
            while True:
                page = deeds.page(session, full.org_id, deeds.Sought(statuses=statuses), wanted)
                assert len(page.rows) == 50 or page.next is None
                found += [(each.dag_run_id, each.shown["status"]) for each in page.rows]
                if page.next is None:
                    break
                wanted = Wanted(50, page.next)
            pages_of[tuple(statuses)] = found
    all_of_them = [(f"r{i}", "ASKED" if i % 1000 == 0 else "FAILED") for i in range(100, ROWS + 1, 100)]
    assert pages_of == {
        (ActStatus.FAILED,): [each for each in all_of_them if each[1] == "FAILED"],
        (ActStatus.ASKED,): [each for each in all_of_them if each[1] == "ASKED"],
        (ActStatus.ASKED, ActStatus.FAILED): all_of_them,
    }


def test_an_act_that_is_done_writes_to_no_index_anew(full: Organization, database: Database) -> None:
    """Its row stays where all indexes lead to (HOT), as the index of the odd ones knows nothing of it."""
    hot = text("SELECT pg_stat_get_xact_tuples_hot_updated('node_runs'::regclass)")
    change = text("UPDATE node_runs SET status = :status, ended_at = now() WHERE idempotency_key = :key")
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO node_runs (node_run_id, org_id, run_id, node_key, node_type, effect, status,"
                " idempotency_key) SELECT gen_random_uuid(), org_id, run_id, 'new', node_type, effect,"
                " 'STARTED', 'new' FROM node_runs WHERE idempotency_key = 'k7'"
            )
        )
        counted = []
        for status in ("STARTED", "SUCCEEDED", "FAILED"):  # by the first it comes to where there is room
            connection.execute(change, {"status": status, "key": "new"})
            counted.append(connection.execute(hot).scalar_one())
    _, done, failed = (each - counted[0] for each in counted)
    assert (done, failed) == (1, 1), "the second is written to its index"


def test_no_list_reads_a_whole_table(
    full: Organization, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two hundred of so few rows are read faster from the table than by an index.
    monkeypatch.setattr(pages, "MOST", 20)
    with database.tenant(full.org_id) as session:
        asked = [*lists(session, full), *figures_of(session, full)]
        found = {name: whole for name, ask in asked if (whole := read_whole(session, ask))}
    assert found == {}


def test_with_many_open_runs_a_list_reads_the_acts_of_its_own_runs_alone(
    full: Organization, database: Database
) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET ROLE officeflow_service")
        connection.exec_driver_sql("UPDATE workflow_runs SET status = 'RUNNING' WHERE version < 4")
        connection.exec_driver_sql("RESET ROLE")
        connection.exec_driver_sql("VACUUM ANALYZE workflow_runs")
    with database.tenant(full.org_id) as session:
        asked = {str(each): partial(finding.page, session, full.org_id, each, WANTED) for each in RUNS}
        found = {name: others for name, ask in asked.items() if (others := acts_of_others(session, ask))}
        opened = finding.page(session, full.org_id, finding.Sought(statuses=[ShownRunStatus.RUNNING]), WANTED)
    assert found == {}
    assert len(opened.rows) == WANTED.limit


def test_an_organization_is_expected_to_have_many_rows(full: Organization, database: Database) -> None:
    """Whoever expects few sorts what an index has in order."""
    with database.tenant(full.org_id) as session:
        [plan] = session.execute(text("EXPLAIN (FORMAT JSON) SELECT * FROM workflow_runs")).scalar_one()
    assert plan["Plan"]["Plan Rows"] >= ROWS / 4
