"""What a hand-over leaves in Airflow's database, and when it leaves everything as it was."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from airflow.providers.standard.operators.empty import EmptyOperator

from handover.slot import Refused
from tests.handover.stage import BEGAN, WORKER, Run, Stage, Work

pytestmark = pytest.mark.integration


class TestChain:
    def test_the_next_task_runs_in_the_workers_name(self, stage: Stage) -> None:
        run = stage.run("abc")
        run.acts("a")
        before = run.task("b")
        answer = run.ask("a")
        assert answer.successor is not None
        assert run.states() == {"a": "success", "b": "running", "c": None}
        b = run.task("b")
        assert (b.hostname, b.unixname, b.pid) == tuple(WORKER.values())
        assert (b.queued_by_job_id, b.external_executor_id, b.try_number) == (7, "celery-1", 1)
        assert b.scheduled_dttm == b.queued_dttm == b.start_date == BEGAN + dt.timedelta(seconds=2)
        assert b.end_date is None
        assert b.last_heartbeat_at > BEGAN
        assert answer.successor.ti == {
            "id": str(before.id),
            "dag_id": run.dag_id,
            "run_id": run.run_id,
            "task_id": "b",
            "map_index": -1,
            "try_number": 1,
            "dag_version_id": str(before.dag_version_id),
            "hostname": "worker-1",
            "context_carrier": before.context_carrier,
            "queue": "nodes",
        }
        assert before.context_carrier["traceparent"]
        assert answer.successor.token == f"token of {before.id}"
        assert answer.successor.log_path == (
            f"dag_id={run.dag_id}/run_id={run.run_id}/task_id=b/attempt=1.log"
        )

    def test_the_task_before_has_ended_as_airflow_ends_it(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.ask("a")
        a = run.task("a")
        assert a.end_date == BEGAN + dt.timedelta(seconds=2)
        assert a.duration == pytest.approx(2.0)
        assert run.events() == [("success", "a", 1), ("running", "b", 1)]

    def test_the_last_task_ends_without_a_successor(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("b")
        run.set("a", state="success")
        answer = run.ask("b")
        assert (answer.refused, answer.successor) == ("", None)
        assert run.states() == {"a": "success", "b": "success"}

    def test_a_task_that_had_tries_before_gets_another_and_forgets_its_xcoms(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.set("b", try_number=2, max_tries=4)
        run.push("b", "return_value", 1)
        answer = run.ask("a")
        assert answer.successor is not None
        assert answer.successor.ti["try_number"] == run.task("b").try_number == 3
        assert answer.successor.xcom_keys_to_clear == ("return_value",)
        assert (answer.successor.max_tries, answer.successor.should_retry) == (4, True)

    def test_a_task_without_retries_is_not_tried_again(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        answer = run.ask("a")
        assert answer.successor is not None
        assert (answer.successor.max_tries, answer.successor.should_retry) == (0, False)


class TestRules:
    """The trigger rules are Airflow's; here it is seen that they are asked the right thing."""

    @pytest.mark.parametrize(
        ("rule", "other", "state"),
        [
            ("all_success", "success", "running"),
            ("all_success", "running", None),
            ("all_success", "failed", None),
            ("all_success", "skipped", None),
            ("one_success", "running", "running"),
            ("one_success", None, "running"),
            ("one_success", "failed", "running"),
            ("all_done", "failed", "running"),
            ("all_done", "running", None),
            ("none_failed_min_one_success", "skipped", "running"),
            ("none_failed_min_one_success", "failed", None),
            ("none_failed_min_one_success", "upstream_failed", None),
            ("none_failed_min_one_success", "up_for_retry", None),
            ("none_failed_min_one_success", None, None),
        ],
    )
    def test_a_join_follows_its_rule(
        self, stage: Stage, rule: str, other: str | None, state: str | None
    ) -> None:
        join = Work(task_id="join", trigger_rule=rule)
        run = stage.run(["a", "other", join], [("a", "join"), ("other", "join")])
        run.acts("a")
        run.set("other", state=other)
        answer = run.ask("a")
        assert run.states() == {"a": "success", "other": other, "join": state}
        assert (answer.successor is not None) == (state == "running")

    def test_of_branches_one_is_taken_and_the_others_are_the_schedulers(self, stage: Stage) -> None:
        run = stage.run("abcd", [("a", "b"), ("a", "c"), ("a", "d")])
        run.acts("a")
        assert run.ask("a").successor is not None
        states = run.states()
        assert sorted(str(states.pop(name)) for name in "bcd") == ["running", "scheduled", "scheduled"]
        left = next(name for name in "bcd" if run.task(name).state == "scheduled")
        assert run.task(left).try_number == 1
        assert run.task(left).scheduled_dttm is not None

    def test_of_branches_the_most_important_is_taken(self, stage: Stage) -> None:
        run = stage.run("abcd", [("a", "b"), ("a", "c"), ("a", "d")])
        run.acts("a")
        run.set("c", priority_weight=9)
        run.ask("a")
        assert run.states() == {"a": "success", "b": "scheduled", "c": "running", "d": "scheduled"}

    def test_what_does_nothing_is_passed_through(self, stage: Stage) -> None:
        run = stage.run(["a", EmptyOperator(task_id="gate"), EmptyOperator(task_id="gate2"), "b", "c"])
        run.acts("a")
        assert run.ask("a").successor is not None
        ended = dict.fromkeys(("a", "gate", "gate2"), "success")
        assert run.states() == {**ended, "b": "running", "c": None}
        gate = run.task("gate")
        assert (gate.duration, gate.try_number) == (0, 1)
        assert gate.start_date == gate.end_date

    def test_what_does_nothing_at_the_end_ends_too(self, stage: Stage) -> None:
        run = stage.run(["a", EmptyOperator(task_id="verdict")])
        run.acts("a")
        assert run.ask("a").successor is None
        assert run.states() == {"a": "success", "verdict": "success"}

    def test_a_task_behind_a_setup_far_away_is_decided_as_airflow_does(self, stage: Stage) -> None:
        setup = Work(task_id="setup").as_setup()
        run = stage.run([setup, "a", "b"])
        run.set("setup", state="success")
        run.acts("a")
        run.ask("a")
        assert run.task("b").state in {"running", None}


