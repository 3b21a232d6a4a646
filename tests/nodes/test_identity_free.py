"""A provider that does not say when accounts were made: that nobody had a login is written down, and
counts as long as an attempt may have acted by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from officeflow.errors import Transient
from officeflow.nodes.identity.create_account import CreateAccount, _Search
from tests.connectors.http_faults import Fault, FaultProxy
from tests.nodes.accounts import ALWAYS, Killed, create, fails, lagging, logins
from tests.nodes.world import World

pytestmark = pytest.mark.integration


@contextmanager
def killed_in(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> Iterator[None]:
    """The process ends as soon as it comes to that method."""

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, die)
        with pytest.raises(Killed):
            yield


def away(*_: object) -> None:
    raise Transient("nobody answers")


def undated() -> Fault:
    return Fault(
        kind="rewrite",
        methods=("GET",),
        times=ALWAYS,
        change=lambda body: body.replace(b'"created"', b'"made"'),
    )


class TestAnAccountThatSomebodyElseMade:
    """Undoing the run would delete it, did it count as created."""

    def test_after_a_refusal(self, world: World, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
        proxy.fault(Fault(kind="answer", methods=("POST",), status=403, body=b"{}"))
        proxy.fault(undated())
        fails(create(world), "unauthorized")
        world.create("ana@acme.example", externalId="1001")
        with killed_in(monkeypatch, CreateAccount, "perform"):
            create(world, try_number=2)
        assert create(world, try_number=3).output["created"] is False

    def test_after_an_attempt_that_was_looked_for_and_had_done_nothing(
        self, world: World, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        proxy.fault(Fault(kind="answer", methods=("POST",), status=503, body=b"{}"))
        proxy.fault(undated())
        assert create(world).status == "retry"
        with monkeypatch.context() as patch:
            patch.setattr(_Search, "keep_free", away)
            assert create(world, try_number=2).status == "retry"
        world.create("ana@acme.example", externalId="1001")
        with killed_in(monkeypatch, _Search, "own"):
            create(world, try_number=3)
        assert create(world, try_number=4).output["created"] is False

    def test_that_the_searches_did_not_show(
        self, world: World, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The login is taken, and the process ends while it is looked who has it."""
        world.create("ana@acme.example", externalId="1001")
        proxy.fault(lagging("/Users?", times=2))
        proxy.fault(undated())
        with killed_in(monkeypatch, _Search, "in_the_way"):
            create(world)
        assert create(world, try_number=2).output["created"] is False
        assert logins(world) == ["ana@acme.example"]
