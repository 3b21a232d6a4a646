"""What the expressions of a node see: `event`, `employee`, `nodes`, `run`, `org`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import Organization, WorkflowNode, WorkflowRun
from officeflow.ids import node_id
from officeflow.nodes.base import NodeInput
from officeflow.runs import states, store
from officeflow.runs.acts import RunRef
from officeflow.tenants import employees


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The run that a node belongs to, the values its expressions see, and those of them that must not be shown."""

    run: RunRef
    node_id: uuid.UUID | None
    values: Mapping[str, Any]
    sensitive: Any = field(default=None, repr=False)


def gather(session: Session, org: Organization, node_input: NodeInput, names: frozenset[str]) -> Surroundings:
    """Note that the run is running, and read what `names` asks for. `session` sees the organization's rows."""
    run = store.ensure_run(
        session,
        org_id=org.org_id,
        dag_id=node_input.dag_id,
        dag_run_id=node_input.dag_run_id,
        conf=node_input.context,
        workflow=node_input.workflow,
        version=node_input.version,
        status=states.RUNNING,
    )
    event: Mapping[str, Any] = node_input.context.get("event") or {}
    reference = RunRef(
        run_id=run.run_id,
        org_id=org.org_id,
        org=org.slug,
        dag_id=run.dag_id,
        dag_run_id=run.dag_run_id,
        correlation_id=run.correlation_id,
        employee=str(event.get("employee") or ""),
        workflow=node_input.workflow,
        version=run.version,
    )
    values: dict[str, Any] = {"event": event, "run": _run(reference), "org": _org(org)}
    sensitive = None
    if "employee" in names and reference.employee:
        values["employee"], sensitive = _employee(session, reference)
    if "nodes" in names:
        values["nodes"] = store.outputs(session, run.run_id)
    return Surroundings(reference, _node_id(session, run, node_input), values, sensitive)


def _run(run: RunRef) -> dict[str, Any]:
    return {
        "id": str(run.run_id),
        "dag_id": run.dag_id,
        "correlation_id": run.correlation_id,
        "workflow": run.workflow or "",
        "version": run.version or 0,
    }


def _org(org: Organization) -> dict[str, Any]:
    return {"slug": org.slug, "name": org.name, "domain": org.domain, "settings": org.settings}


def _employee(session: Session, run: RunRef) -> tuple[Mapping[str, Any], Any]:
    employee = employees.find(session, run.org_id, run.employee)
    return ({}, None) if employee is None else (employees.as_values(employee), employee.sensitive)


def _node_id(session: Session, run: WorkflowRun, node_input: NodeInput) -> uuid.UUID | None:
    """The drawn node, of the version that the task runs; None in a hand-written DAG."""
    if run.workflow_id is None or node_input.version is None:
        return None
    drawn = node_id(run.workflow_id, node_input.version, node_input.node)
    return session.scalar(select(WorkflowNode.node_id).where(WorkflowNode.node_id == drawn))