class TestSkips:
    def test_what_is_skipped_is_skipped_and_remembered(self, stage: Stage) -> None:
        run = stage.run([Work(task_id="a", skips=True), "b", "c"], [("a", "b"), ("a", "c")])
        run.acts("a")
        answer = run.ask("a", "b")
        assert answer.successor is not None
        assert run.states() == {"a": "success", "b": "skipped", "c": "running"}
        assert run.xcom("a", "skipmixin_key") == {"skipped": ["b"]}
        assert run.task("b").start_date == run.task("b").end_date

    def test_a_join_behind_a_skipped_edge_is_taken(self, stage: Stage) -> None:
        join = Work(task_id="join", trigger_rule="none_failed_min_one_success")
        parts = [Work(task_id="a", skips=True), EmptyOperator(task_id="edge"), EmptyOperator(task_id="edge2")]
        edges = [("a", "edge"), ("a", "edge2"), ("edge", "join"), ("edge2", "join")]
        run = stage.run([*parts, join], edges)
        run.acts("a")
        assert run.ask("a", "edge").successor is not None
        assert run.states() == {"a": "success", "edge": "skipped", "edge2": "success", "join": "running"}

    def test_a_second_try_may_skip_something_else(self, stage: Stage) -> None:
        run = stage.run([Work(task_id="a", skips=True), "b", "c"], [("a", "b"), ("a", "c")])
        run.acts("a")
        run.push("a", "skipmixin_key", {"skipped": ["c"]})
        run.ask("a", "b")
        assert run.xcom("a", "skipmixin_key") == {"skipped": ["b"]}
        assert run.states() == {"a": "success", "b": "skipped", "c": "running"}

    def test_what_another_task_skipped_before_is_not_taken(self, stage: Stage) -> None:
        join = Work(task_id="join", trigger_rule="one_success")
        run = stage.run([Work(task_id="other", skips=True), "a", join], [("a", "join"), ("other", "join")])
        run.acts("a")
        run.set("other", state="success")
        run.push("other", "skipmixin_key", {"skipped": ["join"]})
        assert run.ask("a").successor is None
        assert run.states() == {"a": "success", "other": "success", "join": None}

    def test_what_acts_or_has_ended_is_not_skipped(self, stage: Stage) -> None:
        run = stage.run([Work(task_id="a", skips=True), "b", "c"], [("a", "b"), ("a", "c")])
        run.acts("a")
        run.set("b", state="failed")
        run.set("c", state="queued")
        run.ask("a", "b", "c")
        assert run.states() == {"a": "success", "b": "failed", "c": "skipped"}


def unchanged(run: Run, reason: str, task: str = "a", **changes: Any) -> None:
    before = run.everything()
    with pytest.raises(Refused, match=reason):
        run.ask(task, **changes)
    assert run.everything() == before


