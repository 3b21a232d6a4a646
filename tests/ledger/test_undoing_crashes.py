"""A worker is killed with SIGKILL in the middle of undoing; what reached the customer's system is counted
there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.sdk import NodeInput
from tests.counterparts.scim import ScimServer
from tests.ledger.test_crashes import Worker
from tests.ledger.undone import ACCOUNT, GROUPS, Story
from tests.nodes.conftest import world
from tests.nodes.world import World

__all__ = ["world"]

pytestmark = [pytest.mark.integration, pytest.mark.crash]


@pytest.fixture
def story(world: World, database: Database, org: Organization) -> Story:
    found = Story(world, database, org)
    found.draw(ACCOUNT, GROUPS)
    found.does("account", "groups")
    return found


class Workers:
    def __init__(self, database_url: str, scim: ScimServer) -> None:
        self._database_url, self._scim = database_url, scim
        self.begun: list[Worker] = []

    def undo(self, story: Story, **order: Any) -> Worker:
        connection = {"provider": "scim", "host": self._scim.url, "password": self._scim.token}
        given = _fields(story.undo_given("failed"))
        self.begun.append(
            Worker({"database": self._database_url, "node": given, "connection": connection, **order})
        )
        return self.begun[-1]


def _fields(given: NodeInput) -> dict[str, Any]:
    return {field.name: getattr(given, field.name) for field in dataclasses.fields(given)}


@pytest.fixture
def workers(database_url: str, scim_server: ScimServer) -> Iterator[Workers]:
    made = Workers(database_url, scim_server)
    yield made
    for worker in made.begun:
        worker.close()


@pytest.mark.parametrize("point", ["before act", "after act", "after record"])
@pytest.mark.parametrize("node", ["undo__groups", "undo__account"])
def test_killed_while_it_undoes_each_is_undone_exactly_once(
    point: str, node: str, story: Story, workers: Workers, world: World
) -> None:
    before = len(world.scim.writes())
    worker = workers.undo(story, stop=point, stop_node=node)
    worker.stopped()
    worker.kill()
    result = workers.undo(story).result()
    assert result["status"] == "success", result
    assert world.scim.users() == []
    assert len(world.scim.writes()) - before == 2, "one write out of the group, one that deletes"
    assert story.acts() == {
        "account": "COMPENSATED",
        "groups": "COMPENSATED",
        "undo__groups": "SUCCEEDED",
        "undo__account": "SUCCEEDED",
    }
    assert story.audited().count("act.undone") == 2
    assert story.end().status == "COMPENSATED"


def test_two_that_undo_at_once_do_it_once(story: Story, workers: Workers, world: World) -> None:
    before = len(world.scim.writes())
    first = workers.undo(story, stop="after act", stop_node="undo__groups")
    first.stopped()
    second = workers.undo(story, lock_wait=0.2).result()
    assert (second["status"], second["error"]["code"]) == ("retry", "act_in_progress")
    first.go_on()
    assert first.result()["status"] == "success"
    assert workers.undo(story).result()["status"] == "success"
    assert len(world.scim.writes()) - before == 2
