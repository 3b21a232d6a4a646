"""A node behind an approval, whose task Airflow has let begin."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Workflow
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.sdk import Answer, NodeInput, NodeResult
from officeflow.workflows.models import Definition
from officeflow.workflows.projection import project
from tests.dag_factory.conftest import Published, definition
from tests.ledger.conftest import CONF, RUN

pytestmark = pytest.mark.integration

ASK: dict[str, Any] = {"id": "ask", "type": "human.approval", "params": {"subject": "May she come in?"}}
NOTE: dict[str, Any] = {
    "id": "note",
    "type": "audit.record",
    "params": {"action": "demo", "subject": "employee:E-1"},
}


@pytest.mark.parametrize("was_asked", [True, False])
def test_it_acts_once_the_approval_was_given_and_not_where_its_task_was_only_marked(
    database: Database, org: Organization, was_asked: bool
) -> None:
    drawn = definition("gate", nodes=[ASK, NOTE], edges=[{"from": "ask", "to": "note"}])
    Published(database, org).publish("gate", drawn)
    with database.tenant(org.org_id) as session:
        workflow = session.scalars(select(Workflow).where(Workflow.slug == "gate")).one()
        project(session, workflow, Definition.model_validate(drawn), {})
    services = Services(database, pytest.fail, settle=dt.timedelta(0))

    def done(node: dict[str, Any], answer: Answer | None = None) -> NodeResult:
        given = NodeInput(
            node=node["id"],
            type=node["type"],
            org="acme",
            dag_id="acme__gate",
            dag_run_id=RUN,
            params=node["params"],
            context=CONF,
            workflow="gate",
            version=1,
            answer=answer,
        )
        return run_node(given, services)

    if was_asked:
        assert done(ASK).question is not None
    refused = done(NOTE)
    assert refused.error is not None
    assert (refused.status, refused.error.code) == ("failed", "not_approved")
    assert "ask has no approval: its task was marked as a success" in refused.error.message
    done(ASK)
    assert done(ASK, Answer(chosen="Approve", by="boss")).status == "success"
    assert done(NOTE).status == "success"
