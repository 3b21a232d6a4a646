"""The DAG of `docs/dags.md`, as it stands there, in a real Airflow."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization
from officeflow.errors import OfficeFlowError
from officeflow.ids import new_id, workflow_run_id
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.counterparts.scim import ScimServer

pytestmark = pytest.mark.integration

DAG_ID = "suspend_leavers"


@pytest.fixture(scope="module")
def nodes_database(airflow: EmbeddedAirflow) -> Iterator[Database]:
    """The database that Airflow's tasks use, with the organization of the quickstart."""
    database = Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    with database.service() as session:
        session.add(
            Organization(
                org_id=new_id(), slug="globex", name="Globex", domain="globex.example", plan="standard"
            )
        )
    yield database
    database.dispose()


@pytest.fixture
def people(scim_server: ScimServer) -> dict[str, bool]:
    """Accounts in the directory: login to whether it is active."""
    there = {"ana@globex.example": True, "ben@globex.example": False, "cleo@globex.example": True}
    with scim_server.client() as client:
        for login, active in there.items():
            client.post("/Users", json={"userName": login, "active": active}).raise_for_status()
    return there


def active(scim_server: ScimServer) -> dict[str, bool]:
    with scim_server.client() as client:
        found = client.get("/Users").raise_for_status().json()["Resources"]
    return {account["userName"]: account["active"] for account in found}


@pytest.fixture
def dag_id(airflow: EmbeddedAirflow, nodes_database: Database, scim_server: ScimServer) -> str:
    airflow.api.put_connection("globex.directory", "scim", host=scim_server.url, password=scim_server.token)

    def unpaused() -> bool:
        try:
            airflow.api.set_paused(DAG_ID, False)
        except OfficeFlowError:
            return False
        return True

    eventually(unpaused)
    return DAG_ID


def states(airflow: EmbeddedAirflow, run: str) -> dict[tuple[str, int], Any]:
    return {
        (each["task_id"], each["map_index"]): each["state"]
        for each in airflow.api.task_instances(DAG_ID, run)
    }


def acts(database: Database, run: str) -> dict[tuple[str, int], NodeRun]:
    with database.service() as session:
        rows = session.scalars(select(NodeRun).where(NodeRun.run_id == workflow_run_id(DAG_ID, run)))
        return {(row.node_key, row.map_index): row for row in rows}


def test_the_pages_dag_acts_once_for_each_person_also_when_all_of_it_is_cleared(
    airflow: EmbeddedAirflow,
    nodes_database: Database,
    scim_server: ScimServer,
    people: dict[str, bool],
    dag_id: str,
) -> None:
    run = f"test__{secrets.token_hex(4)}"
    logins = [*list(people)[:2], "nobody@globex.example"]
    assert airflow.api.trigger(dag_id, run, {"logins": logins, "reason": "{{ 7 * 7 }} ${{ org.name }}"})
    assert airflow.await_run(run, dag_id=dag_id) == "success"
    reached = states(airflow, run)
    assert {key: state for key, state in reached.items() if key[0] == "leave.suspend"} == {
        ("leave.suspend", 0): "success",
        ("leave.suspend", 1): "skipped",
        ("leave.suspend", 2): "skipped",
    }
    assert active(scim_server) == {**people, "ana@globex.example": False}
    done = acts(nodes_database, run)
    assert set(done) == {
        *(("leave.account", index) for index in range(3)),
        ("leave.suspend", 0),
        ("record", -1),
    }
    with nodes_database.service() as session:
        [record] = session.scalars(select(AuditRecord).where(AuditRecord.action == "leavers.suspended"))
    assert record.subject == f"dag:{dag_id}"
    wanted = {
        "reason": "{{ 7 * 7 }} ${{ org.name }}",
        "asked": sorted(logins),
        "suspended": ["ana@globex.example"],
    }
    assert wanted.items() <= record.details.items()

    writes = len(scim_server.writes())
    airflow.api.clear(dag_id, run)
    assert airflow.await_run(run, dag_id=dag_id) == "success"
    assert len(scim_server.writes()) == writes
    assert {key: row.attempt for key, row in acts(nodes_database, run).items()} == {
        key: row.attempt for key, row in done.items()
    }
