"""The platform DAG `officeflow_drift`."""

from __future__ import annotations

import json
import runpy
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.serialization.serialized_objects import DagSerialization

from officeflow.access import store
from officeflow.access.rules import parse
from officeflow.layout import ROOT
from tests.nodes.paper.admission import admitted
from tests.nodes.paper.directory import DIRECTORIES, PaperDirectory

if TYPE_CHECKING:
    from airflow.sdk import DAG

    from officeflow.database.engine import Database
    from officeflow.database.tables import Organization

pytestmark = pytest.mark.integration
FILE = ROOT / "dags" / "officeflow_drift.py"


def dag_of_file() -> DAG:
    found: DAG = runpy.run_path(str(FILE))["dag"]
    return found


def test_airflow_takes_it_paused() -> None:
    dag = dag_of_file()
    taken = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    assert (taken.dag_id, sorted(taken.task_dict)) == ("officeflow_drift", ["compare", "organizations"])
    assert dag.is_paused_upon_creation is True


def test_its_task_fails_where_a_system_has_an_account_that_nobody_employs_and_does_not_say_whose(
    officeflow: Organization, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = DIRECTORIES["drift"] = PaperDirectory()
    connection = {"conn_type": "paper", "host": "drift", "password": paper.token}
    monkeypatch.setenv("AIRFLOW_CONN_ACME.DIRECTORY", json.dumps(connection))
    rule = {"name": "staff", "connections": {"directory": {"groups": ["Staff"]}}}
    store.settle(database, officeflow.slug, parse({"rules": [rule]}), why="test", by="cli:boss")
    compare: Any = runpy.run_path(str(FILE))["compare"].function
    with admitted(monkeypatch):
        assert compare("acme") == {"found": 0, "connections": {"directory": {}}}
        paper.add("backup@acme.example")
        with pytest.raises(AirflowFailException, match="`officeflow drift acme` shows them") as failed:
            compare("acme")
    assert "backup" not in str(failed.value)
    assert paper.writes() == []
