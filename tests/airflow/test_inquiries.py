"""Looking into systems outside of a run: asked by the command, answered by a task of a real Airflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Inquiry, Organization
from officeflow.errors import OfficeFlowError
from officeflow.ids import INQUIRIES as DAG
from officeflow.ids import new_id
from officeflow.runs import store
from officeflow.statuses import InquiryState, RunStatus
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.command import Command, Outcome
from tests.counterparts.scim import ScimServer
from tests.dag_factory.conftest import Published, definition

pytestmark = pytest.mark.integration

ORG = "looked"
READING = {"GET", "HEAD", "OPTIONS"}
SECRET = "ana@home.example"
PAYLOAD = {
    "work_email": "ana@looked.example",
    "given_name": "Ana",
    "family_name": "García",
    "personal_email": SECRET,
}
EVENT = {
    "specversion": "1.0",
    "id": "e-looked",
    "source": "https://hr.looked.example",
    "type": "employee.onboard",
    "subject": "E-7",
    "time": "2026-01-05T08:00:00Z",
    "data": PAYLOAD,
}


def account(key: str, node_type: str, **params: Any) -> dict[str, Any]:
    return {
        "id": key,
        "type": f"identity.{node_type}",
        "connection": "directory",
        "params": {"login": "${{ event.payload.work_email }}", **params},
    }


DEFINITION = {
    "slug": "joiner",
    "name": "Joiner",
    "trigger": {"events": ["employee.onboard"]},
    "nodes": [
        account("find", "find_account"),
        account("create", "create_account", given_name="Ana", family_name="García"),
        {
            "id": "note",
            "type": "audit.record",
            "params": {"action": "seen", "subject": "${{ nodes.find.output.account_id }}"},
        },
    ],
    "edges": [
        {"from": "find", "to": "create", "condition": "!nodes.find.output.found"},
        {"from": "find", "to": "note", "condition": "nodes.find.output.found"},
    ],
}


@pytest.fixture(scope="module")
def database(airflow: EmbeddedAirflow) -> Iterator[Database]:
    """The database that Airflow's tasks read, with the organization."""
    database = Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    with database.service() as session:
        session.add(
            Organization(org_id=new_id(), slug=ORG, name="Looked", domain="looked.example", plan="standard")
        )
    yield database
    database.dispose()


@pytest.fixture
def command(
    officeflow: Command,
    airflow: EmbeddedAirflow,
    database: Database,
    scim_server: ScimServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Command]:
    """Of an operator whose organization has the directory `directory`."""
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.setup.url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", airflow.setup.service_password)
    (tmp_path / "event.json").write_text(json.dumps(EVENT))
    (tmp_path / "joiner.json").write_text(json.dumps(DEFINITION))
    monkeypatch.chdir(tmp_path)
    airflow.api.put_connection(f"{ORG}.directory", "scim", host=scim_server.url, password=scim_server.token)
    eventually(lambda: _knows(airflow))
    yield officeflow
    airflow.api.delete_connection(f"{ORG}.directory")


def _knows(airflow: EmbeddedAirflow) -> bool:
    try:
        return not airflow.api.dag(DAG)["is_paused"]
    except OfficeFlowError:
        return False


def by_key(planned: Outcome) -> dict[str, Any]:
    assert planned.status == 0, planned.err
    return {each["key"]: each for each in planned.json["nodes"]}


def test_a_plan_looks_into_the_systems_and_goes_on_with_what_it_found(
    command: Command, scim_server: ScimServer, airflow: EmbeddedAirflow, database: Database
) -> None:
    plan = ("workflow", "plan", "joiner.json", "--org", ORG, "--event", "event.json")
    nodes = by_key(command(*plan, "--json"))
    assert {key: each["verdict"] for key, each in nodes.items()} == {
        "find": "RUNS",
        "create": "RUNS",
        "note": "SKIPPED",
    }
    assert nodes["find"]["acts"][0]["doing"] == "no change"
    assert f"at {scim_server.url}" in nodes["find"]["acts"][0]["note"]
    with scim_server.client() as client:
        made = client.post(
            "/Users",
            json={
                "userName": "ana@looked.example",
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            },
        ).json()
    nodes = by_key(command(*plan, "--json"))
    assert (nodes["create"]["verdict"], nodes["note"]["verdict"]) == ("SKIPPED", "RUNS")
    assert nodes["note"]["params"]["subject"] == made["id"]
    offline = by_key(command(*plan, "--offline", "--json"))
    assert (offline["note"]["verdict"], offline["note"]["acts"]) == ("UNKNOWN", None)
    text = command(*plan)
    assert "note (audit.record) RUNS" in text.out
    assert "waiting for a worker" in text.err
    _nothing_is_in_airflow(airflow)
    with database.service() as session:
        rows = session.scalars(select(Inquiry)).all()
        assert {each.state for each in rows} == {InquiryState.ANSWERED}
        assert {each.employee for each in rows} == {"E-7"}
        asked = session.scalars(
            select(AuditRecord.action).where(AuditRecord.subject == "workflow:joiner")
        ).all()
    assert set(asked) == {"workflow.planned"}


