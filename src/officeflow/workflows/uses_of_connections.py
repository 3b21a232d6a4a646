"""What of an organization needs a connection: nodes of active workflows, by their connection or by one that
their parameters name, and access rules.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.access import store
from officeflow.catalog import registry
from officeflow.database.tables import Workflow, WorkflowNode
from officeflow.tenants import connection_uses
from officeflow.tenants.connection_uses import Uses


def of(session: Session, org_id: uuid.UUID, name: str) -> Uses:
    """`name` is the connection's within the organization. A name that an expression gives is not seen."""
    rules = store.newest(session, org_id).rules
    return Uses(
        acts=connection_uses.acting(session, org_id, name),
        looks=_looking(session, org_id, name),
        rules=sorted(rule.name for rule in rules.rules if name in rule.connections),
    )


def _looking(session: Session, org_id: uuid.UUID, name: str) -> Mapping[str, list[str]]:
    further = {kind: node.further for kind, node in registry.node_types().items() if node.further}
    query = (
        select(Workflow.slug, WorkflowNode.key, WorkflowNode.type, WorkflowNode.params)
        .join(
            WorkflowNode,
            (WorkflowNode.workflow_id == Workflow.workflow_id) & (WorkflowNode.version == Workflow.version),
        )
        .where(Workflow.org_id == org_id, Workflow.is_active, WorkflowNode.type.in_(further))
        .order_by(Workflow.slug, WorkflowNode.key)
    )
    found: dict[str, list[str]] = {}
    for workflow, node, kind, params in session.execute(query):
        if name in further[kind].named(params).values():
            found.setdefault(workflow, []).append(node)
    return found
