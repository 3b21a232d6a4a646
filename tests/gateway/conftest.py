from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import make_url

from officeflow.database.roles import Logins
from officeflow.database.tables import Organization
from officeflow.kafka_access import KafkaAccess
from tests.counterparts.process import UNENCRYPTED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/gateway" in str(item.path):
            item.add_marker(pytest.mark.integration)


def eventually(condition: Callable[[], Any], *, within: float = 120) -> Any:
    """The first true answer."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Gateway:
    """`python -m officeflow.gateway`, to be killed and started again."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = dict(environment), log
        self.url = f"http://127.0.0.1:{environment['OFFICEFLOW_GATEWAY_PORT']}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **changes: str) -> None:
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "officeflow.gateway"],
                env={**os.environ, **self._environment, **changes},
                stdout=output,
                stderr=output,
            )
        eventually(self._answers)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        try:
            return httpx.get(f"{self.url}/health", verify=UNENCRYPTED).status_code == 200
        except httpx.HTTPError:
            return False

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/health", verify=UNENCRYPTED).json()
        return found

    @property
    def log(self) -> str:
        return self._log.read_text()

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int | None:
        if self._process is None:
            return None
        self._process.terminate()
        return self._process.wait(60)


@pytest.fixture
def gateway_url(database_url: str, logins: Logins) -> str:
    """The test's database, by the gateway's own login."""
    name = make_url(database_url).database
    return make_url(logins.gateway_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def gateway(
    gateway_url: str, kafka_access: KafkaAccess, valkey_url: str, tenant: Organization, tmp_path: Path
) -> Iterator[Gateway]:
    """Not started yet, with a login of its own; the organization `tenant` has its topics."""
    del tenant
    environment = {
        **kafka_access.environment,
        "OFFICEFLOW_HOME": str(tmp_path),
        "OFFICEFLOW_DATABASE_GATEWAY_URL": gateway_url,
        "OFFICEFLOW_REDIS_URL": valkey_url,
        "OFFICEFLOW_GATEWAY_PORT": str(free_port()),
        "OFFICEFLOW_GATEWAY_KAFKA_SECONDS": "1",
    }
    made = Gateway(environment, tmp_path / "gateway.log")
    yield made
    made.stop()
