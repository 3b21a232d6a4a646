"""What the person who calls `up` has set, on its way to the processes.

Every setting of `officeflow.settings` is one of three: the address of a service that is used instead of
started (`stack.Given`), what `up` decides itself (`DECIDED`), or passed on as it is. So are Airflow's own
variables, and those that say how to get out of the network.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path

from officeflow import packages
from officeflow.layout import Layout, read_json
from officeflow.setting_forms import listed
from officeflow.stack.passed_on import PassedOn
from officeflow.stack.stack import GIVEN_BY, GIVEN_WITH, Given
from officeflow.variables import LISTENER_OPTIONS, SETTINGS

_OWN_SECRETS = "it is in secrets.json of the home"

DECIDED: Mapping[str, str] = {
    "OFFICEFLOW_AIRFLOW_URL": "up starts an Airflow of its own",
    "OFFICEFLOW_AIRFLOW_USERNAME": "up makes the account",
    "OFFICEFLOW_AIRFLOW_PASSWORD": f"{_OWN_SECRETS}, under airflow_service",
    "OFFICEFLOW_AIRFLOW_LOGS": "they are in data/airflow/logs of the home",
    "OFFICEFLOW_ENCRYPTION_KEYS": f"{_OWN_SECRETS}, under encryption_keys; change it there",
    "OFFICEFLOW_AUDIT_KEY": f"{_OWN_SECRETS}, under audit_key; change it there",
    "OFFICEFLOW_AUDIT_TAG_KEY": f"{_OWN_SECRETS}, under audit_tag_key; change it there",
    "OFFICEFLOW_GATEWAY_PORT": "ports.json of the home says it",
    "OFFICEFLOW_NODE_QUEUE": "up has a queue for nodes",
    "OFFICEFLOW_CHECK_SOCKET": "it is in run of the home",
}
"""Settings that `up` makes itself, each with the reason, or where to change it."""

HOME = "OFFICEFLOW_HOME"
"""Where all of it is; every process is told."""

PASSED: tuple[str, ...] = (
    tuple(name for name in SETTINGS if name not in {HOME, *DECIDED, *GIVEN_BY.values(), *GIVEN_WITH.values()})
    + LISTENER_OPTIONS
)
"""Settings that arrive in the processes as they are."""

NETWORK = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "CURL_CA_BUNDLE",
)
"""For processes of ours and Airflow's. A proxy's address may hold a password, so servers do not get it; the
other variables of certificates are for all (`supervision.PASSED_ON`)."""

AIRFLOW_PREFIXES = ("AIRFLOW__", "AIRFLOW_CONN_", "AIRFLOW_VAR_")

AIRFLOW_DECIDED: Mapping[str, str] = {
    "AIRFLOW_HOME": "it is data/airflow of the home",
    "AIRFLOW__CORE__EXECUTOR": "`up --executor` says it",
    "AIRFLOW__CORE__AUTH_MANAGER": "accounts and roles are made for FAB's",
    "AIRFLOW__CORE__FERNET_KEY": f"{_OWN_SECRETS}, under airflow_fernet_key",
    "AIRFLOW__CORE__PLUGINS_FOLDER": "our operators and coordinators are there",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "up starts an Airflow of its own",
    "AIRFLOW__CORE__MP_START_METHOD": "nodes are forked",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "OFFICEFLOW_AIRFLOW_DATABASE_URL says it",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": "OFFICEFLOW_AIRFLOW_DATABASE_URL says it",
    "AIRFLOW__API__HOST": "up starts an Airflow of its own",
    "AIRFLOW__API__PORT": "ports.json of the home says it",
    "AIRFLOW__API__BASE_URL": "up starts an Airflow of its own",
    "AIRFLOW__API__SECRET_KEY": f"{_OWN_SECRETS}, under airflow_api",
    "AIRFLOW__API_AUTH__JWT_SECRET": f"{_OWN_SECRETS}, under airflow_jwt",
    "AIRFLOW__SDK__COORDINATORS": "nodes run by ours",
    "AIRFLOW__SDK__QUEUE_TO_COORDINATOR": "nodes run by ours",
    "AIRFLOW__LOGGING__BASE_LOG_FOLDER": "it is data/airflow/logs of the home",
    "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": (
        "workflows are a bundle; AIRFLOW__CORE__DAGS_FOLDER moves your own DAGs"
    ),
    "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": "it is in data/airflow of the home",
    "AIRFLOW__CELERY__BROKER_URL": "OFFICEFLOW_REDIS_URL says it",
    "AIRFLOW__CELERY__TASK_ACKS_LATE": "otherwise a task that runs is started again",
    "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": "the worker's pool is ours",
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": (
        "otherwise a task that runs is started again"
    ),
}
"""Airflow's options that hold the stack together; any other may be changed."""

