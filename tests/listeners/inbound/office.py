"""Workflows that call others, their runs and their nodes, as the platform has them run."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from listeners.inbound.calls import Calls
from listeners.steward.run_watch import RunWatch
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, RunRequest, Wake, WorkflowRun
from officeflow.runner.run import run_node
from officeflow.sdk import NodeInput, NodeResult
from officeflow.statuses import RevisionAction, RunControl
from officeflow.workflows import store
from officeflow.workflows.models import Definition
from tests.listeners.airflow_api import AirflowServer
from tests.nodes.world import TestClock, none_opened, services_of

EVENT = {
    "id": "e-1",
    "source": "hr",
    "kind": "employee.onboard",
    "org": "acme",
    "employee": "E1",
    "time": "2026-01-05T08:00:00Z",
    "payload": {"department": "Design"},
}
INPUTS = {
    "type": "object",
    "properties": {"size": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["size"],
    "additionalProperties": False,
}
OUTPUTS = {"asset": {"value": "${{ nodes.order.output.asset }}", "schema": {"type": "string"}}}
CALLER = "acme__hire"


class Office:
    """Of one organization."""

    def __init__(
        self, database: Database, org: Organization, airflow: AirflowServer, api: AirflowApi
    ) -> None:
        self.database, self.org, self.airflow, self.clock = database, org, airflow, TestClock()
        self.calls = Calls(database, api, patience=600, stop=threading.Event())
        self.watch = RunWatch(database, api, starts_every=dt.timedelta(0))
        self.services = services_of(database, none_opened, self.clock)

    def publish(
        self, slug: str, *, inputs: Any = INPUTS, outputs: Any = OUTPUTS, in_airflow: bool = True
    ) -> None:
        definition = {
            "slug": slug,
            "name": slug,
            "trigger": {"events": [] if inputs is not None else ["employee.onboard"]},
            "nodes": [
                {
                    "id": "order",
                    "type": "flow.set",
                    "params": {"values": {"asset": "${{ 'L-' + input.size }}"}},
                }
            ],
            "inputs": inputs,
            "outputs": outputs,
        }
        with self.database.service() as session:
            store.lock_revisions(session)
            made = Definition.model_validate(definition)
            workflow = store.add_version(session, self.org.org_id, made, by="test")
            store.add_revision(session, workflow, RevisionAction.PUBLISH)
        if in_airflow:
            self.airflow.dags.add(f"acme__{slug}")

    def call(
        self,
        workflow: str = "equip",
        *,
        dag: str = CALLER,
        run: str = "hire",
        node: str = "it",
        context: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> NodeResult:
        """As the platform does."""
        given = NodeInput(
            node=node,
            type="flow.call",
            org="acme",
            dag_id=dag,
            dag_run_id=run,
            params={"workflow": workflow, "input": {"size": "large"}, **params},
            context=context or {"event": EVENT, "correlation_id": "hire-1"},
            workflow=dag.removeprefix("acme__"),
        )
        return run_node(given, self.services)

    def requests(self) -> Sequence[RunRequest]:
        with self.database.service() as session:
            return session.scalars(select(RunRequest).order_by(RunRequest.created_at)).all()

    def child(self) -> WorkflowRun:
        """Of the newest request that has one."""
        (*_, run_id) = [request.child_run_id for request in self.requests() if request.child_run_id]
        with self.database.service() as session:
            return session.get_one(WorkflowRun, run_id)

    def act(self, child: WorkflowRun, params: Mapping[str, Any], node: str = "order") -> NodeResult:
        """A node of the run that was called."""
        given = NodeInput(
            node=node,
            type="flow.set",
            org="acme",
            dag_id=child.dag_id,
            dag_run_id=child.dag_run_id,
            params=params,
            context=child.context,
            workflow=child.dag_id.removeprefix("acme__"),
            version=child.version,
        )
        return run_node(given, self.services)

    def end(self, child: WorkflowRun, state: str = "success") -> None:
        """In Airflow, where the steward sees it."""
        self.airflow.end(child.dag_id, child.dag_run_id, state, dt.datetime.now(dt.UTC))
        self.watch.follow()

    def woken(self) -> list[tuple[str, str]]:
        query = select(WorkflowRun.dag_run_id, Wake.node_key).join(Wake, Wake.run_id == WorkflowRun.run_id)
        with self.database.service() as session:
            return [(run, node) for run, node in session.execute(query)]

    def wish(self, control: RunControl) -> None:
        """Of the run that calls."""
        with self.database.service() as session:
            session.execute(update(WorkflowRun).values(control=control))
