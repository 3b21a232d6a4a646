"""The steward's duties, on PostgreSQL and with Airflow's API played by a server that keeps its rules."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from listeners.steward.duties import Duty, Steward
from officeflow.audit import store as audit
from officeflow.audit.actions import OwnWords
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.listening import Bell
from officeflow.database.tables import (
    AuditRecord,
    Organization,
    Workflow,
    WorkflowRevision,
    WorkflowRun,
)
from officeflow.errors import Unavailable
from officeflow.kafka_access import KafkaAccess
from officeflow.runtime.health import Health
from officeflow.statuses import RevisionAction
from officeflow.workflows import store
from tests.listeners.airflow_api import LOGIN, AirflowServer
from tests.listeners.conftest import eventually, row
from tests.listeners.processes import running

pytestmark = pytest.mark.usefixtures("org")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def test_a_duty_that_fails_is_told_and_stops_no_other(database: Database, tmp_path: Path) -> None:
    stop = threading.Event()
    done: list[int] = []

    def fails() -> int:
        raise Unavailable("away") if len(done) < 3 else RuntimeError("a bug")

    def works() -> int:
        done.append(1)
        return 1

    health = Health(tmp_path, "steward")
    steward = Steward(
        database, [Duty("fails", 0.01, fails), Duty("works", 0.01, works)], health=health, stop=stop
    )
    thread = threading.Thread(target=steward.run)
    thread.start()
    try:
        eventually(lambda: len(done) > 5)
        eventually(lambda: health.path.exists() and "fails" in json.loads(health.path.read_text())["failing"])
    finally:
        stop.set()
        thread.join()


@pytest.mark.rounds(5)
def test_a_duty_is_done_by_one_steward_at_a_time(database: Database, tmp_path: Path) -> None:
    at_it, most, lock = 0, 0, threading.Lock()

    def act() -> int:
        nonlocal at_it, most
        with lock:
            at_it += 1
            most = max(most, at_it)
        time.sleep(0.02)
        with lock:
            at_it -= 1
        return 1

    both = [Steward(database, [], health=Health(tmp_path, str(n)), stop=threading.Event()) for n in range(2)]
    threads = [
        threading.Thread(target=lambda s=steward: [s.once(Duty("act", 1, act)) for _ in range(20)])
        for steward in both
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_duty_with_a_bell_is_done_when_it_rings_and_until_nothing_is_left(
    database: Database, tmp_path: Path
) -> None:
    stop, bell = threading.Event(), Bell()
    left, turns = [0], [0]

    def act() -> int:
        turns[0] += 1
        left[0] = max(0, left[0] - 1)
        return left[0]

    duty = Duty("told", 3600, act, bell=bell)
    steward = Steward(database, [duty], health=Health(tmp_path, "steward"), stop=stop)
    thread = threading.Thread(target=steward.run)
    thread.start()
    try:
        eventually(lambda: turns[0] == 1)
        left[0] = 5
        bell.ring()
        eventually(lambda: turns[0] == 6)
    finally:
        stop.set()
        thread.join()


def test_a_duty_that_knows_when_there_is_something_to_do_is_done_without_a_bell_ringing(
    database: Database, tmp_path: Path
) -> None:
    stop = threading.Event()
    turns: list[int] = []

    def act() -> int:
        turns.append(1)
        return 0

    duty = Duty("knows", 3600, act, bell=Bell(), rest=lambda: 0.0)
    thread = threading.Thread(
        target=Steward(database, [duty], health=Health(tmp_path, "steward"), stop=stop).run
    )
    thread.start()
    try:
        eventually(lambda: len(turns) > 2)
    finally:
        stop.set()
        thread.join()


def test_a_failing_duty_that_works_again_is_no_longer_told(database: Database, tmp_path: Path) -> None:
    steward = Steward(database, [], health=Health(tmp_path, "steward"), stop=threading.Event())
    outcomes: list[Exception | int] = [RuntimeError("a bug"), 1]

    def act() -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    duty = Duty("sometimes", 1, act)
    before = now()
    assert steward.once(duty) is None
    assert steward.failing == {"sometimes": "RuntimeError: a bug"}
    assert before <= dt.datetime.fromisoformat(steward.tried["sometimes"]) <= now()
    assert steward.once(duty) == 1
    assert (steward.failing, steward.tried) == ({}, {})


def test_the_process_chains_the_audit_log_and_follows_runs_and_retires_workflows(
    database: Database,
    database_url: str,
    kafka_access: KafkaAccess,
    airflow: AirflowServer,
    started: WorkflowRun,
    org: Organization,
    tmp_path: Path,
) -> None:
    environment = {
        "OFFICEFLOW_HOME": str(tmp_path),
        "OFFICEFLOW_DATABASE_URL": database_url,
        **kafka_access.environment,
        "OFFICEFLOW_AIRFLOW_URL": airflow.url,
        "OFFICEFLOW_AIRFLOW_USERNAME": LOGIN["username"],
        "OFFICEFLOW_AIRFLOW_PASSWORD": LOGIN["password"],
        "OFFICEFLOW_AUDIT_ANCHORS": str(tmp_path / "anchors"),
        "OFFICEFLOW_AUDIT_ANCHOR_SECONDS": "0.3",
    }
    airflow.end(started.dag_id, started.dag_run_id, "success", now())
    with database.service() as session:
        audit.append(session, org.org_id, AuditEntry(actor="test", action=OwnWords("a"), subject="s"))
        session.execute(update(Workflow).values(is_active=False))
        store.lock_revisions(session)
        session.get_one(
            WorkflowRevision,
            store.add_revision(session, session.scalars(select(Workflow)).one(), RevisionAction.DEACTIVATE),
        )
        session.execute(update(WorkflowRevision).values(created_at=now() - dt.timedelta(hours=1)))

    def unchained() -> int:
        with database.service() as session:
            return session.scalar(select(func.count()).where(AuditRecord.sequence.is_(None))) or 0

    def newest_step() -> str | None:
        with database.service() as session:
            return session.scalar(
                select(WorkflowRevision.action).order_by(WorkflowRevision.revision.desc()).limit(1)
            )

    with running("steward", environment, tmp_path / "steward.log") as process:
        eventually(lambda: row(database, started).status == "SUCCEEDED")
        eventually(lambda: newest_step() == RevisionAction.RETIRE)
        eventually(lambda: unchained() == 0)
        eventually(lambda: len(list((tmp_path / "anchors").glob(f"{org.org_id}.anchors"))) == 1)
        eventually(lambda: json.loads((tmp_path / "health" / "steward.json").read_text())["failing"] == {})
        assert process.stop() == 0


@pytest.mark.parametrize("key", ["OFFICEFLOW_AUDIT_KEY", "OFFICEFLOW_AUDIT_TAG_KEY"])
def test_without_the_audit_keys_the_process_does_not_start(
    database_url: str, tmp_path: Path, key: str
) -> None:
    with running("steward", {key: "", "OFFICEFLOW_DATABASE_URL": database_url}, tmp_path / "log") as process:
        assert process.wait() == 2
        assert key in process.text
