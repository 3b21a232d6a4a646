"""An act that the other system said yes to, and that cannot be seen there."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import select

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun
from officeflow.errors import NothingHappened, Transient, Unauthorized
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.runs import corrections
from tests.ledger.conftest import DAG, RUN
from tests.ledger.test_runner import Probe, Result, failing, node, probe, run, services

__all__ = ["probe", "services"]

pytestmark = pytest.mark.integration


def taken_and_unseen(probe: type[Probe], monkeypatch: pytest.MonkeyPatch) -> None:
    failing(probe, monkeypatch, NothingHappened("it said yes, and it is not there", taken=True))


def test_a_write_that_was_taken_and_is_not_there_is_looked_for_and_never_made_again(
    services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_and_unseen(probe, monkeypatch)
    tries = [run(services, try_number=number) for number in range(1, 7)]
    assert [result.status for result in tries] == ["retry", "retry", "retry", "failed", "failed", "failed"]
    assert [result.error.code for result in tries if result.error] == ["nothing_happened"] * 3 + [
        "outcome_unknown"
    ] * 3
    assert len(probe.seen) == 1
    with database.service() as session:
        assert session.scalars(select(NodeRun.status)).one() == "ASKED"


def test_a_write_that_was_taken_counts_as_done_as_soon_as_it_is_seen(
    services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_and_unseen(probe, monkeypatch)
    run(services), run(services, try_number=2)
    monkeypatch.setattr(probe, "left", Result(said="found"))
    assert (run(services, try_number=3).output["said"], len(probe.seen)) == ("found", 1)


def test_what_fails_while_looking_for_a_taken_write_does_not_let_it_be_made_again(
    services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_and_unseen(probe, monkeypatch)
    run(services)
    looks = iter([Transient("away"), Unauthorized("no")])

    def look(*_: object) -> None:
        raise next(looks)

    monkeypatch.setattr(probe, "find", look)
    assert [run(services, try_number=2).error.code, run(services, try_number=3).error.code] == [
        "transient",
        "outcome_unknown",
    ]
    assert len(probe.seen) == 1


def test_what_a_person_says_was_not_done_is_done_again(
    services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_and_unseen(probe, monkeypatch)
    run(services, try_number=4)
    place = corrections.find_place(database, f"{DAG}/{RUN}", "probe")
    corrections.resolve(
        database, SystemClock(), place, corrections.Person(login="ada", why="it is not there"), done=False
    )
    failing(probe, monkeypatch, Transient("no answer", maybe_done=True))
    assert [run(services, try_number=number).status for number in (5, 6)] == ["failed", "success"]
    assert len(probe.seen) == 3


def test_what_may_have_been_done_is_given_time_to_appear_before_it_is_done_again(
    services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway's 503 after the directory had committed, and a search that lags behind."""
    patient = dataclasses.replace(services, settle=dt.timedelta(minutes=5))
    failing(probe, monkeypatch, Transient("503", maybe_done=True))
    began = dt.datetime.now(dt.UTC)
    tries = [run_node(node(try_number=number), patient) for number in (1, 2, 2)]
    assert [result.status for result in tries] == ["retry"] * 3
    assert all(
        began < result.reschedule_at - dt.timedelta(minutes=5) < dt.datetime.now(dt.UTC)
        for result in tries[1:]
    )
    assert len(probe.seen) == 1
    with database.service() as session:
        assert session.scalars(select(NodeRun.status)).one() == "STARTED"
    monkeypatch.setattr(probe, "left", Result(said="found"))
    assert run_node(node(try_number=2), patient).output["said"] == "found"
    assert len(probe.seen) == 1


def test_what_has_not_appeared_by_then_is_done(
    services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(probe, monkeypatch, Transient("503", maybe_done=True))
    assert [run_node(node(try_number=number), services).status for number in (1, 2)] == [
        "retry",
        "success",
    ]
    assert len(probe.seen) == 2
