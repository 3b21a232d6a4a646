"""A node that was renamed does not act once more in a run that is moved to the newest version; one that is
new does.
"""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest
from sqlalchemy import select, update

from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization
from officeflow.errors import InvalidDefinition, NotKnown
from officeflow.ids import workflow_run_id
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.runs import corrections, inquiry
from officeflow.runs import store as runs
from officeflow.sdk import NodeInput, NodeResult
from officeflow.workflows.publish import Publisher
from tests.workflows.conftest import definition

pytestmark = pytest.mark.integration

RUN = "evt__1"


def record(key: str, **fields: Any) -> dict[str, Any]:
    return {"id": key, "type": "audit.record", "params": {"action": "joined", "subject": "x"}, **fields}


def drawn(*nodes: dict[str, Any]) -> dict[str, Any]:
    """One after the other."""
    edges = [{"from": before["id"], "to": after["id"]} for before, after in itertools.pairwise(nodes)]
    return definition(nodes=list(nodes), edges=edges)


@pytest.fixture
def services(database: Database) -> Services:
    def connect(name: str) -> Connection:
        raise NotKnown(name)

    return Services(database, connect, lock_wait=0.1)


def publish(publisher: Publisher, *nodes: dict[str, Any]) -> int:
    return publisher.publish("acme", drawn(*nodes), by="cli:ana").version


def run(services: Services, node: dict[str, Any], version: int, **changes: Any) -> NodeResult:
    given = {
        "org": "acme",
        "dag_id": "acme__joiner",
        "dag_run_id": RUN,
        "context": {},
        "workflow": "joiner",
        "version": version,
    }
    told = {"node": node["id"], "type": node["type"], "params": node["params"]}
    return run_node(NodeInput(**(given | told | changes)), services)


def test_a_renamed_node_is_asked_about_and_nothing_is_published(publisher: Publisher) -> None:
    publish(publisher, record("note"))
    with pytest.raises(InvalidDefinition) as refused:
        publish(publisher, record("notice"))
    [problem] = refused.value.problems
    assert problem.path == "nodes[0].renamedFrom"
    assert "'notice' appears and 'note' is gone" in problem.reason
    assert '"renamedFrom": "note"' in problem.suggestion
    assert '"new": true' in problem.suggestion


def test_the_likeliest_of_several_is_suggested(publisher: Publisher) -> None:
    other = record("b", params={"action": "left", "subject": "y"})
    publish(publisher, record("a"), other)
    with pytest.raises(InvalidDefinition) as refused:
        publish(publisher, {**other, "id": "c"})
    assert '"renamedFrom": "b"' in refused.value.problems[0].suggestion


@pytest.mark.parametrize(
    "after",
    [
        [record("note"), record("more")],
        [{"id": "stop", "type": "flow.fail", "params": {"message": "x"}}],
    ],
    ids=["added", "of another type"],
)
def test_ids_that_only_appear_are_not_asked_about(publisher: Publisher, after: list[dict[str, Any]]) -> None:
    publish(publisher, record("note"))
    assert publish(publisher, *after) == 2


def test_what_was_done_under_the_old_id_is_not_done_again_in_a_run_that_moves(
    publisher: Publisher, services: Services
) -> None:
    old, new = record("note"), record("notice", renamedFrom="note")
    done = run(services, old, publish(publisher, old))
    moved = run(services, new, publish(publisher, new))
    assert (moved.status, moved.replayed, moved.key) == ("success", True, done.key)


def test_a_node_that_is_new_acts(publisher: Publisher, services: Services, database: Database) -> None:
    old, new = record("note"), record("notice", new=True)
    run(services, old, publish(publisher, old))
    assert not run(services, new, publish(publisher, new)).replayed
    with database.service() as session:
        assert sorted(session.scalars(select(NodeRun.node_key))) == ["note", "notice"]


def test_later_nodes_read_the_output_under_the_new_id(publisher: Publisher, services: Services) -> None:
    old, new = record("note"), record("notice", renamedFrom="note")
    reader = record("reader", params={"action": "${{ nodes.notice.output.action }}", "subject": "x"})
    run(services, old, publish(publisher, old))
    version = publish(publisher, new, reader)
    assert run(services, reader, version).output["action"] == "joined"


