"""A run of a published workflow, node by node and with its undoing, against real systems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from officeflow.airflow_api.types import DagRunState
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization, WorkflowRun
from officeflow.ids import workflow_run_id
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.runs import store
from officeflow.sdk import NodeInput, NodeResult
from officeflow.sdk.execution import RetryPolicy
from officeflow.workflows.undoing import UNDO
from tests.dag_factory.conftest import Published
from tests.nodes.world import World

EVENT = {
    "id": "e-1",
    "source": "hr",
    "kind": "employee.onboard",
    "org": "acme",
    "employee": "1001",
    "time": "2026-11-20T08:00:00Z",
    "payload": {"start_date": "2026-12-01"},
}
ACCOUNT = {
    "id": "account",
    "type": "identity.create_account",
    "connection": "scim",
    "params": {"login": "ana@acme.example", "external_id": "1001"},
}
GROUPS = {
    "id": "groups",
    "type": "identity.set_groups",
    "connection": "scim",
    "params": {"login": "ana@acme.example", "groups": ["Staff"], "mode": "add"},
}
MEETING = {
    "id": "meeting",
    "type": "calendar.create_event",
    "connection": "caldav",
    "params": {"title": "First day", "date": "2026-12-01", "time": "09:00", "time_zone": "Europe/Madrid"},
}
MAIL = {
    "id": "mail",
    "type": "email.send",
    "connection": "smtp",
    "params": {"to": "ana@acme.example", "subject": "Welcome", "text": "Hello!"},
}


class Story:
    """`slug` is the workflow's; its one run is `run`."""

    def __init__(self, world: World, database: Database, org: Organization, slug: str = "hire") -> None:
        self.world, self.database, self.org, self.slug = world, database, org, slug
        self.dag, self.run_id = f"acme__{slug}", "manual__1"
        self.services: Services = world.services

    def draw(self, *nodes: Mapping[str, Any], **fields: Any) -> None:
        definition = {
            "slug": self.slug,
            "name": "Hire",
            "trigger": {"events": ["employee.onboard"]},
            "nodes": [dict(node) for node in nodes],
            "edges": [],
            **fields,
        }
        self.nodes = {node["id"]: node for node in definition["nodes"]}
        Published(self.database, self.org).publish(self.slug, definition)

    def given(self, node: str, **more: Any) -> NodeInput:
        drawn = self.nodes[node]
        return self._given(
            node, drawn["type"], params=drawn.get("params", {}), connection=drawn.get("connection"), **more
        )

    def undo_given(self, verdict: str, **more: Any) -> NodeInput:
        return self._given(UNDO, UNDO, params={}, verdict=verdict, **more)

    def _given(self, node: str, kind: str, **more: Any) -> NodeInput:
        return NodeInput(
            node=node,
            type=kind,
            org="acme",
            dag_id=self.dag,
            dag_run_id=self.run_id,
            context={"event": EVENT, "correlation_id": "c-1"},
            workflow=self.slug,
            version=1,
            retry=RetryPolicy(),
            **more,
        )

    def does(self, *nodes: str, **more: Any) -> None:
        for node in nodes:
            result = run_node(self.given(node, **more), self.services)
            assert result.status == "success", result.error
            self.world.clock.moment += dt.timedelta(seconds=1)

    def undo(self, verdict: str = "failed") -> NodeResult:
        return run_node(self.undo_given(verdict), self.services)

    def undone_in_the_end(
        self, verdict: str = "failed", meanwhile: Callable[[], None] = lambda: None
    ) -> NodeResult:
        """The same until it is not looked at again."""
        for _ in range(20):
            result = self.undo(verdict)
            if result.status != "retry":
                return result
            assert result.reschedule_at is not None
            self.world.clock.moment = max(self.world.clock.moment, result.reschedule_at)
            meanwhile()
        raise AssertionError("it never ends")

    def end(self, state: DagRunState = DagRunState.FAILED) -> WorkflowRun:
        """As the steward sees it end in Airflow."""
        with self.database.tenant(self.org.org_id) as session:
            run = session.get_one(WorkflowRun, workflow_run_id(self.dag, self.run_id))
            error = {"code": "run_failed", "nodes": []} if state == DagRunState.FAILED else None
            store.mark(run, state, ended_at=self.world.clock.now(), error=error)
            session.flush()
            return run

    def row(self) -> WorkflowRun:
        with self.database.tenant(self.org.org_id) as session:
            return session.get_one(WorkflowRun, workflow_run_id(self.dag, self.run_id))

    def acts(self) -> dict[str, str]:
        """The status of every act, in the order in which they began."""
        return {act.node_key: act.status.value for act in self.rows()}

    def rows(self) -> Sequence[NodeRun]:
        with self.database.tenant(self.org.org_id) as session:
            query = select(NodeRun).where(NodeRun.run_id == workflow_run_id(self.dag, self.run_id))
            return session.scalars(query.order_by(NodeRun.created_at, NodeRun.started_at)).all()

    def audited(self) -> list[str]:
        with self.database.tenant(self.org.org_id) as session:
            return list(session.scalars(select(AuditRecord.action).order_by(AuditRecord.position)))
