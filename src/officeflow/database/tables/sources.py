from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.encryption import EncryptedJSON
from officeflow.database.tables.base import Base, OrgScoped, Timestamps


class WebhookSource(OrgScoped, Timestamps, Base):
    """A system that delivers lifecycle events by webhooks."""

    __tablename__ = "webhook_sources"
    __table_args__ = (UniqueConstraint("org_id", "slug"),)

    source_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(41))
    """Its place in the address: `/hooks/<organization>/<slug>`."""
    preset: Mapped[str] = mapped_column(String(50))
    """What it was made from."""
    definition: Mapped[dict[str, Any]]
    """`events.webhooks.definition.Definition`."""
    secrets: Mapped[Any] = mapped_column(EncryptedJSON("webhook_sources.secrets"))
    """The newest first: a list of `{"secret", "until"}`, `until` an ISO time or null; encrypted."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Counts its changes."""
