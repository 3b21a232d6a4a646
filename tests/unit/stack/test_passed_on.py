"""What the person who calls `up` has set arrives in the processes, is refused with a reason, or is named as
unknown.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from listeners.inbound.options import Options
from officeflow.cli.main import main
from officeflow.errors import InvalidInput, OfficeFlowError, Unavailable
from officeflow.layout import ROOT, Layout, write_private
from officeflow.settings import Settings
from officeflow.stack.airflow.services import airflow_services
from officeflow.stack.airflow.settings import AirflowSetup, airflow_environment, setup_for
from officeflow.stack.calling import AIRFLOW_DECIDED, DECIDED, HOME, PASSED, passed_on, refused
from officeflow.stack.parts import platform_services
from officeflow.stack.passed_on import PassedOn
from officeflow.stack.ports import defaults
from officeflow.stack.privileges import ACCOUNTS, READERS
from officeflow.stack.stack import GIVEN_BY, GIVEN_WITH, Given, Stack
from officeflow.stack.supervision.service import Service
from officeflow.stack.supervision.supervisor import Supervisor
from officeflow.variables import LISTENER_OPTIONS, SETTINGS, unknown

CHOSEN = {
    "OFFICEFLOW_DATABASE_URL": "postgresql://owner@db.example/o",
    "OFFICEFLOW_DATABASE_TENANT_URL": "postgresql://tenants@db.example/o",
    "OFFICEFLOW_DATABASE_SERVICE_URL": "postgresql://services@db.example/o",
    "OFFICEFLOW_DATABASE_GATEWAY_URL": "postgresql://gateway@db.example/o",
    "OFFICEFLOW_API_RATE": "7 per 1 second",
    "OFFICEFLOW_API_ORIGINS": "https://intranet.example",
    "OFFICEFLOW_GATEWAY_URL": "https://hooks.example",
    "OFFICEFLOW_GATEWAY_TRUSTED_PROXIES": "10.0.0.0/8",
    "OFFICEFLOW_PARKING_DATABASE_URL": "postgresql://parking@db.example/a",
    "OFFICEFLOW_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "OFFICEFLOW_REDIS_URL": "redis://valkey.example:6379/0",
    "OFFICEFLOW_KAFKA_BOOTSTRAP": "kafka.example:9092",
    "OFFICEFLOW_KAFKA_SASL_MECHANISM": "SCRAM-SHA-256",
    "OFFICEFLOW_AIRFLOW_URL": "https://airflow.example",
    "OFFICEFLOW_NODE_PACKAGES": "acme_nodes",
    "OFFICEFLOW_HTTP_ALLOWED_HOSTS": "api.example.com",
    "OFFICEFLOW_CONNECTION_NETWORKS": "10.1.0.0/16",
    "OFFICEFLOW_PUBLIC_URL": "https://flow.example",
    "OFFICEFLOW_MAIL_SECURITY": "tls",
    "OFFICEFLOW_MAIL_SENDER": "flow@example.com",
    "OFFICEFLOW_LOG_LEVEL": "WARNING",
    "OFFICEFLOW_LISTENER_TOPICS": "^mine",
    "OFFICEFLOW_LISTENER_CONTROL_TOPICS": "^mine",
}
"""Where not any text or number will do."""


def other_value(name: str, field: Any) -> str:
    """One that is valid and not the default."""
    if name in CHOSEN:
        return CHOSEN[name]
    if field.annotation is bool:
        return str(not field.default).lower()
    if field.annotation in {int, float}:
        small = isinstance(field.default, float) and field.default <= 1
        return str(field.default / 2 if small else field.default + 1)
    return f"/{name.lower()}"


FIELDS = {
    **{f"OFFICEFLOW_{name.upper()}": field for name, field in Settings.model_fields.items()},
    **{f"OFFICEFLOW_LISTENER_{name.upper()}": field for name, field in Options.model_fields.items()},
}
VALUES = {name: other_value(name, field) for name, field in FIELDS.items() if name != HOME}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(home=tmp_path, servers=tmp_path / "servers")
    made.prepare()
    return made


def started_by(layout: Layout, environ: Mapping[str, str]) -> Stack:
    return Stack(layout, defaults(), Given.from_environment(layout, environ), passed=passed_on(environ))


def environments(stack: Stack) -> dict[str, dict[str, str]]:
    """By process, as it is told to supervisord: Airflow's, a Celery worker, the listeners, and what makes
    tables and accounts.
    """
    setup = replace(setup_for(stack), executor="CeleryExecutor")
    services = [*airflow_services(setup), *platform_services(stack, frozenset({"listeners"}))]
    services.append(
        Service(name=ACCOUNTS, command=("/bin/true",), environment=airflow_environment(setup, ACCOUNTS))
    )
    for service in services:
        Supervisor(stack.layout)._as_child(service)
    files = {service.name: stack.layout.run / f"{service.name}.json" for service in services}
    return {name: json.loads(path.read_text())["environment"] for name, path in files.items()}


@pytest.fixture(scope="module")
def all_set(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stack, dict[str, dict[str, str]]]:
    """A stack whose starter has set everything, and what its processes get."""
    home = tmp_path_factory.mktemp("home")
    layout = Layout(home=home, servers=home / "servers")
    layout.prepare()
    airflows = {"OFFICEFLOW_AIRFLOW_DATABASE_URL": "postgresql://owner@db.example/a"}
    stack = started_by(layout, {**VALUES, **airflows})
    return stack, environments(stack)


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_setting_arrives_in_every_process_that_may_have_it_or_is_refused_with_a_reason(
    all_set: tuple[Stack, dict[str, dict[str, str]]], name: str
) -> None:
    """A new field of `Settings` is passed on by itself; one that `up` is to decide gets a line in
    `calling.DECIDED`.
    """
    stack, processes = all_set
    found = {process: environment.get(name) for process, environment in processes.items()}
    assert len(found) == 9
    if name in DECIDED:
        assert VALUES[name] not in found.values()
        assert DECIDED[name] == refused(stack.layout, stack.given, VALUES)[name]
        return
    may = READERS.get(name, frozenset(found))
    assert found == {process: VALUES[name] if process in may else None for process in found}
    assert name not in refused(stack.layout, stack.given, VALUES)
    assert stack.environment[name] == VALUES[name], "commands have it too"


def test_these_values_are_valid_and_none_is_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the test above shows nothing."""
    for name, value in VALUES.items():
        monkeypatch.setenv(name, value)
    given: dict[str, Any] = {
        **Settings().model_dump(),
        **{f"listener_{n}": v for n, v in Options().model_dump().items()},
    }
    assert not [
        name for name, field in FIELDS.items() if name != HOME and given[name[11:].lower()] == field.default
    ]