def _nothing_is_in_airflow(airflow: EmbeddedAirflow) -> None:
    """Neither the conf nor the log has anything of what was asked or found."""
    for run in airflow.api.dag_runs(DAG):
        assert set(run["conf"] or {}) == {"inquiry", "org"}
        log = airflow.api.task_log(DAG, run["dag_run_id"], "look")
        assert "ana" not in log.replace("analy", "")


def test_a_connection_says_who_we_are_and_what_is_missing(
    command: Command, scim_server: ScimServer, airflow: EmbeddedAirflow
) -> None:
    tested = command("connection", "test", ORG, "directory", "--json")
    told = tested.json
    assert (tested.status, told["ok"], told["complete"]) == (0, True, True)
    assert told["services"][0]["who"] == f"a SCIM server with {len(scim_server.users())} accounts"
    found = next(each for each in told["capabilities"] if each["capability"] == "find accounts")
    assert "identity.find_account" in found["node_types"]
    airflow.api.put_connection(f"{ORG}.directory", "scim", host=scim_server.url, password="wrong")
    refused = command("connection", "test", ORG, "directory")
    assert refused.status == 1
    assert "scim answered 401" in refused.out


def test_what_is_still_to_come_of_a_run_is_told_with_what_it_has_done(
    command: Command, scim_server: ScimServer, database: Database
) -> None:
    with database.service() as session:
        org = session.scalars(select(Organization).where(Organization.slug == ORG)).one()
    Published(database, org).publish("joiner", DEFINITION)
    conf = {
        "event": {
            "id": "e-looked",
            "source": "hr",
            "kind": "employee.onboard",
            "org": ORG,
            "employee": "E-7",
            "time": "2026-01-05T08:00:00Z",
            "payload": {"work_email": "ana@looked.example"},
        }
    }
    with database.tenant(org.org_id) as session:
        store.ensure_run(
            session,
            org_id=org.org_id,
            dag_id=f"{ORG}__joiner",
            dag_run_id="evt__1",
            conf=conf,
            workflow="joiner",
            version=1,
            status=RunStatus.RUNNING,
        )
    plan = ("run", "plan", f"{ORG}__joiner/evt__1")
    told = command(*plan)
    assert (told.status, told.out.splitlines()[0]) == (0, "if it ran: the run is RUNNING")
    assert f"no account with login ana@looked.example at {scim_server.url}" in told.out
    offline = by_key(command(*plan, "--offline", "--json"))
    assert {key: each["verdict"] for key, each in offline.items()} == {
        "find": "RUNS",
        "create": "UNKNOWN",
        "note": "UNKNOWN",
    }


def test_a_plan_shows_each_round_and_what_is_called(
    command: Command, scim_server: ScimServer, database: Database, tmp_path: Path
) -> None:
    with database.service() as session:
        org = session.scalars(select(Organization).where(Organization.slug == ORG)).one()
    equip = account("create", "create_account", given_name="Ana", family_name="García")
    equip["params"]["login"] = "${{ input.login }}"
    parts = {"trigger": {"events": []}, "inputs": {"type": "object"}, "nodes": [equip], "edges": []}
    Published(database, org).publish("equip", definition("equip", **parts))
    call = {"workflow": "equip", "input": {"login": "${{ item + '@looked.example' }}"}}
    drawn = {
        **DEFINITION,
        "nodes": [
            {"id": "each", "type": "flow.for_each", "params": {"items": ["ana", "bea"]}},
            {"id": "call", "type": "flow.call", "each": "each", "params": call},
        ],
        "edges": [{"from": "each", "to": "call"}],
    }
    (tmp_path / "many.json").write_text(json.dumps(drawn))
    plan = ("workflow", "plan", "many.json", "--org", ORG, "--event", "event.json")
    said = command(*plan).out
    assert [line for line in said.splitlines() if " of 2" in line or "account" in line] == [
        "  1 of 2, ana: RUNS: after each",
        "      create (identity.create_account) RUNS: the run begins with it",
        f"        create  account ana@looked.example at {scim_server.url}",
        "  2 of 2, bea: RUNS: after each",
        "      create (identity.create_account) RUNS: the run begins with it",
        f"        create  account bea@looked.example at {scim_server.url}",
    ]
    offline = command(*plan, "--offline").out
    assert [line.split()[0] for line in offline.splitlines() if line.split()[2:3] == ["RUNS"]] == [
        "each",
        "call",
        "call[0]",
        "call[0].create",
        "call[1]",
        "call[1].create",
    ]
    assert scim_server.writes() == []


def test_where_airflow_has_paused_or_lost_it_that_is_said(
    command: Command, airflow: EmbeddedAirflow, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    test = ("connection", "test", ORG, "directory")
    airflow.api.set_paused(DAG, True)
    try:
        paused = command(*test)
    finally:
        airflow.api.set_paused(DAG, False)
    assert (paused.status, f"the DAG {DAG}, which looks into systems, is paused" in paused.err) == (1, True)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", "http://127.0.0.1:1")
    away = command("workflow", "plan", "joiner.json", "--org", ORG, "--event", "event.json")
    assert (away.status, "no answer from Airflow" in away.err) == (1, True)
    with database.service() as session:
        open_ones = session.scalars(select(Inquiry).where(Inquiry.state == InquiryState.ASKED)).all()
    assert open_ones == [], "what nobody waits for is left to no worker"
