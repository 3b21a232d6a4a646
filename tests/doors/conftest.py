from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import OfficeFlowError
from officeflow.ids import new_id
from officeflow.layout import ROOT, Layout
from officeflow.stack.airflow.services import airflow_services
from officeflow.stack.airflow.settings import AirflowSetup
from officeflow.stack.servers import valkey
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.service import Service
from tests.airflow.embedded import EmbeddedAirflow, eventually, fresh_setup
from tests.counterparts.process import free_port
from tests.counterparts.scim import ScimServer
from tests.dag_factory.conftest import Published
from tests.doors.scenarios import HEARTBEAT_TIMEOUT, SCENARIOS, pinned_anew
from tests.doors.stage import Stage, Variant, params
from tests.unmeasured import EVERY_PROCESS

HERE = Path(__file__).parent
KEPT_LOGS = "DOORS_KEPT_LOGS"
"""For `kept_logs.py`: the folder to which Airflow sends the tasks' logs."""
SETTINGS = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(HEARTBEAT_TIMEOUT),
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
    "AIRFLOW__WORKERS__MISSING_DAG_RETRIES": "0",
    "AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS": "kept_logs.LOGGING_CONFIG",
}

TASKS_AT_ONCE = 13
"""On each executor: three variants keep three each busy until their tests come."""


@pytest.fixture(params=params())
def variant(request: pytest.FixtureRequest) -> Variant:
    found: Variant = request.param
    return found


@pytest.fixture(scope="session")
def directory(_scim_server_process: ScimServer) -> ScimServer:
    """The customer's system that nodes call."""
    _scim_server_process.start()
    return _scim_server_process


@pytest.fixture(scope="session")
def stage(
    request: pytest.FixtureRequest,
    postgres_url: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    directory: ScimServer,
) -> Iterator[Stage]:
    """An Airflow with both executors, on which all scenarios have been started in the variants that the
    session's tests ask for.
    """
    asked = {
        item.callspec.params.get("variant") for item in request.session.items if hasattr(item, "callspec")
    }
    home = tmp_path_factory.mktemp("doors")
    layout = Layout(home=home, servers=Layout.from_environment().servers)
    layout.prepare()
    stack = Stack(layout, {"valkey": free_port()})
    kept_logs = tmp_path_factory.mktemp("kept_logs")
    environment = {
        KEPT_LOGS: str(kept_logs),
        "PYTHONPATH": os.pathsep.join(map(str, (HERE, ROOT / "plugins", ROOT / "src", ROOT))),
        "OFFICEFLOW_NODE_PACKAGES": "trial_nodes",
        EVERY_PROCESS: "",
    }
    options = {
        "executor": "LocalExecutor,CeleryExecutor",
        "broker_url": stack.broker_url,
        "changes": SETTINGS,
    }
    with fresh_setup(
        postgres_url,
        template_database,
        home,
        environment=environment,
        dags=HERE / "dags",
        parallelism=TASKS_AT_ONCE,
        **options,
    ) as setup:
        airflow = EmbeddedAirflow(setup, layout, [valkey.service(stack), *_services(setup)])
        database = Database(setup.environment["OFFICEFLOW_DATABASE_URL"])
        try:
            airflow.start()
            evidence = tmp_path_factory.mktemp("evidence")
            stage = Stage(airflow, database, _publisher(database), evidence, kept_logs, asked)
            airflow.admin.put_connection(
                "acme.directory", "scim", host=directory.url, password=directory.token
            )
            stage.play(SCENARIOS)
            stage.replace("pinned", pinned_anew)
            eventually(lambda: _unpaused(airflow, "foreign"))
            airflow.api.trigger("foreign", "test__foreign", {})
            yield stage
        finally:
            database.dispose()
            airflow.stop()


def _services(setup: AirflowSetup) -> Iterator[Service]:
    """Airflow's; the dag-processor alone knows the node types that fade."""
    for service in airflow_services(setup):
        fading = {"OFFICEFLOW_NODE_PACKAGES": "trial_nodes,fading_nodes"}
        differs = fading if service.name == "airflow-dag-processor" else {}
        yield replace(service, environment={**service.environment, **differs})


def _publisher(database: Database) -> Published:
    organization = Organization(
        org_id=new_id(), slug="acme", name="Acme", domain="acme.example", plan="standard"
    )
    with database.service() as session:
        session.add(organization)
    return Published(database, organization)


def _unpaused(airflow: EmbeddedAirflow, dag_id: str) -> bool:
    try:
        airflow.api.set_paused(dag_id, False)
    except OfficeFlowError:
        return False
    return True
