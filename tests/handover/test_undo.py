"""The two tasks that end a workflow with something to undo, as Airflow itself decides about them."""

from __future__ import annotations

import pytest
from airflow.api.common.mark_tasks import set_dag_run_state_to_failed
from airflow.models.dagrun import DagRun
from airflow.models.serialized_dag import SerializedDagModel
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import BaseOperator
from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.workflows.graph import TriggerRule
from tests.handover.stage import Run, Stage, Work

pytestmark = pytest.mark.integration


def ending() -> list[BaseOperator]:
    """As the DAG factory makes them."""
    verdict = EmptyOperator(task_id="verdict", trigger_rule=TriggerRule.NONE_FAILED.value)
    undo = Work(task_id="undo")
    undo.as_teardown(on_failure_fail_dagrun=True)
    return [verdict, undo]


def started(stage: Stage, *keys: str) -> Run:
    """These tasks side by side, and then the two."""
    edges = [(key, end) for key in keys for end in ("verdict", "undo")]
    return stage.run([*keys, *ending()], edges)


def examined(run: Run) -> str:
    """The run's state after the scheduler has looked at it until nothing changes; tasks that act are only
    scheduled.
    """
    with Session(run.stage.engine) as session:
        model = SerializedDagModel.get(run.dag_id, session=session)
        assert model is not None
        found = session.scalars(select(DagRun).where(DagRun.run_id == run.run_id)).one()
        for _ in range(3):
            found.dag = model.dag
            ready, _ = found.update_state(session=session, execute_callbacks=False)
            found.schedule_tis(ready, session=session)
            session.commit()
        return str(found.state)


def mark_failed(run: Run) -> None:
    """As somebody does in Airflow's UI."""
    with Session(run.stage.engine) as session:
        model = SerializedDagModel.get(run.dag_id, session=session)
        assert model is not None
        set_dag_run_state_to_failed(dag=model.dag, run_id=run.run_id, commit=True, session=session)
        session.commit()


def test_the_worker_of_the_last_task_takes_undo_over_and_verdict_has_passed_by_then(stage: Stage) -> None:
    run = started(stage, "a")
    run.acts("a")
    answer = run.ask("a")
    assert answer.refused == ""
    assert answer.successor is not None
    assert answer.successor.ti["task_id"] == "undo"
    assert run.states() == {"a": "success", "verdict": "success", "undo": "running"}
    run.set("undo", state="success")
    assert examined(run) == "success"


def test_it_is_taken_over_too_where_another_leaf_was_skipped(stage: Stage) -> None:
    run = started(stage, "a", "b")
    run.acts("a")
    run.set("b", state="skipped")
    answer = run.ask("a")
    assert (answer.refused, answer.successor and answer.successor.ti["task_id"]) == ("", "undo")
    assert run.states()["verdict"] == "success"


def test_undo_waits_for_all_leaves(stage: Stage) -> None:
    run = started(stage, "a", "b")
    run.acts("a")
    run.acts("b")
    answer = run.ask("a")
    assert answer.successor is None
    assert run.states()["undo"] is None


def test_a_run_that_failed_ends_failed_after_it_was_undone(stage: Stage) -> None:
    run = started(stage, "a")
    run.set("a", state="failed")
    assert examined(run) == "running"
    assert run.states() == {"a": "failed", "verdict": "upstream_failed", "undo": "scheduled"}
    run.set("undo", state="success")
    assert examined(run) == "failed"


def test_a_cancelled_run_ends_failed_after_it_was_undone(stage: Stage) -> None:
    run = started(stage, "a")
    run.set("a", state="awaiting_input")
    run.set("verdict", state="failed")
    mark_failed(run)
    assert examined(run) == "running"
    assert run.states() == {"a": "failed", "verdict": "failed", "undo": "scheduled"}
    run.set("undo", state="success")
    assert examined(run) == "failed"


@pytest.mark.parametrize(("undo", "outcome"), [("failed", "failed"), ("success", "success")])
def test_a_run_that_was_marked_failed_is_red_only_because_undo_fails(
    undo: str, outcome: str, stage: Stage
) -> None:
    run = started(stage, "a")
    run.acts("a")
    mark_failed(run)
    assert examined(run) == "running"
    assert run.states() == {"a": "failed", "verdict": "skipped", "undo": "scheduled"}
    run.set("undo", state=undo)
    assert examined(run) == outcome


def test_a_run_whose_last_branch_was_not_taken_succeeds(stage: Stage) -> None:
    run = started(stage, "a")
    run.set("a", state="skipped")
    assert examined(run) == "running"
    assert run.states() == {"a": "skipped", "verdict": "success", "undo": "scheduled"}
    run.set("undo", state="success")
    assert examined(run) == "success"


def test_an_undo_that_fails_turns_the_run_red(stage: Stage) -> None:
    run = started(stage, "a")
    run.set("a", state="success")
    examined(run)
    run.set("undo", state="failed")
    assert examined(run) == "failed"
