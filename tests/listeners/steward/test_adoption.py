"""Runs that nobody but Airflow knows of are listed like any other: started by hand, and failed before any
node had a word.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from listeners.steward.run_watch import RunWatch
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, WorkflowRun
from officeflow.ids import workflow_run_id
from officeflow.runner import values
from officeflow.runs import listing
from officeflow.sdk import NodeInput
from officeflow.tenants import employees, organizations
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import START, Publish

HAND = "manual__1"
EVENT = {
    "id": "e-1",
    "source": "hand",
    "kind": "employee.onboard",
    "org": "acme",
    "employee": "E-7",
    "time": "2026-01-05T09:00:00Z",
}
OURS = {
    "task_id": "suspend",
    "class_ref": {"module_path": "operators.identity", "class_name": "SuspendAccountOperator"},
}
OTHERS = {
    "task_id": "load",
    "class_ref": {"module_path": "airflow.providers.standard.operators.bash", "class_name": "BashOperator"},
}


def started_by_hand(
    airflow: AirflowServer, dag_id: str, conf: Any, *, state: str, run_id: str = HAND
) -> None:
    moment = dt.datetime.now(dt.UTC).isoformat()
    airflow.take(dag_id, run_id, conf, by="ana", state=state)
    airflow.runs[dag_id, run_id] |= {
        "start_date": None if state == "queued" else moment,
        "end_date": moment if state in {"success", "failed"} else None,
    }


def listed(database: Database, **wanted: Any) -> list[listing.RunLine]:
    with database.service() as session:
        return listing.list_runs(session, listing.Wanted(**wanted))


def test_a_run_started_by_hand_is_listed_in_every_state_without_a_word_of_a_node(
    database: Database, org: Organization, watch: RunWatch, airflow: AirflowServer, publish: Publish
) -> None:
    dag_id = publish("all")
    states = {"queued": "PENDING", "running": "RUNNING", "success": "SUCCEEDED", "failed": "FAILED"}
    for state in states:
        started_by_hand(airflow, dag_id, {"event": EVENT}, state=state, run_id=state)
    watch.follow()
    lines = listed(database, org_id=org.org_id, employee="E-7")
    assert {line.dag_run_id: line.status for line in lines} == states
    assert {(line.workflow, line.version, line.employee, line.trigger) for line in lines} == {
        ("all", 1, "E-7", "employee.onboard")
    }
    assert watch.follow() == 0


def test_a_run_that_failed_before_any_node_says_what_its_tasks_log_says(
    database: Database, org: Organization, watch: RunWatch, airflow: AirflowServer, publish: Publish
) -> None:
    dag_id = publish("all")
    airflow.failed = ["note"]
    airflow.log = [
        {"timestamp": "2026-01-05T09:00:00Z", "level": "info", "event": "begins"},
        {
            "timestamp": "2026-01-05T09:00:01Z",
            "level": "error",
            "event": "Task failed with exception",
            "error_detail": [{"exc_type": "ModuleNotFoundError", "exc_value": "No module named 'own_nodes'"}],
        },
        "::endgroup::",
    ]
    started_by_hand(airflow, dag_id, {}, state="failed")
    watch.follow()
    [line] = listed(database, org_id=org.org_id)
    assert line.status == "FAILED"
    assert line.error is not None
    [reason] = line.error["reasons"]
    assert (reason["node"], reason["code"]) == ("note", "task_failed")
    assert reason["message"].endswith("its log says: ModuleNotFoundError: No module named 'own_nodes'")


def nested(depth: int) -> list[Any]:
    return [nested(depth - 1)] if depth else []


ODD_CONFS: list[tuple[Any, Any, str | None]] = [
    ({"event": {**EVENT, "org": "globex"}, "correlation_id": "c"}, {"correlation_id": "c"}, None),
    ({"event": {**EVENT, "payload": {"start_date": 7}}}, {"event": {**EVENT, "payload": {}}}, "E-7"),
    (
        {"event": {**EVENT, "kind": "k" * 101, "time": 7}, "correlation_id": {"odd": 1}},
        {"event": {name: EVENT[name] for name in ("id", "source", "org", "employee")} | {"payload": {}}},
        "E-7",
    ),
    ({"event": "E-7"}, {}, None),
    (
        {"event": {**EVENT, "employee": "E-\x007"}},
        {"event": {name: value for name, value in EVENT.items() if name != "employee"} | {"payload": {}}},
        None,
    ),
    (None, {}, None),
    ({"event": {**EVENT, "org": []}}, {}, None),
    ({"event": {**EVENT, "payload": {"deep": nested(700)}}}, {"event": {**EVENT, "payload": {}}}, "E-7"),
]
"""What somebody may start a run with, what of it is kept, and whom the run is about."""


def test_whatever_the_conf_is_the_run_is_listed_and_nothing_of_another_organization_is_kept(
    database: Database, org: Organization, watch: RunWatch, airflow: AirflowServer, publish: Publish
) -> None:
    dag_id = publish("all")
    for number, (conf, _, _) in enumerate(ODD_CONFS):
        started_by_hand(airflow, dag_id, conf, state="failed", run_id=f"manual__{number}")
    watch.follow()
    found = {line.dag_run_id: line for line in listed(database, org_id=org.org_id)}
    with database.service() as session:
        for number, (conf, context, employee) in enumerate(ODD_CONFS):
            line = found[f"manual__{number}"]
            assert (line.status, line.employee) == ("FAILED", employee), conf
            assert session.get_one(WorkflowRun, line.run_id).context == context, conf


def test_a_node_that_begins_later_tells_the_run_its_event_and_its_conf_is_still_checked(
    database: Database, org: Organization, watch: RunWatch, airflow: AirflowServer, publish: Publish
) -> None:
    """A form may say less than the node is told in the end."""
    dag_id = publish("all")
    started_by_hand(airflow, dag_id, {}, state="running")
    watch.follow()
    with database.service() as session:
        employees.apply_event(
            session,
            org.org_id,
            kind="employee.onboard",
            external_id="E-7",
            event_id="e-0",
            event_time=START,
            payload={},
            sensitive={},
        )
    node = NodeInput(
        node="note",
        type="audit.record",
        org="acme",
        dag_id=dag_id,
        dag_run_id=HAND,
        params={},
        context={"event": EVENT},
        workflow="all",
    )
    with database.service() as session:
        values.gather(session, node, frozenset())
    [line] = listed(database, org_id=org.org_id)
    assert (line.employee, line.trigger, line.status) == ("E-7", "employee.onboard", "RUNNING")


HAND_WRITTEN: dict[str, tuple[list[Any], list[str], Any, str | None]] = {
    "foreign": ([OTHERS], [], {}, None),
    "unknown": ([OTHERS, OURS], [], {}, None),
    "tagged": ([OTHERS, OURS], ["org:globex"], {}, "globex"),
    "told": ([OTHERS, OURS], [], {"event": {**EVENT, "org": "globex"}}, "globex"),
    "tagged-oddly": ([OTHERS, OURS], ["org:nobody"], {}, None),
}
"""The DAG's tasks and tags, a run's conf, and the organization that it is known by."""


def test_a_hand_written_dag_is_listed_where_it_uses_our_operators_and_its_organization_is_known(
    database: Database, org: Organization, watch: RunWatch, airflow: AirflowServer
) -> None:
    with database.service() as session:
        organizations.create(session, slug="globex", name="Globex", domain="globex.example")
    for dag_id, (tasks, tags, conf, _) in HAND_WRITTEN.items():
        airflow.hand_written[dag_id] = {"tasks": tasks, "tags": [{"name": tag} for tag in tags]}
        started_by_hand(airflow, dag_id, conf, state="failed")
    watch.follow()
    found = {line.dag_id: line.org for line in listed(database)}
    assert found == {dag_id: whose for dag_id, (_, _, _, whose) in HAND_WRITTEN.items() if whose}


def test_a_hand_written_dag_belongs_to_the_only_organization_or_to_that_of_its_earlier_runs(
    database: Database, org: Organization, watch: RunWatch, airflow: AirflowServer
) -> None:
    airflow.hand_written["nightly"] = {"tasks": [OURS], "tags": []}
    started_by_hand(airflow, "nightly", {}, state="failed")
    watch.follow()
    with database.service() as session:
        organizations.create(session, slug="globex", name="Globex", domain="globex.example")
    started_by_hand(airflow, "nightly", {}, state="failed", run_id="manual__2")
    watch.follow()
    assert [(line.org, line.dag_run_id) for line in listed(database)] == [
        ("acme", "manual__2"),
        ("acme", HAND),
    ]


def test_what_failed_while_no_steward_ran_is_found(
    database: Database, org: Organization, api: AirflowApi, airflow: AirflowServer, publish: Publish
) -> None:
    dag_id = publish("all")
    started_by_hand(airflow, dag_id, {}, state="failed")
    airflow.runs[dag_id, HAND]["end_date"] = (dt.datetime.now(dt.UTC) - dt.timedelta(days=2)).isoformat()
    RunWatch(database, api).follow()
    with database.service() as session:
        assert (
            session.scalar(
                select(WorkflowRun.status).where(WorkflowRun.run_id == workflow_run_id(dag_id, HAND))
            )
            == "FAILED"
        )
