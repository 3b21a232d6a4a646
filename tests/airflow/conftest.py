from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from officeflow.errors import OfficeFlowError
from officeflow.layout import Layout
from officeflow.stack.airflow.settings import AirflowSetup
from tests.airflow.embedded import EmbeddedAirflow, eventually, fresh_setup
from tests.airflow.steered import steered
from tests.command import officeflow
from tests.unmeasured import EVERY_PROCESS

__all__ = ["officeflow", "steered"]

CHANGES = {"AIRFLOW__SCHEDULER__PARSING_CLEANUP_INTERVAL": "3"}
"""In seconds, instead of a minute: a workflow that was retired goes at one of these moments."""


@pytest.fixture(scope="session")
def airflow_setup(
    postgres_url: str, template_database: str, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AirflowSetup]:
    """Databases and passwords of an Airflow of our own, prepared."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        "OFFICEFLOW_REDIS_URL": valkey_url,
        "OFFICEFLOW_CHECK_SOCKET": str(home / "checks.sock"),
        EVERY_PROCESS: "",
    }
    dags = Path(__file__).parent / "dags"
    options = {"dags": dags, "parallelism": 3, "changes": CHANGES}
    with fresh_setup(postgres_url, template_database, home, environment=environment, **options) as setup:
        yield setup


@pytest.fixture(scope="session")
def airflow(airflow_setup: AirflowSetup) -> Iterator[EmbeddedAirflow]:
    """A running Airflow that knows the DAG `probe`, unpaused."""
    embedded = EmbeddedAirflow(
        airflow_setup, Layout(home=airflow_setup.home, servers=Layout.from_environment().servers)
    )

    def unpaused() -> bool:
        try:
            embedded.api.set_paused("probe", False)
        except OfficeFlowError:
            return False
        return True

    try:
        embedded.start()
        eventually(unpaused)
        yield embedded
    finally:
        embedded.stop()