def test_every_setting_is_of_one_kind() -> None:
    services = {*GIVEN_BY.values(), *GIVEN_WITH.values()} - {"OFFICEFLOW_AIRFLOW_DATABASE_URL"}
    kinds = [*PASSED, *DECIDED, *services, HOME]
    assert sorted(kinds) == sorted({*SETTINGS, *LISTENER_OPTIONS})
    assert set(LISTENER_OPTIONS) == {f"OFFICEFLOW_LISTENER_{name.upper()}" for name in Options.model_fields}


def test_how_to_sign_in_to_a_service_that_is_not_given_is_refused(layout: Layout) -> None:
    told = refused(
        layout,
        Given(),
        {"OFFICEFLOW_KAFKA_USERNAME": "me", "OFFICEFLOW_DATABASE_TENANT_URL": "postgresql://t@db/o"},
    )
    assert told["OFFICEFLOW_KAFKA_USERNAME"] == "it goes with OFFICEFLOW_KAFKA_BOOTSTRAP, which is not set"
    assert told["OFFICEFLOW_DATABASE_TENANT_URL"] == "it goes with OFFICEFLOW_DATABASE_URL, which is not set"


def test_a_process_of_the_stack_that_calls_up_is_refused_nothing_and_changes_nothing(layout: Layout) -> None:
    stack = started_by(layout, {"OFFICEFLOW_LOG_LEVEL": "DEBUG"})
    write_private(
        layout.state_file,
        json.dumps({"environment": stack.environment, "given": [], "passed": stack.passed.all}),
    )
    environ = {**stack.environment}
    assert refused(layout, Given.from_environment(layout, environ), environ) == {}
    again = started_by(layout, environ)
    assert again.environment == stack.environment
    assert environments(again) == environments(stack)


