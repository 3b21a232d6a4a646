"""Loops, through each door and on each executor: a task for each round."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.tables import NodeRun
from officeflow.ids import workflow_run_id
from tests.airflow.embedded import eventually
from tests.doors.stage import ENDED, Run, Stage, Variant

pytestmark = pytest.mark.integration

MANY = 1000


def ended(run: Run, *, seconds: float = 300) -> dict[tuple[str, int], str | None]:
    """The states of the run's tasks, by id and map index, when it has ended."""
    eventually(lambda: run.api.dag_run(run.dag_id, run.run_id)["state"] in ENDED, seconds=seconds)
    return {
        (task["task_id"], task["map_index"]): task["state"]
        for task in run.api.task_instances(run.dag_id, run.run_id)
    }


def outputs(stage: Stage, run: Run) -> dict[tuple[str, int], Any]:
    with stage.database.service() as session:
        query = select(NodeRun.node_key, NodeRun.map_index, NodeRun.output)
        found = session.execute(query.where(NodeRun.run_id == workflow_run_id(run.dag_id, run.run_id)))
        return {(key, index): output for key, index, output in found}


def test_rounds_decide_each_for_itself_and_what_follows_reads_lists(stage: Stage, variant: Variant) -> None:
    run = stage.run("looped", variant)
    states = ended(run)
    assert [states["odd", index] for index in range(3)] == ["success", "skipped", "success"]
    assert [states["even", index] for index in range(3)] == ["skipped", "success", "skipped"]
    assert {states["both", index] for index in range(3)} == {"success"}
    assert (states["sum", -1], states["nothing", -1]) == ("success", "skipped")
    given = outputs(stage, run)
    assert given["sum", -1]["n"] == [4, 6, 12]
    assert [given["both", index]["taken"] for index in range(3)] == [["odd"], ["even"], ["odd"]]
    assert ("odd", 1) not in given
    assert ("all", 0) not in given


def test_a_round_that_fails_stops_no_other_and_what_comes_after_the_loop(
    stage: Stage, variant: Variant
) -> None:
    run = stage.run("looped-failing", variant)
    states = ended(run)
    assert [states["part", index] for index in range(3)] == ["success", "failed", "success"]
    assert [states["both", index] for index in range(3)] == ["success", "upstream_failed", "success"]
    assert (states["sum", -1], states["nothing", -1]) == ("upstream_failed", "skipped")


def test_a_loop_over_nothing_is_over_at_once(stage: Stage, variant: Variant) -> None:
    states = ended(stage.run("looped-not-at-all", variant))
    assert (states["part", -1], states["both", -1], states["sum", -1]) == ("skipped",) * 3
    assert (states["edge__all-rounds", -1], states["nothing", -1]) == ("success", "success")


@pytest.mark.long
@pytest.mark.timeout(2000)
def test_a_thousand_rounds(stage: Stage, variant: Variant) -> None:
    began = time.monotonic()
    run = stage.start("looped-long", variant, equipment=[str(number) for number in range(MANY)])
    states = ended(run, seconds=1800)
    print(f"RESULT looped-{variant}: {MANY} rounds in {time.monotonic() - began:.0f} s")  # noqa: T201
    assert {states["part", index] for index in range(MANY)} == {"success"}
    assert outputs(stage, run)["sum", -1]["n"] == MANY
