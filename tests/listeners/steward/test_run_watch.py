"""What becomes of runs in Airflow is written down, with Airflow's API played by a server that keeps its
rules.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select, update

from listeners.steward import run_watch
from listeners.steward.run_watch import CHECK_AT_ONCE, RunWatch
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import (
    AuditRecord,
    InboxEvent,
    NodeRefusal,
    NodeRun,
    Organization,
    OutboxMessage,
    WorkflowRun,
)
from officeflow.runs import store as store_of_runs
from officeflow.statuses import RunStatus
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import row

pytestmark = pytest.mark.usefixtures("org")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def told(database: Database) -> Sequence[str]:
    with database.service() as session:
        return session.scalars(select(OutboxMessage.type).order_by(OutboxMessage.position)).all()


def audited(database: Database) -> Sequence[str]:
    with database.service() as session:
        return session.scalars(
            select(AuditRecord.action)
            .where(AuditRecord.actor == "service:steward")
            .order_by(AuditRecord.position)
        ).all()


def make_old(database: Database, hours: int = 1) -> None:
    with database.service() as session:
        session.execute(update(WorkflowRun).values(started_at=now() - dt.timedelta(hours=hours)))


def test_a_runs_start_and_end_are_written_down_once(
    database: Database, watch: RunWatch, airflow: AirflowServer, started: WorkflowRun
) -> None:
    assert watch.follow() == 0
    airflow.restart(started.dag_id, started.dag_run_id, now())
    assert watch.follow() == 1
    assert row(database, started).status == "RUNNING"
    ended = now()
    airflow.end(started.dag_id, started.dag_run_id, "success", ended)
    assert [watch.follow() for _ in range(3)] == [1, 0, 0]
    assert (row(database, started).status, row(database, started).ended_at) == ("SUCCEEDED", ended)
    assert told(database) == [
        "officeflow.workflow.run.requested",
        "officeflow.workflow.run.ended",
        "officeflow.metrics.run",
    ]
    assert audited(database) == ["run.ended"]


def test_a_failed_run_names_the_nodes_that_failed_and_those_whose_end_is_not_known(
    database: Database, watch: RunWatch, airflow: AirflowServer, started: WorkflowRun
) -> None:
    with database.service() as session:
        for node, status in (("a", "SUCCEEDED"), ("b", "FAILED"), ("c", "STARTED")):
            session.add(
                NodeRun(
                    node_run_id=uuid.uuid4(),
                    org_id=started.org_id,
                    run_id=started.run_id,
                    node_key=node,
                    node_type="audit.record",
                    effect="idempotent",
                    status=status,
                    error_details={"code": "transient"} if status == "STARTED" else None,
                    idempotency_key=node,
                )
            )
    airflow.end(started.dag_id, started.dag_run_id, "failed", now())
    watch.follow()
    assert row(database, started).status == "FAILED"
    assert row(database, started).error_details == {"code": "run_failed", "nodes": ["b", "c"]}


def test_a_failed_run_keeps_why_its_nodes_could_not_begin_and_tells_the_fields_without_the_words(
    database: Database, watch: RunWatch, airflow: AirflowServer, started: WorkflowRun
) -> None:
    error = {
        "code": "invalid_parameters",
        "message": "not for Ana",
        "problems": [{"path": "params.to", "reason": "r", "suggestion": ""}],
    }
    with database.service() as session:
        session.add(
            NodeRefusal(
                run_id=started.run_id,
                node_key="tell",
                org_id=started.org_id,
                node_type="email.send",
                since=now(),
                at=now(),
                error_details=error,
            )
        )
    airflow.end(started.dag_id, started.dag_run_id, "failed", now())
    watch.follow()
    reason = {"node": "tell", "code": "invalid_parameters", "fields": ["params.to"]}
    kept = row(database, started).error_details
    assert kept == {
        "code": "run_failed",
        "nodes": ["tell"],
        "reasons": [{**reason, "message": "not for Ana"}],
    }
    with database.service() as session:
        [ended] = session.scalars(
            select(OutboxMessage).where(OutboxMessage.type == "officeflow.workflow.run.ended")
        )
        [entry] = session.scalars(select(AuditRecord).where(AuditRecord.action == "run.ended"))
        [measured] = session.scalars(
            select(OutboxMessage).where(OutboxMessage.type == "officeflow.metrics.run")
        )
    assert ended.payload["error"]["reasons"] == entry.details["error"]["reasons"] == [reason]
    assert measured.payload["nodes_failed"] == 1


def test_a_run_that_failed_without_a_word_of_ours_names_the_tasks_that_airflow_calls_failed(
    database: Database, watch: RunWatch, airflow: AirflowServer, started: WorkflowRun
) -> None:
    """A task's process that was killed, or that never came to its node."""
    airflow.failed = ["tell"]
    airflow.end(started.dag_id, started.dag_run_id, "failed", now())
    watch.follow()
    error = row(database, started).error_details or {}
    assert (error["nodes"], error["reasons"][0]["code"]) == (["tell"], "task_failed")
    assert "its process ended without a word" in error["reasons"][0]["message"]


