"""What a task must be able to do, through each door and on each executor: the states and the log text that
Airflow's API returns.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from officeflow.runner.waiting import GIVE_UP, TRY_NOW
from officeflow.runtime.processes import is_alive
from tests.airflow.embedded import eventually
from tests.counterparts.scim import ScimServer
from tests.doors.scenarios import RETRY_AFTER
from tests.doors.stage import CORRELATION_ID, VARIANTS, Run, Stage, Variant

pytestmark = pytest.mark.integration

STOPPED = "the node was stopped|shouldn't be running anymore"
"""What the doors say about a task that was taken away."""


def tries(run: Run, task: str) -> list[dict[str, str]]:
    """Airflow's account of every try of the task, first to last."""
    path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task}/tries"
    found: list[dict[str, str]] = run.api._get(path)["task_instances"]
    return found


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def calls(directory: ScimServer) -> list[dict[str, Any]]:
    """The requests of these tests' runs; the server may have had others before."""
    return [
        request for request in directory.all_requests() if request.get("correlation_id") == CORRELATION_ID
    ]


def began(run: Run) -> int:
    """The pid of the process in which the first attempt has begun."""
    return eventually(run.evidence)[0][1]


class TestWhatIsTold:
    def test_the_task_log_has_the_nodes_story_and_its_key(
        self, stage: Stage, variant: Variant, directory: ScimServer
    ) -> None:
        run = stage.run("plain", variant)
        run.await_state("find", "success")
        log = run.log_when("find", 1, "Find account at", "attempt 1", "found:")
        assert re.search(r"key=[0-9a-f]{64}", log)
        assert directory.url in log

    def test_the_whole_log_is_sent_away_when_the_task_has_ended(self, stage: Stage, variant: Variant) -> None:
        run = stage.run("plain", variant)
        run.await_end()
        log = f"dag_id={run.dag_id}/run_id={run.run_id}/task_id=find/attempt=1.log"
        kept = stage.kept_logs / log
        eventually(kept.exists)
        whole = Path(stage.airflow.setup.home, "logs", log).read_text()
        assert "found:" in whole
        eventually(lambda: kept.read_text() == whole)

    def test_connections_come_from_airflow_alone(
        self, stage: Stage, variant: Variant, directory: ScimServer
    ) -> None:
        """The one in use is nowhere but in Airflow's database, and the customer's system took the
        credentials.
        """
        run = stage.run("plain", variant)
        assert run.await_state("find", "success", "failed") == "success"
        assert {request["status"] for request in calls(directory)} == {200}

    def test_secrets_are_masked_in_whatever_way_they_are_told(
        self, stage: Stage, variant: Variant, directory: ScimServer
    ) -> None:
        run = stage.run("plain", variant)
        assert run.await_state("tell", "success", "failed") == "success"
        log = run.log_when("tell", 1, "printed: ***", "written: ***", "logged: ***", "noted: ***")
        assert directory.token not in log

    def test_a_run_has_a_trace_and_the_customers_system_is_told(
        self, stage: Stage, variant: Variant, directory: ScimServer
    ) -> None:
        run = stage.run("plain", variant)
        run.await_state("find", "success")
        traces = {request.get("traceparent") for request in calls(directory)}
        assert traces
        assert all(
            re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-9a-f]", trace or "") for trace in traces
        ), traces


class TestWays:
    @pytest.mark.parametrize("where", VARIANTS, ids=str)
    def test_a_node_is_done_through_each_door_on_each_executor(self, stage: Stage, where: Variant) -> None:
        run = stage.run("everywhere", where)
        assert run.await_end() == {"act": "success"}
        assert "puts on record: workflow, did," in run.log_when("act", 1, "puts on record")

    def test_what_a_false_condition_leads_to_is_skipped_also_after_clearing(
        self, stage: Stage, variant: Variant
    ) -> None:
        run = stage.run("plain", variant)
        expected = {"find": "success", "tell": "success", "taken": "success", "not_taken": "skipped"}
        assert run.await_end() == expected
        assert "the way to not_taken is not taken" in run.log_when("find", 1, "not_taken")
        run.api.clear(run.dag_id, run.run_id, ["not_taken"])
        eventually(lambda: run.await_end() == expected)

    def test_a_node_that_waits_is_rescheduled_and_holds_no_process(
        self, stage: Stage, variant: Variant
    ) -> None:
        run = stage.run("waiting", variant)
        assert run.await_end() == {"wait": "success", "after": "success"}
        assert run.tasks()["wait"]["try_number"] == 1
        run.log_when("wait", 1, "waits until", "goes on")

    def test_a_node_that_asks_goes_on_with_the_answer_and_holds_no_process(
        self, stage: Stage, variant: Variant
    ) -> None:
        run = stage.run("asking", variant)
        stage.airflow.answer(run.dag_id, run.run_id, "no", "Reject")
        stage.airflow.answer(run.dag_id, run.run_id, "fill", "Submit", desk=7)
        stage.airflow.answer(run.dag_id, run.run_id, "do", "Done", reason=" key 12")
        stage.airflow.answer(run.dag_id, run.run_id, "yes", "Approve")
        assert run.await_end() == {
            **dict.fromkeys(("yes", "fill", "do", "after"), "success"),
            "no": "failed",
            "never": "upstream_failed",
        }
        assert {task["try_number"] for name, task in run.tasks().items() if name != "never"} == {1}
        run.log_when("yes", 1, "asks: May it be yes? (Approve / Reject)", "approved by admin")
        run.log_when("no", 1, "not_approved: rejected by admin")
        run.log_when("after", 1, "admin7key 12")

    def test_a_wait_beyond_the_limit_is_asked_about_and_the_answer_makes_the_next_try(
        self, stage: Stage, variant: Variant
    ) -> None:
        run = stage.run("limited", variant)
        for task, option in (("now", TRY_NOW), ("never", GIVE_UP)):
            stage.airflow.answer(run.dag_id, run.run_id, task, option)
        assert run.await_end() == {"now": "success", "never": "failed"}
        assert {name: task["try_number"] for name, task in run.tasks().items()} == {"now": 2, "never": 1}
        run.log_when("never", 1, "not_approved: admin gave up waiting")

    def test_a_retry_comes_after_our_delay(self, stage: Stage, variant: Variant) -> None:
        run = stage.run("busy", variant)
        assert run.await_end() == {"busy": "success"}
        first, second = tries(run, "busy")
        assert moment(second["start_date"]) - moment(first["end_date"]) >= dt.timedelta(
            seconds=RETRY_AFTER - 0.5
        )
        run.log_when("busy", 1, "rate_limited: too many calls", f"trying again in {RETRY_AFTER} s")

    def test_a_run_stays_with_the_version_that_it_began_with(self, stage: Stage, variant: Variant) -> None:
        run = stage.run("pinned", variant)
        assert run.await_end()["after"] == "success"
        assert "puts on record: workflow, old," in run.log_when("after", 1, "puts on record")
        newer = stage.start("pinned", variant)
        newer.await_state("wait", "up_for_reschedule")
        assert (
            newer.api.dag_run(newer.dag_id, newer.run_id)["bundle_version"]
            != run.api.dag_run(run.dag_id, run.run_id)["bundle_version"]
        )


