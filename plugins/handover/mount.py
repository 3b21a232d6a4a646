"""Where Airflow's api-server finds the route."""

from __future__ import annotations

from handover.messages import PREFIX
from middlewares.bodies import Application
from middlewares.mounting import mount


def _application() -> Application:
    from handover.app import application

    return application


MOUNT = mount(_application, PREFIX, "OfficeFlow's hand-overs")