OF_AIRFLOW = {
    "AIRFLOW__CORE__PARALLELISM": "3",
    "AIRFLOW__SMTP__SMTP_HOST": "mail.example",
    "AIRFLOW_CONN_WAREHOUSE": "postgres://w",
    "AIRFLOW_VAR_REGION": "north",
}


class TestAirflowsVariables:
    def test_they_arrive_in_airflows_processes_instead_of_ours_and_nowhere_else(self, layout: Layout) -> None:
        for process, environment in environments(started_by(layout, OF_AIRFLOW)).items():
            found = {name: value for name, value in environment.items() if name in OF_AIRFLOW}
            assert (found == OF_AIRFLOW) if process.startswith("airflow") else not found, process

    def test_what_holds_the_stack_together_is_refused(self, layout: Layout) -> None:
        mine = dict.fromkeys(AIRFLOW_DECIDED, "mine")
        stack = started_by(layout, mine)
        assert refused(layout, stack.given, mine) == AIRFLOW_DECIDED
        assert "mine" not in {
            value for environment in environments(stack).values() for value in environment.values()
        }

    def test_what_is_refused_is_really_decided(self, layout: Layout) -> None:
        setup: AirflowSetup = setup_for(started_by(layout, {}))
        assert set(AIRFLOW_DECIDED) <= set(airflow_environment(setup, "airflow-scheduler"))


class TestTheWayOut:
    def test_proxies_arrive_in_processes_of_ours_and_not_for_the_stacks_own_servers(
        self, layout: Layout
    ) -> None:
        mine = {"HTTPS_PROXY": "http://me:secret@proxy.example:3128", "NO_PROXY": "intranet.example"}
        for process, environment in environments(started_by(layout, mine)).items():
            assert environment["HTTPS_PROXY"] == mine["HTTPS_PROXY"], process
            assert (
                environment["no_proxy"]
                == environment["NO_PROXY"]
                == "intranet.example,localhost,127.0.0.1,::1"
            ), process

    def test_without_a_proxy_nothing_is_set(self, layout: Layout) -> None:
        assert started_by(layout, {}).passed == PassedOn()

    def test_certificates_are_meant_from_where_up_is_called(
        self, layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(tmp_path)
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "OFFICEFLOW_AUDIT_ANCHORS")
        for name in names:
            monkeypatch.setenv(name, "mine.pem")
        for process, environment in environments(started_by(layout, os.environ)).items():
            assert {environment[name] for name in names} == {str(tmp_path / "mine.pem")}, process


class TestSaying:
    def test_what_became_of_each_variable_since_the_last_start_is_said_by_name_and_not_by_value(self) -> None:
        now = PassedOn(
            {"OFFICEFLOW_A": "1", "OFFICEFLOW_B": "new"}, network={"HTTPS_PROXY": "http://me:secret@p"}
        )
        told = now.differences({"OFFICEFLOW_B": "old", "OFFICEFLOW_C": "3"})
        assert told == [
            "HTTPS_PROXY is new",
            "OFFICEFLOW_A is new",
            "OFFICEFLOW_B changed",
            "OFFICEFLOW_C is not set any more",
        ]

    def test_changed_code_of_a_package_is_said_and_changes_the_processes(
        self, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "own_nodes_of_a_test").mkdir()
        file = tmp_path / "own_nodes_of_a_test" / "__init__.py"
        file.write_text("")
        monkeypatch.syspath_prepend(tmp_path)
        environ = {"OFFICEFLOW_NODE_PACKAGES": "own_nodes_of_a_test"}
        before = started_by(layout, environ)
        file.write_text("CHANGED = True")
        after = started_by(layout, environ)
        assert after.passed.differences(before.passed.all) == ["the code of OFFICEFLOW_NODE_PACKAGES changed"]
        assert before.environment == after.environment
        was, now = environments(before), environments(after)
        assert [process for process in was if was[process] == now[process]] == []

    def test_unknown_ones_are_named_with_the_nearest_by_every_command_and_nothing_breaks(self) -> None:
        done = CliRunner().invoke(
            main,
            ["settings", "--json"],
            env={"OFFICEFLOW_HTTP_ALLOWED_HOST": "x", "OFFICEFLOW_LISTENER_GROPU": "y"},
        )
        assert done.exit_code == 0
        assert (
            "OFFICEFLOW_HTTP_ALLOWED_HOST is set, and nothing reads it (did you mean"
            " OFFICEFLOW_HTTP_ALLOWED_HOSTS" in done.stderr
        )
        assert (
            "OFFICEFLOW_LISTENER_GROPU is set, and nothing reads it (did you mean OFFICEFLOW_LISTENER_GROUP"
            in done.stderr
        )
        assert json.loads(done.stdout)

    def test_a_name_that_only_begins_like_ours_is_no_misspelt_one(self) -> None:
        assert unknown({"OFFICEFLOW_FOOBAR": "x", "OFFICEFLOW_LISTENER_FOOBAR": "y"}) == {
            "OFFICEFLOW_FOOBAR": "",
            "OFFICEFLOW_LISTENER_FOOBAR": "",
        }

    def test_the_page_of_settings_is_current(self) -> None:
        """`officeflow settings --markdown > docs/settings.md` writes it."""
        done = CliRunner().invoke(main, ["settings", "--markdown"])
        assert done.stdout == (ROOT / "docs" / "settings.md").read_text()
        assert not [
            name
            for name in (*SETTINGS, *LISTENER_OPTIONS, *AIRFLOW_DECIDED)
            if f"`{name}`" not in done.stdout
        ]

    def test_known_ones_are_not(self) -> None:
        assert unknown({**VALUES, "OFFICEFLOW_TEST_POSTGRES": "x", "OTHER": "y"}) == {}