_SERVICE_OF = {"database": "database_url", "parking": "airflow_database_url"}
"""Of what begins so in `GIVEN_WITH`, the service that it is of; else Kafka."""

NODE_PACKAGES = "OFFICEFLOW_NODE_PACKAGES"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
FILES = ("OFFICEFLOW_AUDIT_ANCHORS", "OFFICEFLOW_GATEWAY_SPOOL", "OFFICEFLOW_MAIL_CA_FILE", "CURL_CA_BUNDLE")
"""Paths, meant from where `up` is called; the processes are elsewhere."""


def passed_on(environ: Mapping[str, str] = os.environ) -> PassedOn:
    """What the caller's environment has for the processes."""
    settings = {name: _absolute(name, environ[name]) for name in PASSED if name in environ}
    airflow = {
        name: value
        for name, value in environ.items()
        if name.startswith(AIRFLOW_PREFIXES) and name not in AIRFLOW_DECIDED
    }
    network = {name: _absolute(name, environ[name]) for name in NETWORK if environ.get(name)}
    return PassedOn(settings, airflow, _with_loopback(network), _code(settings.get(NODE_PACKAGES, "")))


def refused(layout: Layout, given: Given, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables that are set and not used, each with the reason.

    One of the stack's own processes that calls `up` has its values.
    """
    own: Mapping[str, str] = read_json(layout.state_file).get("environment", {})
    foreign = {name for name, value in environ.items() if value and value != own.get(name)}
    found = {name: why for name, why in {**DECIDED, **AIRFLOW_DECIDED}.items() if name in foreign}
    for part, name in GIVEN_WITH.items():
        service = _SERVICE_OF.get(part.partition("_")[0], "kafka_bootstrap")
        if name in foreign and not getattr(given, service):
            found[name] = f"it goes with {GIVEN_BY[service]}, which is not set"
    return found


def _absolute(name: str, value: str) -> str:
    return str(Path(value).absolute()) if name in FILES and value else value


def _with_loopback(network: dict[str, str]) -> dict[str, str]:
    """The stack's own servers are never reached through a proxy."""
    if not any(name.lower().endswith("_proxy") and name.lower() != "no_proxy" for name in network):
        return network
    given = listed(network.get("no_proxy") or network.get("NO_PROXY") or "")
    without = ",".join([*given, *(host for host in LOOPBACK if host not in given)])
    return {**network, "NO_PROXY": without, "no_proxy": without}


def _code(named: str) -> dict[str, str]:
    """What changes with the code of these packages: the processes that run it are then started anew."""
    if not named:
        return {}
    packages.admit()
    found = hashlib.sha256()
    for name in listed(named):
        spec = None
        with contextlib.suppress(ImportError, ValueError):  # `up` says so before, and doctor
            spec = importlib.util.find_spec(name)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for path in sorted(Path(folder).rglob("*.py")):
                found.update(f"{name}/{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return {NODE_PACKAGES: found.hexdigest()[:16]}
