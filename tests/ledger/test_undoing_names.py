"""A login that a run has kept is given back when what the run did is taken back."""

from __future__ import annotations

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from tests.ledger.undone import Story
from tests.nodes.conftest import world
from tests.nodes.world import World

__all__ = ["world"]

pytestmark = pytest.mark.integration

LOGIN = {
    "id": "login",
    "type": "identity.unique_login",
    "connection": "paper",
    "params": {"pattern": "{given}@acme.example", "given_name": "Ana"},
}
ACCOUNT = {
    "id": "account",
    "type": "identity.create_account",
    "connection": "paper",
    "params": {"login": "${{ nodes.login.output.login }}", "external_id": "1001"},
}


def test_it_is_given_back_after_the_account_is_gone(
    world: World, database: Database, org: Organization
) -> None:
    story = Story(world, database, org)
    story.draw(LOGIN, ACCOUNT, edges=[{"from": "login", "to": "account"}])
    story.does("login", "account")
    assert (world.reservations(), len(world.paper.accounts)) == (1, 1)
    assert story.undo().status == "success"
    assert (world.reservations(), len(world.paper.accounts)) == (0, 0)
    assert story.acts() == {
        "login": "COMPENSATED",
        "account": "COMPENSATED",
        "undo__account": "SUCCEEDED",
        "undo__login": "SUCCEEDED",
    }