class TestRefusals:
    """Whatever is odd changes nothing."""

    @pytest.mark.parametrize("state", ["success", "failed", "queued"])
    def test_a_run_that_does_not_run(self, stage: Stage, state: str) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.set_run(state=state)
        unchanged(run, f"the run is {state}")

    def test_a_run_that_is_not_due(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.set_run(run_after=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
        unchanged(run, "the run is not due")

    def test_a_paused_dag(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.set_dag(is_paused=True)
        unchanged(run, "the DAG is paused")

    def test_a_stale_dag(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.set_dag(is_stale=True)
        unchanged(run, "the DAG is stale")

    def test_a_dag_of_another_bundle(self, stage: Stage) -> None:
        run = stage.run("ab", bundle="dags")
        run.acts("a")
        unchanged(run, "the task is of the bundle dags")

    def test_a_run_without_a_version(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.set_run(bundle_version=None)
        unchanged(run, "no version")

    def test_a_mapped_task(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a", map_index=3)
        unchanged(run, "a mapped one")

    def test_a_successor_that_is_mapped(self, stage: Stage) -> None:
        run = stage.run(["a"], and_then=lambda: Work.partial(task_id="b").expand(skips=[True, False]))
        run.acts("a")
        unchanged(run, "behind it is a mapped one")

    @pytest.mark.parametrize("worker", [{"hostname": "worker-2"}, {"pid": 1}, {"unixname": "root"}])
    def test_another_workers_task(self, stage: Stage, worker: dict[str, Any]) -> None:
        run = stage.run("ab")
        run.acts("a")
        unchanged(run, "another worker's", **worker)

    @pytest.mark.parametrize("state", ["failed", "success", "up_for_retry", "restarting", "queued", None])
    def test_a_task_that_does_not_run(self, stage: Stage, state: str | None) -> None:
        run = stage.run("ab")
        run.acts("a", state=state)
        unchanged(run, f"the task is {state}")

    def test_a_task_instance_that_is_not_there(self, stage: Stage) -> None:
        run = stage.run("ab")
        with pytest.raises(Refused, match="not there any more"):
            run.handed(uuid.uuid4())

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"queue": "default"}, "b has another queue"),
            ({"pool": "payroll"}, "b has another pool"),
            ({"pool_slots": 2}, "b needs more slots"),
            ({"executor": "CeleryExecutor"}, "b has another executor"),
            ({"next_method": "execute_complete"}, "b goes on with something"),
            ({"executor_config": {"image": "other"}}, "b has its own way to be executed"),
        ],
    )
    def test_a_successor_that_does_not_fit(self, stage: Stage, change: dict[str, Any], reason: str) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.set("b", **change)
        unchanged(run, reason)

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ({"max_active_tis_per_dag": 1}, "b is limited in number"),
            ({"max_active_tis_per_dagrun": 1}, "b is limited in number"),
        ],
    )
    def test_a_successor_with_limits(self, stage: Stage, given: dict[str, Any], reason: str) -> None:
        run = stage.run(["a", Work(task_id="b", **given)])
        run.acts("a")
        unchanged(run, reason)

    @pytest.mark.parametrize("given", ["depends_on_past", "wait_for_downstream"])
    def test_a_successor_that_depends_on_the_run_before(self, stage: Stage, given: str) -> None:
        run = stage.run(["a", Work(task_id="b", **{given: True})])
        run.acts("a")
        unchanged(run, "depends on the run before")

    @pytest.mark.parametrize("state", ["scheduled", "queued"])
    def test_somebody_more_important_who_waits(self, stage: Stage, state: str) -> None:
        run, leaver = stage.run("ab"), stage.run("x")
        run.acts("a")
        leaver.set("x", state=state, priority_weight=10)
        unchanged(run, "higher priority waits", weight=9)
        leaver.set("x", state="success")
        assert run.ask("a", weight=9).successor is not None

    @pytest.mark.parametrize(
        "change", [{"pool": "payroll"}, {"priority_weight": 9}, {"state": "running"}, {"state": None}]
    )
    def test_others_do_not_matter(self, stage: Stage, change: dict[str, Any]) -> None:
        run, leaver = stage.run("ab"), stage.run("x")
        run.acts("a")
        leaver.set("x", **{"state": "scheduled", "priority_weight": 10, **change})
        assert run.ask("a", weight=9).successor is not None
        leaver.set("x", state="success")

    def test_who_waits_for_a_paused_dag_does_not_matter(self, stage: Stage) -> None:
        run, leaver = stage.run("ab"), stage.run("x")
        run.acts("a")
        leaver.set("x", state="scheduled", priority_weight=10)
        leaver.set_dag(is_paused=True)
        assert run.ask("a", weight=9).successor is not None

    def test_the_weight_of_the_slot_is_its_most_important_tasks(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.set("b", priority_weight=3)
        heavy = run.ask("a", weight=5).successor
        assert heavy is not None
        assert heavy.weight == 5
        other = stage.run("ab")
        other.acts("a")
        other.set("b", priority_weight=8)
        light = other.ask("a", weight=5).successor
        assert light is not None
        assert light.weight == 8
