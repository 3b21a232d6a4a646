"""Runs that are started by hand, through every way that Airflow has: what was given is what the run uses, or
there is no run.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, NodeRun, Organization, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown
from officeflow.ids import employee_id, new_id, workflow_run_id
from officeflow.stack.airflow.settings import airflow_environment
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.dag_factory.conftest import Published, content_hash, definition

pytestmark = pytest.mark.integration

DAG = "byhand__hello"
PARAMS = {
    "action": "${{ event.payload.start_date }}",
    "subject": "employee:${{ event.employee }} ${{ event.kind }}",
}
DRAWN = definition(
    "hello", name="Say hello", nodes=[{"id": "note", "type": "audit.record", "params": PARAMS}], edges=[]
)
CLOUD_EVENT = {
    "specversion": "1.0",
    "id": "7f0c1c9e-1",
    "source": "https://hr.example/byhand",
    "type": "employee.onboard",
    "subject": "E1042",
    "time": "2026-01-05T09:00:00Z",
    "correlationid": "hire-1042",
    "data": {"given_name": "Ana", "start_date": "2026-02-02"},
}


@pytest.fixture(scope="module")
def known(airflow: EmbeddedAirflow) -> Iterator[Database]:
    """The database, with an organization, a person and a workflow that Airflow shows."""
    organization = Organization(
        org_id=new_id(), slug="byhand", name="By hand", domain="byhand.example", plan="standard"
    )
    person = Employee(
        employee_id=employee_id(organization.org_id, "E1042"),
        org_id=organization.org_id,
        external_id="E1042",
        status="active",
        given_name="Ana",
        family_name="García",
        work_email="ana@byhand.example",
    )
    with Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        with database.service() as session:
            session.add(organization)
            session.flush()
            session.add(person)
        Published(database, organization).publish("hello", DRAWN)
        eventually(lambda: _is_shown(airflow.api))
        yield database


def _is_shown(api: AirflowApi) -> bool:
    try:
        return content_hash(DRAWN) in (api.dag_details(DAG)["doc_md"] or "")
    except NotKnown:
        return False


def start(airflow: EmbeddedAirflow, conf: dict[str, Any]) -> str:
    run = f"test__{secrets.token_hex(4)}"
    assert airflow.admin.trigger(DAG, run, conf)
    return run


def noted(known: Database, run: str) -> tuple[str, str]:
    """What the run's node put on record: its action and its subject."""
    with known.service() as session:
        output = session.query(NodeRun).filter_by(run_id=workflow_run_id(DAG, run)).one().output
    assert output is not None
    return output["action"], output["subject"]


def test_what_the_form_says_is_what_the_run_uses_and_the_run_says_whom_it_is_about(
    airflow: EmbeddedAirflow, known: Database
) -> None:
    form = {
        "kind": "employee.onboard",
        "employee": "ana@byhand.example",
        "payload": {"start_date": "2026-02-02"},
        "time": None,
    }
    run = start(airflow, {**form, "correlation_id": None})
    seen = airflow.api.dag_run(DAG, run)
    assert seen["note"] == "Ana García (E1042): employee.onboard, started by hand"
    assert seen["conf"] is not None
    assert seen["conf"]["event"]["payload"] == {"start_date": "2026-02-02"}
    assert airflow.api.dag(DAG)["dag_display_name"] == "Say hello"
    assert airflow.await_run(run, dag_id=DAG) == "success"
    assert noted(known, run) == ("2026-02-02", "employee:E1042 employee.onboard")
    with known.service() as session:
        row = session.get_one(WorkflowRun, workflow_run_id(DAG, run))
        assert (row.trigger_event, row.context) == ("employee.onboard", seen["conf"])
        assert row.employee_id is not None


