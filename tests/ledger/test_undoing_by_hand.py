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
from officeflow.runner.undoing import by_hand
from officeflow.runs.corrections import Person
from tests.ledger.undone import ACCOUNT, MAIL, Story
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
