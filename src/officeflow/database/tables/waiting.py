"""What runs wait for besides people, and what lets them go on."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.encryption import EncryptedJSON
from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import Base, OrgScoped
from officeflow.statuses import CallState, ControlState


class Wake(OrgScoped, Base):
    """A task that waits for a time and is to look again now, because what it waits for has come."""

    __tablename__ = "wakes"
    __table_args__ = (Index("ix_wakes_due", "due_at", postgresql_where=text("done_at IS NULL")),)

    wake_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_runs.run_id"))
    node_key: Mapped[str] = mapped_column(String(250))
    """The Airflow task id."""
    map_index: Mapped[int] = mapped_column(Integer, default=-1, server_default="-1")
    cause: Mapped[str] = mapped_column(String(100))
    """For people: what has come."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    """When Airflow is asked for the task: again and again while that is in a worker."""
    done_at: Mapped[dt.datetime | None]
    outcome: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """What became of it, where that was not that the task looks again."""


class EventWait(OrgScoped, Base):
    """A node that waits for an event."""

    __tablename__ = "event_waits"
    __table_args__ = (
        UniqueConstraint("run_id", "node_key", "map_index", "generation"),
        Index(
            "ix_event_waits_open",
            "org_id",
            "employee",
            postgresql_where=text("matched_at IS NULL AND ended_at IS NULL"),
        ),
    )

    wait_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_runs.run_id"))
    node_key: Mapped[str] = mapped_column(String(250))
    map_index: Mapped[int] = mapped_column(Integer, default=-1, server_default="-1")
    generation: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    kinds: Mapped[list[Any]]
    employee: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """The HR system's identifier of the person whose event is awaited; "" for anybody's."""
    expression: Mapped[str] = mapped_column(default="", server_default="")
    """CEL over the event; "" where any of these kinds will do."""
    bindings: Mapped[Any | None] = mapped_column(EncryptedJSON("event_waits.bindings"))
    """What else the expression sees, as it was when the wait began."""
    since: Mapped[dt.datetime]
    """Events that came from then on count."""
    deadline: Mapped[dt.datetime | None]
    inbox_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("inbox_events.inbox_id"))
    """The event that has come."""
    matched_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    """When the node stopped waiting without one."""
    error_details: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Why the expression could not be evaluated on an event: then `ended_at` is when that was."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class RunRequest(OrgScoped, Base):
    """A run that a node of another run asks for, and waits for."""

    __tablename__ = "run_requests"
    __table_args__ = (
        UniqueConstraint("parent_run_id", "node_key", "map_index", "generation"),
        Index("ix_run_requests_wanted", "created_at", postgresql_where=text("state = 'WANTED'")),
        Index("ix_run_requests_child", "child_run_id"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    parent_run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_runs.run_id"))
    node_key: Mapped[str] = mapped_column(String(250))
    map_index: Mapped[int] = mapped_column(Integer, default=-1, server_default="-1")
    generation: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    workflow: Mapped[str] = mapped_column(String(41))
    """The slug of the workflow that is called."""
    version: Mapped[int | None]
    """None for the newest."""
    input: Mapped[Any | None] = mapped_column(EncryptedJSON("run_requests.input"))
    state: MappedStatus[CallState] = status_column(
        CallState, 20, default=CallState.WANTED, server_default=CallState.WANTED
    )
    child_run_id: Mapped[uuid.UUID | None]
    """`workflow_runs.run_id` of the run, which may have no row yet."""
    error_details: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]


class ControlRequest(OrgScoped, Base):
    """A message that asks to start, pause, resume or cancel, under the identity that its sender gave it."""

    __tablename__ = "control_requests"
    __table_args__ = (
        UniqueConstraint("org_id", "source", "event_id"),
        Index("ix_control_requests_due", "next_attempt_at", postgresql_where=text("state = 'RECEIVED'")),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(255))
    event_id: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(50))
    correlation_id: Mapped[str] = mapped_column(String(255))
    body: Mapped[Any] = mapped_column(EncryptedJSON("control_requests.body"))
    """The message's data."""
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    next_attempt_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    content_hash: Mapped[str] = mapped_column(String(64))
    """The same identity with another content is another message that lies about its identity."""
    state: MappedStatus[ControlState] = status_column(
        ControlState, 20, default=ControlState.RECEIVED, server_default=ControlState.RECEIVED
    )
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What was answered."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]
