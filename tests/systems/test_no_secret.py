"""No secret is told, whatever goes well or wrong at any identity system."""

from __future__ import annotations

import base64
import dataclasses
import json
import logging
import pkgutil
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from officeflow import logs
from officeflow.catalog.registry import node_type
from officeflow.connectors import tokens
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.opening import open_provider
from officeflow.connectors.providers import provider
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.runner.run import run_node
from officeflow.sdk import NodeResult
from tests.connectors.okta_client import pem
from tests.ledger.undone import Story
from tests.nodes.world import Journal, TestClock, World, services_of
from tests.systems.hostile.between import between_at
from tests.systems.leaks import read_in, read_in_tables
from tests.systems.stage import act_at
from tests.systems.system import System
from tests.systems.table import SYSTEMS

MAKERS = (
    "officeflow.connectors.okta.accounts.unknown_password",
    "officeflow.connectors.google.writing.password",
    "officeflow.connectors.active_directory.accounts.unknown_password",
    "officeflow.connectors.entra.attributes.unknown_password",
    "officeflow.connectors.keycloak.passwords.made",
    "officeflow.nodes.identity.reset_password.made_by",
)
"""What makes passwords that a system alone is told."""


@dataclass
class Told:
    """All that people may come to see, and what must not be in it, by what it is."""

    secrets: dict[str, str] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    said: list[str] = field(default_factory=list)

    def hides(self, what: str, secret: str | None) -> None:
        """Of a key file it is the key."""
        if secret and secret.startswith("{"):
            secret = str(json.loads(secret)["private_key"])
        if secret and secret not in self.secrets.values():
            self.secrets[f"{what} {len(self.secrets)}"] = secret

    def result(self, result: NodeResult) -> None:
        """Its output is for later nodes, which may need a secret that it holds."""
        self.said.append(str(dataclasses.replace(result, output={})))

    def text(self, *more: str) -> str:
        return "\n".join([*self.said, *self.journal.lines, *more])


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Who makes passwords tells them to nobody else."""
    monkeypatch.setattr(tokens, "_kept", {})
    told = Told()
    for maker in MAKERS:
        monkeypatch.setattr(maker, _listening(pkgutil.resolve_name(maker), told))
    return told


def _listening(make: Callable[..., str], told: Told) -> Callable[..., str]:
    def made(*args: Any) -> str:
        password = make(*args)
        told.hides("password", password)
        return password

    return made


class Course:
    """One person's life at one system, with all that goes wrong in it."""

    def __init__(
        self, system: System, told: Told, database: Database, org: Organization, folder: Path
    ) -> None:
        self.system, self.told, self.folder = system, told, folder
        self.clock, self.tries = TestClock(), 0
        self.straight = self.now = system.token_connection()
        self.services = services_of(database, lambda _: self.now, self.clock, told.journal)
        self.story = Story(cast("World", self), database, org, system.provider.replace("_", "-"))
        self.story.draw(*self._nodes())
        for known in (self.straight, system.connection()):
            told.hides(f"credential of {system.provider}", known.password)
            told.hides(f"key of {system.provider}", str(known.extra.get("private_key", "")))

    def _nodes(self) -> Iterator[dict[str, Any]]:
        service = provider(self.system.provider).service(Family.IDENTITY)
        assert service is not None
        whose = {"login": self.system.login("ana")}
        person = {"external_id": "1001", "given_name": "Ana", "family_name": "Pérez"}
        for name, params in (
            ("create_account", {**whose, **person, "attributes": dict(self.system.attributes)}),
            ("update_account", {**whose, "title": "Engineer"}),
            ("reset_password", {**whose, "must_change": False}),
            ("give_temporary_access", {**whose, "minutes": 60}),
        ):
            if node_type(f"identity.{name}").needs <= service.capabilities:
                yield {
                    "id": name,
                    "type": f"identity.{name}",
                    "connection": self.system.provider,
                    "params": params,
                }

    def runs(self, node: str) -> NodeResult:
        self.tries += 1
        result = run_node(self.story.given(node, try_number=self.tries), self.services)
        self.told.result(result)
        for name in ("password", "secret"):
            self.told.hides(f"{name} that {node} gave", str(result.output.get(name, "")))
        for token in list(tokens._kept.values()):
            self.told.hides(f"token of {self.system.provider}", token.value)
        return result

    def is_refused_its_password(self) -> None:
        self.now = self._with_wrong_credential()
        self.told.hides(f"wrong credential of {self.system.provider}", self.now.password)
        assert self.runs("create_account").status == "failed"
        self.now = self.straight

    def is_told_its_own_words(self) -> None:
        """Refused, and answered without sense, by what repeats the whole request."""
        for what in ("token", "headers", "static headers", "body", "senseless"):
            with between_at(self.system, self.folder) as on_the_way:
                static = what.startswith("static")
                self.now = on_the_way.connection(self.system.connection() if static else self.straight)
                tokens._kept.clear()
                on_the_way.echo(what.removeprefix("static "))
                assert self.runs("create_account").status != "success"
        self.now = self.straight
        tokens._kept.clear()

    def lives(self) -> None:
        for node in self.story.nodes:
            if node == "reset_password":
                with between_at(self.system, self.folder) as on_the_way:
                    self.now = on_the_way.connection(self.straight)
                    on_the_way.echo("body")
                    assert self.runs(node).status != "success"
                self.now = self.straight
            result = self.runs(node)
            assert result.status == "success", (self.system.provider, node, result)
            self._is_planned(node)

    def is_undone(self) -> None:
        result = self.story.undo("failed")
        self.told.result(result)
        assert result.status == "success", result.error
        assert self.system.login("ana") not in self.system.there().people

    def _is_planned(self, name: str) -> None:
        node = self.story.nodes[name]
        kind = node_type(node["type"])
        client = open_provider(self.now, correlation_id="c-1", family=Family.IDENTITY, only_looks=True)
        try:
            act = act_at(self.clock.now(), self.told.journal, "c4" * 32)
            self.told.said.append(str(kind().plan(kind.parse(node["params"]), client, act)))
        finally:
            client.close()

    def _with_wrong_credential(self) -> Connection:
        if self.system.provider == "google":
            key = json.loads(self.straight.password or "")
            other = {**key, "private_key": pem(rsa.generate_private_key(65537, 2048))}
            return dataclasses.replace(self.straight, password=json.dumps(other))
        wrong = dataclasses.replace(
            self.system.connection(), password=f"wrong+secret/of {self.system.provider}"
        )
        if self.system.provider == "okta":
            return dataclasses.replace(wrong, password="wrong-token-of-okta")
        return wrong


