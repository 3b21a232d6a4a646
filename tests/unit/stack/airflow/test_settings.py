"""Airflow's settings, held against Airflow's own description of its options."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from officeflow.stack.airflow import celery
from officeflow.stack.airflow.services import airflow_services
from officeflow.stack.airflow.settings import AirflowSetup, airflow_environment, tasks_at_once
from officeflow.stack.stack import broker_url

UNDOCUMENTED = {"scheduler.num_stuck_in_queued_retries"}
"""Options that Airflow reads and says nothing about."""


@pytest.fixture
def setup() -> AirflowSetup:
    return AirflowSetup(
        python=Path("/python"),
        home=Path("/home/airflow"),
        port=8080,
        database_url="postgresql+psycopg://airflow:p%40ss@127.0.0.1/airflow",
        fernet_key="fernet",
        jwt_secret="jwt",
        api_secret="api",
        admin_password="admin-password",
        service_password="service-password",
        environment={"OFFICEFLOW_DATABASE_TENANT_URL": "postgresql://here"},
        broker_url="redis://:broker-password@127.0.0.1:6379/1",
    )


@pytest.fixture(scope="module")
def options() -> dict[str, dict[str, Any]]:
    """Section to option to its description, from Airflow's `config.yml` and its providers' parts of it."""
    from airflow.providers.celery.get_provider_info import get_provider_info as celery
    from airflow.providers.fab.get_provider_info import get_provider_info as fab

    spec = importlib.util.find_spec("airflow")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    text = Path(spec.submodule_search_locations[0], "config_templates", "config.yml").read_text()
    known = {**yaml.safe_load(text), **celery()["config"], **fab()["config"]}
    return {section: body["options"] for section, body in known.items()}


def test_every_setting_is_an_option_that_airflow_has(
    setup: AirflowSetup, options: dict[str, dict[str, Any]]
) -> None:
    named = [
        name.lower().split("__")[1:]
        for name in airflow_environment(setup, "airflow-scheduler")
        if name.startswith("AIRFLOW__")
    ]
    transport = "celery_broker_transport_options"  # its options are those of kombu's transport
    unknown = {
        f"{section}.{option}"
        for section, option in named
        if section != transport and option not in options.get(section, {})
    }
    assert unknown == UNDOCUMENTED
    assert len(named) > 30


def test_everything_listens_on_loopback_and_knows_the_same_address(setup: AirflowSetup) -> None:
    environment = airflow_environment(setup, "airflow-scheduler")
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert (
        environment["AIRFLOW__API__BASE_URL"]
        == environment["OFFICEFLOW_AIRFLOW_URL"]
        == "http://127.0.0.1:8080"
    )
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8080/execution/"


def test_the_metadata_database_keeps_its_password_and_gets_airflows_driver(setup: AirflowSetup) -> None:
    url = airflow_environment(setup, "airflow-scheduler")["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert url == "postgresql+psycopg2://airflow:p%40ss@127.0.0.1/airflow"


def test_both_bundles_are_there_and_only_ours_is_versioned(setup: AirflowSetup) -> None:
    bundles = json.loads(
        airflow_environment(setup, "airflow-scheduler")["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]
    )
    assert {b["name"]: b["classpath"].rpartition(".")[2] for b in bundles} == {
        "dags": "LocalDagBundle",
        "officeflow": "WorkflowBundle",
    }
    assert bundles[1]["kwargs"] == {"refresh_interval": 1}


def test_a_task_outlives_the_api_servers_return(
    setup: AirflowSetup, options: dict[str, dict[str, Any]]
) -> None:
    """A task that misses its heartbeats while the api-server starts again must not be taken for dead."""
    environment = airflow_environment(setup, "airflow-scheduler")
    timeout = float(environment["AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"])
    assert timeout >= 30
    assert timeout < float(options["scheduler"]["task_instance_heartbeat_timeout"]["default"])


def test_our_own_variables_reach_airflows_processes(setup: AirflowSetup) -> None:
    assert (
        airflow_environment(setup, "airflow-scheduler")["OFFICEFLOW_DATABASE_TENANT_URL"]
        == "postgresql://here"
    )


def test_a_setup_shows_no_secret(setup: AirflowSetup) -> None:
    shown = repr(setup)
    assert not [
        secret
        for secret in ("p%40ss", "fernet'", "jwt'", "broker-password", "admin-password", "service-password")
        if secret in shown
    ]


@pytest.mark.parametrize(("cores", "tasks"), [(1, 4), (2, 8), (64, 32)])
def test_tasks_at_once_follow_the_cores(cores: int, tasks: int) -> None:
    assert tasks_at_once(cores) == tasks


def test_celery_keeps_to_a_database_of_its_own() -> None:
    assert broker_url("redis://:s%2Fcret@127.0.0.1:16379/0") == "redis://:s%2Fcret@127.0.0.1:16379/1"
    assert broker_url("rediss://elsewhere") == "rediss://elsewhere/1"
    assert broker_url("redis://elsewhere:1/3?timeout=2") == "redis://elsewhere:1/4?timeout=2"


def test_the_celery_worker_is_there_with_its_executor_alone_and_serves_no_logs(setup: AirflowSetup) -> None:
    assert "airflow-worker" not in {service.name for service in airflow_services(setup)}
    with_celery = {
        service.name: service for service in airflow_services(replace(setup, executor="CeleryExecutor"))
    }
    assert "--skip-serve-logs" in with_celery["airflow-worker"].command


def test_no_worker_answers_where_there_is_no_broker() -> None:
    assert not celery.worker_answers("redis://:secret@127.0.0.1:1/0")
