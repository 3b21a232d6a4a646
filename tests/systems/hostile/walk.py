"""One system of the list, with Ana and her boss in it: what nodes of a run do, and what must be so then."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.providers import provider
from officeflow.sdk import NodeResult
from tests.systems.stage import Stage
from tests.systems.system import There

CLEAR = frozenset({"conflict", "invalid_parameters", "not_found", "rejected"})
"""Codes of errors that say what is wrong and that no further try would change."""


class Walk:
    """Every act is a node of its own of one run; `name` of a node type goes without its family."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.stage, self.system = stage, stage.system
        self.monkeypatch, self.folder = monkeypatch, folder
        self._nodes = itertools.count(1)
        self._results: list[NodeResult] = []
        stage.with_ana()

    def there(self) -> There:
        return self.stage.there()

    def login(self, name: str) -> str:
        return self.system.login(name)

    def hurry(self) -> None:
        """The connector does not wait long for what does not show."""
        for name, seconds in self.system.quick.items():
            self.monkeypatch.setattr(name, seconds)
        straight = self.system.connection()
        if any(field.name == "settle" for field in provider(straight.provider).fields):
            hurried = replace(straight, extra={**straight.extra, "settle": "0.3"})
            self.monkeypatch.setattr(self.system, "connection", lambda: hurried)

    def small_pages(self) -> None:
        for name, size in self.system.small.items():
            self.monkeypatch.setattr(name, size)

    def node(self) -> str:
        """The name of one that has not run yet."""
        return f"node_{next(self._nodes)}"

    def run(self, name: str, *, node: str = "", try_number: int = 1, **params: Any) -> NodeResult:
        node = node or self.node()
        result = self.stage.run(f"identity.{name}", params, node=node, try_number=try_number)
        self._results.append(result)
        return result

    def tells_no_secret(self) -> None:
        """Of the connections: in no result, and in no line of the log."""
        told = f"{self._results}\n" + "\n".join(self.stage.log.lines)
        assert self._results
        for connection in (self.system.connection(), self.system.token_connection()):
            for secret in secrets_of(connection):
                assert secret not in told

    def done(self, name: str, **params: Any) -> Mapping[str, Any]:
        """What it gave, which must be success."""
        result = self.run(name, **params)
        assert result.status == "success", result.error
        return result.output

    def refused(self, name: str, *codes: str, **params: Any) -> str:
        """It failed for good, clearly, and changed nothing; what it says."""
        before, writes = self.there(), self.system.writes()
        result = self.run(name, **params)
        said = clearly(result, *codes)
        assert (self.there(), self.system.writes()) == (before, writes)
        return said

    def hire(self, name: str, number: str, *, given: str, family: str | None, **more: Any) -> NodeResult:
        names = {"given_name": given} | ({} if family is None else {"family_name": family})
        asked = {"login": self.login(name), "external_id": number, **names, **more}
        return self.run("create_account", attributes=dict(self.system.attributes), **asked)

    def kept_or_refused(
        self, name: str, number: str, *, given: str, family: str | None, **more: Any
    ) -> NodeResult:
        """Hired twice: the names are those that were given and there is one account, or there is none and it
        is said why.
        """
        before = self.there()
        first, second = (
            self.hire(name, number, given=given, family=family, **more) for _ in ("first", "second")
        )
        if first.status != "success":
            clearly(first)
            clearly(second)
            assert self.there() == before
            return first
        assert second.output["account_id"] == first.output["account_id"]
        assert (first.output["created"], second.output["created"]) == (True, False)
        people = self.there().people
        made = people[first.output["login"]]
        if family is None and self.system.needs_family_name:
            family = given
        assert (made.number, made.given_name, made.family_name) == (number, given, family or "")
        others = {login: seen for login, seen in people.items() if login != first.output["login"]}
        assert others == before.people
        return first


def secrets_of(connection: Connection) -> Iterator[str]:
    """Each in one piece: of a key file what nobody but its owner has, line by line."""
    for value in (connection.password, connection.extra.get("private_key")):
        key = json.loads(value)["private_key"] if value and value.startswith("{") else value
        if key:
            yield from (line for line in key.split("\n") if line and not line.startswith("-----"))


def clearly(result: NodeResult, *codes: str) -> str:
    """It has failed for good and says why; the message."""
    assert result.status == "failed", result
    assert result.error is not None
    assert result.error.code in (codes or CLEAR), result.error
    assert not result.error.retryable
    assert result.error.message
    return result.error.message
