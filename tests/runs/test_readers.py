"""What reads the output of a node that is to be given up, by the run's definition."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Workflow, WorkflowRun
from officeflow.runs import readers
from tests.dag_factory.conftest import Published, definition
from tests.runs.conftest import add_run

pytestmark = pytest.mark.integration

NOTE: dict[str, Any] = {"type": "audit.record"}


def record(key: str, subject: str, **more: Any) -> dict[str, Any]:
    return {"id": key, **NOTE, "params": {"action": "seen", "subject": subject}, **more}


DRAWN = definition(
    "drawn",
    nodes=[
        record("call", "it"),
        record("quotes", "status ${{ string(nodes['call'].output.status) }}"),
        record("fills", "{{ nodes.call.output.name }}"),
        record("other", "${{ nodes.caller.output.name }} of call"),
        {"id": "join", "type": "flow.join"},
        {"id": "loop", "type": "flow.for_each", "params": {"items": "${{ nodes.call.output.list }}"}},
        record("round", "${{ nodes.call.output.name }}", each="loop"),
        record("next", "${{ nodes.round.output.name }}", each="loop"),
        record("last", "${{ nodes.round[0].name }}"),
    ],
    edges=[
        {"from": "call", "to": "quotes", "condition": "nodes.call.output.status == 200"},
        {"from": "call", "to": "join"},
        {"from": "join", "to": "loop"},
    ],
)


def told(
    database: Database, org: Organization, node: str, index: int = -1, *, version: int | None = 1
) -> list[str]:
    run = add_run(database, org, "drawn", "E-1", version=version)
    with database.tenant(org.org_id) as session:
        if version is not None:
            session.get_one(WorkflowRun, run.run_id).workflow_id = session.scalar(
                select(Workflow.workflow_id)
            )
            session.flush()
        found = readers.of_node(session, run.run_id, node, map_index=index)
    return [f"{each.place}: {each.sees}" for each in found]


@pytest.fixture(autouse=True)
def _published(database: Database, org: Organization) -> None:
    Published(database, org).publish("drawn", DRAWN)


def test_nodes_edges_and_joins_are_named_with_what_they_will_see(
    database: Database, org: Organization
) -> None:
    fails = "it fails: nodes.call has no output"
    assert told(database, org, "call") == [
        f"the condition of the edge call → quotes: {fails}",
        f"quotes, params.subject: {fails}",
        f"fills, params.subject: {fails}",
        "join: it goes on, and names call under left_out",
        f"loop, params.items: {fails}",
        f"round, params.subject: {fails}",
    ]


def test_a_loop_has_no_items_without_its_list(database: Database, org: Organization) -> None:
    assert told(database, org, "loop") == [
        "round, each: it has no items to run for",
        "next, each: it has no items to run for",
    ]


def test_of_one_round_its_own_nodes_fail_and_others_see_a_shorter_list(
    database: Database, org: Organization
) -> None:
    assert told(database, org, "round", 2) == [
        "next, params.subject: it fails: nodes.round has no output",
        "last, params.subject: it goes on with a list nodes.round that is one item shorter",
    ]


def test_what_nothing_reads_and_a_run_without_a_definition_have_no_readers(
    database: Database, org: Organization
) -> None:
    assert told(database, org, "last") == []
    assert told(database, org, "call", version=None) == []
