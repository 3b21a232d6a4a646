"""A person with marks in every field is hired by the real doors, erased, and looked for everywhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, TopicPartition
from psycopg import sql
from sqlalchemy.engine import make_url

from officeflow.database.sealing import VERSION
from officeflow.tenants import organizations
from tests.e2e.conftest import Running, wait_for

pytestmark = pytest.mark.e2e

MARK = uuid.uuid4().hex[:8]
SHOWN, HIDDEN = f"vorname{MARK}", f"geheim{MARK}"
PERSON = f"E2E-{MARK}"
PAYLOAD = {
    "given_name": SHOWN,
    "family_name": f"nach{SHOWN}",
    "work_email": f"{SHOWN}@acme.example",
    "department": "Engineering",
    "title": f"titel {SHOWN}",
    "start_date": "2026-02-02",
    "personal_email": f"{HIDDEN}@home.example",
    "national_id": HIDDEN,
    "shirtSize": HIDDEN,
}


def test_an_erased_person_is_found_nowhere_but_where_the_report_says(running: Running) -> None:
    event = running.send("employee.onboard", PERSON, PAYLOAD)
    for run in running.runs_of(event):
        assert running.ended(run) == "success"
    before = everywhere(running, SHOWN, HIDDEN)
    assert {"officeflow.employees", "airflow.dag_run", "airflow.log"} <= set(before)
    assert [place for place, mark in before.items() if HIDDEN in mark and "kafka" not in place] == []
    assert unsealed(running) == []
    erased = erase(running)
    assert erased["state"] == "DONE", erased
    after = everywhere(running, SHOWN, HIDDEN)
    named = {each["where"].removeprefix("Kafka topic ") for each in erased["report"]["remains"]}
    assert {place for place in after if not place.startswith("kafka ")} == set(), after
    assert {place.removeprefix("kafka ") for place in after} <= named
    assert erased["report"]["airflow"]["runs"] >= 1
    assert [each for each in erased["report"]["remains"] if "T" in each["until"] and "Kafka" in each["where"]]
    verified = running.cli("audit", "verify", "acme")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_retention_is_a_dag_that_runs_by_itself(running: Running) -> None:
    assert running.api.dag("officeflow_retention")["is_paused"] is False
    settled = running.cli("org", "retention", "acme", "--keep", "quarantine=1", "--why", "a test settles it")
    assert settled.returncode == 0, settled.stderr
    run_id = f"e2e__{MARK}"
    running.api.trigger("officeflow_retention", run_id, {})

    def state() -> str:
        found = str(running.api.dag_run("officeflow_retention", run_id)["state"])
        return found if found in {"success", "failed"} else ""

    assert wait_for(state, what="the end of the retention") == "success"
    tasks = running.api.task_instances("officeflow_retention", run_id)
    with running.database.service() as session:
        known = organizations.slugs(session)
    assert len([task for task in tasks if task["task_id"] == "apply"]) == len(known)
    assert len(running.api.dag_runs("officeflow_retention")) == 1, "it was started by its schedule at once"


def erase(running: Running) -> Any:
    """As soon as the steward has seen the ends of the runs, and Kafka has the messages about them."""

    def accepted() -> bool:
        done = running.cli("person", "erase", "acme", PERSON, "--why", "test", "--wait", "0")
        return done.returncode == 0

    wait_for(accepted, what="the end of the person's runs")

    def done() -> Any:
        found = running.cli_json("person", "report", "acme", PERSON)
        return found if found["state"] == "DONE" else None

    return wait_for(done, what="Airflow to forget the runs")


def unsealed(running: Running) -> list[str]:
    """Encrypting columns of the person's that are under another key than a person's or an organization's."""
    query = "SELECT sensitive FROM employees WHERE external_id = %s"
    acts = """SELECT input FROM node_runs JOIN workflow_runs USING (run_id) JOIN employees USING (employee_id)
        WHERE external_id = %s AND input IS NOT NULL"""
    with psycopg.connect(running.stack.postgres_url("postgres", "officeflow")) as connection:
        rows = [*connection.execute(query, [PERSON]), *connection.execute(acts, [PERSON])]
    assert len(rows) > 1
    return [repr(value) for (value,) in rows if not bytes(value).startswith(VERSION)]


def everywhere(running: Running, *marks: str) -> dict[str, set[str]]:
    """Where one of the marks stands, and which."""
    found: dict[str, set[str]] = {}
    for place, content in contents(running):
        text = content.lower()
        for mark in marks:
            if mark.encode() in text or mark.encode().hex().encode() in text:
                found.setdefault(place, set()).add(mark)
    return found


def contents(running: Running) -> Iterator[tuple[str, bytes]]:
    for name in ("officeflow", "airflow"):
        yield from tables(running.stack.postgres_url("postgres", name), name)
    for folder in (running.stack.layout.logs, running.stack.layout.airflow_logs):
        for path in Path(folder).rglob("*"):
            if path.is_file():
                yield f"file {path}", path.read_bytes()
    yield from messages(running)


def tables(url: str, name: str) -> Iterator[tuple[str, bytes]]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        known = connection.execute("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'public'")
        for schema, table in known.fetchall():
            copy = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(schema, table))
            with connection.cursor().copy(copy) as rows:
                yield f"{name}.{table}", b"".join(bytes(row) for row in rows)


def messages(running: Running) -> Iterator[tuple[str, bytes]]:
    """All that is in all topics."""
    consumer = Consumer(
        {
            **running.stack.kafka.configuration,
            "group.id": uuid.uuid4().hex,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    try:
        topics = consumer.list_topics(timeout=10).topics
        parts = [
            TopicPartition(name, part, 0)
            for name, topic in topics.items()
            if not name.startswith("__")
            for part in topic.partitions
        ]
        consumer.assign(parts)
        open_parts = len(parts)
        while open_parts:
            message = consumer.poll(10.0)
            assert message is not None, "Kafka stands still"
            if message.error():
                open_parts -= 1
                continue
            assert message.timestamp()[0] != TIMESTAMP_NOT_AVAILABLE
            yield f"kafka {message.topic()}", (message.key() or b"") + (message.value() or b"")
    finally:
        consumer.close()
