"""Those whom a workflow asks are looked for before it is published."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.people import groups
from officeflow.tenants import users
from officeflow.workflows import check_people
from officeflow.workflows.models import Definition

pytestmark = pytest.mark.integration


def asking(**params: Any) -> Definition:
    node = {"id": "ask", "type": "human.approval", "params": {"subject": "May it?", **params}}
    return Definition.model_validate(
        {"slug": "ask", "name": "Ask", "trigger": {"events": ["employee.onboard"]}, "nodes": [node]}
    )


@pytest.fixture(autouse=True)
def people(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        users.create(session, org.org_id, email="al@acme.example", name="Al", role="operator")
        gone = users.create(session, org.org_id, email="bo@acme.example", name="Bo", role="auditor")
        gone.is_active = False
        groups.add(session, org.org_id, "it", "al@acme.example", by="cli:al")


def test_whoever_is_there_may_be_asked(database: Database, org: Organization) -> None:
    asked = [
        {"user": "Al@acme.example"},
        {"role": "operator"},
        {"group": "it"},
        {"user": "${{ event.payload.manager_email }}"},
        {"manager": True},
    ]
    with database.tenant(org.org_id) as session:
        assert not list(check_people.check(session, org.org_id, asking(asked=asked)))


def test_who_is_not_there_is_named_with_the_place(database: Database, org: Organization) -> None:
    asked = [
        {"user": "ali@acme.example"},
        {"user": "bo@acme.example"},
        {"manager": True, "or": [{"role": "auditor"}]},
    ]
    definition = asking(asked=asked, escalate={"after": "P1D", "to": [{"group": "its"}]})
    with database.tenant(org.org_id) as session:
        found = [
            str(problem).partition(" (")[0] for problem in check_people.check(session, org.org_id, definition)
        ]
    assert found == [
        "nodes[0].params.asked[0].user: the organization has no user 'ali@acme.example'",
        "nodes[0].params.asked[1].user: 'bo@acme.example' is no active user any more",
        "nodes[0].params.asked[2].or[0].role: nobody has the role 'auditor'",
        "nodes[0].params.escalate.to[0].group: nobody is in a group 'its'",
    ]


def test_a_node_that_asks_where_it_is_not_sure_is_looked_at_too(
    database: Database, org: Organization
) -> None:
    node = {
        "id": "whose",
        "type": "identity.correlate_account",
        "connection": "directory",
        "params": {"login": "ana@acme.example", "asked": [{"group": "its"}]},
    }
    definition = Definition.model_validate(
        {"slug": "ask", "name": "Ask", "trigger": {"events": ["employee.onboard"]}, "nodes": [node]}
    )
    with database.tenant(org.org_id) as session:
        [problem] = check_people.check(session, org.org_id, definition)
    assert problem.path == "nodes[0].params.asked[0].group"
