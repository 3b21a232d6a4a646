from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, func, select

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Workflow, WorkflowRevision, WorkflowVersion
from officeflow.ids import new_id
from officeflow.workflows.models import stored_hash


def content_hash(definition: dict[str, Any]) -> str:
    """Names a definition, also one that is none."""
    return stored_hash(definition)


class Published:
    """Writes versions and revisions as a publish does, also of definitions that a publish would refuse."""

    def __init__(self, database: Database, org: Organization) -> None:
        self._database = database
        self._org = org

    def publish(self, slug: str, definition: dict[str, Any]) -> int:
        """The new revision."""
        with self._database.service() as session:
            workflow = session.scalar(self._of(slug))
            if workflow is None:
                place = session.scalar(select(func.count()).select_from(Workflow)) or 0
                workflow = Workflow(
                    workflow_id=new_id(),
                    org_id=self._org.org_id,
                    slug=slug,
                    name=slug,
                    event_trigger=",".join(definition.get("trigger", {}).get("events", ["employee.onboard"])),
                    place=place,
                    version=0,
                )
                session.add(workflow)
            workflow.version += 1
            workflow.definition = definition
            session.flush()
            session.add(
                WorkflowVersion(
                    workflow_id=workflow.workflow_id,
                    org_id=self._org.org_id,
                    version=workflow.version,
                    content_hash=content_hash(definition),
                    definition=definition,
                    published_by="test",
                )
            )
            session.flush()
            return self._revise(session, workflow, "publish")

    def revise(self, slug: str, action: str) -> int:
        with self._database.service() as session:
            workflow = session.scalars(self._of(slug)).one()
            return self._revise(session, workflow, action)

    def _of(self, slug: str) -> Select[Workflow]:
        """Another organization may have one of the same name."""
        return select(Workflow).where(Workflow.slug == slug, Workflow.org_id == self._org.org_id)

    def _revise(self, session: Any, workflow: Workflow, action: str) -> int:
        revision = (session.scalar(select(func.max(WorkflowRevision.revision))) or 0) + 1
        session.add(
            WorkflowRevision(
                revision=revision,
                workflow_id=workflow.workflow_id,
                org_id=workflow.org_id,
                version=workflow.version,
                action=action,
            )
        )
        session.flush()
        return revision


@pytest.fixture
def published(database: Database, org: Organization) -> Published:
    return Published(database, org)


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Airflow's folder of bundles, the test's own."""
    folder = tmp_path / "bundles"
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(folder))
    return folder


def definition(slug: str = "hello", **changes: Any) -> dict[str, Any]:
    """A definition of three nodes in a row."""
    nodes = [
        {
            "id": name,
            "type": "audit.record",
            "name": name.title(),
            "params": {"action": "demo", "subject": "employee:1"},
        }
        for name in "abc"
    ]
    return {
        "slug": slug,
        "name": slug.title(),
        "description": "For tests.",
        "trigger": {"events": ["employee.onboard"]},
        "nodes": nodes,
        "edges": [{"from": "a", "to": "b"}, {"from": "b", "to": "c"}],
        **changes,
    }
