"""What ends a node before its act does is kept with the run: the reason, the node, the field; and never has a
say in the act.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select, update

from officeflow.catalog.registry import node_type
from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.database.tables import (
    AuditRecord,
    NodeRefusal,
    NodeRun,
    Organization,
    OutboxMessage,
    WorkflowRun,
)
from officeflow.errors import NotKnown, OfficeFlowError, Unavailable
from officeflow.runner import prepare
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.sdk import NodeInput, NodeResult
from tests.ledger.conftest import CONF, DAG, RUN

pytestmark = pytest.mark.integration

RECORD = {"action": "checked", "subject": "employee:E-1001"}


@pytest.fixture
def services(database: Database, org: Organization) -> Services:
    def connect(name: str) -> Connection:
        raise NotKnown(f"there is no connection {name}")

    return Services(
        database, connect, random=lambda: 0.5, sleep=lambda _: None, lock_wait=0.1, settle=dt.timedelta(0)
    )


def answering(services: Services, *answers: OfficeFlowError | Connection) -> Services:
    """The same, with what Airflow answers when it is asked for a connection, one after the other."""
    waiting = list(answers)

    def connect(name: str) -> Connection:
        answer = waiting.pop(0)
        if isinstance(answer, OfficeFlowError):
            raise answer
        return answer

    return dataclasses.replace(services, connect=connect)


def run(services: Services, **changes: Any) -> NodeResult:
    given = {
        "node": "note",
        "type": "audit.record",
        "org": "acme",
        "dag_id": DAG,
        "dag_run_id": RUN,
        "params": RECORD,
        "context": CONF,
    }
    return run_node(NodeInput(**(given | changes)), services)


def rows(database: Database, table: Any) -> list[Any]:
    with database.service() as session:
        return list(session.scalars(select(table)))


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"params": {**RECORD, "subject": "${{ [1, 2] }}"}}, "invalid_parameters", "params.subject"),
        (
            {"params": {**RECORD, "subject": "${{ event.payload.nothing }}"}},
            "invalid_parameters",
            "params.subject",
        ),
        ({"type": "email.send", "connection": None}, "invalid_parameters", "connection"),
        ({"context": {"event": {"org": "other", "employee": "E-1"}}}, "invalid_input", None),
        ({"context": {"event": "E-1"}}, "invalid_input", None),
        ({"context": {"event": {"org": "acme", "employee": 7}}}, "invalid_input", "conf.event.employee"),
        ({"context": {"correlation_id": "c" * 256}}, "invalid_input", "conf.correlation_id"),
        (
            {
                "workflow": "preboarding",
                "context": {**CONF, "event": {**CONF["event"], "payload": {"start_date": 7}}},
            },  # type: ignore[dict-item]
            "invalid_input",
            "conf.event.payload.start_date",
        ),
    ],
)
def test_what_fails_before_the_ledger_leaves_its_reason_node_and_field(
    services: Services, database: Database, changes: dict[str, Any], code: str, field: str | None
) -> None:
    result = run(services, **changes)
    assert result.status == "failed"
    [refusal] = rows(database, NodeRefusal)
    assert (refusal.node_key, refusal.error_details["code"], refusal.waits) == ("note", code, False)
    fields = [problem["path"] for problem in refusal.error_details.get("problems", [])]
    assert fields == ([field] if field else [])
    [audited] = [row for row in rows(database, AuditRecord) if row.action == "node.refused"]
    assert audited.details["error"] == code
    [told] = [row for row in rows(database, OutboxMessage) if row.topic == "node.execute.result"]
    assert (told.payload["node"], told.payload["status"]) == ("note", "REFUSED")
    assert told.payload["error"] == {"code": code, **({"fields": fields} if fields else {})}
    assert rows(database, NodeRun) == []
    [of_run] = rows(database, WorkflowRun)
    assert of_run.status == "RUNNING"
    again = run(services, **changes, try_number=2)
    assert (again.status, rows(database, NodeRun)) == ("failed", [])


def test_a_refused_conf_is_not_kept_with_the_run(services: Services, database: Database) -> None:
    """It may hold anything, also what belongs to another organization."""
    run(
        services,
        context={
            "event": {"org": "other", "employee": "E-9", "payload": {"salary": 70_000}},
            "correlation_id": "c-9",
        },
    )
    [of_run] = rows(database, WorkflowRun)
    assert of_run.context == {"correlation_id": "c-9"}


def test_a_try_that_succeeds_takes_the_reason_away(services: Services, database: Database) -> None:
    run(services, params={**RECORD, "subject": "${{ nodes.other.output.x }}"})
    assert len(rows(database, NodeRefusal)) == 1
    assert run(services, try_number=2).status == "success"
    assert rows(database, NodeRefusal) == []


def test_a_reason_never_stands_in_the_way_of_an_act_that_is_done(
    services: Services, database: Database
) -> None:
    first = run(services)
    run(services, params={**RECORD, "subject": "${{ [1] }}"})
    assert len(rows(database, NodeRefusal)) == 1
    again = run(services)
    assert (again.status, again.replayed, again.output) == ("success", True, first.output)
    assert rows(database, NodeRefusal) == []


def test_what_the_ledger_refuses_is_told_too(services: Services, database: Database) -> None:
    run(services)
    run(services, params={**RECORD, "action": "other"})
    [refusal] = rows(database, NodeRefusal)
    assert refusal.error_details["code"] == "parameters_changed"


def test_a_condition_that_fails_after_the_act_is_told_and_the_act_stays_done(
    services: Services, database: Database
) -> None:
    assert run(services, conditions={"next": "nodes.note.output.nothing == 1"}).status == "failed"
    [refusal] = rows(database, NodeRefusal)
    assert refusal.error_details["code"] == "invalid_expression"
    assert [row.status for row in rows(database, NodeRun)] == ["SUCCEEDED"]


FIND = {"type": "identity.find_account", "connection": "directory", "params": {"external_id": "E-1001"}}


def test_an_outage_behind_a_connection_uses_up_no_try_and_is_shown_as_waiting(
    services: Services, database: Database
) -> None:
    away = answering(services, *[Unavailable("Airflow does not answer")] * 3)
    results = [run(away, **FIND) for _ in range(3)]
    assert all(
        result.status == "retry" and result.reschedule_at is not None and result.retry_in is None
        for result in results
    )
    [refusal] = rows(database, NodeRefusal)
    assert (refusal.waits, refusal.looks, refusal.error_details["code"]) == (True, 3, "unavailable")
    assert [row.status for row in rows(database, NodeRun)] == ["QUEUED"]
    assert [row.action for row in rows(database, AuditRecord)] == []


def test_a_connection_is_absent_only_when_that_was_said_three_times_in_a_row(services: Services) -> None:
    absent = NotKnown("there is no connection acme.directory")
    flickering = answering(services, absent, Unavailable("away"), absent, absent, absent)
    results = [run(flickering, **FIND) for _ in range(5)]
    assert [result.status for result in results] == ["retry"] * 4 + ["failed"]
    assert [result.reschedule_at is not None for result in results] == [True] * 4 + [False]
    assert results[-1].error is not None
    assert results[-1].error.code == "not_known"


def test_a_node_type_whose_package_the_processes_were_not_given_is_waited_for_up_to_an_hour(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(services, type="badges.print_badge")
    assert (result.status, result.reschedule_at is not None, result.retry_in) == ("retry", True, None)
    [refusal] = rows(database, NodeRefusal)
    assert (refusal.waits, refusal.error_details["code"]) == (True, "node_type_missing")
    assert "badges.print_badge" in refusal.error_details["message"]
    assert "OFFICEFLOW_NODE_PACKAGES" in refusal.error_details["hint"]
    assert [row.action for row in rows(database, AuditRecord)] == []
    with monkeypatch.context() as given:
        given.setattr(prepare, "node_type", lambda _: node_type("audit.record"))
        assert run(services, type="badges.print_badge").status == "success"
    assert rows(database, NodeRefusal) == []
    run(services, node="other", type="badges.print_badge")
    with database.service() as session:
        session.execute(update(NodeRefusal).values(since=func.now() - func.make_interval(0, 0, 0, 0, 2)))
    late = run(services, node="other", type="badges.print_badge")
    assert (late.status, late.error and late.error.code) == ("failed", "node_type_missing")


def test_an_outage_that_lasts_more_than_an_hour_becomes_a_try(services: Services, database: Database) -> None:
    away = answering(services, Unavailable("away"), Unavailable("away"))
    run(away, **FIND)
    with database.service() as session:
        session.execute(update(NodeRefusal).values(since=func.now() - func.make_interval(0, 0, 0, 0, 2)))
    result = run(away, **FIND)
    assert (result.status, result.reschedule_at, result.retry_in is not None) == ("retry", None, True)


def test_a_database_that_is_away_is_waited_for_without_a_try(services: Services) -> None:
    gone = dataclasses.replace(services, database=Database("postgresql://nobody@127.0.0.1:1/nothing"))
    result = run(gone)
    assert (result.status, result.retry_in) == ("retry", None)
    assert result.reschedule_at is not None


@pytest.mark.parametrize("params", [RECORD, {**RECORD, "subject": "${{ [1] }}"}])
def test_a_trial_that_was_taken_to_have_ended_runs_again_when_a_node_of_it_acts_or_is_refused(
    services: Services, database: Database, params: dict[str, str]
) -> None:
    run(services, trial=True)
    [tried] = rows(database, WorkflowRun)
    assert (tried.trigger_event, tried.status) == ("dag.test", "RUNNING")
    with database.service() as session:
        session.execute(update(WorkflowRun).values(status="SUCCEEDED", ended_at=func.now()))
    run(services, trial=True, node="next", params=params)
    [tried] = rows(database, WorkflowRun)
    assert (tried.status, tried.ended_at) == ("RUNNING", None)
