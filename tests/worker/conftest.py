"""A node process as a worker keeps it, and workflows for it to run."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from coordinators.node_process import Kept
from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.sdk import NodeResult
from officeflow.statuses import RevisionAction
from officeflow.worker.messages import Given, Line, Order, Outcome, Wanted
from officeflow.workflows import store
from officeflow.workflows.models import Definition

Publish = Callable[..., int]


@dataclass
class Worker:
    """Does what the coordinator does, without Airflow: gives orders, answers, keeps the lines."""

    process: Kept = field(default_factory=Kept)
    connections: dict[str, Connection] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def run(
        self, task: str, *, revision: int | None = None, workflow: str = "joiner", **changes: Any
    ) -> NodeResult:
        """The result of one task instance of a new run."""
        given: dict[str, Any] = {
            "dag_id": f"acme__{workflow}",
            "dag_run_id": f"manual__{uuid.uuid4().hex}",
            "map_index": -1,
            "try_number": 1,
            "max_tries": 0,
            "conf": {},
        }
        order = Order(task_id=task, revision=revision, **(given | changes))
        self.process.begin(order)
        while True:
            message = self.process.receive(30, self.lines.append)
            match message:
                case Line():
                    self.lines.append(message.text)
                case Wanted():
                    found = self.connections.get(message.connection_id)
                    self.process.answer(Given(connection=found) if found else Given(not_known=True))
                case Outcome():
                    self.process.finished(message.retire)
                    return message.result

    @property
    def said(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def worker(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    del database
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    found = Worker()
    yield found
    found.process.finished("the test is over")


@pytest.fixture
def publish(database: Database, org: Organization) -> Publish:
    """Makes the nodes the next version of the workflow `joiner`; gives the revision."""

    def make(*nodes: dict[str, Any], edges: tuple[dict[str, Any], ...] = (), slug: str = "joiner") -> int:
        content = {
            "slug": slug,
            "name": "Joiner",
            "trigger": {"events": ["employee.onboard"]},
            "nodes": list(nodes),
            "edges": list(edges),
        }
        with database.service() as session:
            store.lock_revisions(session)
            workflow = store.add_version(session, org.org_id, Definition.model_validate(content), by="test")
            return store.add_revision(session, workflow, RevisionAction.PUBLISH)

    return make
