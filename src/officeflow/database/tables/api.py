from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.encryption import EncryptedJSON
from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import Base, OrgScoped, Timestamps
from officeflow.rights.permissions import Role


class ServiceAccount(OrgScoped, Timestamps, Base):
    """A program that works with OfficeFlow's API on behalf of an organization."""

    __tablename__ = "service_accounts"
    __table_args__ = (UniqueConstraint("org_id", "name"),)

    account_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(41))
    description: Mapped[str] = mapped_column(String(255), default="", server_default="")
    role: MappedStatus[Role] = status_column(Role, 50)
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")


class ApiToken(OrgScoped, Base):
    """A service account's token; the token itself is nowhere."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        Index("ix_api_tokens_org_id_created_at", "org_id", "created_at", "token_id"),
        Index("ix_api_tokens_account_id_created_at", "account_id", "created_at", "token_id"),
    )

    token_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID]
    prefix: Mapped[str] = mapped_column(String(12), unique=True)
    """Its beginning, by which people and the database find it."""
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the whole token, which is random and too long to be guessed."""
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(String(64)))
    """Permissions that it is narrowed to; NULL: all of its account's role."""
    created_by: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
    """To a minute."""


class IdempotencyKey(Base):
    """A POST that was begun, and what was answered. It is its sender's, who may belong to no
    organization or to several: it holds nothing that is a tenant's, and services alone see it.
    """

    __tablename__ = "idempotency_keys"

    owner: Mapped[str] = mapped_column(String(512), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    content: Mapped[str] = mapped_column(String(64))
    begun_at: Mapped[dt.datetime] = mapped_column(index=True)
    answer: Mapped[Any | None] = mapped_column(EncryptedJSON("idempotency_keys.answer"))
