"""Acts are taken back that are still being done, have no end, or were done several times."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.ids import workflow_run_id
from officeflow.runs.acts import lock_number
from officeflow.runs.lock import hold
from tests.ledger.undone import ACCOUNT, GROUPS, MEETING, Story
from tests.nodes.conftest import proxy, world
from tests.nodes.world import World

__all__ = ["proxy", "world"]

pytestmark = pytest.mark.integration


@pytest.fixture
def story(world: World, database: Database, org: Organization) -> Story:
    return Story(world, database, org)


def test_an_act_that_is_still_being_done_is_waited_for(story: Story, database: Database) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    story.world.services = story.services
    number = lock_number(workflow_run_id(story.dag, story.run_id), "account", -1)
    object.__setattr__(story.services, "lock_wait", 0.1)
    with hold(database, number, wait_seconds=1):
        result = story.undo()
        assert (result.status, result.error and result.error.code) == ("retry", "act_in_progress")
        assert result.reschedule_at is not None
    assert story.undo().status == "success"


def test_an_act_without_an_end_is_looked_for_and_taken_back(
    story: Story, world: World, database: Database
) -> None:
    story.draw(ACCOUNT, GROUPS)
    story.does("account", "groups")
    _left_open(database, story, "account", "groups")
    result = story.undo()
    assert (result.status, result.error and result.error.code) == ("failed", "undo_incomplete")
    assert world.scim.users() == []
    assert story.acts()["account"] == "COMPENSATED"
    [left] = (story.end().error_details or {})["remaining"]
    assert (left["node"], left["kind"]) == ("groups", "unknown")


def test_an_act_that_left_nothing_behind_was_not_done(story: Story, world: World, database: Database) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    _left_open(database, story, "account")
    with world.scim.client() as client:
        client.delete(f"/Users/{world.scim.users()[0]['id']}").raise_for_status()
    assert story.undo().status == "success"
    assert story.acts() == {"account": "FAILED"}
    assert story.end().status == "FAILED"


def test_of_an_act_that_was_redone_every_time_that_stands_is_undone(
    story: Story, world: World, database: Database
) -> None:
    story.draw(MEETING)
    story.does("meeting")
    with database.tenant(story.org.org_id) as session:
        session.execute(text("UPDATE node_runs SET status = 'COMPENSATED'"))
    story.does("meeting")
    assert story.undo().status == "success"
    assert [(act.node_key, act.generation, act.status) for act in story.rows()] == [
        ("meeting", 1, "COMPENSATED"),
        ("meeting", 2, "COMPENSATED"),
        ("undo__meeting__2", 1, "SUCCEEDED"),
    ]
    assert world.caldav.events().count("STATUS:CANCELLED") == 1


def test_acts_of_a_mapped_node_are_undone_each(story: Story, world: World) -> None:
    story.draw(ACCOUNT)
    for index in range(3):
        drawn = {**ACCOUNT, "params": {"login": f"p{index}@acme.example"}}
        story.nodes["account"] = drawn
        story.does("account", map_index=index)
    assert len(world.scim.users()) == 3
    assert story.undo().status == "success"
    assert world.scim.users() == []
    undone = [act.map_index for act in story.rows() if act.node_key == "undo__account"]
    assert undone == [2, 1, 0]


def _left_open(database: Database, story: Story, *nodes: str) -> None:
    """As a crash between act and record leaves it."""
    with database.tenant(story.org.org_id) as session:
        for node in nodes:
            session.execute(
                text(
                    "UPDATE node_runs SET status = 'STARTED', output = NULL, ended_at = NULL WHERE node_key ="
                    " :node"
                ),
                {"node": node},
            )
