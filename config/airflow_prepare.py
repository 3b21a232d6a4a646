"""Bring Airflow's metadata database up to date and see that our two accounts exist: `python
config/airflow_prepare.py`.

One process does what five `airflow` commands would, at the price of one import of Airflow. Safe to run again
at any time, and from two processes at once (Airflow migrates under a lock of its own). Passwords come from
the environment, OFFICEFLOW_AIRFLOW_ADMIN_PASSWORD and OFFICEFLOW_AIRFLOW_PASSWORD; an account that has
another one gets this one.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import upgradedb
from werkzeug.security import check_password_hash

from auth.fab_roles import MEMBER_ROLE, SERVICE_ROLE

SERVICE_PERMISSIONS = [
    ("can_read", "DAGs"),
    ("can_edit", "DAGs"),  # pause, and parse a file now
    ("can_read", "DAG Runs"),
    ("can_create", "DAG Runs"),
    ("can_edit", "DAG Runs"),  # end a run
    ("can_delete", "DAG Runs"),  # forget those of a person who is erased
    ("can_read", "DAG Versions"),
    ("can_read", "Task Instances"),
    ("can_edit", "Task Instances"),  # clear
    ("can_read", "HITL Detail"),  # what tasks of paused runs ask
    ("can_edit", "HITL Detail"),  # tell of what people have decided
    ("can_read", "Task Logs"),
    ("can_read", "ImportError"),
    ("can_read", "All Import Errors"),
    ("can_read", "Connections"),
    ("can_create", "Connections"),
    ("can_edit", "Connections"),
    ("can_delete", "Connections"),
]
"""What the listener, the steward and the command line need of Airflow's API, and no more: no variables, no
XComs, no users.
"""

MEMBER_PERMISSIONS = [
    ("can_read", "Website"),
    ("can_read", "Plugins"),  # our own pages in the menu
    ("can_read", "My Profile"),
    ("can_read", "My Password"),
    ("can_edit", "My Password"),
]
"""What opens the pages to whoever works for an organization. What they show is not Airflow's to say: see
`plugins/auth`.
"""


def ensure_account(security: Any, username: str, name: str, role: Any, password: str) -> None:
    user = security.find_user(username=username)
    if user is None:
        if not security.add_user(
            username, name, "OfficeFlow", f"{username}@officeflow.invalid", role, password
        ):
            raise SystemExit(f"Airflow's account {username!r} could not be created")
    elif not check_password_hash(user.password, password):
        security.reset_password(user.id, password)


def main() -> None:
    upgradedb()
    with get_application_builder() as builder:
        security: Any = builder.sm
        security.bulk_sync_roles(
            [
                {"role": SERVICE_ROLE, "perms": SERVICE_PERMISSIONS},
                {"role": MEMBER_ROLE, "perms": MEMBER_PERMISSIONS},
            ]
        )
        ensure_account(
            security,
            "admin",
            "Administrator",
            security.find_role("Admin"),
            os.environ["OFFICEFLOW_AIRFLOW_ADMIN_PASSWORD"],
        )
        service = os.environ.get("OFFICEFLOW_AIRFLOW_USERNAME", "officeflow")
        ensure_account(
            security,
            service,
            "Service",
            security.find_role(SERVICE_ROLE),
            os.environ["OFFICEFLOW_AIRFLOW_PASSWORD"],
        )


if __name__ == "__main__":
    main()
