from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.tables.base import NO_ANSWERS, Base, OrgScoped


class AuditRecord(OrgScoped, Base):
    """One thing that was done, written in the transaction that did it and never changed.

    `sequence`, `previous_mac` and `mac` are None until the steward has put the record into its organization's
    chain, within a second.
    """

    __tablename__ = "audit_records"
    __mapper_args__ = NO_ANSWERS
    __table_args__ = (
        UniqueConstraint("org_id", "sequence"),
        CheckConstraint("num_nulls(sequence, previous_mac, mac) IN (0, 3)", name="chained"),
        Index("ix_audit_records_unchained", "position", postgresql_where=text("sequence IS NULL")),
        Index("ix_audit_records_newest", "org_id", "occurred_at", "position"),
        Index("ix_audit_records_subject", "org_id", "subject", "occurred_at", "position"),
        Index(
            "ix_audit_records_actor",
            "org_id",
            "actor",
            "occurred_at",
            "position",
            postgresql_where=text("actor NOT LIKE 'node:%'"),
        ),
        Index(
            "ix_audit_records_action",
            "org_id",
            "action",
            "occurred_at",
            "position",
            postgresql_where=text("action <> 'act.done'"),
        ),
    )

    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.org_id"))
    record_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(600))
    """Who: `airflow:<login>`, `cli:<login>`, `service:<name>`, `node:<dag id>/<task id>`."""
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(600))
    """What or whom it is about: `employee:<external id>`, `workflow:<slug>`, `run:<uuid>`."""
    details: Mapped[dict[str, Any]]
    correlation_id: Mapped[str | None] = mapped_column(String(255))
    occurred_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    tag: Mapped[bytes | None] = mapped_column(LargeBinary)
    """`officeflow.audit.tags`; only what did not come from us has none."""
    previous_mac: Mapped[bytes | None] = mapped_column(LargeBinary)
    mac: Mapped[bytes | None] = mapped_column(LargeBinary)


class AuditHead(Base):
    """The end of an organization's chain: what shows that its newest records were not cut off.

    `seal` is keyed, so that who can write to the database cannot set the head back to an older record.
    """

    __tablename__ = "audit_heads"

    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.org_id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    mac: Mapped[bytes] = mapped_column(LargeBinary)
    """The newest record's."""
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class AuditVerification(OrgScoped, Base):
    """Whether the organization's log is whole: somebody asks, and the steward says so, which has the key.

    The figures are None, and `done_at` too, until then.
    """

    __tablename__ = "audit_verifications"
    __table_args__ = (
        Index("ix_audit_verifications_newest", "org_id", "asked_at", "verification_id"),
        Index("ix_audit_verifications_open", "org_id", unique=True, postgresql_where=text("done_at IS NULL")),
    )

    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.org_id"))
    verification_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(600))
    asked_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    records: Mapped[int | None] = mapped_column(BigInteger)
    waiting: Mapped[int | None] = mapped_column(BigInteger)
    """Records that were not chained yet."""
    anchor: Mapped[str] = mapped_column(String(100), default="", server_default="")
    """The head, as `audit verify` prints it."""
    compared: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """With what outside of the database, a sentence each."""
    problems: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """What is wrong, a sentence each; empty where the log is whole."""
    error: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why nobody could tell; "" where somebody could."""