@pytest.mark.integration
def test_no_secret_is_in_any_table_log_or_result(
    request: pytest.FixtureRequest,
    told: Told,
    database: Database,
    database_url: str,
    org: Organization,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for library in logs.QUIET:
        caplog.set_level(logging.WARNING, logger=library)
    for kind in SYSTEMS:
        system = kind(request.getfixturevalue(kind.fixture))
        course = Course(system, told, database, org, tmp_path)
        course.is_refused_its_password()
        course.is_told_its_own_words()
        course.lives()
        course.is_undone()
        system.tidy()
    printed = capsys.readouterr()
    text = told.text(caplog.text, printed.out, printed.err)
    assert len(told.secrets) > 5 * len(SYSTEMS)
    assert "answered 403" in text, "what was told is in there"
    assert read_in(text, told.secrets) == set()
    assert read_in_tables(database_url, told.secrets) == {}


@pytest.mark.integration
@pytest.mark.parametrize(
    "written",
    [
        pytest.param(lambda secret: secret, id="plain"),
        pytest.param(urllib.parse.quote_plus, id="in an address"),
        pytest.param(lambda secret: json.dumps({"said": secret}), id="in JSON"),
        pytest.param(lambda secret: base64.b64encode(f"user:{secret}".encode()).decode(), id="in Base64"),
    ],
)
def test_a_secret_that_is_told_would_be_found(
    written: Callable[[str], str], database_url: str, org: Organization
) -> None:
    """In texts and in bytes, and where only a part of it stands."""
    secrets = {
        "one": 'A secret/"of"+five%words',
        "key": "-----BEGIN KEY-----\n" + "0123456789abcdef" * 4 + "\n",
    }
    said = f"Something says: {written(secrets['one'])}, and no more"
    assert read_in(said, secrets) == {"one"}
    assert read_in(f"{secrets['key'][:70]}…", secrets) == {"key"}
    assert read_in_tables(database_url, secrets) == {}
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE organizations SET name = %s", (said,))
        connection.execute("CREATE TABLE planted AS SELECT %s::bytea AS packed", (said.encode(),))
    try:
        assert read_in_tables(database_url, secrets) == {
            "organizations.name": {"one"},
            "planted.packed": {"one"},
        }
    finally:
        with psycopg.connect(database_url) as connection:
            connection.execute("DROP TABLE planted")