def test_a_cleared_run_is_running_again_and_ends_again(
    database: Database, watch: RunWatch, airflow: AirflowServer, started: WorkflowRun
) -> None:
    airflow.end(started.dag_id, started.dag_run_id, "failed", now())
    watch.follow()
    airflow.restart(started.dag_id, started.dag_run_id, now())
    watch.follow()
    assert (row(database, started).status, row(database, started).ended_at) == ("RUNNING", None)
    airflow.end(started.dag_id, started.dag_run_id, "success", now())
    watch.follow()
    assert row(database, started).status == "SUCCEEDED"
    assert audited(database) == ["run.ended", "run.restarted", "run.ended"]


def test_ends_from_before_the_steward_started_are_seen(
    database: Database, api: AirflowApi, airflow: AirflowServer, started: WorkflowRun
) -> None:
    make_old(database, hours=5)
    airflow.end(started.dag_id, started.dag_run_id, "success", now() - dt.timedelta(hours=4))
    RunWatch(database, api, starts_every=dt.timedelta(0)).follow()
    assert row(database, started).status == "SUCCEEDED"


def test_what_began_and_ended_long_ago_is_not_asked_for_again_though_nothing_has_happened_since(
    watch: RunWatch, airflow: AirflowServer, started: WorkflowRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    for margin in ("OVERLAP", "CLOCKS"):
        monkeypatch.setattr(run_watch, margin, dt.timedelta())
    watch.follow()
    for change in (airflow.restart, lambda dag, run, at: airflow.end(dag, run, "success", at)):
        airflow.listed.clear()
        change(started.dag_id, started.dag_run_id, now())
        assert [watch.follow() for _ in range(4)] == [1, 0, 0, 0]
        assert airflow.listed == [started.dag_run_id] * 2, "until a look after the one that found it"


def test_runs_that_are_not_ours_are_passed_over(
    database: Database, watch: RunWatch, airflow: AirflowServer
) -> None:
    airflow.runs["platform_dag", "manual__1"] = {
        "dag_id": "platform_dag",
        "dag_run_id": "manual__1",
        "state": "success",
        "start_date": now().isoformat(),
        "end_date": now().isoformat(),
    }
    assert watch.follow() == 0
    assert not told(database)


def test_a_run_that_was_deleted_in_airflow_has_failed(
    database: Database, watch: RunWatch, airflow: AirflowServer, started: WorkflowRun
) -> None:
    assert watch.check() == 0, "a young run is not asked for"
    make_old(database)
    assert watch.check() == 0, "Airflow has it"
    airflow.runs.clear()
    assert watch.check() == 1
    found = row(database, started)
    assert (found.status, (found.error_details or {})["code"]) == ("FAILED", "run_vanished")
    assert audited(database) == ["run.ended"]


def add_trial(database: Database, org: Organization, *statuses: str, ended: dt.timedelta) -> WorkflowRun:
    """A run of `dag.test()` as its tasks leave it, whose acts were over so long ago."""
    with database.service() as session:
        run = store_of_runs.ensure_run(
            session,
            org_id=org.org_id,
            dag_id="tried",
            dag_run_id="manual__1",
            conf={},
            status=RunStatus.RUNNING,
            started_at=now() - ended,
            trial=True,
        )
        session.flush()
        for number, status in enumerate(statuses):
            act = {
                "node_key": f"n{number}",
                "node_type": "audit.record",
                "effect": "idempotent",
                "status": status,
            }
            began = now() - ended
            session.add(
                NodeRun(
                    node_run_id=uuid.uuid4(),
                    org_id=org.org_id,
                    run_id=run.run_id,
                    idempotency_key=f"k{number}",
                    started_at=began,
                    ended_at=None if status == "STARTED" else began,
                    **act,
                )
            )
    return run


@pytest.mark.parametrize(
    ("statuses", "hours", "status"),
    [
        (["SUCCEEDED", "SUCCEEDED"], 1, "SUCCEEDED"),
        (["SUCCEEDED", "FAILED"], 1, "FAILED"),
        (["SUCCEEDED", "STARTED"], 1, "RUNNING"),
        (["SUCCEEDED", "STARTED"], 25, "FAILED"),
        ([], 1, "FAILED"),
    ],
)
def test_a_trial_that_airflow_never_had_ends_as_its_acts_did(
    database: Database, watch: RunWatch, org: Organization, statuses: list[str], hours: int, status: str
) -> None:
    trial = add_trial(database, org, *statuses, ended=dt.timedelta(hours=hours))
    watch.check()
    found = row(database, trial)
    assert found.status == status
    assert (found.error_details or {}).get("code") == ("run_failed" if status == "FAILED" else None)
    assert (found.ended_at is not None) == (status != "RUNNING")


def test_a_trial_that_goes_on_after_it_was_taken_to_have_ended_runs_again(
    database: Database, watch: RunWatch, org: Organization
) -> None:
    trial = add_trial(database, org, "SUCCEEDED", ended=dt.timedelta(hours=1))
    assert watch.check() == 1
    with database.service() as session:
        again = store_of_runs.ensure_run(
            session,
            org_id=org.org_id,
            dag_id="tried",
            dag_run_id="manual__1",
            conf={},
            status=RunStatus.RUNNING,
            trial=True,
        )
        assert again.run_id == trial.run_id
    assert (row(database, trial).status, row(database, trial).ended_at) == ("RUNNING", None)


def test_a_run_whose_event_still_waits_has_not_vanished(
    database: Database, watch: RunWatch, airflow: AirflowServer, started: WorkflowRun
) -> None:
    make_old(database)
    airflow.runs.clear()
    with database.service() as session:
        session.execute(update(InboxEvent).values(status="RECEIVED"))
    assert watch.check() == 0
    assert row(database, started).status == "PENDING"


def test_an_end_that_was_missed_is_found_by_asking(
    database: Database, watch: RunWatch, airflow: AirflowServer, started: WorkflowRun
) -> None:
    watch.follow()
    airflow.end(started.dag_id, started.dag_run_id, "success", now() - dt.timedelta(hours=2))
    assert watch.follow() == 0
    make_old(database)
    assert watch.check() == 1
    assert row(database, started).status == "SUCCEEDED"


def test_more_open_runs_than_are_asked_for_at_once_have_their_turn(
    database: Database, watch: RunWatch, org: Organization
) -> None:
    number = CHECK_AT_ONCE + 10
    with database.service() as session:
        for n in range(number):
            session.add(
                WorkflowRun(
                    run_id=uuid.uuid4(),
                    org_id=org.org_id,
                    dag_id="acme__gone",
                    dag_run_id=f"run-{n}",
                    trigger_event="manual",
                    status=RunStatus.RUNNING,
                    correlation_id="c",
                    started_at=now() - dt.timedelta(hours=2, seconds=n),
                )
            )
    assert [watch.check() for _ in range(3)] == [CHECK_AT_ONCE, 10, 0]
    with database.service() as session:
        assert session.scalar(select(func.count()).where(WorkflowRun.status == RunStatus.FAILED)) == number
