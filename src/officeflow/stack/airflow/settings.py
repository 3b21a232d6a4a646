"""Airflow's settings: the environment of all its processes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from officeflow.ids import BUNDLE
from officeflow.layout import ROOT
from officeflow.stack.privileges import variables_of
from officeflow.stack.secrets import fernet_key
from officeflow.stack.stack import NODE_QUEUE, Stack

WARM = "warm"
"""The name of the coordinator that runs nodes."""

ORDINARY = "ordinary"
"""And of the one for all other tasks."""

WORKER_POOL = "officeflow.worker.celery_pool:TaskPool"
"""Celery's pool of processes, in Celery's notation."""

AUTH_MANAGER = "auth.manager.OfficeFlowFabAuthManager"
"""In `plugins/`, which Airflow puts on its path before it imports an auth manager."""

REQUIRE_AUTH = "require_auth"

EXECUTORS = {"local": "LocalExecutor", "celery": "CeleryExecutor"}
"""Airflow's names of what `--executor` offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AirflowSetup:
    """What differs from one stack to another.

    `home` gets the task logs and the bundles' folders. `database_url` is Airflow's metadata database, on
    PostgreSQL. `environment` is what our own code needs in Airflow's processes: `OFFICEFLOW_DATABASE_URL`,
    the encryption keys and so on.
    """

    python: Path
    home: Path
    port: int
    database_url: str = field(repr=False)
    fernet_key: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    api_secret: str = field(repr=False)
    admin_password: str = field(repr=False)
    service_password: str = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    dags: Path = ROOT / "dags"
    plugins: Path = ROOT / "plugins"
    parallelism: int = 0
    """Tasks at once; 0: by the number of cores."""
    executor: str = "LocalExecutor"
    """Airflow's name of it, or several, comma-separated; the first is the default."""
    broker_url: str = field(default="", repr=False)
    """Celery's broker; needed by the CeleryExecutor alone."""
    worker_queues: str = f"default,{NODE_QUEUE}"
    """What the Celery worker takes."""
    wishes: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Airflow's own variables as whoever starts the stack has them: instead of ours, and beside them."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """`AIRFLOW__SECTION__OPTION` to a value that is wanted instead of ours."""

    @property
    def has_celery(self) -> bool:
        return "CeleryExecutor" in self.executor

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def setup_for(stack: Stack) -> AirflowSetup:
    """Airflow as part of a whole stack."""
    return AirflowSetup(
        python=stack.layout.python,
        home=stack.layout.data / "airflow",
        port=stack.ports["airflow"],
        database_url=stack.airflow_database_url,
        fernet_key=stack.secrets.get("airflow_fernet_key", fernet_key),
        jwt_secret=stack.secrets["airflow_jwt"],
        api_secret=stack.secrets["airflow_api"],
        admin_password=stack.secrets["airflow_admin"],
        service_password=stack.secrets["airflow_service"],
        environment=stack.process_environment,
        wishes=stack.passed.airflow,
        executor=EXECUTORS[stack.executor],
        broker_url=stack.broker_url,
        changes=stack.changes,
    )


QUIET = "http.access=WARNING airflow.dag_processing.manager.DagFileProcessorManager=WARNING"
"""Loggers that say nothing: a line for each call that a task makes, and one for each second in which the
bundles did not change.
"""


def tasks_at_once(cores: int | None = None) -> int:
    """Nodes wait for other systems more than they compute, so four to a core; all workers start at once, so
    not many more.
    """
    return max(4, min(4 * (cores or os.cpu_count() or 1), 32))


def _bundles() -> list[dict[str, object]]:
    # Without a path it is the DAGs folder.
    return [
        {
            "name": "dags",
            "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
            "kwargs": {"refresh_interval": 5},
        },
        {
            "name": BUNDLE,
            "classpath": "dag_factory.bundle.WorkflowBundle",
            "kwargs": {"refresh_interval": 1},
        },
    ]


def _core(setup: AirflowSetup) -> dict[str, dict[str, object]]:
    return {
        "core": {
            "executor": setup.executor,
            "auth_manager": AUTH_MANAGER,
            "fernet_key": setup.fernet_key,
            "plugins_folder": setup.plugins,
            "dags_folder": setup.dags,
            "load_examples": False,
            "parallelism": setup.parallelism or tasks_at_once(),
            "max_active_tasks_per_dag": 1000,
            "max_active_runs_per_dag": 100_000,  # runs that wait for people count too
            "dag_discovery_safe_mode": False,
            "min_serialized_dag_update_interval": 0,
            "execution_api_server_url": f"{setup.url}/execution/",
            "hostname_callable": (
                "socket.gethostname"
            ),  # the default asks DNS, which takes seconds where there is no network
            "mp_start_method": "fork",
        },
        "database": _database(setup),
        "api": {
            "host": "127.0.0.1",
            "port": setup.port,
            "base_url": setup.url,
            "workers": 1,
            "secret_key": setup.api_secret,
            "instance_name": "OfficeFlow",
        },
        "sdk": {
            "coordinators": json.dumps(
                {
                    WARM: {"classpath": "coordinators.node_coordinator.NodeCoordinator", "kwargs": {}},
                    ORDINARY: {"classpath": "coordinators.ordinary.OrdinaryCoordinator", "kwargs": {}},
                }
            ),
            "queue_to_coordinator": json.dumps({NODE_QUEUE: WARM, "default": ORDINARY}),
        },
        # `plugins/middlewares` slows signing in, per login and at every door. Airflow's own counts per
        # address: one's mistakes are all's.
        "fab": {"auth_rate_limited": False, "config_file": ROOT / "config" / "webserver_config.py"},
        "api_auth": {"jwt_secret": setup.jwt_secret},
        "logging": {
            "base_log_folder": setup.home / "logs",
            "file_task_handler_new_folder_permissions": "0o700",
            "file_task_handler_new_file_permissions": "0o600",
            "namespace_levels": QUIET,
        },
    }


