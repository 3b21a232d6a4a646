"""The keys of people, and what is settled about a person's data."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import Base, OrgScoped
from officeflow.statuses import ErasureState, KeyPassKind, KeyPassState


class OrganizationKey(Base):
    """An organization's key, wrapped by the installation's: it wraps those of its people, and what is about
    nobody in particular is written by it.

    Without a foreign key: it is made while another transaction may hold the organization's row.
    """

    __tablename__ = "organization_keys"
    __table_args__ = (
        Index(
            "uq_organization_keys_current", "org_id", unique=True, postgresql_where=text("retired_at IS NULL")
        ),
    )

    key_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    org_id: Mapped[uuid.UUID]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[dt.datetime | None]
    """When a newer one took its place; it goes once nothing is under it any more."""


class PersonKey(Base):
    """A person's key, wrapped by the organization's. Destroyed, it stays as a row without the key, so that
    what was written by it reads as nothing rather than as an error.
    """

    __tablename__ = "person_keys"
    __table_args__ = (
        Index(
            "uq_person_keys_current",
            "org_id",
            "person",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
        CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
    )

    key_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    org_id: Mapped[uuid.UUID]
    person: Mapped[uuid.UUID | None]
    """`ids.employee_id` of the person; None once it is destroyed."""
    org_key_id: Mapped[uuid.UUID]
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[dt.datetime | None]
    destroyed_at: Mapped[dt.datetime | None]


class KeyPass(OrgScoped, Base):
    """One way through an organization's rows that brings each under the key that it is to have; it goes on
    where it was interrupted.
    """

    __tablename__ = "key_passes"
    __table_args__ = (
        Index("ix_key_passes_running", "created_at", postgresql_where=text("state = 'RUNNING'")),
    )

    pass_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: MappedStatus[KeyPassKind] = status_column(KeyPassKind, 20)
    state: MappedStatus[KeyPassState] = status_column(
        KeyPassState, 20, default=KeyPassState.RUNNING, server_default=KeyPassState.RUNNING
    )
    table_name: Mapped[str] = mapped_column(String(63), default="", server_default="")
    """The table that it is at; "" before the first."""
    after: Mapped[uuid.UUID | None]
    """The last row of that table that it has seen."""
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    round_began_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    changed_in_round: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    seen: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    changed: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    unread: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Values that no key opened; they stay as they are."""
    asked_by: Mapped[str] = mapped_column(String(600))
    why: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]


class LegalHold(OrgScoped, Base):
    """While it stands, nothing of the person is erased or pruned."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        Index(
            "uq_legal_holds_standing",
            "org_id",
            "external_id",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    hold_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(255))
    why: Mapped[str] = mapped_column(String(1000))
    placed_by: Mapped[str] = mapped_column(String(600))
    placed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    released_by: Mapped[str] = mapped_column(String(600), default="", server_default="")
    released_why: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    released_at: Mapped[dt.datetime | None]


class Erasure(OrgScoped, Base):
    """That a person is to be erased, or was; it keeps the HR system's identifier, so that it can be done
    again after a backup was restored.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        Index(
            "uq_erasures_open",
            "org_id",
            "external_id",
            unique=True,
            postgresql_where=text("state IN ('WAITING', 'ERASED')"),
        ),
        Index("ix_erasures_org_id_asked_at", "org_id", "asked_at", "erasure_id"),
    )

    erasure_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(255))
    pseudonym: Mapped[str] = mapped_column(String(255))
    """What stands in the place of the identifier where rows stay."""
    state: MappedStatus[ErasureState] = status_column(ErasureState, 20)
    why: Mapped[str] = mapped_column(String(1000))
    asked_by: Mapped[str] = mapped_column(String(600))
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    confirmed_by: Mapped[str] = mapped_column(String(600), default="", server_default="")
    erased_at: Mapped[dt.datetime | None]
    """When the key was destroyed and our own tables were done."""
    next_attempt_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    last_error: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    airflow: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    """The runs that Airflow has yet to forget: a list of {"dag_id", "dag_run_id"}."""
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    """What was done, and what remains until when."""
    done_at: Mapped[dt.datetime | None]
