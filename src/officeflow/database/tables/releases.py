from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import Base, OrgScoped
from officeflow.statuses import ReleaseKind, ReleaseState


class Release(OrgScoped, Base):
    """What one person wants and a second one decides about, and what became of it."""

    __tablename__ = "releases"
    __table_args__ = (
        Index("ix_releases_newest", "org_id", text("requested_at DESC"), text("release_id DESC")),
        Index("ix_releases_unannounced", "requested_at", postgresql_where=text("NOT is_announced")),
        Index(
            "uq_releases_pending",
            "org_id",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("state = 'PENDING'"),
        ),
    )

    release_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: MappedStatus[ReleaseKind] = status_column(ReleaseKind, 20)
    state: MappedStatus[ReleaseState] = status_column(
        ReleaseState, 20, default=ReleaseState.PENDING, server_default=ReleaseState.PENDING
    )
    subject: Mapped[str] = mapped_column(String(600))
    """What it is about: workflows by slug, a kind of event, or `access rules`."""
    wanted: Mapped[dict[str, Any]]
    """What is done once it is released: `{"definitions": {file: definition}, "base": {slug: version}}`, or
    `{"limits": …}`, or `{"document": rules, "base": version}`; of a mass of events, by what it was found.
    """
    why: Mapped[str] = mapped_column(String(4000))
    requested_by: Mapped[str] = mapped_column(String(600))
    requested_at: Mapped[dt.datetime]
    correlation_id: Mapped[str | None] = mapped_column(String(255))
    decided_by: Mapped[str | None] = mapped_column(String(600))
    decided_at: Mapped[dt.datetime | None]
    decision: Mapped[str | None] = mapped_column(String(4000))
    """Why it was decided so."""
    is_announced: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether the admins were told that it waits, or that one alone has released it."""


class EventSender(Base):
    """Who sent an event by hand: it is not they who release the mass that it is part of."""

    __tablename__ = "event_senders"

    org_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organizations.org_id"), primary_key=True, index=True
    )
    source: Mapped[str] = mapped_column(String(255), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    sent_by: Mapped[str] = mapped_column(String(600), primary_key=True)
    sent_at: Mapped[dt.datetime]
