from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.status_columns import text_of
from officeflow.database.tables.base import Base, OrgScoped, Timestamps
from officeflow.rights.permissions import Role


class OrgGroup(OrgScoped, Timestamps, Base):
    """Users of the organization whom workflows may ask together; `user_groups` has who they are."""

    __tablename__ = "groups"
    __table_args__ = (
        UniqueConstraint("org_id", "name"),
        Index("ix_groups_lower_name", "org_id", text("lower(name)")),
        Index("ix_groups_external_id", "org_id", "external_id"),
    )

    group_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[str | None] = mapped_column(String(255))
    """The identity provider's own identifier."""
    role: Mapped[Role | None] = mapped_column(text_of(Role))
    """What being in it makes of a user; NULL: nothing."""


class ScimUser(OrgScoped, Timestamps, Base):
    """What an identity provider says about a user and `users` has no place for."""

    __tablename__ = "scim_users"
    __table_args__ = (Index("ix_scim_users_external_id", "org_id", "external_id"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.user_id"), primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(255))
    attributes: Mapped[dict[str, Any] | None]
    """By SCIM's names, as they were sent; NULL where no provider has written the user yet."""
    role_by_hand: Mapped[Role | None] = mapped_column(text_of(Role))
    """What the user was made by people, while SCIM's roles or a group make them something else."""
    deleted_at: Mapped[dt.datetime | None]
    """When a provider deleted the user, who is hidden from it since, until they are active again."""
