"""One Airflow of the tests' own: the stack's four processes under the stack's supervisor, on databases of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from officeflow.airflow_api.client import AirflowApi
from officeflow.stack.airflow_services import airflow_services
from officeflow.stack.airflow_settings import AirflowSetup
from officeflow.stack.layout import Layout
from officeflow.stack.supervision import Supervisor

Answer = TypeVar("Answer")


def eventually(ask: Callable[[], Answer], *, seconds: float = 120) -> Answer:
    """The first true answer; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


class EmbeddedAirflow:
    """`api` signs in as the service account, `admin` as the administrator. All ends with the calling process."""

    def __init__(self, setup: AirflowSetup, layout: Layout) -> None:
        self.setup = setup
        self.layout = layout
        self.services = {service.name: service for service in airflow_services(setup)}
        self.supervisor = Supervisor(layout, tied=True)
        self.api = AirflowApi(setup.url, "officeflow", setup.service_password)
        self.admin = AirflowApi(setup.url, "admin", setup.admin_password)

    def start(self) -> None:
        self.layout.prepare()
        self.supervisor.configure(self.services.values(), {})
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

    def await_run(self, run_id: str, *, dag_id: str = "probe", seconds: float = 180) -> str:
        """The run's final state."""

        def state() -> str:
            state = self.api.dag_run(dag_id, run_id)["state"]
            return state if state in {"success", "failed"} else ""

        return eventually(state, seconds=seconds)
