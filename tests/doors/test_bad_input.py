"""What cannot be run or kept is a clear error in the task's log, through each door and on each executor."""

from __future__ import annotations

import pytest

from tests.doors.stage import Stage, Variant

pytestmark = pytest.mark.integration


def test_output_that_cannot_be_stored_is_refused_by_its_kind(stage: Stage, variant: Variant) -> None:
    run = stage.run("outputs", variant)
    assert run.await_end() == {"not_json": "failed", "too_large": "failed"}
    run.log_when("not_json", 1, "output_refused")
    assert "xxxxxxxxxx" not in run.log_when("too_large", 1, "output_refused", "bytes")


def test_a_node_type_that_the_worker_does_not_know_fails_the_task_and_is_named(stage: Stage, variant: Variant) -> None:
    run = stage.run("unknown", variant)
    assert run.await_end() == {"faded": "failed"}
    run.log_when("faded", 1, "fading.act")
