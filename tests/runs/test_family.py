"""`run show`: which run called a run, and which it called."""

from __future__ import annotations

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, RunRequest
from officeflow.ids import new_id
from officeflow.runs.store import ensure_run
from officeflow.statuses import CallState, RunStatus
from tests.command import Command, officeflow

pytestmark = pytest.mark.integration
__all__ = ["officeflow"]


@pytest.fixture
def called(database: Database, org: Organization) -> None:
    """The run acme__hire/one has called acme__equip/two."""
    with database.tenant(org.org_id) as session:
        parent, child = (
            ensure_run(
                session,
                org_id=org.org_id,
                dag_id=dag,
                dag_run_id=name,
                conf={},
                status=RunStatus.SUCCEEDED,
            )
            for dag, name in (("acme__hire", "one"), ("acme__equip", "two"))
        )
        child.parent_run_id, child.depth = parent.run_id, 1
        session.add(
            RunRequest(
                request_id=new_id(),
                org_id=org.org_id,
                parent_run_id=parent.run_id,
                node_key="equip",
                workflow="equip",
                state=CallState.ENDED,
                child_run_id=child.run_id,
            )
        )


@pytest.mark.usefixtures("called")
def test_show_names_the_caller_and_the_called(officeflow: Command) -> None:
    assert "equip has called acme__equip/two [SUCCEEDED]" in officeflow("run", "show", "acme__hire/one").out
    assert "Called by acme__hire/one [SUCCEEDED]" in officeflow("run", "show", "acme__equip/two").out


@pytest.mark.usefixtures("called")
def test_show_gives_programs_the_same_as_json(officeflow: Command) -> None:
    told = officeflow("run", "show", "acme__hire/one", "--json").json
    assert (told["caller"], told["called"]) == (
        None,
        [{"name": "acme__equip/two", "status": "SUCCEEDED", "node": "equip"}],
    )
