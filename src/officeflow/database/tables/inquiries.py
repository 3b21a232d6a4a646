"""What somebody wants to know of an organization's systems."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.encryption import EncryptedJSON
from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import Base, OrgScoped
from officeflow.statuses import InquiryKind, InquiryState


class Inquiry(OrgScoped, Base):
    """A look into systems that a task takes, since tasks alone get connections. It goes after some hours."""

    __tablename__ = "inquiries"
    __table_args__ = (Index("ix_inquiries_asked", "org_id", "asked_at"),)

    inquiry_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: MappedStatus[InquiryKind] = status_column(InquiryKind, 20)
    state: MappedStatus[InquiryState] = status_column(
        InquiryState, 20, default=InquiryState.ASKED, server_default=InquiryState.ASKED
    )
    employee: Mapped[str] = mapped_column(String(255), default="", server_default="")
    """The HR system's identifier of the person whom it is about; "" where it is about nobody."""
    request: Mapped[Any | None] = mapped_column(EncryptedJSON("inquiries.request"))
    result: Mapped[Any | None] = mapped_column(EncryptedJSON("inquiries.result"))
    progress: Mapped[str] = mapped_column(String(250), default="", server_default="")
    """What is looked at just now: a node's id."""
    asked_by: Mapped[str] = mapped_column(String(600))
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    taken_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
