"""What events may start, and when a deactivated workflow leaves the bundle."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization, WorkflowRevision, WorkflowRun
from officeflow.ids import new_id
from officeflow.statuses import OPEN_RUNS, RunStatus
from officeflow.workflows import store
from officeflow.workflows.publish import Publisher
from tests.workflows.conftest import definition

pytestmark = pytest.mark.integration


AT_ONCE = dt.timedelta()


def test_an_event_finds_the_active_workflows_of_its_kind(
    publisher: Publisher, database: Database, org: Organization
) -> None:
    publisher.publish(
        "acme",
        definition(
            "b", trigger={"events": ["employee.exit", "employee.onboard"], "filter": "event.id != ''"}
        ),
        by="x",
    )
    publisher.publish("acme", definition("a"), by="x")
    publisher.publish("acme", definition("off"), by="x")
    publisher.publish("acme", definition("exit", events=["employee.exit"]), by="x")
    publisher.deactivate("acme", "off", by="x")
    with database.tenant(org.org_id) as session:
        found = store.active_for_kind(session, org.org_id, "employee.onboard")
        assert [(w.slug, w.version, w.filter) for w in found] == [("a", 1, None), ("b", 1, "event.id != ''")]
        assert found[0].definition["slug"] == "a"
        assert [w.slug for w in store.active_for_kind(session, org.org_id, "employee.exit")] == ["b", "exit"]
        assert store.active_for_kind(session, org.org_id, "employee.on") == []


def test_an_organization_sees_no_workflow_of_another(
    publisher: Publisher, database: Database, org: Organization
) -> None:
    other = Organization(org_id=new_id(), slug="other", name="Other", domain="other.example", plan="standard")
    with database.service() as session:
        session.add(other)
    publisher.publish("acme", definition(), by="x")
    with database.tenant(other.org_id) as session:
        assert store.every(session, org.org_id) == []
        assert store.active_for_kind(session, other.org_id, "employee.onboard") == []


def _run(database: Database, org: Organization, status: str) -> WorkflowRun:
    with database.tenant(org.org_id) as session:
        workflow = store.find(session, org.org_id, "joiner")
        run = WorkflowRun(
            run_id=new_id(),
            org_id=org.org_id,
            workflow_id=workflow.workflow_id,
            version=1,
            dag_id="acme__joiner",
            dag_run_id="r1",
            trigger_event="employee.onboard",
            status=status,
            correlation_id="c",
        )
        session.add(run)
    return run


@pytest.mark.parametrize("status", OPEN_RUNS)
def test_a_deactivated_workflow_stays_until_its_last_run_has_ended(
    publisher: Publisher, database: Database, org: Organization, status: str
) -> None:
    publisher.publish("acme", definition(), by="x")
    run = _run(database, org, status)
    publisher.deactivate("acme", "joiner", by="x")
    assert store.retire_finished(database, after=AT_ONCE) == 0
    with database.service() as session:
        session.get_one(WorkflowRun, run.run_id).status = RunStatus.SUCCEEDED
    assert store.retire_finished(database, after=AT_ONCE) == 1
    assert store.retire_finished(database, after=AT_ONCE) == 0
    with database.service() as session:
        assert list(session.scalars(select(WorkflowRevision.action).order_by(WorkflowRevision.revision))) == [
            "publish",
            "deactivate",
            "retire",
        ]
        last = session.scalars(select(AuditRecord).order_by(AuditRecord.position.desc()).limit(1)).one()
    assert (last.action, last.actor, last.details["revision"]) == ("workflow.retired", "service:steward", 3)


def test_a_workflow_is_not_retired_in_the_minute_of_its_deactivation(
    publisher: Publisher, database: Database
) -> None:
    publisher.publish("acme", definition(), by="x")
    publisher.deactivate("acme", "joiner", by="x")
    assert store.retire_finished(database) == 0


def test_an_active_workflow_is_never_retired(publisher: Publisher, database: Database) -> None:
    publisher.publish("acme", definition(), by="x")
    publisher.deactivate("acme", "joiner", by="x")
    publisher.publish("acme", definition(), by="x")
    assert store.retire_finished(database, after=AT_ONCE) == 0


def test_a_retired_workflow_comes_back_when_published(publisher: Publisher, database: Database) -> None:
    publisher.publish("acme", definition(), by="x")
    publisher.deactivate("acme", "joiner", by="x")
    store.retire_finished(database, after=AT_ONCE)
    done = publisher.publish("acme", definition(), by="x")
    assert (done.version, done.revision) == (1, 4)


def test_what_is_published_is_listed_for_who_compares_it_with_airflow(
    publisher: Publisher, database: Database, org: Organization
) -> None:
    hashes = {
        slug: publisher.publish("acme", definition(slug), by="x").content_hash for slug in ("a", "b", "off")
    }
    hashes["a"] = publisher.publish("acme", definition("a", name="Anew"), by="x").content_hash
    publisher.deactivate("acme", "off", by="x")
    with database.service() as session:
        assert store.dag_ids(session) == {"acme__a", "acme__b", "acme__off"}
        listed = [("acme__a", hashes["a"]), ("acme__b", hashes["b"])]
        assert store.last_published(session, most=5) == listed
        assert store.last_published(session, most=1) == listed[:1]


def test_a_connection_is_listed_once_with_a_workflow_that_names_it(
    publisher: Publisher, database: Database, org: Organization
) -> None:
    publisher.publish("acme", definition("a"), by="x")
    publisher.publish("acme", definition("b"), by="x")
    publisher.publish("acme", definition("off"), by="x")
    publisher.deactivate("acme", "off", by="x")
    with database.service() as session:
        [(where, used)] = store.connections_named(session).items()
    assert where == ("acme", "directory")
    assert set(used.values()) <= {"a", "b"}
    assert used
