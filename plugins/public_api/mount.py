"""Where Airflow's api-server finds the API."""

from __future__ import annotations

from middlewares.bodies import Application
from middlewares.mounting import mount

PATH = "/officeflow/api/v1"


def _application() -> Application:
    from public_api.app import application

    return application()


MOUNT = mount(_application, PATH, "OfficeFlow's API")
