"""Telling Airflow of decisions, once, also where it was told before and nobody noted it.

Airflow is a stand-in here that answers as its API does; `tests/airflow` has the real one.
"""

from __future__ import annotations

import math
import threading
import uuid
from typing import Any

import psycopg
import pytest

from listeners.steward.answers import SOONEST_SECONDS, Answers
from officeflow.errors import NotKnown, Unavailable
from officeflow.people import answers, telling
from officeflow.waiting.wakes import CHANNEL
from tests.answering.asked import CLOCK, Asked

pytestmark = pytest.mark.integration


class Airflow:
    """One task that has asked."""

    def __init__(self, state: str = "awaiting_input") -> None:
        self.state: str | None = state
        self.queued = "2026-06-01T09:00:00Z"
        self.answered: list[str] = []
        self.looks = 0
        self.away = False

    def question(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> Any:
        self.looks += 1
        if self.away:
            raise Unavailable("no answer from Airflow")
        if self.state is None:
            raise NotKnown("Airflow does not know this")
        task = {"state": self.state, "queued_when": self.queued}
        return {
            "task_instance": task,
            "options": ["Approve", "Reject"],
            "response_received": bool(self.answered),
        }

    def respond(self, dag_id: str, run_id: str, task_id: str, option: str, map_index: int = -1) -> bool:
        if self.answered:
            return False
        self.answered.append(option)
        return True


class Stop(threading.Event):
    """Waits for nothing; `meanwhile` happens instead."""

    meanwhile: Any = staticmethod(lambda: None)

    def wait(self, timeout: float | None = None) -> bool:
        self.meanwhile()
        return False


class Seconds:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def decided(asked: Asked) -> uuid.UUID:
    return decide(asked)


def decide(asked: Asked, node: str = "decide") -> uuid.UUID:
    request_id = asked.ask("bea", node=node)
    with asked.database.tenant(asked.org.org_id) as session:
        answers.answer(session, request_id, choice="Approve", door="link", now=CLOCK.now(), login="bea")
    return request_id


def test_a_decision_reaches_airflow_and_takes_the_run_out_of_parking(
    asked: Asked, decided: uuid.UUID, database_url: str
) -> None:
    airflow = Airflow()
    with psycopg.connect(database_url, autocommit=True) as listening:
        listening.execute(f"LISTEN {CHANNEL}")
        assert Answers(asked.database, airflow, CLOCK, stop=Stop()).tell() == 1
        told = [each.payload for each in listening.notifies(timeout=60, stop_after=1)]
    assert airflow.answered == ["Approve"]
    assert told == [str(asked.run_id)]
    assert asked.request(decided).told_airflow_at is not None
    assert Answers(asked.database, airflow, CLOCK, stop=Stop()).tell() == 0


def test_who_tells_is_told_of_a_decision_and_knows_when_to_look_again(
    asked: Asked, database_url: str
) -> None:
    airflow, seconds = Airflow("running"), Seconds()
    duty = Answers(asked.database, airflow, CLOCK, stop=Stop(), seconds=seconds)
    assert (duty.tell(), duty.rest()) == (0, math.inf)
    with psycopg.connect(database_url, autocommit=True) as listening:
        listening.execute(f"LISTEN {telling.CHANNEL}")
        decide(asked)
        heard = [each.channel for each in listening.notifies(timeout=60, stop_after=2)]
    assert heard == [telling.CHANNEL, telling.CHANNEL], "it was asked, it was decided"
    assert (duty.tell(), duty.rest()) == (0, SOONEST_SECONDS)
    airflow.state, seconds.at = "awaiting_input", 1.0
    assert duty.tell() == 1
    assert (duty.tell(), duty.rest()) == (0, math.inf)


def test_what_was_told_and_not_noted_is_not_told_twice(asked: Asked, decided: uuid.UUID) -> None:
    """The steward was killed between the two."""
    airflow = Airflow()
    airflow.answered = ["Approve"]
    assert Answers(asked.database, airflow, CLOCK, stop=Stop()).tell() == 1
    assert airflow.answered == ["Approve"]
    assert asked.request(decided).told_airflow_at is not None


def test_one_that_does_not_wait_yet_is_told_later(asked: Asked, decided: uuid.UUID) -> None:
    airflow, seconds = Airflow("running"), Seconds()
    duty = Answers(asked.database, airflow, CLOCK, stop=Stop(), seconds=seconds)
    assert duty.tell() == 0
    looked = airflow.looks
    assert (duty.tell(), airflow.looks) == (0, looked), "not before its pause is over"
    airflow.state, seconds.at = "awaiting_input", 1.0
    assert duty.tell() == 1


def test_one_that_has_just_begun_to_wait_anew_is_left_for_the_next_turn(
    asked: Asked, decided: uuid.UUID
) -> None:
    """Airflow's executor fails a task that goes on within a moment of asking."""
    airflow, stop, seconds = Airflow(), Stop(), Seconds()

    def asks_again() -> None:
        airflow.queued = "2026-06-01T09:00:01Z"

    stop.meanwhile = asks_again
    duty = Answers(asked.database, airflow, CLOCK, stop=stop, seconds=seconds)
    assert duty.tell() == 0
    assert airflow.answered == []
    seconds.at = 1.0
    assert duty.tell() == 1


@pytest.mark.parametrize("state", ["success", "failed", "skipped", "removed", "upstream_failed"])
def test_a_task_that_is_over_needs_no_answer(asked: Asked, decided: uuid.UUID, state: str) -> None:
    airflow = Airflow(state)
    assert Answers(asked.database, airflow, CLOCK, stop=Stop()).tell() == 1
    assert airflow.answered == []
    assert asked.request(decided).told_airflow_at is not None


def test_while_airflow_is_away_nothing_is_lost(asked: Asked, decided: uuid.UUID) -> None:
    airflow = Airflow()
    airflow.away = True
    duty = Answers(asked.database, airflow, CLOCK, stop=Stop())
    with pytest.raises(Unavailable):
        duty.tell()
    airflow.away = False
    assert duty.tell() == 1


def test_one_whose_task_is_unknown_waits_without_stopping_others(asked: Asked, decided: uuid.UUID) -> None:
    airflow, seconds = Airflow(), Seconds()
    airflow.state = None
    duty = Answers(asked.database, airflow, CLOCK, stop=Stop(), seconds=seconds)
    assert duty.tell() == 0
    other = decide(asked, node="other")
    airflow.state = "awaiting_input"
    assert duty.tell() == 1
    assert asked.request(other).told_airflow_at is not None
    assert asked.request(decided).told_airflow_at is None


def test_what_is_not_decided_is_not_told(asked: Asked) -> None:
    asked.ask("bea")
    airflow = Airflow()
    assert Answers(asked.database, airflow, CLOCK, stop=Stop()).tell() == 0
    assert airflow.looks == 0
