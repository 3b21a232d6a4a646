"""Where Airflow's api-server finds SCIM."""

from __future__ import annotations

from middlewares.bodies import Application
from middlewares.mounting import mount

PATH = "/officeflow/scim/v2"


def _application() -> Application:
    from scim_api.app import application

    return application()


MOUNT = mount(_application, PATH, "OfficeFlow's SCIM")
