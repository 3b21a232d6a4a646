"""What OfficeFlow adds to Airflow's own processes."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from answering.mount import MOUNT as ANSWERING
from auth.front import RightsFront
from handover import lost_slots
from handover.mount import MOUNT as HANDOVER
from middlewares import new_runs
from middlewares.answers import AnswerGuard
from middlewares.sign_in import SignInGuard
from public_api.mount import MOUNT as PUBLIC_API
from scim_api.mount import MOUNT as SCIM_API

APPS = [HANDOVER, ANSWERING, PUBLIC_API, SCIM_API]
ROOT_MIDDLEWARES = [
    {"name": "rights", "middleware": RightsFront, "args": [], "kwargs": {}},
    {"name": "sign-in", "middleware": SignInGuard, "args": [], "kwargs": {}},
    {"name": "answers", "middleware": AnswerGuard, "args": [], "kwargs": {}},
]

new_runs.watch()
lost_slots.watch()


class OfficeFlowPlugin(AirflowPlugin):
    name = "officeflow"
    fastapi_apps = APPS
    fastapi_root_middlewares = ROOT_MIDDLEWARES
