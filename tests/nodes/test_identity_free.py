"""A provider that does not say when accounts were made: that nobody had a login is written down, and
counts as long as an attempt may have acted by it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from officeflow.errors import OutcomeUnknown, Transient
from officeflow.nodes.identity.create_account import CreateAccount, Result, _Search
from officeflow.sdk import Act, NodeResult
from tests.connectors.http_faults import Fault, FaultProxy
from tests.nodes.accounts import ALWAYS, ANA, NAME, Killed, create, fails, lagging, logins
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


def takes_back(world: World, done: NodeResult) -> Act:
    output = Result.model_validate(done.output)
    act, provider = dataclasses.replace(world.act(), way="delete"), world.open("scim", "identity")
    try:
        CreateAccount().undo(CreateAccount().parse(ANA), output, provider, act)
    finally:
        provider.close()
    return act


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


class TestAnAccountOfWhichNobodyCanTellWhoMadeIt:
    """Between an attempt without a plain answer and the next one somebody may have made one."""

    @pytest.mark.parametrize(
        "unanswered",
        [
            Fault(kind="answer", methods=("POST",), status=429, body=b"{}"),
            Fault(kind="answer", methods=("POST",), status=502, body=b"{}"),
        ],
        ids=["throttled", "no answer from behind a gateway"],
    )
    def test_undoing_leaves_it_to_a_person_and_is_done_once_it_is_gone(
        self, world: World, proxy: FaultProxy, unanswered: Fault
    ) -> None:
        proxy.fault(unanswered)
        proxy.fault(undated())
        assert create(world).status == "retry"
        world.create("ana@acme.example", externalId="1001", name={**NAME, "givenName": "Anna"})
        done = create(world, try_number=2)
        assert (done.output["created"], done.output["presumed"]) == (True, True)
        with pytest.raises(OutcomeUnknown, match="may be this act's or somebody else's"):
            takes_back(world, done)
        assert logins(world) == ["ana@acme.example"]
        with world.scim.client() as client:
            client.delete(f"/Users/{done.output['account_id']}").raise_for_status()
        assert [each["step"] for each in takes_back(world, done).story] == ["note"]

    def test_one_that_is_in_all_as_the_node_writes_it_is_the_nodes_own(
        self, world: World, proxy: FaultProxy
    ) -> None:
        proxy.fault(Fault(kind="act_then_drop", methods=("POST",)))
        proxy.fault(undated())
        assert create(world).status == "retry"
        done = create(world, try_number=2)
        assert (done.output["created"], done.output["presumed"]) == (True, False)
        takes_back(world, done)
        assert logins(world) == []

    def test_after_a_yes_it_is_the_nodes_own_and_deleted(self, world: World, proxy: FaultProxy) -> None:
        """The yes was heard, and the account did not show before the next attempt."""
        proxy.fault(Fault(kind="act_then_answer", methods=("POST",), status=201, body=b"{}"))
        hides = lagging("/Users")
        proxy.fault(hides)
        proxy.fault(undated())
        assert create(world).status == "retry"
        hides.times = 0
        done = create(world, try_number=2)
        assert (done.output["created"], done.output["presumed"]) == (True, False)
        takes_back(world, done)
        assert logins(world) == []
