"""Why a run failed that somebody marked failed in Airflow."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.database.tables import WorkflowRun
from officeflow.runs import undone
from officeflow.runs.failures import NO_WORD, TASK_FAILED, run_failed
from officeflow.runs.undone import Cause
from officeflow.statuses import RunStatus

MARKED = {"code": "marked_failed", "message": "somebody marked it failed in Airflow"}
BY_MARK = {"node": "wait", "code": TASK_FAILED, "message": NO_WORD, "fields": []}
OWN = {"node": "mail", "code": "invalid_parameters", "message": "no such field", "fields": ["params.to"]}


def kept(cause: Cause, error: dict[str, Any]) -> dict[str, Any] | None:
    run = WorkflowRun(status=RunStatus.FAILED, undone={"state": "done", "cause": cause})
    return undone.with_remaining(run, error)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (run_failed(["wait"], [BY_MARK]), MARKED),
        (run_failed([], []), MARKED),
        (run_failed(["call"], []), {**MARKED, "nodes": ["call"]}),
        (run_failed(["wait"], [BY_MARK, OWN]), {**MARKED, "nodes": ["mail"], "reasons": [OWN]}),
    ],
)
def test_the_tasks_that_the_mark_failed_are_no_reason_and_what_nodes_say_stays(
    error: dict[str, Any], told: dict[str, Any]
) -> None:
    assert kept(Cause.MARKED, error) == told


def test_a_run_that_failed_by_itself_says_where() -> None:
    error = run_failed(["wait"], [BY_MARK])
    assert kept(Cause.FAILED, error) == error
