"""Workflows whose nodes use connections, as rows."""

from __future__ import annotations

from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Workflow, WorkflowNode
from officeflow.ids import new_id


def add_workflow(
    database: Database,
    org: Organization,
    slug: str,
    versions: list[dict[str, str]],
    *,
    type: str = "identity.find_account",  # noqa: A002 - as the row calls it
) -> Workflow:
    """An active one; of each version its nodes with the connection that each uses, empty for none."""
    with database.service() as session:
        made = Workflow(
            workflow_id=new_id(),
            org_id=org.org_id,
            slug=slug,
            name=slug,
            event_trigger="employee.onboard",
            version=len(versions),
            definition={},
            place=1,
        )
        session.add(made)
        session.flush()
        session.add_all(
            WorkflowNode(
                node_id=new_id(),
                org_id=org.org_id,
                workflow_id=made.workflow_id,
                version=version,
                key=key,
                type=type,
                name=key,
                connection=used or None,
            )
            for version, nodes in enumerate(versions, 1)
            for key, used in nodes.items()
        )
    return made
