"""A whole running stack, one for the session, on ports and in a folder of its own; it ends with the
session.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from officeflow.airflow_api.client import AirflowApi
from officeflow.cli.main import STARTS_AND_STOPS
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import OfficeFlowError, Unavailable
from officeflow.events.message import Message
from officeflow.events.producer import NOWHERE, EventProducer
from officeflow.events.topics import lifecycle_topic
from officeflow.layout import Layout
from officeflow.runs.follow import RunFound, wait_for_runs
from officeflow.stack.parts import BACKING
from officeflow.stack.progress import TextProgress
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.supervisor import Supervisor
from officeflow.stack.up import start_stack
from officeflow.tenants import organizations
from tests.e2e.called import called
from tests.unmeasured import OF_ITS_OWN, unmeasured_stack

MONDAY = "2026-01-05T09:00:00Z"
LAST = ("test_identity_demo.py", "test_stopping.py", "test_celery.py")
READING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})
KEYS = ("OFFICEFLOW_ENCRYPTION_KEYS", "OFFICEFLOW_AUDIT_KEY", "OFFICEFLOW_AUDIT_TAG_KEY")


def wait_for(condition: Callable[[], Any], *, what: str, seconds: float = 240) -> Any:
    """The first true value of `condition`; fails the test, saying what was waited for, where there is none in
    time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.3)
    pytest.fail(f"waited {seconds:.0f} s for {what}")


@dataclass(frozen=True)
class Running:
    """The running stack, as its administrator, its HR system and its counterparts' operators see it."""

    stack: Stack
    up_summary: Mapping[str, Any]
    """What the first `up` told, which has hired one person."""

    @cached_property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.stack.environment}

    @property
    def environment_of_pages(self) -> dict[str, str]:
        """The same for commands that stand on a page, of which each has tests that measure it."""
        return {**self.environment, OF_ITS_OWN: ""}

    @cached_property
    def api(self) -> AirflowApi:
        return AirflowApi(self.stack.airflow_url, "officeflow", self.stack.secrets["airflow_service"])

    @cached_property
    def database(self) -> Database:
        return Database(self.stack.database_url)

    @cached_property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.stack.layout)

    @cached_property
    def org(self) -> Organization:
        with self.database.service() as session:
            return organizations.find(session, "acme")

    def cli(
        self, *arguments: str, stdin: str | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Commands that start and stop the stack are processes of their own, all others go on in this one."""
        environment = self.environment | variables
        if not any(list(arguments[: len(words)]) == words for words in STARTS_AND_STOPS):
            return called(arguments, environment, stdin)
        return subprocess.run(
            [sys.executable, "-m", "officeflow.cli.main", *arguments],
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=400 if arguments[0] == "up" else 300,
        )

    def cli_json(self, *arguments: str, stdin: str | None = None) -> Any:
        done = self.cli(*arguments, "--json", stdin=stdin)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def up(self, *options: str, **variables: str) -> dict[str, Any]:
        """What `officeflow up --json` tells; what it starts ends with the tests."""
        if not self.supervisor.is_running():
            start_servers(self.stack.layout)
        done = self.cli("up", "--json", *options, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def api_answers(self) -> bool:
        try:
            return bool(self.api.health())
        except Unavailable:
            return False

    # ── the HR system ──

    def send(self, kind: str, employee: str, payload: Mapping[str, Any], *, at: str = MONDAY) -> str:
        """Produce the event, as HR systems do; its id."""
        event_id = f"e2e-{uuid.uuid4().hex[:12]}"
        self.produce(
            {
                "specversion": "1.0",
                "id": event_id,
                "source": "https://hr.acme.example/e2e",
                "type": kind,
                "subject": employee,
                "time": at,
                "data": dict(payload),
            }
        )
        return event_id

    def produce(self, event: Mapping[str, Any], *, times: int = 1) -> None:
        message = Message(
            topic=lifecycle_topic(event["type"], "acme"),
            partition=NOWHERE,
            offset=NOWHERE,
            key=b"acme",
            value=json.dumps(event).encode(),
        )
        EventProducer(self.stack.kafka).send([message] * times)

    def runs_of(self, event_id: str, *, seconds: float = 240) -> list[RunFound]:
        return wait_for_runs(self.database, self.org.org_id, event_id, timeout=seconds)

    def ended(self, run: RunFound, *, seconds: float = 300) -> str:
        """The run's final state in Airflow's words."""

        def state() -> str | None:
            try:
                found = str(self.api.dag_run(run.dag_id, run.dag_run_id)["state"])
            except OfficeFlowError:
                return None
            return found if found in {"success", "failed"} else None

        return str(wait_for(state, what=f"the end of {run.dag_id} / {run.dag_run_id}", seconds=seconds))

    # ── the counterparts ──

    def writes(self, name: str) -> list[dict[str, Any]]:
        """Every request that asked `scim`, `inbox` or `caldav` for a change, by its own journal."""
        journal = self.stack.layout.data / name / "requests.jsonl"
        lines = journal.read_text().splitlines() if journal.exists() else []
        return [entry for entry in map(json.loads, lines) if entry["method"] not in READING]

    def all_writes(self) -> dict[str, int]:
        return {name: len(self.writes(name)) for name in ("scim", "inbox", "caldav")}

    # ── the machine ──

    def pid(self, service: str) -> int:
        return int(self.supervisor.states()[service]["pid"])

    def kill(self, service: str) -> int:
        """`kill -9`; the pid that was killed."""
        pid = self.pid(service)
        os.kill(pid, signal.SIGKILL)
        return pid

    def is_back(self, service: str, *, instead_of: int) -> bool:
        state = self.supervisor.states()[service]
        return bool(state["statename"] == "RUNNING" and state["pid"] != instead_of)

    def logs(self) -> str:
        """All that processes of the stack wrote."""
        return "\n".join(
            path.read_text(errors="replace")
            for path in self.stack.layout.logs.rglob("*.log*")
            if path.is_file()
        )


def start_servers(layout: Layout) -> Stack:
    """What `up` then finds running, and adds the rest to: supervisord, and all that it starts, ends with the
    tests.
    """
    return start_stack(layout, progress=TextProgress(), parts=BACKING, tied=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that stop the stack come last, behind the one whose servers are stopped with it; Celery's after
    them: the start after the stop serves both.
    """
    items.sort(key=lambda item: item.path.name in LAST and LAST.index(item.path.name) + 1)


@pytest.fixture(scope="session")
def _unmeasured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with unmeasured_stack(tmp_path_factory.mktemp("coverage")):
        yield


@pytest.fixture(scope="session")
def running(_unmeasured: None) -> Iterator[Running]:
    home = Path(tempfile.mkdtemp(prefix="officeflow-e2e-"))
    home.chmod(0o755)  # PostgreSQL's account must be able to enter
    layout = Layout(home=home, servers=Layout.from_environment().servers)
    try:
        stack = start_servers(layout)
        found = Running(stack, Running(stack, {}).up())
        yield found
        found.api.close()
        found.database.dispose()
    finally:
        Supervisor(layout).shutdown()
        if not os.environ.get("OFFICEFLOW_KEEP_TEST_HOME"):
            shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def _environment(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests here read and write with the stack's keys; all others keep the session's, also in processes that
    they have running.
    """
    for name in KEYS:
        monkeypatch.setenv(name, running.stack.environment[name])