class TestUp:
    """Before anything is started or stopped."""

    def test_what_is_set_goes_to_the_start_and_what_is_not_used_is_said(
        self, layout: Layout, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: dict[str, Any] = {}

        def start(where: Layout, **arguments: Any) -> Stack:
            given.update(arguments, where=where)
            raise Unavailable("this is as far as it goes")

        monkeypatch.setattr("officeflow.stack.up.start_stack", start)
        mine = {
            "OFFICEFLOW_HOME": str(layout.home),
            "OFFICEFLOW_HTTP_ALLOWED_HOSTS": "api.example",
            "OFFICEFLOW_AUDIT_KEY": "k" * 40,
        }
        done = CliRunner().invoke(main, ["up", "--no-demo"], env={**mine, "AIRFLOW__CORE__PARALLELISM": "3"})
        assert given["where"].home == layout.home
        assert given["passed"].settings["OFFICEFLOW_HTTP_ALLOWED_HOSTS"] == "api.example"
        assert given["passed"].airflow["AIRFLOW__CORE__PARALLELISM"] == "3"
        assert (
            "OFFICEFLOW_AUDIT_KEY is set and not used: it is in secrets.json of the home, under audit_key"
            in done.stderr
        )
        assert mine["OFFICEFLOW_AUDIT_KEY"] not in done.output + done.stderr

    def test_wrong_settings_are_refused_all_at_once(self, layout: Layout) -> None:
        wrong = {
            "OFFICEFLOW_HTTP_ALLOWED_HOSTS": "http://x/ y",
            "OFFICEFLOW_LOG_JSON": "perhaps",
            "OFFICEFLOW_LISTENER_DISPATCHERS": "0",
        }
        done = CliRunner().invoke(main, ["up"], env={"OFFICEFLOW_HOME": str(layout.home), **wrong})
        assert isinstance(done.exception, InvalidInput)
        assert {"OFFICEFLOW_HTTP_ALLOWED_HOSTS", "OFFICEFLOW_LOG_JSON"} == {
            problem.path for problem in done.exception.problems
        }
        assert not (layout.run / "supervisord.conf").exists()

    def test_a_package_of_node_types_that_is_not_there_is_named_with_the_command_that_installs_one(
        self, layout: Layout
    ) -> None:
        from officeflow.catalog import registry

        for once in (registry._modules, registry.type_names):
            once.cache_clear()
        try:
            done = CliRunner().invoke(
                main,
                ["up"],
                env={"OFFICEFLOW_HOME": str(layout.home), "OFFICEFLOW_NODE_PACKAGES": "no_such_nodes"},
            )
        finally:
            for once in (registry._modules, registry.type_names):
                once.cache_clear()
        assert isinstance(done.exception, OfficeFlowError)
        assert "no_such_nodes" in done.exception.message
        assert "officeflow node install" in done.exception.hint
        assert not (layout.run / "supervisord.conf").exists()
