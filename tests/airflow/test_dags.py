"""DAGs written by hand, in a real Airflow: the one of `docs/dags.md` as it stands there, and `dag.test()` as the page says."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization
from officeflow.errors import OfficeFlowError
from officeflow.ids import new_id, workflow_run_id
from officeflow.stack.airflow_settings import airflow_environment
from officeflow.stack.layout import ROOT
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.counterparts_fixtures import ScimServer

pytestmark = pytest.mark.integration

DAG_ID = "suspend_leavers"
PAGE = (ROOT / "docs" / "dags.md").read_text()
THE_DAG, THE_SCRIPT = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def nodes_database(airflow: EmbeddedAirflow) -> Iterator[Database]:
    """The database that Airflow's tasks use, with the organization of the quickstart."""
    database = Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    with database.service() as session:
        session.add(Organization(org_id=new_id(), slug="globex", name="Globex", domain="globex.example", plan="standard"))
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
    return {(each["task_id"], each["map_index"]): each["state"] for each in airflow.api.task_instances(DAG_ID, run)}


def acts(database: Database, run: str) -> dict[tuple[str, int], NodeRun]:
    with database.service() as session:
        rows = session.scalars(select(NodeRun).where(NodeRun.run_id == workflow_run_id(DAG_ID, run)))
        return {(row.node_key, row.map_index): row for row in rows}


def test_the_pages_dag_acts_once_for_each_person_also_when_all_of_it_is_cleared(
    airflow: EmbeddedAirflow, nodes_database: Database, scim_server: ScimServer, people: dict[str, bool], dag_id: str
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
    assert set(done) == {*(("leave.account", index) for index in range(3)), ("leave.suspend", 0), ("record", -1)}
    with nodes_database.service() as session:
        [record] = session.scalars(select(AuditRecord).where(AuditRecord.action == "leavers.suspended"))
    assert record.subject == f"dag:{dag_id}"
    wanted = {"reason": "{{ 7 * 7 }} ${{ org.name }}", "asked": sorted(logins), "suspended": ["ana@globex.example"]}
    assert wanted.items() <= record.details.items()

    writes = len(scim_server.writes())
    airflow.api.clear(dag_id, run)
    assert airflow.await_run(run, dag_id=dag_id) == "success"
    assert len(scim_server.writes()) == writes
    assert {key: row.attempt for key, row in acts(nodes_database, run).items()} == {key: row.attempt for key, row in done.items()}


def test_the_pages_script_tries_the_dag(
    airflow: EmbeddedAirflow, nodes_database: Database, scim_server: ScimServer, tmp_path: Path
) -> None:
    """On the shared Airflow's tables instead of new ones."""
    dags, stack = tmp_path / "dags", tmp_path / ".officeflow"
    dags.mkdir()
    stack.mkdir()
    (dags / "suspend_leavers.py").write_text(THE_DAG)
    (tmp_path / "try_leavers.py").write_text(THE_SCRIPT)
    environment = airflow_environment(airflow.setup, "airflow-scheduler")
    ours = {name: value for name, value in {**os.environ, **airflow.setup.environment}.items() if name.startswith("OFFICEFLOW_")}
    (stack / "stack.json").write_text(json.dumps({"environment": ours}))
    given = {"PYTHONPATH": f"{ROOT / 'plugins'}:{dags}", "SCIM_URL": scim_server.url, "SCIM_TOKEN": scim_server.token}
    whole = {**environment, **given, "AIRFLOW__CORE__DAGS_FOLDER": str(dags)}
    command = [sys.executable, "try_leavers.py"]
    done = subprocess.run(command, cwd=tmp_path, env=whole, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
