"""One Airflow of the tests' own: the stack's four processes under the stack's supervisor, on databases of
their own.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql
from sqlalchemy.engine import make_url

from officeflow.airflow_api.client import AirflowApi
from officeflow.layout import Layout
from officeflow.stack.airflow.services import airflow_services, prepare_airflow
from officeflow.stack.airflow.settings import AirflowSetup
from officeflow.stack.supervision.service import Service
from officeflow.stack.supervision.supervisor import Supervisor
from tests.counterparts.process import free_port
from tests.databases import COPY

Answer = TypeVar("Answer")

DATABASE_ADDRESSES = (
    "OFFICEFLOW_DATABASE_URL",
    "OFFICEFLOW_DATABASE_TENANT_URL",
    "OFFICEFLOW_DATABASE_SERVICE_URL",
)


def eventually(ask: Callable[[], Answer], *, seconds: float = 240) -> Answer:
    """The first true answer; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


@contextlib.contextmanager
def fresh_setup(
    postgres_url: str, template_database: str, home: Path, *, environment: dict[str, str], **changes: Any
) -> Iterator[AirflowSetup]:
    """Databases and passwords of an Airflow of our own, prepared; the databases go in the end.

    `changes` are fields of `AirflowSetup`.
    """
    ending = secrets.token_hex(4)
    airflow, officeflow = f"airflow_{ending}", f"officeflow_{ending}"

    def url(name: str) -> str:
        return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)

    def execute(
        statement: str, *names: str
    ) -> None:  # on a connection of its own: other tests restart the server in between
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    execute("CREATE DATABASE {}", airflow)
    execute(COPY, officeflow, template_database)
    addresses = dict.fromkeys(DATABASE_ADDRESSES, url(officeflow))
    setup = AirflowSetup(
        python=Path(sys.executable),
        home=home,
        port=free_port(),
        database_url=url(airflow),
        fernet_key=Fernet.generate_key().decode(),
        jwt_secret=secrets.token_hex(32),
        api_secret=secrets.token_hex(16),
        admin_password=secrets.token_urlsafe(12),
        service_password=secrets.token_urlsafe(12),
        environment={**os.environ, **environment, **addresses},
        **changes,
    )
    prepare_airflow(setup)
    yield setup
    for name in (airflow, officeflow):
        execute("DROP DATABASE {} WITH (FORCE)", name)


class EmbeddedAirflow:
    """`api` signs in as the service account, `admin` as the administrator. All ends with the calling process.

    `services` are the ones to run; given none, Airflow's own.
    """

    def __init__(self, setup: AirflowSetup, layout: Layout, services: Iterable[Service] = ()) -> None:
        self.setup = setup
        self.layout = layout
        self.services = {service.name: service for service in services or airflow_services(setup)}
        self.supervisor = Supervisor(layout, tied=True)
        self.api = AirflowApi(setup.url, "officeflow", setup.service_password)
        self.admin = AirflowApi(setup.url, "admin", setup.admin_password)

    def start(self) -> None:
        self.layout.prepare()
        self.supervisor.configure(self.services.values())
        self.supervisor.start(self.services)
        for name in self.services:
            self.await_ready(name)

    def pid(self, name: str) -> int:
        """Of the running service; 0 where supervisord has none just now."""
        return int(self.supervisor.states()[name]["pid"])

    def await_other_pid(self, name: str, than: int) -> None:
        eventually(lambda: self.pid(name) not in {0, than})

    def await_ready(self, name: str) -> None:
        ready = self.services[name].ready
        assert ready is not None
        try:
            eventually(ready, seconds=300)
        except AssertionError as error:
            tail = self.layout.log_file(name).read_text(errors="replace").splitlines()[-30:]
            raise AssertionError("\n".join([f"{name} is not ready:", *tail])) from error

    def stop(self) -> None:
        self.api.close()
        self.admin.close()
        if self.supervisor.is_running():
            self.supervisor.shutdown()

    def await_run(self, run_id: str, *, dag_id: str = "probe", seconds: float = 300) -> str:
        """The run's final state."""

        def state() -> str:
            state = self.api.dag_run(dag_id, run_id)["state"]
            return state if state in {"success", "failed"} else ""

        return eventually(state, seconds=seconds)

    def log_rows(self, dag_id: str, run_id: str, task: str, event: str) -> list[dict[str, Any]]:
        """What Airflow's event log has of the task, in order."""
        asked = {"dag_id": dag_id, "run_id": run_id, "task_id": task, "event": event}
        found = self.admin._get("/api/v2/eventLogs", **asked)["event_logs"]
        return sorted(found, key=lambda row: row["when"])

    def taken_over_from(self, dag_id: str, run_id: str, task: str) -> list[str]:
        """From which task its worker took it over, for each time that it was started: "" where the scheduler
        gave it to the worker.
        """
        rows = self.log_rows(dag_id, run_id, task, "running")
        return [json.loads(row["extra"] or "{}").get("taken_over_from", "") for row in rows]

    def answer(self, dag_id: str, run_id: str, task: str, option: str = "Approve", **filled_in: Any) -> None:
        """Answer what the task asks, as the administrator."""
        self.await_parked(dag_id, run_id, task)
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task}/-1/hitlDetails"
        self.admin._call("PATCH", path, json={"chosen_options": [option], "params_input": filled_in})

    def await_parked(self, dag_id: str, run_id: str, task: str) -> None:
        """Until the task waits for an answer and has left its worker each time that it was there: one that
        goes on before that is failed.
        """
        log = self.layout.log_file("airflow-scheduler")
        eventually(
            lambda: (
                {t["task_id"]: t["state"] for t in self.api.task_instances(dag_id, run_id)}[task]
                == "awaiting_input"
            )
        )
        given = task  # the task that the scheduler gave to this one's worker
        while before := self.taken_over_from(dag_id, run_id, given)[-1]:
            given = before
        left = (
            f"event with state success for task instance TaskInstanceKey(dag_id='{dag_id}',"
            f" task_id='{given}', run_id='{run_id}'"
        )

        def times_left() -> int:
            files = log.parent.glob(f"{log.name}*")
            return sum(path.read_text(errors="replace").count(left) for path in files)

        asked = len(self.taken_over_from(dag_id, run_id, given))
        eventually(lambda: times_left() >= asked)
