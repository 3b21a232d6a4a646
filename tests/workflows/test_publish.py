"""Publishing against PostgreSQL: versions never change, revisions count up, nothing is changed by what is not
valid.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from officeflow import ids
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import (
    AuditRecord,
    Organization,
    Workflow,
    WorkflowEdge,
    WorkflowNode,
    WorkflowRevision,
    WorkflowVersion,
)
from officeflow.errors import InvalidDefinition, NotKnown, Unavailable
from officeflow.workflows import store
from officeflow.workflows.airflow_check import airflow_check
from officeflow.workflows.models import Definition, content_hash
from officeflow.workflows.publish import Publisher
from tests.workflows.conftest import SmallAirflow, definition, takes_all

pytestmark = pytest.mark.integration


def counts(database: Database) -> dict[str, int]:
    tables = (Workflow, WorkflowVersion, WorkflowRevision, WorkflowNode, WorkflowEdge, AuditRecord)
    with database.service() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }


def revisions(database: Database) -> list[tuple[int, int, str]]:
    with database.service() as session:
        query = select(WorkflowRevision.revision, WorkflowRevision.version, WorkflowRevision.action).order_by(
            WorkflowRevision.revision
        )
        return [(row[0], row[1], row[2]) for row in session.execute(query)]


def test_a_first_publish_writes_version_projection_revision_and_audit(
    publisher: Publisher, database: Database, org: Organization
) -> None:
    done = publisher.publish("acme", definition(), by="cli:ana")
    assert (done.version, done.revision, done.changed, done.ready, done.dag_id) == (
        1,
        1,
        True,
        True,
        "acme__joiner",
    )
    assert done.message == "published as version 1, ready in Airflow"
    with database.tenant(org.org_id) as session:
        workflow = store.find(session, org.org_id, "joiner")
        assert (workflow.is_active, workflow.place, workflow.event_trigger) == (True, 0, "employee.onboard")
        version = store.version(session, workflow)
        assert version.content_hash == content_hash(Definition.model_validate(definition()))
        assert Definition.model_validate(version.definition) == Definition.model_validate(definition())
        nodes = {row.key: row for row in session.scalars(select(WorkflowNode))}
        edges = list(session.scalars(select(WorkflowEdge)))
        audited = session.scalars(select(AuditRecord)).one()
    assert {key: row.node_id for key, row in nodes.items()} == {
        key: ids.node_id(workflow.workflow_id, 1, key) for key in nodes
    }
    assert {key: row.name for key, row in nodes.items()} == {
        "find": "Find account",
        "suspend": "Suspend account",
        "record": "Put on record",
    }
    assert nodes["record"].position == {"x": 1, "y": 2}
    assert nodes["find"].retry_policy["maxRetries"] == 3
    assert {edge.edge_id for edge in edges} == {
        ids.edge_id(workflow.workflow_id, 1, source, target)
        for source, target in [("find", "suspend"), ("find", "record"), ("suspend", "record")]
    }
    assert [(edge.condition_expr, edge.label) for edge in edges if edge.label] == [
        ("nodes.find.output.found", "found")
    ]
    assert (audited.actor, audited.action, audited.subject) == (
        "cli:ana",
        "workflow.published",
        "workflow:joiner",
    )
    assert audited.details == {"version": 1, "revision": 1, "content_hash": done.content_hash}


def test_the_same_content_again_changes_nothing(publisher: Publisher, database: Database) -> None:
    publisher.publish("acme", definition(), by="cli:ana")
    before = counts(database)
    written_otherwise = definition()
    written_otherwise["nodes"][0]["retryPolicy"] = {"maxRetries": 3}
    done = publisher.publish("acme", written_otherwise, by="cli:bob")
    assert (done.version, done.revision, done.changed, done.ready) == (1, None, False, True)
    assert "nothing was changed" in done.message
    assert counts(database) == before


def test_other_content_is_another_version_and_the_old_one_stays(
    publisher: Publisher, database: Database, org: Organization
) -> None:
    first = publisher.publish("acme", definition(), by="cli:ana")
    second = publisher.publish("acme", definition(name="Other"), by="cli:bob")
    assert (second.version, second.revision) == (2, 2)
    with database.tenant(org.org_id) as session:
        workflow = store.find(session, org.org_id, "joiner")
        assert [(v.version, v.published_by) for v in store.versions(session, workflow.workflow_id)] == [
            (2, "cli:bob"),
            (1, "cli:ana"),
        ]
        old = store.version(session, workflow, 1)
        assert (old.content_hash, old.definition["name"]) == (first.content_hash, "Joiner")
        assert workflow.definition["name"] == "Other"
        with pytest.raises(NotKnown, match="has no version 3"):
            store.version(session, workflow, 3)
    assert counts(database)["workflow_nodes"] == 6


def test_workflows_get_places_one_after_the_other(
    publisher: Publisher, database: Database, org: Organization
) -> None:
    for slug in ("c", "a", "b"):
        publisher.publish(str(org.org_id), definition(slug), by="cli:ana")
    with database.tenant(org.org_id) as session:
        assert {workflow.slug: workflow.place for workflow in store.every(session, org.org_id)} == {
            "a": 1,
            "b": 2,
            "c": 0,
        }


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"nodes": [{"id": "a", "type": "x.y"}], "edges": []}, "nodes[0].type"),
        (
            {
                "nodes": [
                    {
                        "id": "a",
                        "type": "calendar.cancel_event",
                        "connection": "calendar",
                        "params": {"uid": "u"},
                    }
                ],
                "edges": [],
            },
            "nodes[0].connection",
        ),
    ],
)
def test_what_is_not_valid_is_refused_and_changes_nothing(
    publisher: Publisher, database: Database, change: dict[str, Any], path: str
) -> None:
    """A connection of another organization is none of ours."""
    before = counts(database)
    with pytest.raises(InvalidDefinition) as caught:
        publisher.publish("acme", definition() | change, by="cli:ana")
    assert [problem.path for problem in caught.value.problems] == [path]
    assert counts(database) == before


def test_what_airflow_does_not_take_is_refused_and_changes_nothing(
    database: Database, api: AirflowApi, org: Organization
) -> None:
    before = counts(database)
    publisher = Publisher(
        database,
        api,
        lambda requests: [{"slug": "joiner", "ok": False, "error": "cannot be serialized"} for _ in requests],
    )
    with pytest.raises(InvalidDefinition, match="cannot be serialized"):
        publisher.publish("acme", definition(), by="cli:ana")
    assert counts(database) == before


def test_airflow_itself_builds_what_is_published(
    database: Database, api: AirflowApi, org: Organization
) -> None:
    """`python -m dag_factory.check`, in a process of its own."""
    done = Publisher(database, api, airflow_check, ready_seconds=0.3).publish(
        "acme", definition(), by="cli:ana"
    )
    assert done.ready


def test_the_dag_processor_is_told_once_of_what_was_committed_and_not_of_what_says_the_same(
    database: Database, api: AirflowApi, org: Organization
) -> None:
    seen: list[int] = []
    publisher = Publisher(
        database, api, takes_all, wake=lambda: seen.append(len(revisions(database))), ready_seconds=0.3
    )
    batch = {"a": definition(), "b": definition(slug="leaver")}
    publisher.commit(publisher.checked("acme", batch), by="cli:ana")
    publisher.commit(publisher.checked("acme", batch), by="cli:ana")
    assert seen == [2]


def test_an_unknown_organization_is_named(publisher: Publisher) -> None:
    with pytest.raises(NotKnown, match=r"'acne'.*did you mean acme"):
        publisher.publish("acne", definition(), by="cli:ana")


def test_while_airflow_is_away_nothing_is_published(
    publisher: Publisher, airflow: SmallAirflow, database: Database
) -> None:
    airflow.answers = False
    with pytest.raises(Unavailable, match="nothing was published"):
        publisher.publish("acme", definition(), by="cli:ana")
    assert counts(database)["workflows"] == 0


def test_when_airflow_goes_away_after_the_commit_it_is_published_and_not_ready(
    database: Database, api: AirflowApi, airflow: SmallAirflow, org: Organization
) -> None:
    def check(requests: Any) -> Any:
        airflow.answers = False
        return takes_all(requests)

    done = Publisher(database, api, check, ready_seconds=0.2).publish("acme", definition(), by="cli:ana")
    assert (done.version, done.ready) == (1, False)
    assert "not ready yet: Airflow does not answer" in done.message
    airflow.answers = True
    again = Publisher(database, api, takes_all, ready_seconds=0.2).publish("acme", definition(), by="cli:ana")
    assert (again.changed, again.ready) == (False, True)


def test_an_old_version_in_airflow_is_not_ready_and_its_file_is_parsed_again(
    publisher: Publisher, airflow: SmallAirflow
) -> None:
    publisher.publish("acme", definition(), by="cli:ana")
    airflow.reads_alone = False
    assert publisher.publish("acme", definition(name="Second"), by="cli:ana", wait=False).message.endswith(
        "Airflow still has another version"
    )
    assert airflow.parse_requests == []
    done = publisher.publish("acme", definition(name="Third"), by="cli:ana")
    assert done.ready
    assert airflow.parse_requests == ["acme__joiner"]


def test_a_new_workflow_is_asked_for_through_the_one_before_it(
    publisher: Publisher, airflow: SmallAirflow
) -> None:
    publisher.publish("acme", definition(), by="cli:ana")
    airflow.reads_alone = False
    assert publisher.publish("acme", definition(slug="leaver"), by="cli:ana").ready
    assert airflow.parse_requests == ["acme__joiner"]


def test_a_dag_that_airflow_never_reads_is_not_ready(publisher: Publisher, airflow: SmallAirflow) -> None:
    airflow.reads_alone = False
    done = publisher.publish("acme", definition(), by="cli:ana")
    assert (done.changed, done.ready) == (True, False)
    assert "has not read it so far" in done.message
    assert airflow.parse_requests == []


def test_an_import_error_is_told(publisher: Publisher, airflow: SmallAirflow) -> None:
    publisher.publish("acme", definition(), by="cli:ana")
    airflow.reads_alone, airflow.import_errors = False, True
    assert (
        "import error"
        in publisher.publish("acme", definition(name="Second"), by="cli:ana", wait=False).message
    )


@pytest.mark.rounds(10)
def test_publishers_at_once_give_each_revision_one_number(
    database: Database, api: AirflowApi, org: Organization
) -> None:
    errors: list[BaseException] = []

    def publish(number: int) -> None:
        try:
            Publisher(database, api, takes_all).publish(
                "acme", definition(f"w{number % 4}", name=f"Name {number}"), by="cli:ana", wait=False
            )
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert [revision for revision, _, _ in revisions(database)] == list(range(1, 13))
    with database.service() as session:
        assert sorted(session.scalars(select(Workflow.place))) == [0, 1, 2, 3]
        assert list(session.scalars(select(Workflow.version))) == [3, 3, 3, 3]


def test_deactivating_adds_a_step_and_publishing_again_activates(
    publisher: Publisher, database: Database, org: Organization
) -> None:
    publisher.publish("acme", definition(), by="cli:ana")
    assert publisher.deactivate("acme", "joiner", by="cli:bob") is True
    assert publisher.deactivate("acme", "joiner", by="cli:bob") is False
    with database.tenant(org.org_id) as session:
        assert store.find(session, org.org_id, "joiner").is_active is False
        assert [r.action for r in session.scalars(select(AuditRecord).order_by(AuditRecord.position))] == [
            "workflow.published",
            "workflow.deactivated",
        ]
    done = publisher.publish("acme", definition(), by="cli:ana")
    assert (done.version, done.changed) == (1, True)
    assert revisions(database) == [(1, 1, "publish"), (2, 1, "deactivate"), (3, 1, "publish")]


def test_a_workflow_that_is_not_there_cannot_be_deactivated(publisher: Publisher) -> None:
    publisher.publish("acme", definition(), by="cli:ana")
    with pytest.raises(NotKnown, match=r"'joinr'.*did you mean joiner"):
        publisher.deactivate("acme", "joinr", by="cli:ana")


@pytest.mark.parametrize(
    ("script", "seconds", "message"),
    [
        ("raise SystemExit('no module')", 120.0, "no module"),
        ("import time; time.sleep(60)", 1.0, "took longer"),
    ],
)
def test_a_check_that_cannot_look_publishes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, seconds: float, message: str
) -> None:
    package = tmp_path / "dag_factory"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "check.py").write_text(script)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("officeflow.workflows.airflow_check.CHECK_SECONDS", seconds)
    with pytest.raises(Unavailable, match=message):
        airflow_check([])
