"""A version's nodes and edges as rows, for those who ask SQL about them.

Their ids follow from workflow, version and key.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from officeflow import ids
from officeflow.catalog import registry
from officeflow.database.tables import Workflow, WorkflowEdge, WorkflowNode
from officeflow.workflows.models import Definition, Edge, Node


def project(
    session: Session, workflow: Workflow, definition: Definition, act_keys: Mapping[str, str]
) -> None:
    """Write the rows of the workflow's newest version, which is this definition.

    `act_keys`: see `renames.act_keys`.
    """
    session.add_all(_node(workflow, node, act_keys.get(node.id, node.id)) for node in definition.nodes)
    session.flush()
    session.add_all(_edges(workflow, definition.edges))
    session.flush()


def _node(workflow: Workflow, node: Node, act_key: str) -> WorkflowNode:
    return WorkflowNode(
        node_id=_node_id(workflow, node.id),
        org_id=workflow.org_id,
        workflow_id=workflow.workflow_id,
        version=workflow.version,
        key=node.id,
        act_key=act_key if act_key != node.id else None,
        type=node.type,
        name=node.name or registry.node_type(node.type).spec.title,
        connection=node.connection,
        params=dict(node.params),
        retry_policy=node.retry_policy.model_dump(by_alias=True),
        timeout_ms=node.timeout_ms,
        position=node.position.model_dump() if node.position else {},
        compensates_for=list(node.compensates_for),
        compensation_type=node.compensation_type,
    )


def _edges(workflow: Workflow, edges: list[Edge]) -> Iterator[WorkflowEdge]:
    for edge in edges:
        yield WorkflowEdge(
            edge_id=ids.edge_id(workflow.workflow_id, workflow.version, edge.source, edge.target),
            org_id=workflow.org_id,
            workflow_id=workflow.workflow_id,
            version=workflow.version,
            from_node_id=_node_id(workflow, edge.source),
            to_node_id=_node_id(workflow, edge.target),
            condition_expr=edge.condition,
            label=edge.label,
        )


def _node_id(workflow: Workflow, key: str) -> uuid.UUID:
    return ids.node_id(workflow.workflow_id, workflow.version, key)