def test_the_id_holds_over_several_renamings_and_versions_that_say_nothing_new(
    publisher: Publisher, services: Services
) -> None:
    first = record("a")
    done = run(services, first, publish(publisher, first))
    publish(publisher, record("b", renamedFrom="a"))
    publish(publisher, record("b", renamedFrom="a", name="Another name"))
    third = record("c", renamedFrom="b")
    assert run(services, third, publish(publisher, third)).key == done.key


def test_an_id_that_was_given_up_may_be_given_to_another_node(
    publisher: Publisher, services: Services
) -> None:
    first = record("a")
    done = run(services, first, publish(publisher, first))
    renamed = record("b", renamedFrom="a")
    publish(publisher, renamed)
    another = record("a", params={"action": "other", "subject": "x"})
    version = publish(publisher, renamed, another)
    assert run(services, renamed, version).key == done.key
    act = run(services, another, version)
    assert (act.status, act.replayed, act.output["action"]) == ("success", False, "other")


def test_two_nodes_may_change_their_ids(publisher: Publisher, services: Services) -> None:
    a, b = record("a"), record("b", params={"action": "left", "subject": "x"})
    version = publish(publisher, a, b)
    keys = {node["id"]: run(services, node, version).key for node in (a, b)}
    a2, b2 = {**b, "id": "a", "renamedFrom": "b"}, {**a, "id": "b", "renamedFrom": "a"}
    version = publish(publisher, a2, b2)
    assert (run(services, a2, version).key, run(services, b2, version).key) == (keys["b"], keys["a"])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"renamedFrom": "nothing"}, "no version has had a node 'nothing'"),
        ({"renamedFrom": "stop"}, "was of type flow.fail"),
        ({"renamedFrom": "note", "new": True}, "both renamed and new"),
    ],
)
def test_what_is_said_wrongly_of_a_nodes_past_is_named(
    publisher: Publisher, fields: dict[str, Any], said: str
) -> None:
    publish(publisher, record("note"), {"id": "stop", "type": "flow.fail", "params": {"message": "x"}})
    with pytest.raises(InvalidDefinition) as refused:
        publish(publisher, record("notice", **fields))
    assert said in "\n".join(map(str, refused.value.problems))


def test_a_definition_may_come_with_its_past_from_another_organization(publisher: Publisher) -> None:
    assert publish(publisher, record("notice", renamedFrom="note")) == 1


def test_a_definition_without_a_past_has_the_hash_that_it_had(
    publisher: Publisher, database: Database, org: Organization
) -> None:
    written = drawn(record("note"))
    first = publisher.publish("acme", written, by="cli:ana")
    said = copy.deepcopy(written)
    said["nodes"][0]["new"] = False
    assert publisher.publish("acme", said, by="cli:ana").content_hash == first.content_hash


def test_people_find_a_renamed_nodes_act_under_either_id(
    publisher: Publisher, services: Services, database: Database
) -> None:
    old, new = record("note"), record("notice", renamedFrom="note")
    run(services, old, publish(publisher, old))
    publish(publisher, new)
    where = f"acme__joiner/{RUN}"
    assert corrections.find_place(database, where, "notice") == corrections.find_place(
        database, where, "note"
    )


def test_a_renamed_nodes_act_is_told_of_its_task_under_either_id(
    publisher: Publisher, services: Services, database: Database
) -> None:
    old, new = record("note"), record("notice", renamedFrom="note")
    publish(publisher, old)
    run(services, new, publish(publisher, new))
    run_id = workflow_run_id("acme__joiner", RUN)
    with database.service() as session:
        acts = runs.acts_by_task(session, run_id)
        assert inquiry.spoken(session, run_id) == {("note", -1): False, ("notice", -1): False}
    assert acts.keys() == {("note", -1), ("notice", -1)}
    assert acts["note", -1] == acts["notice", -1]
    assert (acts["note", -1].key, acts["note", -1].error) == ("note", None)


def test_an_act_that_failed_is_told_with_its_error_until_it_is_done(
    publisher: Publisher, services: Services, database: Database
) -> None:
    node = record("note")
    run(services, node, publish(publisher, node))
    run_id = workflow_run_id("acme__joiner", RUN)
    error = {"code": "rejected", "message": "no"}
    for status, told in (("FAILED", error), ("STARTED", error), ("ASKED", error), ("QUEUED", None)):
        with database.service() as session:
            session.execute(update(NodeRun).values(status=status, error_details=error))
            assert runs.acts_by_task(session, run_id)["note", -1].error == told