class TestLongCalls:
    def test_a_call_may_last_longer_than_the_heartbeat_timeout(self, stage: Stage, variant: Variant) -> None:
        run = stage.run("long", variant)
        assert run.await_end() == {"long": "success"}
        assert run.words() == ["began", "ended"]

    def test_it_stops_when_the_task_is_marked_failed(self, stage: Stage, variant: Variant) -> None:
        run = stage.run("marked", variant)
        pid = began(run)
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/long"
        run.api._call("PATCH", path, json={"new_state": "failed"})
        eventually(lambda: not is_alive(pid))
        assert run.await_end() == {"long": "failed"}
        assert re.search(STOPPED, run.log_when("long", 1, "sleeps for"))
        assert run.words() == ["began"]

    def test_it_stops_when_the_task_is_cleared_and_the_act_is_done_once(
        self, stage: Stage, variant: Variant
    ) -> None:
        run = stage.run("cleared", variant)
        pid = began(run)
        run.api.clear(run.dag_id, run.run_id, ["long"])
        eventually(lambda: not is_alive(pid))
        assert run.await_end() == {"long": "success"}
        assert run.words() == ["began", "began", "ended"]
        assert re.search(STOPPED, run.log_when("long", 1, "sleeps for"))
        run.log_when("long", run.tasks()["long"]["try_number"], "an earlier attempt left no end")

    def test_it_stops_when_its_time_is_up_and_is_tried_again_where_it_may(
        self, stage: Stage, variant: Variant
    ) -> None:
        run = stage.run("slow", variant)
        assert run.await_end() == {"once": "success", "always": "failed"}
        assert sorted(run.words()) == ["began", "began", "began", "ended"]
        assert [run.tasks()[task]["try_number"] for task in ("once", "always")] == [2, 1]
        for task in ("once", "always"):
            assert re.search("tim(ed|e)[ -]?out", run.log_when(task, 1, "sleeps for"), re.IGNORECASE)


class TestNeighbours:
    def test_a_node_that_ends_its_process_is_noticed_and_tried_again_and_its_neighbours_do_not_suffer(
        self, stage: Stage, variant: Variant
    ) -> None:
        run = stage.run("crashing", variant)
        assert set(run.await_end().values()) == {"success"}
        assert {task: found["try_number"] for task, found in run.tasks().items()} == {
            "segfault": 2, "kill": 2, "exit": 2, "neighbour_0": 1, "neighbour_1": 1,
        }  # fmt: skip
        for task, sign in (("segfault", "SIGSEGV"), ("kill", "SIGKILL"), ("exit", r"(exit_code=|status )3")):
            assert re.search(sign, run.log_when(task, 1, "dies now"))

    def test_nothing_of_a_node_is_left_for_the_next(self, stage: Stage, variant: Variant) -> None:
        run = stage.run("messy", variant)
        states = run.await_end()
        assert set(states.values()) == {"success"}
        for task in states:
            run.log_when(task, 1, "found nothing in process")

    @pytest.mark.parametrize("where", [each for each in VARIANTS if not each.is_handed], ids=str)
    def test_a_task_of_a_foreign_bundle_runs_as_ever(self, stage: Stage, where: Variant) -> None:
        run = Run(stage.airflow, "foreign", "test__foreign", stage.folder / "none")
        assert run.await_state(str(where), "success", "failed") == "success"
        run.log_when(str(where), 1, "a foreign task in process")
