"""What OfficeFlow adds to Airflow's own processes."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from handover import lost_slots
from handover.mount import MOUNT
from middlewares import new_runs
from middlewares.sign_in import SignInGuard

new_runs.watch()
lost_slots.watch()


class OfficeFlowPlugin(AirflowPlugin):
    name = "officeflow"
    fastapi_apps: ClassVar[list[dict[str, Any]]] = [MOUNT]
    fastapi_root_middlewares: ClassVar[list[dict[str, Any]]] = [
        {"name": "sign-in", "middleware": SignInGuard, "args": [], "kwargs": {}}
    ]
