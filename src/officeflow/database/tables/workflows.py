from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import Base, OrgScoped, Timestamps
from officeflow.statuses import RevisionAction


class Workflow(OrgScoped, Timestamps, Base):
    __tablename__ = "workflows"
    __table_args__ = (UniqueConstraint("org_id", "slug"), UniqueConstraint("org_id", "place"))

    workflow_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(41))
    name: Mapped[str] = mapped_column(String(255))
    event_trigger: Mapped[str] = mapped_column(String(100))
    """The event kinds that start it, comma-separated; the whole trigger is in the definition."""
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """The newest published version."""
    is_active: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    definition: Mapped[dict[str, Any]]
    place: Mapped[int]
    """Its place among the organization's workflows, fixed at creation: it decides the stub file, which may
    never change.
    """
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.user_id"))
    is_protected: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    """Whether a second person has to release what is published to it."""


class WorkflowDraft(OrgScoped, Timestamps, Base):
    """A definition that somebody works on, right or wrong."""

    __tablename__ = "workflow_drafts"
    __table_args__ = (
        Index("ix_workflow_drafts_newest", "org_id", text("updated_at DESC"), text("draft_id DESC")),
    )

    draft_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slug: Mapped[str | None] = mapped_column(String(41))
    """Of the workflow that it will be, where the content says one."""
    title: Mapped[str] = mapped_column(String(255))
    content: Mapped[Any] = mapped_column(JSONB)
    """JSON of any shape."""
    base_version: Mapped[int | None]
    """The newest version of the workflow when it was begun; None where there was no such workflow."""
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    """How often it was written."""
    created_by: Mapped[str] = mapped_column(String(600))
    edited_by: Mapped[str] = mapped_column(String(600))


class WorkflowVersion(OrgScoped, Base):
    """What was published, never changed."""

    __tablename__ = "workflow_versions"

    workflow_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflows.workflow_id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    definition: Mapped[dict[str, Any]]
    published_by: Mapped[str] = mapped_column(String(255))
    published_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class WorkflowRevision(OrgScoped, Base):
    """One step of the whole bundle.

    Revision r shows, of every workflow, its newest row with `revision <= r`.
    """

    __tablename__ = "workflow_revisions"

    revision: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    workflow_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflows.workflow_id"), index=True)
    version: Mapped[int]
    action: MappedStatus[RevisionAction] = status_column(RevisionAction, 20)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class WorkflowNode(OrgScoped, Base):
    __tablename__ = "workflow_nodes"
    __table_args__ = (UniqueConstraint("workflow_id", "version", "key"),)

    node_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workflow_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflows.workflow_id"))
    version: Mapped[int]
    key: Mapped[str] = mapped_column(String(61))
    """The node's id in the definition."""
    act_key: Mapped[str | None] = mapped_column(String(100))
    """The id under which the ledger has its acts, where that is another one: the node was renamed."""
    type: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(255))
    connection: Mapped[str | None] = mapped_column(String(100))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    retry_policy: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default='{"maxRetries": 3, "backoffMs": 1000}'
    )
    timeout_ms: Mapped[int] = mapped_column(default=300_000, server_default="300000")
    position: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    compensates_for: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    compensation_type: Mapped[str | None] = mapped_column(String(20))


class WorkflowEdge(OrgScoped, Base):
    __tablename__ = "workflow_edges"
    __table_args__ = (Index("ix_workflow_edges_version", "workflow_id", "version"),)

    edge_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workflow_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflows.workflow_id"))
    version: Mapped[int]
    from_node_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_nodes.node_id"))
    to_node_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_nodes.node_id"))
    condition_expr: Mapped[str | None] = mapped_column(Text)
    label: Mapped[str | None] = mapped_column(String(255))
