"""`officeflow run compensate`: what it shows, and what it asks of Airflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from officeflow.airflow_api.errors import AirflowForbids
from officeflow.airflow_api.types import DagRunState
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput
from officeflow.runner.run import run_node
from officeflow.runner.undoing import by_hand
from officeflow.runs import corrections
from officeflow.runs.corrections import Person
from tests.connectors.http_faults import Fault, FaultProxy
from tests.counterparts.caldav import OwnUidCalendar
from tests.ledger.undone import ACCOUNT, MAIL, MEETING, Story
from tests.nodes.conftest import world
from tests.nodes.world import World

__all__ = ["world"]

pytestmark = pytest.mark.integration

EVE = Person(login="eve", why="the wrong person")


class Tasks:
    """What Airflow says of clearing, and what it was asked; `ids` are the run's tasks."""

    def __init__(self, *ids: str, forbids: bool = False) -> None:
        self.ids, self.forbids, self.cleared = ids, forbids, list[str]()

    def clear(
        self, dag_id: str, run_id: str, task_ids: Sequence[str] | None = None, *, dry_run: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        if self.forbids:
            raise AirflowForbids("eve may not")
        found = [task for task in task_ids or () if task in self.ids]
        self.cleared += [] if dry_run else [f"{dag_id}/{run_id}/{task}" for task in found]
        return [{"task_id": task} for task in found]


@pytest.fixture
def story(world: World, database: Database, org: Organization) -> Story:
    found = Story(world, database, org)
    found.draw(ACCOUNT, MAIL)
    found.does("account", "mail")
    return found


def test_the_plan_is_shown_in_order_with_what_cannot_be_and_nothing_is_done(
    story: Story, world: World, database: Database
) -> None:
    writes = len(world.scim.writes())
    found = by_hand.shown(database, f"{story.dag}/{story.run_id}").to_json()
    [step] = found["steps"]
    assert (step["acts"][0]["node"], step["way"]) == ("account", "delete")
    assert "created account ana@acme.example" in step["acts"][0]["did"]
    [left] = found["remaining"]
    assert (left["node"], left["kind"]) == ("mail", "irreversible")
    assert len(world.scim.writes()) == writes
    assert story.row().undone is None


def test_it_clears_undo_in_the_name_of_who_asks_and_that_undoes(
    story: Story, world: World, database: Database
) -> None:
    story.end(DagRunState.SUCCESS)
    tasks = Tasks("undo", "verdict")
    by_hand.compensate(database, tasks, story.dag, EVE)
    assert tasks.cleared == [f"{story.dag}/{story.run_id}/undo"]
    assert story.undo("success").status == "success"
    assert world.scim.users() == []
    assert story.end(DagRunState.SUCCESS).status == "COMPENSATED"
    with pytest.raises(InvalidInput, match="there is nothing of"):
        by_hand.compensate(database, tasks, story.dag, EVE)


def test_a_run_that_has_not_ended_is_cancelled_instead(story: Story, database: Database) -> None:
    with pytest.raises(InvalidInput, match="has not ended") as caught:
        by_hand.compensate(database, Tasks("undo"), story.dag, EVE)
    assert "run cancel" in caught.value.hint


def test_a_run_of_a_version_without_undo_says_what_to_do(story: Story, database: Database) -> None:
    story.end(DagRunState.SUCCESS)
    with pytest.raises(InvalidInput, match="has no task `undo`") as caught:
        by_hand.compensate(database, Tasks(), story.dag, EVE)
    assert "latest version" in caught.value.hint
    assert story.row().undone is None


def test_who_may_not_clear_tasks_may_not_undo(story: Story, database: Database) -> None:
    story.end(DagRunState.SUCCESS)
    with pytest.raises(AirflowForbids):
        by_hand.compensate(database, Tasks("undo", forbids=True), story.dag, EVE)
    assert story.row().undone is None


@pytest.fixture
def said_done(world: World, database: Database, org: Organization, own_uid_calendar: OwnUidCalendar) -> Story:
    """A run beside an account has made a meeting whose answer was lost, in a calendar that keeps no UID of
    ours, and a person has looked and said that it was done.
    """
    world.caldav = own_uid_calendar
    story = Story(world, database, org)
    story.draw(ACCOUNT, MEETING)
    story.does("account")
    with FaultProxy(own_uid_calendar.url).running() as proxy:
        proxy.fault(Fault(kind="act_then_drop", methods=("PUT",)))
        world.changes = {"host": proxy.url}
        for number in (1, 2, 3, 4, 5):
            result = run_node(story.given("meeting", try_number=number), story.services)
    world.changes = {}
    assert result.error is not None
    assert result.error.code == "outcome_unknown"
    place = corrections.find_place(database, f"{story.dag}/{story.run_id}", "meeting")
    corrections.resolve(database, world.clock, place, EVE, done=True)
    return story


def test_what_a_person_said_was_done_is_looked_for_and_taken_back(
    said_done: Story, own_uid_calendar: OwnUidCalendar, world: World
) -> None:
    assert said_done.undo().status == "success"
    assert own_uid_calendar.events().count("STATUS:CANCELLED") == 1
    puts = [write["status"] for write in own_uid_calendar.writes() if write["method"] == "PUT"]
    assert puts == [201, 204], "made once, cancelled once"
    assert world.scim.users() == []
    assert said_done.acts()["meeting"] == "COMPENSATED"
    assert said_done.end().status == "COMPENSATED"


def test_what_a_person_said_was_done_and_is_not_to_be_seen_is_left_to_a_person(
    said_done: Story, own_uid_calendar: OwnUidCalendar, world: World
) -> None:
    """Moved to another day meanwhile, it may be anywhere: the run is not called undone."""
    own_uid_calendar.reset()
    assert said_done.undo().status == "failed"
    assert world.scim.users() == [], "all else is taken back"
    ended = said_done.end()
    [left] = (ended.error_details or {})["remaining"]
    assert (left["node"], left["kind"], ended.status) == ("meeting", "unknown", "FAILED")
    assert "it was not found there" in left["why"]
