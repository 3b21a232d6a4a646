"""What is seen to when Airflow makes a run or an entry of its event log, in Airflow's own models."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.models.dagrun import DagRun
from airflow.models.log import Log
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from fastapi import HTTPException

from middlewares import new_runs
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Organization
from officeflow.ids import employee_id
from tests.dag_factory.conftest import Published, definition

pytestmark = pytest.mark.integration

DAG = "acme__hello"
WHOLE = {
    "id": "e-1",
    "source": "hr",
    "kind": "employee.onboard",
    "org": "acme",
    "employee": "E-1",
    "time": "2026-01-05T08:00:00+00:00",
}
DISPATCHED = {"event": {**WHOLE, "payload": {}}, "correlation_id": "c-1"}


@pytest.fixture
def acme(database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch) -> Database:
    """With one workflow, and E-1."""
    assert org.slug == "acme"
    Published(database, org).publish("hello", definition("hello"))
    with database.service() as session:
        session.add(
            Employee(
                employee_id=employee_id(org.org_id, "E-1"),
                org_id=org.org_id,
                external_id="E-1",
                status="active",
            )
        )
    monkeypatch.setattr(new_runs, "_database", lambda _: database)
    new_runs.watch()
    return database


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our database does not answer."""
    unreachable = Database("postgresql://127.0.0.1:1/officeflow?connect_timeout=1")
    monkeypatch.setattr(new_runs, "_database", lambda _: unreachable)
    new_runs.watch()


def made(
    conf: Any,
    by: DagRunTriggeredByType = DagRunTriggeredByType.UI,
    *,
    user: str = "admin",
    dag_id: str = DAG,
    **more: Any,
) -> DagRun:
    return DagRun(
        dag_id=dag_id,
        run_id="r-1",
        conf=conf,
        run_type=DagRunType.MANUAL,
        triggered_by=by,
        triggering_user_name=user,
        **more,
    )


@pytest.mark.parametrize("by", list(DagRunTriggeredByType), ids=lambda by: by.value)
def test_every_way_to_start_a_run_makes_the_forms_fields_an_event(
    acme: Database, by: DagRunTriggeredByType
) -> None:
    run = made(
        {"employee": "E-1", "payload": {"department": "Sales"}, "airflow/task_span_detail_level": 2}, by
    )
    assert run.conf is not None
    assert run.conf["event"]["employee"] == "E-1"
    assert run.conf["event"]["payload"] == {"department": "Sales"}
    assert run.conf["airflow/task_span_detail_level"] == 2
    assert "employee" not in run.conf
    assert run.note == "E-1: employee.onboard, started by hand"


def test_a_note_that_somebody_wrote_is_kept(acme: Database) -> None:
    assert made({"employee": "E-1"}, note="for Ana").note == "for Ana"


def test_runs_of_the_dispatcher_pass_without_a_question_to_the_database(nowhere: None) -> None:
    assert made(DISPATCHED, DagRunTriggeredByType.REST_API, user="officeflow").conf == DISPATCHED


@pytest.mark.parametrize(
    ("by", "user", "conf"),
    [
        (DagRunTriggeredByType.REST_API, "admin", DISPATCHED),
        (DagRunTriggeredByType.CLI, "officeflow", DISPATCHED),
        (DagRunTriggeredByType.OPERATOR, "officeflow", DISPATCHED),
        (
            DagRunTriggeredByType.REST_API,
            "officeflow",
            {"event": {**WHOLE, "org": "globex", "payload": {}}, "correlation_id": "c-1"},
        ),
        (DagRunTriggeredByType.REST_API, "officeflow", {"correlation_id": "c-1"}),
    ],
    ids=[
        "another account",
        "a login of the machine",
        "a task of such a run",
        "another organization",
        "no event",
    ],
)
def test_nobody_else_is_taken_for_the_dispatcher(
    nowhere: None, by: DagRunTriggeredByType, user: str, conf: dict[str, Any]
) -> None:
    with pytest.raises(Exception, match="did not answer"):
        made(conf, by, user=user)


def test_while_the_database_is_away_the_api_answers_that_it_may_work_later(nowhere: None) -> None:
    with pytest.raises(HTTPException, match="did not answer") as caught:
        made({"employee": "E-1"}, DagRunTriggeredByType.REST_API)
    assert caught.value.status_code == 503


@pytest.mark.parametrize("dag_id", ["probe", "acme__other", "no__such-one"])
def test_runs_of_dags_that_are_no_workflows_are_left_alone(acme: Database, dag_id: str) -> None:
    assert made({"seconds": 1}, dag_id=dag_id).conf == {"seconds": 1}


def test_airflows_event_log_keeps_no_conf_of_what_somebody_asked_for() -> None:
    new_runs.watch()
    body = {"conf": {"payload": {"home_address": "private"}}, "note": None}

    def logged(dag_id: str, what: str = "trigger_dag_run") -> Any:
        entry = Log(event=what, owner="admin", extra=json.dumps(body), dag_id=dag_id)
        return json.loads(entry.extra or "")

    assert logged(DAG) == {"conf": "***", "note": None}
    assert logged("probe") == body
    assert logged(DAG, "patch_dag_run") == body
