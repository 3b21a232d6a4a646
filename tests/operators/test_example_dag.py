"""The DAG under `dags/` that is written by hand with our operators."""

from __future__ import annotations

import json
import runpy
from typing import TYPE_CHECKING, Any

import pytest
from airflow.serialization.serialized_objects import DagSerialization
from sqlalchemy import select

from officeflow.database.tables import AuditRecord, WorkflowRun
from officeflow.layout import ROOT
from tests.operators.conftest import Try

if TYPE_CHECKING:
    from airflow.sdk import DAG

    from officeflow.database.engine import Database
    from tests.counterparts.scim import ScimServer

pytestmark = pytest.mark.integration


@pytest.fixture
def dag() -> DAG:
    found: DAG = next(
        value
        for value in runpy.run_path(str(ROOT / "dags" / "example_account_check.py")).values()
        if _is_dag(value)
    )
    return found


def _is_dag(value: Any) -> bool:
    from airflow.sdk import DAG

    return isinstance(value, DAG)


def test_airflow_takes_it(dag: DAG) -> None:
    dag.validate()
    dag.check_cycle()
    assert set(DagSerialization.from_dict(DagSerialization.to_dict(dag)).task_dict) == {
        "find_account",
        "record",
    }


@pytest.mark.usefixtures("officeflow")
def test_it_puts_on_record_what_it_found_under_a_run_of_its_own(
    dag: DAG, database: Database, scim_server: ScimServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "scim", "host": scim_server.url, "password": scim_server.token}
    monkeypatch.setenv("AIRFLOW_CONN_ACME.DIRECTORY", json.dumps(connection))
    with scim_server.client() as client:
        client.post("/Users", json={"userName": "ana@acme.example", "active": True}).raise_for_status()
    conf = {"event": {"payload": {"login": "ana@acme.example"}}}
    for task in dag.topological_sort():
        Try(task, dag=dag.dag_id).execute(conf=conf)
    with database.service() as session:
        [run] = session.scalars(select(WorkflowRun))
        assert (run.dag_id, run.workflow_id, run.version) == ("example_account_check", None, None)
        noted = session.scalars(select(AuditRecord).where(AuditRecord.action == "account.checked")).one()
    assert noted.subject == "account:ana@acme.example"
    assert noted.details["found"] is True
