"""Where Airflow's api-server finds the page."""

from __future__ import annotations

from middlewares.bodies import Application
from middlewares.mounting import mount
from officeflow.people.paths import ANSWER_PATH


def _application() -> Application:
    from answering.app import application

    return application


MOUNT = mount(_application, ANSWER_PATH, "OfficeFlow's mailed links")
