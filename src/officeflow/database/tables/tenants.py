from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from officeflow.database.encryption import EncryptedJSON
from officeflow.database.status_columns import MappedStatus, status_column
from officeflow.database.tables.base import Base, OrgScoped, Timestamps
from officeflow.statuses import EmployeeStatus


class Organization(Timestamps, Base):
    __tablename__ = "organizations"

    org_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(41), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    domain: Mapped[str] = mapped_column(String(255), unique=True)
    plan: Mapped[str] = mapped_column(String(50), default="standard")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class User(OrgScoped, Timestamps, Base):
    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("org_id", "email"),
        Index("ix_users_airflow_login", text("lower(airflow_login)")),
        Index(
            "uq_users_org_id_airflow_login",
            "org_id",
            text("lower(airflow_login)"),
            unique=True,
            postgresql_where=text("airflow_login IS NOT NULL"),
        ),
        Index("ix_users_user_name", "org_id", text("lower(coalesce(airflow_login, email))")),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(50))
    """One of `officeflow.tenants.roles.ROLES`."""
    airflow_login: Mapped[str | None] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")


class Employee(OrgScoped, Timestamps, Base):
    """A person as the lifecycle events tell it; each event is applied in the order of event times."""

    __tablename__ = "employees"
    __table_args__ = (
        UniqueConstraint("org_id", "external_id"),
        Index("ix_employees_org_id_status_external_id", "org_id", "status", "external_id"),
        Index("ix_employees_org_id_department_external_id", "org_id", "department", "external_id"),
        Index("ix_employees_org_id_manager_external_id", "org_id", "manager_external_id", "external_id"),
    )

    employee_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(255))
    """The HR system's own identifier: `employeeId` of the events."""
    status: MappedStatus[EmployeeStatus] = status_column(
        EmployeeStatus, 50, default=EmployeeStatus.PREBOARDING
    )
    work_email: Mapped[str | None] = mapped_column(String(255))
    given_name: Mapped[str | None] = mapped_column(String(255))
    family_name: Mapped[str | None] = mapped_column(String(255))
    department: Mapped[str | None] = mapped_column(String(255))
    title: Mapped[str | None] = mapped_column(String(255))
    manager_external_id: Mapped[str | None] = mapped_column(String(255))
    location: Mapped[str | None] = mapped_column(String(255))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    start_date: Mapped[dt.date | None]
    end_date: Mapped[dt.date | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Payload fields that have no column of their own and are not sensitive."""
    sensitive: Mapped[Any | None] = mapped_column(EncryptedJSON("employees.sensitive"))
    """Payload fields that the event schema marks sensitive: an object, encrypted."""
    field_times: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """For each field, the time of the event that set it, in ISO form: an older event that comes late leaves
    it alone.
    """
    last_event_at: Mapped[dt.datetime | None]
    last_event_id: Mapped[str | None] = mapped_column(String(255))
