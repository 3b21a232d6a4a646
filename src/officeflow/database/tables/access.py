"""What people should have in an organization's systems."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.tables.base import Base, OrgScoped


class AccessRulesVersion(OrgScoped, Base):
    """An organization's access rules as somebody has set them. Rows are never changed: the newest counts."""

    __tablename__ = "access_rules_versions"

    org_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organizations.org_id"), index=True, primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[Any] = mapped_column(JSONB)
    why: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(String(600))
    set_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
