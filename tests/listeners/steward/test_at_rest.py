"""What the duties ask while there is nothing to do: they read little, however many wait and have ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from listeners.steward.duties import Bells, duties, people_duties
from listeners.steward.waking import Waking
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import SERVICE_ROLE, Database
from officeflow.database.tables import Organization
from officeflow.settings import Settings

FEW_PAGES = 30
"""Of the tables and indexes that a statement reads, 8 KiB each; the tables have hundreds."""

NUMBER = 11_000
FILL = """
INSERT INTO workflow_runs (run_id, org_id, dag_id, dag_run_id, trigger_event, status, correlation_id,
    started_at, ended_at, control, control_at, control_done_at)
SELECT gen_random_uuid(), :org, 'acme__w', 'run-' || n, 'employee.onboard',
    CASE WHEN n % 11 = 0 THEN 'RUNNING' ELSE 'CANCELLED' END, 'c' || n, now() - interval '1 day',
    CASE WHEN n % 11 > 0 THEN now() END,
    CASE WHEN n % 22 = 0 THEN 'pause' ELSE '' END, now() - interval '1 hour', now() - interval '1 hour'
FROM generate_series(1, :number) n;

INSERT INTO human_requests (request_id, org_id, run_id, node_key, kind, subject, body, state, deadline,
    remind_at, escalate_at, decided_at, told_airflow_at)
SELECT gen_random_uuid(), :org, run_id, 'decide', 'approval', 'It waits.', '""', became.state,
    now() + interval '3 days', now() + interval '2 days', now() + interval '1 day', ended_at,
    CASE WHEN became.state = 'DECIDED' THEN ended_at END
FROM workflow_runs CROSS JOIN LATERAL (SELECT CASE WHEN status = 'RUNNING' THEN 'OPEN'
    WHEN dag_run_id LIKE '%7' THEN 'DECIDED' ELSE 'WITHDRAWN' END AS state) AS became;

INSERT INTO human_assignments (assignment_id, org_id, request_id, why, state, mailed_at)
SELECT gen_random_uuid(), :org, request_id, 'role operator',
    CASE WHEN state = 'OPEN' THEN 'OPEN' ELSE 'WITHDRAWN' END, CASE WHEN state = 'OPEN' THEN created_at END
FROM human_requests;

INSERT INTO wakes (wake_id, org_id, run_id, node_key, cause, done_at)
SELECT gen_random_uuid(), :org, run_id, 'wait', 'a test', now() FROM workflow_runs;
"""


@pytest.fixture
def much(database: Database, org: Organization) -> None:
    with database.service() as session:
        for statement in FILL.split(";")[:-1]:
            named = {"org": org.org_id, "number": NUMBER}
            session.execute(text(statement), {k: v for k, v in named.items() if f":{k}" in statement})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Those that are executed meanwhile, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def pages(connection: Any, statement: str, parameters: Any) -> int:
    """How many PostgreSQL reads for it."""
    explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
    top = connection.exec_driver_sql(explain, parameters).scalar()[0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


@pytest.mark.usefixtures("much")
def test_a_duty_with_nothing_to_do_reads_few_rows_of_the_many(database: Database, api: AirflowApi) -> None:
    stop = threading.Event()
    settings = Settings(mail_host="localhost", mail_sender="officeflow@example.com")
    acts = {
        each.name: each.act
        for each in [
            *duties(database, api, Bells(), audit_key=b"k" * 32),
            *people_duties(settings, database, api, Bells(), stop),
        ]
        if each.name != "run-check"  # it reads some of the runs that wait, by design
    }
    acts["wake"] = Waking(database, api, stop=stop).wake_due
    read: dict[str, int] = {}
    engine = create_engine(database.engine.url)
    for name, act in acts.items():
        act()
        with statements() as seen:
            assert act() == 0
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL ROLE {SERVICE_ROLE}")
            read[name] = max(pages(connection, *each) for each in seen)
    engine.dispose()
    assert {name: number for name, number in read.items() if number > FEW_PAGES} == {}
    assert {
        "control",
        "answers",
        "asking",
        "remind",
        "stand-ins",
        "escalate",
        "expire",
        "wake",
    } <= read.keys()
