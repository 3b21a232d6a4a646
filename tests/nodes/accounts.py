"""Accounts of one person, as the tests of nodes about accounts make and read them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from officeflow.nodes.identity.create_account import CreateAccount
from officeflow.sdk import NodeResult
from tests.connectors.http_faults import Fault
from tests.nodes.world import World

ALWAYS = 1_000
NOTHING = json.dumps({"totalResults": 0}).encode()
ANA = {
    "login": "ana@acme.example",
    "external_id": "1001",
    "given_name": "Ana",
    "family_name": "Pérez",
    "email": "ana@acme.example",
}
NAME = {"givenName": "Ana", "familyName": "Pérez"}


class Killed(BaseException):
    """Ends an attempt as SIGKILL does."""


def create(world: World, node: str = "it", try_number: int = 1, **changes: Any) -> NodeResult:
    return world.run(
        "identity.create_account", ANA | changes, connection="scim", node=node, try_number=try_number
    )


def logins(world: World) -> list[str]:
    return sorted(user["userName"] for user in world.scim.users())


def fails(result: NodeResult, code: str) -> str:
    assert result.error is not None, result.output
    assert result.error.code == code
    return result.error.message


def killed_after_the_yes(world: World, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(CreateAccount, "audit", die)
        with pytest.raises(Killed):
            create(world, **changes)


def lagging(path: str, times: int = ALWAYS) -> Fault:
    """The first searches of this kind find nothing."""
    return Fault(kind="answer", methods=("GET",), path=path, body=NOTHING, times=times)


def meanwhile(path: str, do: Callable[[], object]) -> Fault:
    """The next search answers as it is; then something happens, before the searcher acts."""

    def change(body: bytes) -> bytes:
        do()
        return body

    return Fault(kind="rewrite", methods=("GET",), path=path, change=change)
