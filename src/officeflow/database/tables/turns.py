"""Runs that wait until it is their turn."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index, Integer, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.tables.base import Base, OrgScoped


class RunTurn(OrgScoped, Base):
    """A run that begins when other runs of its person have ended."""

    __tablename__ = "run_turns"
    __table_args__ = (Index("ix_run_turns_waiting", "due_at", postgresql_where=text("came_at IS NULL")),)

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("workflow_runs.run_id"), primary_key=True)
    inbox_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("inbox_events.inbox_id"))
    """The event that the run is of."""
    concurrency: Mapped[str] = mapped_column(String(20))
    """As its definition says: queue, or replace."""
    since: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    """Its place in the order: what began before it, or waits since before it, goes first."""
    beside_after: Mapped[dt.datetime | None]
    """From when on it no longer waits for what is cancelled for it; None where it waits however long."""
    due_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    """When it is looked at again."""
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often it could not be started although it was its turn."""
    came_at: Mapped[dt.datetime | None]
    """When it was started, or was to be started no more."""
