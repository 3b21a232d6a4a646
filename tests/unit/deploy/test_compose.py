"""`docker-compose.yaml` starts what `./officeflow up` starts, with the same settings."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from officeflow.layout import ROOT, Layout
from officeflow.stack.airflow.services import airflow_services
from officeflow.stack.airflow.settings import AirflowSetup, airflow_environment, setup_for
from officeflow.stack.calling import PASSED
from officeflow.stack.parts import LISTENERS
from officeflow.stack.ports import defaults
from officeflow.stack.privileges import ACCOUNTS, READERS, variables_of
from officeflow.stack.servers import kafka, postgres, valkey
from officeflow.stack.servers.counterparts import counterpart_services
from officeflow.stack.stack import MAIL, Stack
from officeflow.stack.supervision.service import Service

FILE = ROOT / "docker-compose.yaml"
OTHER_IN_CONTAINERS = {
    "OFFICEFLOW_HOME", "OFFICEFLOW_SERVERS", "OFFICEFLOW_AIRFLOW_LOGS", "OFFICEFLOW_AUDIT_ANCHORS",
    "OFFICEFLOW_CHECK_SOCKET",
    "AIRFLOW_HOME",  # folders
    "AIRFLOW__CORE__PLUGINS_FOLDER", "AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
    "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", "AIRFLOW__FAB__CONFIG_FILE",
    "OFFICEFLOW_DATABASE_URL", "OFFICEFLOW_DATABASE_TENANT_URL", "OFFICEFLOW_DATABASE_SERVICE_URL",
    "OFFICEFLOW_DATABASE_GATEWAY_URL",
    "OFFICEFLOW_REDIS_URL", "OFFICEFLOW_KAFKA_BOOTSTRAP", "OFFICEFLOW_KAFKA_SASL_MECHANISM",
    "OFFICEFLOW_AIRFLOW_URL",  # addresses
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__API__HOST",
    "AIRFLOW__CELERY__BROKER_URL", "AIRFLOW__CORE__PARALLELISM", "AIRFLOW__CELERY__WORKER_CONCURRENCY",
    # by the number of cores
}  # fmt: skip
"""What may differ in value; it has to be there all the same."""
ONLY_HERE = {"OFFICEFLOW_SERVERS", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"}
"""What containers have no use for; addresses within their network say nothing of how to sign in."""
ONLY_THERE = {
    "OFFICEFLOW_PUBLIC_URL",
    "OFFICEFLOW_MAIL_CA_FILE",
    "OFFICEFLOW_GATEWAY_HOST",
    "OFFICEFLOW_GATEWAY_SPOOL",
}
"""What `up` needs no value for: Airflow has one address there, the inbox no certificate, and the gateway
listens on loopback and spools into the home.
"""


OURS = (
    "airflow-init",
    "airflow-api",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-triggerer",
    "airflow-worker",
)
PASSED_ON = [
    name
    for name in PASSED
    if name not in {"OFFICEFLOW_AUDIT_ANCHORS", "OFFICEFLOW_CONNECTION_NETWORKS", *ONLY_THERE}
    and not name.startswith(MAIL)
]
"""What the containers get from where they are started. The anchors' folder is a volume of theirs, Airflow has
another address within their network, the demonstration's systems are other containers, and mails come to the
inbox unless the file `.env` says otherwise.
"""


def without_passed(service: dict[str, Any]) -> set[str]:
    """The variables that the file itself has a value for."""
    return {name for name in service["environment"] if name not in {*PASSED_ON, *ONLY_THERE}}


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(Layout(home=tmp_path, servers=tmp_path / "servers"), defaults())


@pytest.fixture
def setup(stack: Stack) -> AirflowSetup:
    """With a Celery worker, which the file has under a profile."""
    return replace(setup_for(stack), executor="CeleryExecutor")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return document


def test_the_file_obeys_the_compose_schema() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_service_of_the_launcher_is_there_and_no_other(
    stack: Stack, setup: AirflowSetup, compose: dict[str, Any]
) -> None:
    ours = {service.name for service in [*counterpart_services(stack), *airflow_services(setup)]} | set(
        LISTENERS
    )
    assert set(compose["services"]) - {"airflow-init"} == ours | {"postgres", "valkey", "kafka"}


def test_each_of_airflows_processes_has_the_secrets_that_the_launcher_gives_it_and_no_other(
    setup: AirflowSetup, compose: dict[str, Any]
) -> None:
    for service in airflow_services(setup):
        assert without_passed(compose["services"][service.name]) == set(service.environment) - ONLY_HERE, (
            service.name
        )
    accounts = without_passed(compose["services"]["airflow-init"])
    assert accounts == set(airflow_environment(setup, ACCOUNTS)) - ONLY_HERE


def test_every_setting_arrives_in_every_process_of_ours_as_the_caller_has_it(compose: dict[str, Any]) -> None:
    """A name without a value is taken from where `docker compose` is called, and is not set where it is not
    set there.
    """
    for name in [*OURS, *LISTENERS]:
        environment: dict[str, str | None] = compose["services"][name]["environment"]
        passed = variables_of(name, dict.fromkeys(PASSED_ON, ""))
        assert {each for each, value in environment.items() if value is None} == set(passed), name
    for name in OURS:
        assert compose["services"][name]["env_file"] == [{"path": "airflow.env", "required": False}], name


@pytest.mark.parametrize("server", ["postgres", "valkey", "kafka", "scim", "inbox", "caldav"])
def test_servers_and_counterparts_get_no_key_of_ours_or_airflows(
    compose: dict[str, Any], server: str
) -> None:
    text = str(compose["services"][server].get("environment", {}))
    assert not [name for name in (*READERS, "AIRFLOW__", "FERNET", "JWT", "AUDIT") if name in text]


def test_airflow_has_the_launchers_settings(setup: AirflowSetup, compose: dict[str, Any]) -> None:
    ours = airflow_environment(setup, "airflow-scheduler")
    service = compose["services"]["airflow-scheduler"]
    theirs: dict[str, str] = {name: service["environment"][name] for name in without_passed(service)}
    assert set(theirs) == set(ours) - ONLY_HERE
    different = {name for name, value in theirs.items() if value != ours[name] and not value.startswith("${")}
    assert different <= OTHER_IN_CONTAINERS


def test_the_worker_comes_with_the_profile_and_the_executor_with_a_variable(compose: dict[str, Any]) -> None:
    assert {
        name: service["profiles"] for name, service in compose["services"].items() if "profiles" in service
    } == {"airflow-worker": ["celery"]}
    assert (
        compose["services"]["airflow-worker"]["environment"]["AIRFLOW__CORE__EXECUTOR"]
        == "${AIRFLOW_EXECUTOR:-LocalExecutor}"
    )


def test_valkey_has_the_launchers_settings(compose: dict[str, Any]) -> None:
    arguments = " ".join(compose["services"]["valkey"]["command"])
    assert all(f"--{setting.replace(chr(34), chr(39))}" in arguments for setting in valkey.SETTINGS)


def test_secrets_come_from_the_environment_file_and_each_is_generated(compose: dict[str, Any]) -> None:
    wanted = set(re.findall(r"\$\{(\w+)(?=\}|:\?)", FILE.read_text()))
    printed = subprocess.run(
        [sys.executable, ROOT / "deploy" / "make_env.py"], capture_output=True, text=True, check=True
    ).stdout
    assert {line.partition("=")[0] for line in printed.splitlines()} == wanted


def test_listeners_have_the_stacks_environment(stack: Stack, compose: dict[str, Any]) -> None:
    for name, module in LISTENERS.items():
        service = compose["services"][name]
        assert without_passed(service) == set(variables_of(name, stack.environment)) - ONLY_HERE
        assert service["command"] == ["python", "-m", module]


def _after_module(command: tuple[str, ...] | list[str], stack: Stack) -> list[str]:
    """The part of a command from the module's name on, with the containers' data folder."""
    arguments = list(command)
    return [part.replace(str(stack.layout.data), "/data") for part in arguments[arguments.index("-m") + 1 :]]


def test_commands_are_the_launchers(stack: Stack, setup: AirflowSetup, compose: dict[str, Any]) -> None:
    services: list[Service] = [*counterpart_services(stack), *airflow_services(setup)]
    for service in services:
        theirs = compose["services"][service.name]["command"]
        assert _after_module(theirs, stack) == _after_module(service.command, stack), service.name


def test_kafka_has_the_launchers_settings(compose: dict[str, Any]) -> None:
    theirs = compose["services"]["kafka"]["environment"]
    ours = {"KAFKA_" + name.replace(".", "_").upper(): value for name, value in kafka.PROPERTIES.items()}
    ours.pop(
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"
    )  # containers and the host each have an address of their own
    assert theirs.items() >= ours.items()


def test_kafka_lets_nobody_in_without_a_password(compose: dict[str, Any]) -> None:
    theirs = compose["services"]["kafka"]["environment"]
    listeners = dict(pair.split(":") for pair in theirs["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    assert {address.partition(":")[0] for address in theirs["KAFKA_LISTENERS"].split(",")} == set(listeners)
    assert set(listeners.values()) == {"SASL_PLAINTEXT"}
    for name in listeners:
        users = theirs[f"KAFKA_LISTENER_NAME_{name}_PLAIN_SASL_JAAS_CONFIG"]
        assert re.findall(r'(\w+)="', users) == [
            "username",
            "password",
            "user_broker",
            *(["user_officeflow"] if name != "CONTROLLER" else []),
        ]


def test_no_secret_is_on_a_command_line(compose: dict[str, Any]) -> None:
    """Docker shows arguments to every user of the host; where a shell reads a variable itself, `$$` stays in
    the argument.
    """
    for name, service in compose["services"].items():
        told = str(service.get("command", "")) + str(service.get("healthcheck", ""))
        assert not re.search(r"(?<!\$)\$\{?\w", told), name


def test_postgresql_has_the_launchers_settings(compose: dict[str, Any]) -> None:
    theirs = {part[2:] for part in compose["services"]["postgres"]["command"][1:]}
    where = {"listen_addresses", "unix_socket_directories"}
    assert theirs == {f"{name}={value}" for name, value in postgres.SETTINGS.items() if name not in where}


def test_what_is_published_is_published_on_loopback(compose: dict[str, Any]) -> None:
    published = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert len(published) >= 8
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert {int(port.split(":")[1]) for port in published} == set(defaults().values()) - {
        defaults()["kafka_controller"]
    }


def test_the_image_installs_nothing_that_only_tests_need() -> None:
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    assert re.findall(r"-r (\S+)", image) == ["requirements-servers.txt", "requirements.txt"]
    installed = set(re.findall(r"(?m)^([\w.-]+)==", (ROOT / "requirements.txt").read_text()))
    assert not installed & {
        "pytest",
        "pytest-cov",
        "pytest-timeout",
        "coverage",
        "hypothesis",
        "mypy",
        "ruff",
    }
