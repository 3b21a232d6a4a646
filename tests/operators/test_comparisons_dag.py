"""The platform DAG `officeflow_comparisons`."""

from __future__ import annotations

import datetime as dt
import json
import runpy
from typing import TYPE_CHECKING, Any

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from officeflow.cli.drift import LONGEST_SECONDS
from officeflow.ids import COMPARISONS
from officeflow.layout import ROOT
from officeflow.runner.inquiring import store
from officeflow.stack.airflow.settings import tasks_at_once
from officeflow.statuses import InquiryKind, InquiryState
from tests.operators.conftest import Try

if TYPE_CHECKING:
    from airflow.sdk import DAG

    from officeflow.database.engine import Database
    from officeflow.database.tables import Organization
    from tests.counterparts.scim import ScimServer

pytestmark = pytest.mark.integration


def dag_of_file() -> DAG:
    found: DAG = runpy.run_path(str(ROOT / "dags" / f"{COMPARISONS}.py"))["dag"]
    return found


def test_airflow_takes_it_with_few_slots_after_everything_else_and_an_hour_for_each() -> None:
    dag = dag_of_file()
    taken = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    look = taken.task_dict["look"]
    assert (taken.dag_id, list(taken.task_dict), look.queue, look.retries) == (
        COMPARISONS,
        ["look"],
        "default",
        0,
    )
    assert taken.max_active_runs <= tasks_at_once(1) // 2, "half of the slots of the smallest machine"
    assert (look.priority_weight, dag.is_paused_upon_creation) == (0, False)
    assert look.execution_timeout == dt.timedelta(seconds=LONGEST_SECONDS)


def test_its_task_answers_with_connections_that_airflow_gives(
    officeflow: Organization,
    database: Database,
    scim_server: ScimServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = {"conn_type": "scim", "host": scim_server.url, "password": scim_server.token}
    monkeypatch.setenv("AIRFLOW_CONN_ACME.DIRECTORY", json.dumps(connection))
    question = store.Question(
        kind=InquiryKind.DRIFT, request={"names": ["directory"]}, subject="it", by="cli:ana"
    )
    with database.tenant(officeflow.org_id) as session:
        inquiry = store.put(session, officeflow.org_id, question)
    conf: dict[str, Any] = {"org": "acme", "inquiry": str(inquiry)}
    done = Try(dag_of_file().task_dict["look"], dag=COMPARISONS).execute(conf=conf)
    assert done is None, "XCom is shown to people"
    seen = store.see(database, officeflow.org_id, inquiry)
    assert (seen.state, (seen.result or {})["complete"]) == (InquiryState.ANSWERED, True)
