"""The scheduler and other workers decide at the same time, and connections are lost."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from sqlalchemy import event, select, text, update
from sqlalchemy.engine import Connection

from handover import slot, statements
from handover.app import Unsettled
from handover.readiness import decide
from handover.slot import Refused
from tests.handover.stage import BEGAN, Run, Stage, Work

pytestmark = pytest.mark.integration


def held(run: Run, task_id: str, **values: Any) -> Any:
    """A transaction of somebody else's that has changed the task, and is not at its end."""
    connection = run.stage.engine.connect()
    connection.begin()
    row = (
        TaskInstance.dag_id == run.dag_id,
        TaskInstance.run_id == run.run_id,
        TaskInstance.task_id == task_id,
    )
    connection.execute(update(TaskInstance).where(*row).values(**values))
    return connection


class TestOthers:
    def test_what_the_scheduler_takes_meanwhile_is_not_waited_for(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        with held(run, "b", state="scheduled", try_number=1) as scheduler:
            assert run.ask("a").successor is None
            scheduler.commit()
        assert run.states() == {"a": "success", "b": "scheduled"}
        assert run.task("b").try_number == 1

    def test_what_the_scheduler_has_taken_is_the_schedulers(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        run.set("b", state="scheduled", try_number=1)
        assert run.ask("a").successor is None
        assert run.states() == {"a": "success", "b": "scheduled"}

    def test_the_schedulers_lock_on_the_run_does_not_matter(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        with stage.engine.connect() as scheduler:
            scheduler.execute(select(DagRun).where(DagRun.run_id == run.run_id).with_for_update(of=DagRun))
            assert run.ask("a").successor is not None

    def test_what_is_taken_at_the_last_moment_is_left(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between the look and the take the run was ended: nothing of both is done."""
        run = stage.run("ab")
        run.acts("a")
        before = run.everything()

        def late(*arguments: Any) -> Any:
            decision = decide(*arguments)
            run.set_run(state="failed")
            return decision

        monkeypatch.setattr(slot, "decide", late)
        with pytest.raises(Refused, match="the run is failed"):
            run.ask("a")
        assert run.everything()[:3] == before[:3]

    def test_the_scheduler_finds_a_task_that_is_handed_on_as_running(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its own `UPDATE` waits for this transaction, and then changes nothing."""
        run = stage.run("ab")
        run.acts("a")
        scheduled: list[int] = []

        b, answered = run.task("b").id, slot._End.answer
        with ThreadPoolExecutor() as pool:

            def schedule() -> None:
                with stage.engine.begin() as scheduler:
                    done = scheduler.execute(statements.schedule(), {"tasks": [b], "now": BEGAN})
                    scheduled.append(done.rowcount)

            def before_the_commit(*arguments: Any) -> Any:
                waiting.append(pool.submit(schedule))
                assert not wait(waiting, timeout=0.5).done
                return answered(*arguments)

            waiting: list[Future[None]] = []
            monkeypatch.setattr(slot._End, "answer", before_the_commit)
            answer = run.ask("a")
            waiting[0].result(30)
        assert answer.successor is not None
        assert scheduled == [0]
        assert run.task("b").try_number == 1

    def test_branches_that_end_at_once_hand_their_join_on_once(self, stage: Stage) -> None:
        for _ in range(5):
            edges = [("a", "join"), ("b", "join")]
            run = stage.run(["a", "b", "join"], edges)
            run.acts("a")
            run.acts("b", pid=4712)
            together = threading.Barrier(2)

            def ask(task: str, pid: int, run: Run = run, together: threading.Barrier = together) -> Any:
                together.wait()
                return run.ask(task, pid=pid).successor

            with ThreadPoolExecutor() as pool:
                found = [
                    asked.result() for asked in (pool.submit(ask, "a", 4711), pool.submit(ask, "b", 4712))
                ]
            assert sum(successor is not None for successor in found) == 1
            assert run.states() == {"a": "success", "b": "success", "join": "running"}
            assert run.task("join").try_number == 1

    def test_the_same_is_asked_twice_at_once(self, stage: Stage) -> None:
        run = stage.run("abc")
        run.acts("a")
        together = threading.Barrier(2)

        def ask() -> Any:
            together.wait()
            return run.ask("a").successor

        with ThreadPoolExecutor() as pool:
            one, other = (asked.result() for asked in (pool.submit(ask), pool.submit(ask)))
        assert one == other
        assert run.states() == {"a": "success", "b": "running", "c": None}
        assert run.events() == [("success", "a", 1), ("running", "b", 1)]


class TestLostAnswers:
    def test_asked_again_the_answer_is_the_same(self, stage: Stage) -> None:
        run = stage.run("abc")
        run.acts("a")
        run.push("b", "old", 1)
        asked = run.task("a").id
        first = run.handed(asked)
        assert first.successor is not None
        states = run.everything()
        assert run.handed(asked) == first
        assert run.everything() == states

    def test_also_through_what_does_nothing_or_is_skipped(self, stage: Stage) -> None:
        from airflow.providers.standard.operators.empty import EmptyOperator

        join = Work(task_id="join", trigger_rule="none_failed_min_one_success")
        parts = [Work(task_id="a", skips=True), EmptyOperator(task_id="edge"), EmptyOperator(task_id="edge2")]
        edges = [("a", "edge"), ("a", "edge2"), ("edge", "join"), ("edge2", "join")]
        run = stage.run([*parts, join], edges)
        run.acts("a")
        first = run.ask("a", "edge")
        assert first.successor is not None
        assert run.ask("a", "edge") == first

    @pytest.mark.parametrize(
        "change",
        [
            {"pid": 1},
            {"hostname": "worker-2"},
            {"state": "failed"},
            {"state": "queued"},
            {"start_date": BEGAN + dt.timedelta(seconds=9)},
        ],
    )
    def test_what_is_not_the_askers_any_more_is_not_given(self, stage: Stage, change: dict[str, Any]) -> None:
        run = stage.run("ab")
        run.acts("a")
        assert run.ask("a").successor is not None
        run.set("b", **change)
        with pytest.raises(Refused, match="nothing was taken after it"):
            run.ask("a")

    def test_another_worker_is_not_given_it(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        assert run.ask("a").successor is not None
        with pytest.raises(Refused, match="another worker's"):
            run.ask("a", pid=1)

    def test_it_is_given_although_the_task_before_was_marked_meanwhile(self, stage: Stage) -> None:
        run = stage.run("ab")
        run.acts("a")
        first = run.ask("a")
        run.set("a", state="failed", end_date=BEGAN + dt.timedelta(hours=1))
        assert run.ask("a") == first


def broken(
    run: Run, monkeypatch: pytest.MonkeyPatch, times: int, break_it: Callable[[Connection], None]
) -> None:
    """The connection is lost, as often, after all statements of a hand-over and before its commit."""
    left = [times]
    carry_out = slot._End.carry_out

    def lost(end: Any, *arguments: Any) -> None:
        carry_out(end, *arguments)
        if left[0]:
            left[0] -= 1
            break_it(end.connection)

    monkeypatch.setattr(slot._End, "carry_out", lost)


def end_session(connection: Connection) -> None:
    pid = connection.scalar(text("SELECT pg_backend_pid()"))
    with connection.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


class TestLostConnections:
    def test_both_changes_are_made_at_the_next_try(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = stage.run("abc")
        run.acts("a")
        broken(run, monkeypatch, 2, end_session)
        assert run.ask("a").successor is not None
        assert run.states() == {"a": "success", "b": "running", "c": None}
        assert run.task("b").try_number == 1

    def test_or_none_of_them(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        run = stage.run("ab")
        run.acts("a")
        before = run.everything()
        broken(run, monkeypatch, 3, end_session)
        with pytest.raises(Unsettled):
            run.ask("a")
        assert run.everything() == before

    def test_a_commit_whose_answer_is_lost_is_found(self, stage: Stage) -> None:
        run = stage.run("abc")
        run.acts("a")
        lost = [True]

        @event.listens_for(stage.engine, "commit")
        def after_all(connection: Connection) -> None:
            if lost[0] and run.states()["a"] == "running":
                lost[0] = False
                connection.connection.driver_connection.commit()  # type: ignore[union-attr]
                end_session(connection)

        try:
            answer = run.ask("a")
        finally:
            event.remove(stage.engine, "commit", after_all)
        assert not lost[0]
        assert answer.successor is not None
        assert run.states() == {"a": "success", "b": "running", "c": None}
        assert run.events() == [("success", "a", 1), ("running", "b", 1)]
