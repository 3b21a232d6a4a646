"""What the expressions of a node see: `event`, `employee`, `nodes`, `run`, `org`."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.engine import enter_tenant
from officeflow.database.tables import Organization, WorkflowNode, WorkflowRun
from officeflow.errors import InvalidInput
from officeflow.events.schemas import payload_problems
from officeflow.ids import node_id
from officeflow.nodes.base import NodeInput
from officeflow.runs import states, store
from officeflow.runs.acts import RunRef
from officeflow.tenants import employees, organizations

FROM_TABLES = frozenset({"employee", "nodes"})
"""Names whose values are read from the organization's rows."""

REMEMBERED_NODES = 4096

_drawn_nodes: OrderedDict[uuid.UUID, None] = OrderedDict()
"""Drawn nodes that were seen in the database: their rows are never deleted."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The run that a node belongs to, the values its expressions see, and those of them that must not be shown."""

    run: RunRef
    node_id: uuid.UUID | None
    values: Mapping[str, Any]
    sensitive: Any = field(default=None, repr=False)


def gather(session: Session, node_input: NodeInput, names: frozenset[str]) -> Surroundings:
    """Note that the run is running, and read what `names` asks for.

    `session` sees all organizations at first, and the rows of the node's own alone from then on. `NotKnown` where there is no such
    organization; `InvalidInput` where the run's conf is about another one.
    """
    org, run, private = store.with_organization(session, node_input.org, dag_id=node_input.dag_id, dag_run_id=node_input.dag_run_id)
    org = org or organizations.find(session, node_input.org)
    _check_context(node_input)
    known, begun = run is not None, run is not None and run.status != states.PENDING
    if run is None or not begun or names & FROM_TABLES:
        enter_tenant(session, org.org_id)
    if run is None or not begun:
        run = _begin(session, org, node_input)
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
    sensitive: list[Any] = [private]
    if reference.employee and ("employee" in names or not known):
        employee, own = _employee(session, reference)
        sensitive.append(own)
        values.update({"employee": employee} if "employee" in names else {})
    if "nodes" in names:
        done = store.outputs(session, run.run_id)
        values["nodes"] = done.nodes
        sensitive.append(done.sensitive)
    return Surroundings(reference, _node_id(session, run, node_input), values, sensitive)


def _check_context(given: NodeInput) -> None:
    """An event in the run's conf is one of the organization's own; only in a hand-written DAG it may leave that open."""
    event = given.context.get("event")
    if event is None:
        return  # started by hand
    about = event.get("org") if isinstance(event, Mapping) else None
    if about != given.org and (about is not None or given.workflow is not None):
        raise InvalidInput(
            f"the run's conf is about organization {about!r}, its DAG is one of {given.org!r}", hint="start the run with its conf.event.org"
        )


def _begin(session: Session, org: Organization, node_input: NodeInput) -> WorkflowRun:
    """Note that the run is running; in a run that no event started this makes its row. Airflow has not looked into the payload."""
    event: Mapping[str, Any] = node_input.context.get("event") or {}
    if node_input.workflow is not None and (problems := payload_problems(event.get("payload", {}))):
        raise InvalidInput("the payload in the run's conf is not one of such an event", problems=problems)
    return store.ensure_run(
        session,
        org_id=org.org_id,
        dag_id=node_input.dag_id,
        dag_run_id=node_input.dag_run_id,
        conf=node_input.context,
        workflow=node_input.workflow,
        version=node_input.version,
        status=states.RUNNING,
    )


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
    if drawn not in _drawn_nodes:
        if session.scalar(select(WorkflowNode.node_id).where(WorkflowNode.node_id == drawn)) is None:
            return None
        _drawn_nodes[drawn] = None
        if len(_drawn_nodes) > REMEMBERED_NODES:
            _drawn_nodes.popitem(last=False)
    return drawn
