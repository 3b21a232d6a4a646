from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from psycopg import sql
from sqlalchemy.engine import make_url

from officeflow.errors import OfficeFlowError
from officeflow.stack.airflow_services import prepare_airflow
from officeflow.stack.airflow_settings import AirflowSetup
from officeflow.stack.layout import Layout
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.command import officeflow
from tests.counterparts_fixtures import free_port

__all__ = ["officeflow"]


@pytest.fixture(scope="session")
def airflow_setup(postgres_url: str, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowSetup]:
    """Databases and passwords of an Airflow of our own, prepared."""
    ending = secrets.token_hex(4)
    airflow, officeflow = f"airflow_{ending}", f"officeflow_{ending}"

    def url(name: str) -> str:
        return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)

    def execute(statement: str, *names: str) -> None:  # on a connection of its own: other tests restart the server in between
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    execute("CREATE DATABASE {}", airflow)
    execute("CREATE DATABASE {} TEMPLATE {}", officeflow, template_database)
    setup = AirflowSetup(
        python=Path(sys.executable),
        home=tmp_path_factory.mktemp("airflow"),
        port=free_port(),
        database_url=url(airflow),
        fernet_key=Fernet.generate_key().decode(),
        jwt_secret=secrets.token_hex(32),
        api_secret=secrets.token_hex(16),
        admin_password=secrets.token_urlsafe(12),
        service_password=secrets.token_urlsafe(12),
        environment={**os.environ, "OFFICEFLOW_DATABASE_URL": url(officeflow)},
        dags=Path(__file__).parent / "dags",
        parallelism=3,
    )
    prepare_airflow(setup)
    yield setup
    for name in (airflow, officeflow):
        execute("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def airflow(airflow_setup: AirflowSetup) -> Iterator[EmbeddedAirflow]:
    """A running Airflow that knows the DAG `probe`, unpaused."""
    embedded = EmbeddedAirflow(airflow_setup, Layout(home=airflow_setup.home, servers=Layout.from_environment().servers))

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
