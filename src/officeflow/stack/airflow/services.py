"""Airflow's processes, as services."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import httpx

from officeflow.airflow_api.client import AirflowApi
from officeflow.errors import OfficeFlowError, Unavailable
from officeflow.layout import ROOT
from officeflow.runtime import airflow_watchdog
from officeflow.stack.airflow import celery, prepared
from officeflow.stack.airflow.settings import AirflowSetup, airflow_environment
from officeflow.stack.privileges import ACCOUNTS
from officeflow.stack.supervision.service import Service

PREPARE = ROOT / "config" / "airflow_prepare.py"
API_PRIORITY, OTHERS_PRIORITY, WORKER_PRIORITY = 40, 41, 42
FINISH_SECONDS = 60
"""How long nodes that act may go on when the stack is told to stop; the ledger knows how to go on with what
is cut off then.
"""

BEATING_SECONDS = 12.0
"""A component whose last heartbeat is older than this is not ready; they beat every 2 to 5 seconds."""


def prepare_airflow(setup: AirflowSetup) -> None:
    """Migrate the metadata database and see to our accounts.

    Safe at every start; takes some seconds, at the first one half a minute, and none where all is as it was
    left.
    """
    setup.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if prepared.is_as_left(setup, PREPARE):
        return
    command = [str(setup.python), str(PREPARE)]
    environment = airflow_environment(setup, ACCOUNTS)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, umask=0o077)
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise Unavailable(f"Airflow's database could not be prepared:\n{last}")
    prepared.note(setup, PREPARE)


def airflow_services(setup: AirflowSetup) -> list[Service]:
    """api-server, scheduler, dag-processor, triggerer, and with Celery a worker; `prepare_airflow` comes
    first.
    """
    module = (str(setup.python), "-m", "officeflow.runtime.airflow_process")
    watchdog = (str(setup.python), "-I", "-S", airflow_watchdog.__file__)
    service = partial(_service, setup)
    # `--skip-serve-logs`: Airflow's log server listens on all addresses, and the api-server reads the same
    # files.
    return [
        service(
            name="airflow-api",
            command=(*module, "api-server"),
            priority=API_PRIORITY,
            ready=partial(_answers, setup),
            ports={"http": setup.port},
            urls={"Airflow": setup.url},
        ),
        service(
            name="airflow-scheduler",
            command=(*watchdog, *module, "scheduler", "--skip-serve-logs"),
            priority=OTHERS_PRIORITY,
            ready=_beats(setup, "scheduler"),
            stop_seconds=FINISH_SECONDS,
            # Told to end, it starts nothing new and waits for its workers, which finish what they are at.
            stops_its_own=True,
        ),
        service(
            name="airflow-dag-processor",
            command=(str(setup.python), "-m", "dag_factory.process", "dag-processor"),
            priority=OTHERS_PRIORITY,
            ready=_beats(setup, "dag_processor"),
        ),
        service(
            name="airflow-triggerer",
            command=(*module, "triggerer", "--skip-serve-logs"),
            priority=OTHERS_PRIORITY,
            ready=_beats(setup, "triggerer"),
        ),
        *([_celery_worker(setup, service, module)] if setup.has_celery else []),
    ]


def _service(setup: AirflowSetup, *, name: str, **differs: Any) -> Service:
    return Service(
        name=name,
        environment=airflow_environment(setup, name),
        directory=setup.home,
        start_seconds=240,
        **differs,
    )


def _celery_worker(setup: AirflowSetup, service: Callable[..., Service], module: tuple[str, ...]) -> Service:
    """It stops first, while the others still answer: told to end, it takes nothing new and ends when its
    tasks have.
    """
    alone = ("--without-mingle", "--without-gossip")  # workers need nothing of each other
    return service(
        name="airflow-worker",
        command=(*module, "celery", "worker", "--queues", setup.worker_queues, "--skip-serve-logs", *alone),
        priority=WORKER_PRIORITY,
        ready=partial(celery.worker_answers, setup.broker_url),
        stop_seconds=FINISH_SECONDS,
        stops_its_own=True,
    )


def _health(setup: AirflowSetup) -> Mapping[str, Any]:
    """Airflow's own account of its components; empty where the api-server does not answer."""
    try:
        with AirflowApi(setup.url, "", "", timeout=5.0) as api:
            return api.health()
    except OfficeFlowError:
        return {}


def _answers(setup: AirflowSetup) -> bool:
    """Also to tasks: the first question to that part of the API costs it 5 seconds of computing, in which it
    answers nobody.
    """
    if (_health(setup).get("metadatabase") or {}).get("status") != "healthy":
        return False
    try:
        return httpx.get(f"{setup.url}/execution/health", timeout=5.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _beats(setup: AirflowSetup, component: str) -> Callable[[], bool]:
    def is_beating() -> bool:
        last = (_health(setup).get(component) or {}).get(f"latest_{component}_heartbeat")
        return last is not None and dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(last) < dt.timedelta(
            seconds=BEATING_SECONDS
        )

    return is_beating
