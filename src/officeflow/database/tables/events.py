from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
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

from officeflow.database.encryption import EncryptedBytes, EncryptedJSON
from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import NO_ANSWERS, Base, OrgScoped
from officeflow.statuses import EventStatus, QuarantineStatus, RefusalReason


class InboxEvent(OrgScoped, Base):
    """A lifecycle event that has arrived."""

    __tablename__ = "inbox_events"
    __table_args__ = (
        UniqueConstraint("org_id", "source", "event_id"),
        Index("ix_inbox_events_waiting", "next_attempt_at", postgresql_where=text("status = 'RECEIVED'")),
        Index("ix_inbox_events_problems", "dispatched_at", postgresql_where=text("last_error IS NOT NULL")),
        Index("ix_inbox_events_person", "org_id", "employee_key", "event_time"),
        Index("ix_inbox_events_release", "release_id", postgresql_where=text("release_id IS NOT NULL")),
        Index("ix_inbox_events_newest", "org_id", text("arrival DESC")),
        Index("ix_inbox_events_counted", "org_id", "kind", "received_at"),
        Index("ix_inbox_events_day", "org_id", "received_at", postgresql_include=["status"]),
    )

    inbox_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    arrival: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    source: Mapped[str] = mapped_column(String(255))
    event_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(100))
    employee_key: Mapped[str] = mapped_column(String(255))
    """The HR system's identifier of the person."""
    event_time: Mapped[dt.datetime]
    correlation_id: Mapped[str] = mapped_column(String(255))
    content_hash: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    """The payload without its sensitive fields."""
    sensitive: Mapped[Any | None] = mapped_column(EncryptedJSON("inbox_events.sensitive"))
    """The sensitive fields: an object, encrypted."""
    status: MappedStatus[EventStatus] = status_column(
        EventStatus, 20, default=EventStatus.RECEIVED, server_default=EventStatus.RECEIVED
    )
    runs: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    """What came of it: a list of {"dag_id", "dag_run_id", "run_id"}, with "instead_of" where another run has
    the id that it was to have.
    """
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    next_attempt_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_error: Mapped[str | None] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(String(249))
    partition: Mapped[int | None]
    offset: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    dispatched_at: Mapped[dt.datetime | None]
    release_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("releases.release_id"))
    """What a second person decides, or has decided, about the mass of events that it is part of."""


class OutboxMessage(OrgScoped, Base):
    """A message for Kafka, written in the transaction of what it tells; the relay sends it at least once, in
    order per key.

    One that Kafka will never take has `set_aside_at` and `last_error`, and is not tried again by itself.
    """

    __tablename__ = "outbox_messages"
    __mapper_args__ = NO_ANSWERS
    __table_args__ = (
        Index(
            "ix_outbox_messages_unsent",
            "position",
            postgresql_where=text("sent_at IS NULL AND set_aside_at IS NULL"),
        ),
        Index("ix_outbox_messages_unsent_of", "org_id", "position", postgresql_where=text("sent_at IS NULL")),
        Index("ix_outbox_messages_set_aside", "position", postgresql_where=text("set_aside_at IS NOT NULL")),
    )

    message_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    topic: Mapped[str] = mapped_column(String(249))
    key: Mapped[str] = mapped_column(String(600))
    type: Mapped[str] = mapped_column(String(100))
    """The CloudEvent's type."""
    subject: Mapped[str | None] = mapped_column(String(600))
    payload: Mapped[dict[str, Any]]
    correlation_id: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    last_error: Mapped[str | None] = mapped_column(Text)
    set_aside_at: Mapped[dt.datetime | None]


class DeadLetter(Base):
    """A message that could not be taken, whole, with where it was and why.

    `org_id` is None where the organization is not known; such rows only the service role sees.
    """

    __tablename__ = "dead_letters"
    __table_args__ = (
        UniqueConstraint("topic", "partition", "offset"),
        Index("ix_dead_letters_status", "status", "created_at"),
        Index("ix_dead_letters_newest", "org_id", text("created_at DESC"), text("dead_letter_id DESC")),
        Index("ix_dead_letters_day", "org_id", "created_at", postgresql_include=["reason"]),
    )

    dead_letter_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organizations.org_id"), index=True)
    topic: Mapped[str] = mapped_column(String(249))
    partition: Mapped[int]
    offset: Mapped[int] = mapped_column(BigInteger)
    reason: MappedStatus[RefusalReason] = status_column(RefusalReason, 50)
    detail: Mapped[str] = mapped_column(Text)
    key: Mapped[bytes | None] = mapped_column(EncryptedBytes("dead_letters.key"))
    body: Mapped[bytes | None] = mapped_column(EncryptedBytes("dead_letters.body"))
    headers: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    """Kafka headers in their order: a list of [name, value as text]."""
    status: MappedStatus[QuarantineStatus] = status_column(
        QuarantineStatus, 20, default=QuarantineStatus.OPEN, server_default=QuarantineStatus.OPEN
    )
    forwarded_at: Mapped[dt.datetime | None]
    """When it was produced to `dlq.<topic>`."""
    resolution: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Who replayed or discarded it, when and why."""
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
