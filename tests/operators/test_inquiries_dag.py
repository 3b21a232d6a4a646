"""The platform DAG `officeflow_inquiries`, by Airflow's ordinary way (the warm door: `tests/worker`)."""

from __future__ import annotations

import json
import runpy
from typing import TYPE_CHECKING, Any

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from officeflow.api.within import LONGEST_LOOK
from officeflow.errors import InvalidInput, NotKnown
from officeflow.ids import INQUIRIES
from officeflow.layout import ROOT
from officeflow.runner.inquiring import asking, store
from officeflow.statuses import InquiryKind, InquiryState
from officeflow.worker.process import LOOK_SECONDS
from tests.operators.conftest import Try

if TYPE_CHECKING:
    from airflow.sdk import DAG

    from officeflow.database.engine import Database
    from officeflow.database.tables import Organization
    from tests.counterparts.scim import ScimServer

pytestmark = pytest.mark.integration


def dag_of_file() -> DAG:
    found: DAG = runpy.run_path(str(ROOT / "dags" / f"{INQUIRIES}.py"))["dag"]
    return found


def test_airflow_takes_it_unpaused_for_the_warm_door() -> None:
    dag = dag_of_file()
    taken = DagSerialization.from_dict(DagSerialization.to_dict(dag))
    look = taken.task_dict["look"]
    assert (taken.dag_id, list(taken.task_dict), look.queue, look.retries) == (
        INQUIRIES,
        ["look"],
        "nodes",
        0,
    )
    assert dag.is_paused_upon_creation is False


def test_its_task_answers_with_connections_that_airflow_gives(
    officeflow: Organization,
    database: Database,
    scim_server: ScimServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = {"conn_type": "scim", "host": scim_server.url, "password": scim_server.token}
    monkeypatch.setenv("AIRFLOW_CONN_ACME.DIRECTORY", json.dumps(connection))
    question = store.Question(
        kind=InquiryKind.CONNECTION, request={"name": "directory"}, subject="it", by="cli:ana"
    )
    with database.tenant(officeflow.org_id) as session:
        inquiry = store.put(session, officeflow.org_id, question)

    def executed(**conf: Any) -> Any:
        """Each time as a task does: with the file read anew."""
        return Try(dag_of_file().task_dict["look"], dag=INQUIRIES).execute(conf=conf)

    assert executed(org="acme", inquiry=str(inquiry)) is None, "XCom is shown to people"
    seen = store.see(database, officeflow.org_id, inquiry)
    assert seen.state is InquiryState.ANSWERED
    assert (seen.result or {})["services"][0]["who"] == "a SCIM server with 0 accounts"
    with pytest.raises(NotKnown, match="nobody waits"):
        executed(org="acme", inquiry=str(inquiry))
    with pytest.raises(InvalidInput, match="not the id of an inquiry"):
        executed(org="acme")


def test_a_quick_look_has_the_same_time_by_either_door_and_more_than_anybody_waits() -> None:
    limit = dag_of_file().task_dict["look"].execution_timeout
    assert limit is not None
    assert limit.total_seconds() == LOOK_SECONDS
    assert max(asking.SECONDS, LONGEST_LOOK) < LOOK_SECONDS <= 2 * asking.SECONDS
