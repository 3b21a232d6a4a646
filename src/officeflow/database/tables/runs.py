from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    Computed,
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

from officeflow.database.encryption import EncryptedJSON
from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import CHANGED_IN, NO_ANSWERS, Base, OrgScoped
from officeflow.statuses import ActStatus, PlanStatus, RunControl, RunStatus


class WorkflowRun(OrgScoped, Base):
    """One Airflow DAG run."""

    __tablename__ = "workflow_runs"
    __table_args__ = (
        UniqueConstraint("dag_id", "dag_run_id"),
        Index("ix_workflow_runs_open", "status", "started_at"),
        Index("ix_workflow_runs_control", "control_at", postgresql_where=text("control_at IS NOT NULL")),
        Index(
            "ix_workflow_runs_uncarried",
            "control_at",
            postgresql_where=text("control_at IS NOT NULL AND control_done_at IS NULL"),
        ),
        Index("ix_workflow_runs_newest", "org_id", "started_at", "run_id", postgresql_include=["status"]),
        Index("ix_workflow_runs_status", "org_id", "status", "started_at", "run_id"),
        Index("ix_workflow_runs_dag", "org_id", "dag_id", "started_at", "run_id"),
        Index(
            "ix_workflow_runs_attention",
            "org_id",
            "started_at",
            "run_id",
            postgresql_where=text("status NOT IN ('SUCCEEDED', 'CANCELLED', 'COMPENSATED')"),
        ),
        Index("ix_workflow_runs_person", "org_id", "employee_key", "started_at", "run_id"),
        Index(
            "ix_workflow_runs_ended",
            "org_id",
            "ended_at",
            postgresql_include=["dag_id", "status", "started_at"],
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
        Index("ix_workflow_runs_changed", "org_id", "changed_in", "run_id"),
    )

    run_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """`officeflow.ids.workflow_run_id(dag_id, dag_run_id)`."""
    workflow_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("workflows.workflow_id"))
    """None for a run of a hand-written DAG that uses our operators."""
    version: Mapped[int | None]
    employee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("employees.employee_id"), index=True)
    dag_id: Mapped[str] = mapped_column(String(250))
    dag_run_id: Mapped[str] = mapped_column(String(250))
    trigger_event: Mapped[str] = mapped_column(String(100))
    status: MappedStatus[RunStatus] = status_column(
        RunStatus, 50, default=RunStatus.PENDING, server_default=RunStatus.PENDING
    )
    context: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """The run's `conf`."""
    correlation_id: Mapped[str] = mapped_column(String(255))
    started_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]
    error_details: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    started_by: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """The Airflow login of who started it by hand; "" where an event or another run did."""
    control: MappedStatus[RunControl] = status_column(
        RunControl, 10, default=RunControl.NONE, server_default=RunControl.NONE
    )
    control_by: Mapped[str] = mapped_column(String(255), default="", server_default="")
    control_why: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    control_at: Mapped[dt.datetime | None]
    control_done_at: Mapped[dt.datetime | None]
    """When Airflow was brought in step with it."""
    parent_run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("workflow_runs.run_id"), index=True)
    """The run whose `flow.call` asked for this one."""
    depth: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How many runs stand above it: 0 for one that no other run has called."""
    undone: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """That and how what it did was taken back, as `officeflow.runs.undone` writes it; None where nobody
    has.
    """
    employee_key: Mapped[str | None] = mapped_column(
        Text, Computed("((context -> 'event'::text) ->> 'employee'::text)", persisted=True)
    )
    """The HR system's identifier of the person, as the conf has it: what row-level security lets an index
    find.
    """
    changed_in: Mapped[int] = mapped_column(BigInteger, server_default=CHANGED_IN)
    """The transaction that changed its status, its control or its end last; a trigger writes it."""


class NodeRun(OrgScoped, Base):
    """The ledger: one row per act."""

    __tablename__ = "node_runs"
    __mapper_args__ = NO_ANSWERS
    __table_args__ = (
        UniqueConstraint("run_id", "node_key", "map_index", "generation"),
        Index("ix_node_runs_run", "run_id"),
        Index("ix_node_runs_newest", "org_id", "created_at", "node_run_id"),
        Index(
            "ix_node_runs_odd",
            "org_id",
            "odd_status",
            "created_at",
            "node_run_id",
            postgresql_where=text("odd_status IS NOT NULL"),
        ),
    )

    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.org_id"))
    node_run_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_runs.run_id"))
    node_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("workflow_nodes.node_id"))
    node_key: Mapped[str] = mapped_column(String(250))
    """The Airflow task id, which is the node's id in the definition."""
    node_type: Mapped[str] = mapped_column(String(50))
    map_index: Mapped[int] = mapped_column(Integer, default=-1, server_default="-1")
    generation: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    attempt: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """How often the act was begun."""
    try_number: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Airflow's try in which the last attempt began."""
    effect: Mapped[str] = mapped_column(String(20))
    status: MappedStatus[ActStatus] = status_column(
        ActStatus, 50, default=ActStatus.QUEUED, server_default=ActStatus.QUEUED
    )
    odd_status: Mapped[str | None] = mapped_column(
        Text,
        Computed(
            "CASE WHEN ((status)::text = ANY (ARRAY['FAILED'::text, 'ASKED'::text, 'COMPENSATED'::text]))"
            " THEN status ELSE NULL::character varying END",
            persisted=True,
        ),
    )
    """Its status where that is one of `statuses.ODD_ACTS`: those alone are in an index."""
    input: Mapped[Any | None] = mapped_column(EncryptedJSON("node_runs.input"))
    params_hash: Mapped[str | None] = mapped_column(String(64))
    output: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What may be shown of it: what is sensitive is masked."""
    output_sealed: Mapped[Any | None] = mapped_column(EncryptedJSON("node_runs.output_sealed"))
    """`{"output": …, "sensitive": […]}`, where it holds what must not be shown: all of it, and the values
    that are masked in `output`.
    """
    progress: Mapped[Any | None] = mapped_column(EncryptedJSON("node_runs.progress"))
    """How far an act got that is done in parts and not yet done: what its next attempt leaves out."""
    story: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    """What the act found, changed and read back: a list of {"step", "text"}."""
    taken: Mapped[bool] = mapped_column(default=False, server_default="false")
    """The other system has said yes to a write of this act, and nothing was seen of it since: it is looked
    for, and never made again.
    """
    error_details: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    idempotency_key: Mapped[str] = mapped_column(String(255), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[dt.datetime | None]
    """When the first attempt began."""
    ended_at: Mapped[dt.datetime | None]

    @property
    def whole_output(self) -> dict[str, Any] | None:
        """The output as later nodes read it."""
        return self.output_sealed["output"] if self.output_sealed else self.output


class NodeRefusal(OrgScoped, Base):
    """Why a node's last try ended without an end of its act: it could not begin, or its process ended in the
    middle.

    One for a task, and none once an attempt of it has an end in the ledger: the ledger never looks here. With
    `waits` nothing has failed: something of the platform's own is away since then, and the node looks again.
    """

    __tablename__ = "node_refusals"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_runs.run_id"), primary_key=True)
    node_key: Mapped[str] = mapped_column(String(250), primary_key=True)
    """The Airflow task id."""
    map_index: Mapped[int] = mapped_column(Integer, primary_key=True, default=-1, server_default="-1")
    node_type: Mapped[str] = mapped_column(String(50))
    try_number: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    waits: Mapped[bool] = mapped_column(default=False, server_default="false")
    looks: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """How often in a row the same was found."""
    since: Mapped[dt.datetime]
    """When the same was found first."""
    at: Mapped[dt.datetime]
    error_details: Mapped[dict[str, Any]]
    """As in the ledger, with `problems`: a list of {"path", "reason", "suggestion"}."""


class Plan(OrgScoped, Base):
    """A run that is to start at a time of its own."""

    __tablename__ = "plans"
    __table_args__ = (
        Index("ix_plans_due", "status", "due_at"),
        UniqueConstraint("workflow_id", "source_event_id", "trigger_index"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    workflow_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflows.workflow_id"))
    employee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("employees.employee_id"))
    inbox_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("inbox_events.inbox_id"))
    source_event_id: Mapped[str] = mapped_column(String(255))
    trigger_index: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[dt.datetime]
    status: MappedStatus[PlanStatus] = status_column(
        PlanStatus, 20, default=PlanStatus.PLANNED, server_default=PlanStatus.PLANNED
    )
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