def test_a_cloud_event_is_taken_as_the_listener_takes_it_also_beside_the_empty_fields_of_the_form(
    airflow: EmbeddedAirflow, known: Database
) -> None:
    run = start(
        airflow,
        {**CLOUD_EVENT, "kind": "employee.onboard", "employee": "", "payload": {}, "correlation_id": None},
    )
    event = {
        "id": "7f0c1c9e-1",
        "source": "https://hr.example/byhand",
        "kind": "employee.onboard",
        "org": "byhand",
        "employee": "E1042",
    }
    whole = {
        "event": {**event, "time": "2026-01-05T09:00:00+00:00", "payload": CLOUD_EVENT["data"]},
        "correlation_id": "hire-1042",
    }
    assert airflow.api.dag_run(DAG, run)["conf"] == whole
    assert airflow.await_run(run, dag_id=DAG) == "success"
    assert noted(known, run) == ("2026-02-02", "employee:E1042 employee.onboard")


@pytest.mark.parametrize(
    ("conf", "said"),
    [
        (
            {"employee": "E1042", "payload": {"start_date": "2026-02-30"}},
            "payload.start_date: is a date that the calendar does not have",
        ),
        ({"employee": "E9999"}, "employee: byhand knows nobody as 'E9999'"),
        ({}, "employee: is missing"),
        (
            {"employee": 7, "kind": [], "payload": "all"},
            "not started: kind: is no text; employee: is no text; payload: is no object",
        ),
        (
            {"employee": "E1042", "kind": "employee.exit"},
            "kind: the workflow starts on employee.onboard, not on employee.exit",
        ),
        ({**CLOUD_EVENT, "data": {"birth_date": "1990-12-31"}}, "payload.birth_date: is private"),
    ],
    ids=["a bad date", "an unknown person", "nobody", "wrong types", "another kind", "a private field"],
)
def test_what_is_wrong_is_said_with_its_field_before_there_is_a_run(
    airflow: EmbeddedAirflow, known: Database, conf: dict[str, Any], said: str
) -> None:
    run = f"test__{secrets.token_hex(4)}"
    with pytest.raises(InvalidInput, match="The run was not started: ") as caught:
        airflow.admin.trigger(DAG, run, conf)
    assert said in str(caught.value)
    with pytest.raises(NotKnown):
        airflow.api.dag_run(DAG, run)


def test_a_private_value_that_was_refused_is_nowhere_in_airflows_database(
    airflow: EmbeddedAirflow, known: Database
) -> None:
    value = f"private-{secrets.token_hex(8)}"
    with pytest.raises(InvalidInput):
        airflow.admin.trigger(DAG, "test__private", {"employee": "E1042", "payload": {"home_address": value}})
    address = (
        make_url(airflow.setup.database_url)
        .set(drivername="postgresql")
        .render_as_string(hide_password=False)
    )
    with psycopg.connect(address) as connection:
        kept = [
            row[0]
            for row in connection.execute(
                "SELECT extra FROM log WHERE event = 'trigger_dag_run' AND dag_id = %s", (DAG,)
            )
        ]
        runs = [
            json.dumps(row[0])
            for row in connection.execute("SELECT conf FROM dag_run WHERE dag_id = %s", (DAG,))
        ]
    assert kept
    assert not [text for text in kept + runs if value in text]


def test_the_command_line_is_no_way_around(airflow: EmbeddedAirflow, known: Database) -> None:
    def trigger(run: str, conf: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-P",
            "-m",
            "airflow",
            "dags",
            "trigger",
            DAG,
            "--run-id",
            run,
            "--conf",
            json.dumps(conf),
        ]
        environment = {**os.environ, **airflow_environment(airflow.setup, "airflow-api")}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    refused = trigger("test__cli_wrong", {"employee": "E9999"})
    assert refused.returncode != 0
    assert "byhand knows nobody as 'E9999'" in refused.stderr + refused.stdout
    taken = trigger("test__cli", {"employee": "E1042", "payload": {"start_date": "2026-02-03"}})
    assert taken.returncode == 0, taken.stderr
    assert airflow.await_run("test__cli", dag_id=DAG) == "success"
    assert noted(known, "test__cli") == ("2026-02-03", "employee:E1042 employee.onboard")
