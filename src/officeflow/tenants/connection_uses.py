"""Which nodes of active workflows use a connection."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import Workflow, WorkflowNode
from officeflow.errors import InUse, Problem

MOST_NAMED = 20
"""Of the workflows in an error."""

Uses = Mapping[str, list[str]]
"""Workflow to those of its nodes, both sorted."""


def of(session: Session, org_id: uuid.UUID, name: str) -> Uses:
    """In the newest versions of the organization's active workflows; `name` is the connection's within it."""
    query = (
        select(Workflow.slug, WorkflowNode.key)
        .join(
            WorkflowNode,
            (WorkflowNode.workflow_id == Workflow.workflow_id) & (WorkflowNode.version == Workflow.version),
        )
        .where(Workflow.org_id == org_id, Workflow.is_active, WorkflowNode.connection == name)
        .order_by(Workflow.slug, WorkflowNode.key)
    )
    found: dict[str, list[str]] = {}
    for workflow, node in session.execute(query):
        found.setdefault(workflow, []).append(node)
    return found


def types_by_name(session: Session, org_id: uuid.UUID) -> dict[str, set[str]]:
    """Of every connection that the newest versions of the organization's active workflows use: the types of
    the nodes that do.
    """
    query = (
        select(WorkflowNode.connection, WorkflowNode.type)
        .join(
            Workflow,
            (WorkflowNode.workflow_id == Workflow.workflow_id) & (WorkflowNode.version == Workflow.version),
        )
        .where(Workflow.org_id == org_id, Workflow.is_active, WorkflowNode.connection.is_not(None))
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for name, kind in session.execute(query):
        found.setdefault(name or "", set()).add(kind)
    return found


def refusal(connection_id: str, uses: Uses) -> InUse:
    """What is told where a connection in use would be removed."""
    problems = [
        Problem(workflow, f"its {'node' if len(nodes) == 1 else 'nodes'} {', '.join(nodes)} would fail")
        for workflow, nodes in list(uses.items())[:MOST_NAMED]
    ]
    if len(uses) > MOST_NAMED:
        problems.append(Problem("", f"and {len(uses) - MOST_NAMED} more workflows use it"))
    return InUse(
        f"{connection_id} was not removed: active workflows use it",
        problems=problems,
        hint="publish them with another connection, or deactivate them; --force --why … (at the API"
        " ?force=true&why=…) removes it all the same",
    )
