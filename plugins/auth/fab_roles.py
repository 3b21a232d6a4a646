"""The names of the roles that accounts have at Airflow (in Flask-AppBuilder, its keeper of accounts)."""

from __future__ import annotations

PLATFORM_ROLE = "Admin"
"""Who runs the installation."""

SERVICE_ROLE = "OfficeFlow service"
"""Our own account; what it may do is listed in `config/airflow_prepare.py`, and is of all organizations."""

MEMBER_ROLE = "OfficeFlow member"
"""Who works for an organization. It opens the pages; what they show is decided by our own users."""
