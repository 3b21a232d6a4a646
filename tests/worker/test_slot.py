"""The worker's side of a hand-over, against an api-server that answers what each test says."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from airflow.sdk.api.client import BearerAuth, ServerResponseError

from coordinators import node_coordinator, slot, task_logs
from coordinators.lossy import LossyLog
from coordinators.node_coordinator import NodeCoordinator
from coordinators.reports import Report
from coordinators.slot import Slot
from handover.messages import Answer
from officeflow.sdk import NodeResult
from tests.worker.handing_on import AT, RUN, Api, Lines, of, successor, task


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot, "PAUSE_SECONDS", 0.0)


class TestEnding:
    def test_one_call_ends_the_task_and_brings_the_next(self) -> None:
        api = Api(Answer(successor=successor()))
        mine, what = of(api), task()
        assert mine.end(what, AT, ["x"])
        assert mine.goes_on_with == "b"
        found = mine.take()
        assert found is not None
        assert found.token == "token-b"
        assert mine.take() is None
        [asked] = api.asked
        assert str(asked.url) == (
            f"http://api/airflow/officeflow-execution/task-instances/{what.id}/handover"
        )
        assert asked.headers["authorization"] == "Bearer first"
        body = json.loads(asked.content)
        assert (body["pid"], body["skip"], body["weight"]) == (os.getpid(), ["x"], 1)
        assert dt.datetime.fromisoformat(body["at"]) == AT

    def test_from_then_on_the_client_speaks_for_the_next_task(self) -> None:
        api = Api(Answer(successor=successor(weight=7)), Answer())
        mine = of(api)
        mine.end(task(), AT, [])
        taken = mine.take()
        assert taken is not None
        assert mine.end(task("b"), AT, [])
        assert api.asked[-1].headers["authorization"] == "Bearer token-b"
        assert api.bodies[-1]["weight"] == 7
        assert isinstance(api.client.auth, BearerAuth)
        assert mine.take() is None

    @pytest.mark.parametrize("status", [404, 401, 403, 405, 422])
    def test_what_is_refused_is_ended_in_the_ordinary_way_at_once(self, status: int) -> None:
        api = Api(status)
        assert not of(api).end(task(), AT, [])
        assert len(api.asked) == 1

    def test_what_is_odd_is_ended_in_the_ordinary_way(self) -> None:
        api = Api(Answer(refused="the DAG is paused"))
        mine = of(api)
        assert not mine.end(task(), AT, [])
        mine.look_again()
        assert (len(api.asked), mine.take()) == (1, None)

    def test_who_may_not_go_on_asks_nobody(self) -> None:
        api = Api()
        assert not of(api, goes_on=False).end(task(), AT, [])
        assert api.asked == []

    def test_nobody_has_a_slot_for_longer_than_a_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [0.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        api = Api(Answer(successor=successor()))
        mine = of(api)
        now[0] = 59.0
        assert mine.end(task(), AT, [])
        now[0] = 61.0
        assert not mine.end(task("b"), AT, [])
        assert len(api.asked) == 1


class TestLostAnswers:
    @pytest.mark.parametrize(
        "loss", [httpx.ReadTimeout("slow"), httpx.ConnectError("gone"), 500, 503], ids=str
    )
    def test_the_same_is_asked_again(self, loss: Any) -> None:
        api = Api(loss, Answer(successor=successor()))
        mine = of(api)
        assert mine.end(task(), AT, ["x"])
        assert mine.goes_on_with == "b"
        assert api.bodies[0] == api.bodies[1]

    def test_one_that_is_refused_after_another_was_lost_is_looked_at_again(self) -> None:
        """The lost one may still be at it in the api-server, and then take the successor."""
        refused = Answer(refused="others decide about its successors")
        api = Api(httpx.ReadTimeout("slow"), refused, Answer(successor=successor()))
        mine = of(api)
        assert not mine.end(task(), AT, [])
        mine.look_again()
        assert mine.goes_on_with == "b"
        assert api.bodies[0] == api.bodies[2]

    def test_after_three_times_the_ordinary_way_is_taken_and_then_asked_once_more(self) -> None:
        lost = httpx.ReadTimeout("slow")
        api = Api(lost, lost, lost, Answer(successor=successor()))
        mine = of(api)
        assert not mine.end(task(), AT, [])
        assert mine.take() is None
        mine.look_again()
        assert mine.goes_on_with == "b"
        assert all(body == api.bodies[0] for body in api.bodies)
        mine.look_again()
        assert len(api.asked) == 4

    def test_an_answer_of_another_form_is_a_lost_one(self) -> None:
        class Other:
            def model_dump_json(self) -> str:
                return "<html>"

        api = Api(Other(), Answer(successor=successor()))
        assert of(api).end(task(), AT, [])


class TestReport:
    """`Report.ended`, by which route Airflow learns of it."""

    def ended(self, api: Api, result: NodeResult) -> tuple[str, Slot]:
        mine = of(api)
        context = SimpleNamespace(should_retry=True, next_method=None)
        report = Report(task(), context, api.client, LossyLog(Lines()), mine)  # type: ignore[arg-type]
        return report.ended(result), mine

    def test_a_success_and_what_it_skips_go_with_the_one_call(self) -> None:
        api = Api(Answer(successor=successor()))
        assert self.ended(api, NodeResult(status="success", skip=["x"]))[0] == "success"
        assert api.paths == ["handover"]
        assert api.bodies[0]["skip"] == ["x"]

    def test_what_is_refused_goes_in_three(self) -> None:
        api = Api(Answer(refused="the run is failed"))
        self.ended(api, NodeResult(status="success", skip=["x"]))
        assert api.paths == ["handover", "skipmixin_key", "skip-downstream", "state"]

    @pytest.mark.parametrize(
        "result",
        [
            NodeResult(status="failed"),
            NodeResult(status="retry"),
            NodeResult(status="retry", reschedule_at=AT),
        ],
    )
    def test_whoever_has_not_succeeded_hands_nothing_on(
        self, result: NodeResult, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("coordinators.reports.message_of", lambda error: "why")
        api = Api()
        self.ended(api, result)
        assert api.paths == ["state"]

    def test_a_successor_whose_bringing_was_lost_is_found_after_the_ordinary_end(self) -> None:
        lost = httpx.ReadTimeout("slow")
        api = Api(lost, lost, lost, Answer(successor=successor()))
        state, mine = self.ended(api, NodeResult(status="success"))
        assert (state, mine.goes_on_with) == ("success", "b")
        assert api.paths == ["handover"] * 3 + ["state", "handover"]

    def test_also_where_the_task_was_marked_meanwhile(self) -> None:
        lost = httpx.ReadTimeout("slow")
        api = Api(lost, lost, lost, Answer(successor=successor()))
        api.refuses["/state"] = 409
        mine = of(api)
        context = SimpleNamespace(should_retry=True, next_method=None)
        report = Report(task(), context, api.client, LossyLog(Lines()), mine)  # type: ignore[arg-type]
        with pytest.raises(ServerResponseError):
            report.ended(NodeResult(status="success"))
        assert mine.goes_on_with == "b"


class TestCoordinator:
    """The loop over the tasks of a slot; what their nodes do is told by the test."""

    @pytest.fixture
    def api(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Api:
        monkeypatch.setattr(node_coordinator, "is_wanted", lambda: True)
        monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(tmp_path))
        return Api(Answer(successor=successor()), Answer(successor=successor("c")), Answer())

    def run(
        self, api: Api, monkeypatch: pytest.MonkeyPatch, act: Callable[[str], NodeResult]
    ) -> tuple[Any, list[tuple[str, Any]]]:
        """What the executor is told, and the tasks that acted with the confs they had."""
        acted: list[tuple[str, Any]] = []

        def outcome(self: Any, process: Any, order: Any, heartbeat: float) -> Any:
            acted.append((order.task_id, order.conf))
            return SimpleNamespace(result=act(order.task_id))

        monkeypatch.setattr(node_coordinator._Task, "_outcome", outcome)
        monkeypatch.setattr("coordinators.reports.message_of", lambda error: "why")
        bundle = SimpleNamespace(name="officeflow", version="r1")
        return NodeCoordinator().execute_task(what=task(), bundle_info=bundle, client=api.client), acted

    def test_all_tasks_of_the_run_act_one_after_the_other(
        self, api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        result, acted = self.run(api, monkeypatch, lambda _: NodeResult(status="success"))
        assert acted == [(name, RUN["conf"]) for name in "abc"]
        assert (result.exit_code, result.final_state) == (0, "success")
        assert api.paths == ["run", "handover", "handover", "handover"]
        assert [json.loads(line)["event"] for line in (tmp_path / "c.log").read_text().splitlines()] == [
            "taken over from b with its slot, without waiting for one"
        ]
        assert "its slot is handed on to c" in (tmp_path / "b.log").read_text()

    def test_the_executor_is_told_of_the_first_alone(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        results = {"a": NodeResult(status="success"), "b": NodeResult(status="failed")}
        result, acted = self.run(api, monkeypatch, results.__getitem__)
        assert (result.exit_code, result.final_state) == (0, "success")
        assert [name for name, _ in acted] == ["a", "b"]
        assert json.loads(api.asked[-1].content)["state"] == "failed"
        assert api.asked[-1].headers["authorization"] == "Bearer token-b"

    def test_a_failed_first_task_hands_nothing_on(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        result, _ = self.run(api, monkeypatch, lambda _: NodeResult(status="failed"))
        assert (result.exit_code, result.final_state) == (1, "failed")
        assert "handover" not in api.paths

    def test_a_task_that_cannot_be_reported_does_not_make_the_first_one_fail(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def act(name: str) -> NodeResult:
            if name == "b":
                raise httpx.ConnectError("the api-server stays away")
            return NodeResult(status="success")

        result, acted = self.run(api, monkeypatch, act)
        assert result.exit_code == 0
        assert [name for name, _ in acted] == ["a", "b"]

    def test_a_worker_that_is_told_to_end_hands_nothing_on(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def act(name: str) -> NodeResult:
            if name == "b":
                os.kill(os.getpid(), signal.SIGTERM)
            return NodeResult(status="success")

        before = signal.getsignal(signal.SIGTERM)
        _, acted = self.run(api, monkeypatch, act)
        assert [name for name, _ in acted] == ["a", "b"]
        assert api.paths == ["run", "handover", "state"]
        assert signal.getsignal(signal.SIGTERM) == before

    def test_where_it_is_not_wanted_nothing_is_handed_on(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(node_coordinator, "is_wanted", lambda: False)
        _, acted = self.run(api, monkeypatch, lambda _: NodeResult(status="success"))
        assert [name for name, _ in acted] == ["a"]
        assert api.paths == ["run", "state"]

    def test_a_log_without_room_stops_no_task(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(path: str, client: Any) -> Any:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(task_logs, "_configure_logging", full)
        _, acted = self.run(api, monkeypatch, lambda _: NodeResult(status="success"))
        assert [name for name, _ in acted] == ["a", "b", "c"]

    def test_each_log_is_sent_away_where_logs_are_kept_elsewhere(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent: list[tuple[str, str]] = []

        class Elsewhere:
            def upload(self, path: str, ti: Any) -> None:
                sent.append((path, ti.task_id))

        for name in ("airflow.sdk.log.load_remote_log_handler",):
            monkeypatch.setattr(name, Elsewhere)
        self.run(api, monkeypatch, lambda _: NodeResult(status="success"))
        assert sent == [("b.log", "b"), ("c.log", "c")]  # the first has no file here


@pytest.mark.parametrize(("value", "wanted"), [("", None), ("on", True), ("true", True), ("off", False)])
def test_the_setting(value: str, wanted: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    slot.is_wanted.cache_clear()
    if wanted is None:
        monkeypatch.delenv("OFFICEFLOW_HANDOVER", raising=False)
    else:
        monkeypatch.setenv("OFFICEFLOW_HANDOVER", value)
    try:
        assert slot.is_wanted() is (wanted is not False)
    finally:
        slot.is_wanted.cache_clear()


def test_wrong_settings_hand_nothing_on(monkeypatch: pytest.MonkeyPatch) -> None:
    slot.is_wanted.cache_clear()
    monkeypatch.setenv("OFFICEFLOW_HANDOVER", "perhaps")
    try:
        assert not slot.is_wanted()
    finally:
        slot.is_wanted.cache_clear()
