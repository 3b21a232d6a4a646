"""Every process of the stack gets the secrets that it needs, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from officeflow.layout import Layout
from officeflow.stack.airflow.services import airflow_services
from officeflow.stack.airflow.settings import setup_for
from officeflow.stack.parts import platform_services
from officeflow.stack.passed_on import PassedOn
from officeflow.stack.ports import defaults
from officeflow.stack.privileges import READERS
from officeflow.stack.servers import kafka, postgres, valkey
from officeflow.stack.servers.counterparts import counterpart_services
from officeflow.stack.stack import MAIL, Stack
from officeflow.stack.supervision.service import Service
from officeflow.stack.supervision.supervisor import PASSED_ON, Supervisor

SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|KEY")
KEYS = {"OFFICEFLOW_AUDIT_KEY", "OFFICEFLOW_AUDIT_TAG_KEY", "OFFICEFLOW_ENCRYPTION_KEYS"}
ACTING = {"listener", "steward", "airflow-scheduler", "airflow-worker", "airflow-api"}
"""Who records what is done: nodes, and people who answer by a mailed link."""


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    made = Stack(Layout(home=tmp_path, servers=tmp_path / "servers"), defaults())
    made.layout.prepare()
    return made


@pytest.fixture
def servers(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Sequence[Service]:
    """PostgreSQL, Valkey, Kafka and the counterparts."""
    monkeypatch.setattr(valkey, "_binary", lambda layout: layout.servers / "valkey")
    monkeypatch.setattr(kafka, "java", lambda layout: str(layout.servers / "java"))
    place = postgres.Place(package=stack.layout.servers, data=stack.layout.data / "postgres", user=None)
    return [
        postgres.service(stack, place),
        valkey.service(stack),
        kafka.service(stack),
        *counterpart_services(stack),
    ]


@pytest.fixture
def ours(stack: Stack) -> dict[str, Service]:
    """Airflow's processes, with a Celery worker, and the listeners."""
    airflow = airflow_services(replace(setup_for(stack), executor="CeleryExecutor"))
    listeners = platform_services(stack, frozenset({"listeners"}))
    return {service.name: service for service in [*airflow, *listeners]}


def test_servers_and_counterparts_get_nothing_of_ours_and_nothing_of_airflows(
    servers: Sequence[Service],
) -> None:
    assert len(servers) == 6
    for service in servers:
        assert not [name for name in service.environment if name.startswith(("OFFICEFLOW_", "AIRFLOW"))], (
            service.name
        )


def test_each_key_is_with_those_who_need_it_and_with_nobody_else(
    ours: dict[str, Service], servers: Sequence[Service]
) -> None:
    everybody = {**ours, **{service.name: service for service in servers}}
    found = {key: {name for name, service in everybody.items() if key in service.environment} for key in KEYS}
    assert found == {
        "OFFICEFLOW_AUDIT_KEY": {"steward"},
        "OFFICEFLOW_AUDIT_TAG_KEY": ACTING,
        "OFFICEFLOW_ENCRYPTION_KEYS": ACTING | {"gateway"},
    }


def test_the_gateway_signs_in_as_itself_everywhere_and_as_nobody_else(
    ours: dict[str, Service], stack: Stack
) -> None:
    """Where anybody may send something, there is no login that may do more than it needs."""
    found = ours["gateway"].environment
    assert found["OFFICEFLOW_DATABASE_GATEWAY_URL"] == stack.database_gateway_url
    assert (found["OFFICEFLOW_KAFKA_USERNAME"], found["OFFICEFLOW_KAFKA_PASSWORD"]) == (
        "gateway",
        stack.secrets["kafka_gateway"],
    )
    others = [stack.database_url, stack.database_tenant_url, stack.database_service_url]
    others += [
        stack.parking_database_url,
        stack.secrets["kafka_officeflow"],
        stack.secrets["airflow_service"],
    ]
    assert not set(others) & set(found.values())
    holders = {name for name, each in ours.items() if "OFFICEFLOW_DATABASE_GATEWAY_URL" in each.environment}
    assert holders == {"gateway"}


def test_the_mail_servers_password_is_the_stewards_alone(ours: dict[str, Service]) -> None:
    name = "OFFICEFLOW_MAIL_PASSWORD"
    assert {each for each, service in ours.items() if name in service.environment} == {"steward"}


def test_the_platforms_own_mails_come_to_the_inbox_unless_somebody_names_a_server(stack: Stack) -> None:
    environment = stack.environment
    assert environment["OFFICEFLOW_MAIL_PORT"] == str(stack.ports["smtp"])
    assert environment["OFFICEFLOW_MAIL_PASSWORD"] == stack.secrets["inbox"]
    given = replace(stack, passed=PassedOn(settings={"OFFICEFLOW_MAIL_HOST": "mail.example"}))
    assert {name: value for name, value in given.environment.items() if name.startswith(MAIL)} == {
        "OFFICEFLOW_MAIL_HOST": "mail.example"
    }


def test_no_process_has_the_value_of_a_key_under_another_name(ours: dict[str, Service], stack: Stack) -> None:
    for key in KEYS:
        for service in ours.values():
            others = {name for name, value in service.environment.items() if stack.environment[key] in value}
            assert others <= {key}, service.name


def test_the_key_of_the_tags_is_not_the_chains(stack: Stack) -> None:
    chain, tags = stack.environment["OFFICEFLOW_AUDIT_KEY"], stack.environment["OFFICEFLOW_AUDIT_TAG_KEY"]
    assert chain != tags
    assert min(len(chain), len(tags)) >= 32


def test_every_secret_of_ours_says_who_gets_it(stack: Stack) -> None:
    """A new one has to be given a line in `privileges.READERS`."""
    assert {name for name in stack.environment if SECRET_NAME.search(name)} <= set(READERS)


def test_airflows_accounts_passwords_stay_with_what_makes_the_accounts(ours: dict[str, Service]) -> None:
    assert not [
        name for name, service in ours.items() if "OFFICEFLOW_AIRFLOW_ADMIN_PASSWORD" in service.environment
    ]
    assert {
        name for name, service in ours.items() if "OFFICEFLOW_AIRFLOW_PASSWORD" in service.environment
    } == {"listener", "steward", "airflow-api"}


def test_supervisord_and_what_it_starts_take_nothing_secret_from_who_calls_up(
    stack: Stack, servers: Sequence[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the caller has the stack's variables in its own environment."""
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    supervisor = Supervisor(stack.layout)
    for service in [*servers, Service(name="supervisord", command=("/bin/true",))]:
        supervisor._as_child(service)
        given = json.loads((stack.layout.run / f"{service.name}.json").read_text())["environment"]
        assert set(given) <= {*PASSED_ON, *service.environment}, service.name
        assert not [name for name in given if name.startswith("OFFICEFLOW_")]