def _database(setup: AirflowSetup) -> dict[str, object]:
    """Which ways to sign in are taken, libpq is told by the address; asyncpg knows no such option."""
    url = make_url(setup.database_url)
    options: dict[str, object] = {"sql_alchemy_conn": url.set(drivername="postgresql+psycopg2")}
    if REQUIRE_AUTH in url.query:
        options["sql_alchemy_conn_async"] = url.set(drivername="postgresql+asyncpg").difference_update_query(
            [REQUIRE_AUTH]
        )
    return options


def _parsing(setup: AirflowSetup) -> dict[str, dict[str, object]]:
    return {
        "dag_processor": {
            "dag_bundle_config_list": json.dumps(_bundles()),
            "dag_bundle_storage_path": setup.home / "bundles",
            "refresh_interval": 1,
            "bundle_refresh_check_interval": 1,
            "min_file_process_interval": 1800,
            "stale_dag_threshold": (
                10
            ),  # a workflow retired within this many seconds of a parse stays for another interval
            "file_parsing_sort_mode": "modified_time",
            "print_stats_interval": 0,
        }
    }


def _recovery() -> dict[str, dict[str, object]]:
    """How soon work goes on after a process was killed, in seconds."""
    return {
        "scheduler": {
            "scheduler_idle_sleep_time": 0.1,
            "scheduler_heartbeat_sec": 2,
            # After this a scheduler counts as dead, also in its own eyes, and its tasks are started anew. One
            # that has 40 runs to start on a busy machine was silent for 15 s.
            "scheduler_health_check_threshold": 30,
            "orphaned_tasks_check_interval": 10,
            "task_instance_heartbeat_timeout": (
                120
            ),  # longer than an api-server takes to come back on a busy machine
            "task_instance_heartbeat_timeout_detection_interval": 5,
            "trigger_timeout_check_interval": 4,  # so late, at most, a question's deadline is seen
            "task_queued_timeout": 120,
            "task_queued_timeout_check_interval": 30,
        },
        "workers": {
            # Tasks sit out two minutes without an api-server, instead of using up their tries.
            "execution_api_timeout": 20,
            "execution_api_retries": 25,
            "execution_api_retry_wait_max": 10,
        },
        "triggerer": {"job_heartbeat_sec": 2, "triggerer_health_check_threshold": 15},
    }


def _celery(setup: AirflowSetup) -> dict[str, dict[str, object]]:
    """What keeps tasks going while the broker is away, and loses none when it comes back.

    Airflow's database knows every task; a message only tells a worker to look. So a message is given away
    once a worker has it, the broker never delivers one again by itself, and a lost one is missed by
    `task_queued_timeout`.
    """
    if not setup.broker_url:
        return {}
    retry_in_seconds = {"interval_start": 0.1, "interval_step": 0.1, "interval_max": 0.5}
    return {
        "celery": {
            "broker_url": setup.broker_url,
            "worker_concurrency": setup.parallelism or tasks_at_once(),
            "task_acks_late": (
                False
            ),  # otherwise what runs is delivered once more whenever the broker comes back
            "sync_parallelism": (
                1
            ),  # sending from the scheduler itself takes 1 ms, from processes forked for it much more
            # A message that cannot be sent is tried again at the scheduler's next turn, and its task fails
            # after so many: a day.
            "operation_timeout": 0.5,
            "task_publish_max_retries": 100_000,
            "extra_celery_config": json.dumps(
                {
                    "broker_connection_max_retries": None,
                    "task_publish_retry_policy": {"max_retries": None, **retry_in_seconds},
                    "worker_pool": WORKER_POOL,
                }
            ),
        },
        "celery_broker_transport_options": {
            "visibility_timeout": 86_400,
            "max_retries": 2,  # for what is not a task: the scheduler must not wait for the broker
            **retry_in_seconds,
        },
        "scheduler": {"num_stuck_in_queued_retries": 720},  # of `task_queued_timeout` each: a day
    }


def airflow_environment(setup: AirflowSetup, process: str) -> dict[str, str]:
    """`AIRFLOW__SECTION__OPTION` for every setting that is not Airflow's default, and what our code in
    `process` needs besides.
    """
    variables = dict(setup.environment)
    for sections in (_core(setup), _parsing(setup), _recovery(), _celery(setup)):
        for section, options in sections.items():
            variables |= {
                f"AIRFLOW__{section}__{option}".upper(): _text(value) for option, value in options.items()
            }
    variables |= {
        "AIRFLOW_HOME": str(setup.home),
        "OFFICEFLOW_AIRFLOW_URL": setup.url,
        "OFFICEFLOW_AIRFLOW_ADMIN_PASSWORD": setup.admin_password,
        "OFFICEFLOW_AIRFLOW_PASSWORD": setup.service_password,
        "PYTHONUNBUFFERED": "1",
    }
    return {**variables_of(process, variables), **setup.wishes, **setup.changes}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.render_as_string(hide_password=False) if hasattr(value, "render_as_string") else str(value)
