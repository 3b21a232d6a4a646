"""The directory on paper keeps its own rules, writes down what it was asked, and lies when it is told to."""

from __future__ import annotations

import pytest

from officeflow.connectors.families import Capability, Family
from officeflow.connectors.opening import open_provider
from officeflow.connectors.providers import load_clients
from officeflow.errors import Conflict, InvalidInput, NotFound, NothingHappened, Transient, WriteRefused
from tests.nodes.paper.directory import Lie
from tests.nodes.world import CORRELATION, World

pytestmark = pytest.mark.integration
KEY = "d4" * 32


def test_its_connectors_are_what_they_declare(world: World) -> None:
    del world
    load_clients()


def test_it_writes_down_what_it_was_asked_and_what_it_did(world: World) -> None:
    account_id = world.paper.add("ana@acme.example")
    client = world.open("paper", "identity")
    client.set_active(account_id, active=False, key=KEY)
    client.set_active(account_id, active=False, key=KEY)
    asked = [(each.operation, each.writes, each.done) for each in world.paper.asked]
    assert asked == [("set_active", True, True), ("set_active", True, False)]


def test_one_that_only_looks_is_refused_to_write(world: World) -> None:
    account_id = world.paper.add("ana@acme.example")
    client = world.open("paper", "identity", only_looks=True)
    assert client.get_account(account_id).login == "ana@acme.example"
    with pytest.raises(WriteRefused):
        client.set_active(account_id, active=False, key=KEY)
    assert world.paper.writes() == []


@pytest.mark.parametrize(
    ("lie", "error", "is_active"),
    [
        (Lie.IGNORES, NothingHappened, True),
        (Lie.LOSES, Transient, False),
        (Lie.GONE, NotFound, None),
    ],
)
def test_it_lies_once(world: World, lie: Lie, error: type[Exception], is_active: bool | None) -> None:
    account_id = world.paper.add("ana@acme.example")
    world.paper.lies["set_active"] = lie
    client = world.open("paper", "identity")
    with pytest.raises(error):
        client.set_active(account_id, active=False, key=KEY)
    there = world.paper.accounts.get(account_id)
    assert (there.active if there else None) is is_active


def test_a_login_or_an_alias_is_there_once(world: World) -> None:
    world.paper.add("ana@acme.example", aliases=("a@acme.example",))
    bob = world.paper.add("bob@acme.example")
    client = world.open("paper", "identity")
    for name in ("ANA@acme.example", "A@acme.example"):
        with pytest.raises(Conflict):
            client.rename_account(bob, name, keep_old=False, key=KEY)


def test_the_plain_one_can_do_little(world: World) -> None:
    connection = world.connection("acme.paper_plain")
    with pytest.raises(InvalidInput, match="cannot set managers"):
        open_provider(
            connection,
            correlation_id=CORRELATION,
            family=Family.IDENTITY,
            needs={Capability.FIND_ACCOUNTS, Capability.SET_MANAGERS},
        )
