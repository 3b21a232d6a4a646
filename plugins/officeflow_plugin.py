"""What OfficeFlow adds to Airflow's own processes."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from answering.mount import MOUNT as ANSWERING
from auth.front import RightsFront
from handover import lost_slots
from handover.mount import MOUNT as HANDOVER
from middlewares import new_runs
from middlewares.answers import AnswerGuard
from middlewares.origins import OriginGuard
from middlewares.page_headers import PageHeaders
from middlewares.sign_in import SignInGuard
from public_api.mount import MOUNT as PUBLIC_API
from scim_api.mount import MOUNT as SCIM_API

APPS = [HANDOVER, ANSWERING, PUBLIC_API, SCIM_API]
OWN_PATHS = [each["url_prefix"] for each in APPS]
ROOT_MIDDLEWARES = [
    {"name": "rights", "middleware": RightsFront, "args": [], "kwargs": {}},
    {"name": "sign-in", "middleware": SignInGuard, "args": [], "kwargs": {}},
    {"name": "answers", "middleware": AnswerGuard, "args": [], "kwargs": {}},
    {"name": "origins", "middleware": OriginGuard, "args": [], "kwargs": {"decide_themselves": OWN_PATHS}},
    {"name": "page-headers", "middleware": PageHeaders, "args": [], "kwargs": {}},
]
"""The last one is the first that a request meets."""

new_runs.watch()
lost_slots.watch()


class OfficeFlowPlugin(AirflowPlugin):
    name = "officeflow"
    fastapi_apps = APPS
    fastapi_root_middlewares = ROOT_MIDDLEWARES
