"""Whether Airflow's metadata database is as it was left when it was last prepared: then a start is spared the
seconds that this takes.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from officeflow.layout import write_private
from officeflow.stack.airflow.settings import AirflowSetup

PACKAGES = ("apache-airflow-core", "apache-airflow-providers-fab")
"""Whose tables and rights they are."""

REVISIONS = (
    "SELECT version_num FROM alembic_version",
    "SELECT version_num FROM alembic_version_fab",
)
ACCOUNTS = """
SELECT u.id, u.username, u.password, r.name
FROM ab_user u
    LEFT JOIN ab_user_role l ON l.user_id = u.id
    LEFT JOIN ab_role r ON r.id = l.role_id
ORDER BY u.id, r.name
"""
RIGHTS = """
SELECT r.name, p.name, v.name
FROM ab_role r
    JOIN ab_permission_view_role l ON l.role_id = r.id
    JOIN ab_permission_view pv ON pv.id = l.permission_view_id
    JOIN ab_permission p ON p.id = pv.permission_id
    JOIN ab_view_menu v ON v.id = pv.view_menu_id
ORDER BY 1, 2, 3
"""
LOOKS = (*REVISIONS, ACCOUNTS, RIGHTS)
"""All that is prepared."""


def is_as_left(setup: AirflowSetup, program: Path) -> bool:
    """Whether nothing has changed in the database since `program` was through with it, and it would be given
    the same now.
    """
    try:
        return _mark(setup).read_text() == _digest(setup, program)
    except (FileNotFoundError, psycopg.Error):
        return False


def note(setup: AirflowSetup, program: Path) -> None:
    """It is prepared."""
    write_private(_mark(setup), _digest(setup, program))


def _mark(setup: AirflowSetup) -> Path:
    return setup.home / "prepared"


def _digest(setup: AirflowSetup, program: Path) -> str:
    url = make_url(setup.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, connect_timeout=10) as connection:
        found = [connection.execute(look).fetchall() for look in LOOKS]
    given = [
        url,
        setup.admin_password,
        setup.service_password,
        setup.environment.get("OFFICEFLOW_AIRFLOW_USERNAME"),
        *map(version, PACKAGES),
        program.read_text(),
    ]
    return hashlib.sha256(json.dumps([given, found]).encode()).hexdigest()
