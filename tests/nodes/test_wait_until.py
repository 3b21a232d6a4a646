"""`flow.wait_until` in a run: whose clocks count, what is past already, and how it follows the person."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import update

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.nodes.flow.wait_until import WaitUntil
from officeflow.runner.run import run_node
from officeflow.sdk import Act, NodeInput, NodeResult
from officeflow.tenants import employees
from tests.nodes.world import World

pytestmark = pytest.mark.integration

BEGAN = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
LAST_DAY = {"date": "${{ event.payload.end_date }}", "at": "18:00"}


class Leaving:
    """A run that an exit with a last day has started."""

    def __init__(self, world: World, database: Database, org: Organization) -> None:
        self.world, self._database, self._org = world, database, org
        world.clock.moment = BEGAN

    def event(self, moment: dt.datetime = BEGAN, **payload: Any) -> None:
        """What the HR system tells at this moment."""
        with self._database.service() as session:
            employees.apply_event(
                session,
                self._org.org_id,
                kind="employee.exit",
                external_id="1001",
                event_id=f"e-{moment}",
                event_time=moment,
                payload=payload,
                sensitive={},
            )

    def settle(self, **settings: Any) -> None:
        with self._database.service() as session:
            session.execute(update(Organization).values(settings=settings))

    def wait(self, node: str = "wait", **params: Any) -> NodeResult:
        event = {
            "org": "acme",
            "employee": "1001",
            "kind": "employee.exit",
            "time": BEGAN.isoformat(),
            "payload": {"end_date": "2026-12-01"},
        }
        given: dict[str, Any] = {
            "org": "acme",
            "dag_id": "acme__exit",
            "dag_run_id": "evt__1",
            "context": {"event": event, "correlation_id": "c"},
        }
        found = NodeInput(node=node, type="flow.wait_until", params=params or LAST_DAY, **given)
        return run_node(found, self.world.services)


@pytest.fixture
def leaving(world: World, database: Database, org: Organization) -> Leaving:
    return Leaving(world, database, org)


def test_the_clocks_are_the_persons_else_the_organizations_else_utc(leaving: Leaving) -> None:
    leaving.event(end_date="2026-12-01")
    assert leaving.wait("a").error is not None
    at_nine = {"date": "2026-12-01", "at": "09:00"}
    found = []
    for number, (person, organization) in enumerate(
        [(None, None), (None, "Asia/Tokyo"), ("America/New_York", "Asia/Tokyo")]
    ):
        leaving.event(BEGAN + dt.timedelta(minutes=number), time_zone=person)
        leaving.settle(**({"time_zone": organization} if organization else {}))
        leaving.world.clock.moment = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)
        found.append(leaving.wait(f"n{number}", **at_nine).output["until"])
    assert found == ["2026-12-01T09:00:00Z", "2026-12-01T00:00:00Z", "2026-12-01T14:00:00Z"]
    assert leaving.wait("o", **at_nine, zone="organization").output["until"] == "2026-12-01T00:00:00Z"
    assert leaving.wait("m", **at_nine, zone="Europe/Madrid").output["until"] == "2026-12-01T08:00:00Z"


def test_a_zone_of_the_record_that_does_not_exist_is_said_with_its_place(leaving: Leaving) -> None:
    leaving.event(time_zone="Mars/Base")
    result = leaving.wait(date="2026-12-01")
    assert result.error is not None
    assert (result.status, result.error.problems[0].path) == ("failed", "employee.time_zone")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"date": "${{ event.payload.end_date }}", "zone": "${{ 'Mars/' + 'Base' }}"}, "no time zone"),
        ({"date": "${{ event.payload.end_date }}", "country": "${{ 'Q' + 'Q' }}"}, "a country 'QQ'"),
        ({"date": "${{ '2027-02-' + '29' }}"}, "there is no 29 February 2027"),
        ({"date": "${{ event.payload.begin }}"}, "there is no field 'begin'"),
    ],
    ids=["zone", "country", "29 February", "no field"],
)
def test_what_turns_out_wrong_in_the_run_says_where(
    leaving: Leaving, params: dict[str, Any], said: str
) -> None:
    result = leaving.wait(**params)
    assert result.error is not None
    assert result.status == "failed"
    [problem] = result.error.problems
    assert problem.path.startswith("params.")
    assert said in problem.reason


def test_a_wait_until_yesterday_goes_on_at_once_and_says_so(leaving: Leaving) -> None:
    result = leaving.wait(date="2026-11-19", zone="UTC")
    assert (result.status, result.output["past"], result.output["waited"]) == ("success", True, False)
    assert any("was past already" in step["text"] for step in result.story)


def test_or_fails_where_it_is_to(leaving: Leaving) -> None:
    result = leaving.wait(date="2026-11-19", zone="UTC", past="fail")
    assert result.error is not None
    assert (result.status, result.error.code) == ("failed", "flow_stopped")
    assert "2026-11-19 00:00 in UTC was past already" in result.error.message


def test_the_output_says_from_which_day_it_was_moved(leaving: Leaving) -> None:
    leaving.world.clock.moment = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    moved = leaving.wait(date="2026-12-26", zone="Europe/Berlin", skip=["weekends", "holidays"], country="DE")
    assert moved.output["moved_from"] == "2026-12-26"
    assert moved.output["moved_because"]
    assert moved.output["local"] == "2026-12-28T00:00:00"


class TestThePersonsDate:
    def test_one_that_is_brought_forward_ends_the_wait(self, leaving: Leaving) -> None:
        leaving.event(end_date="2026-12-01")
        assert leaving.wait().status == "retry"
        leaving.event(BEGAN + dt.timedelta(hours=1), end_date="2026-11-21")
        leaving.world.clock.moment = dt.datetime(2026, 11, 21, 18, 1, tzinfo=dt.UTC)
        result = leaving.wait()
        assert (result.status, result.output["until"]) == ("success", "2026-11-21T18:00:00Z")

    def test_one_that_has_passed_meanwhile_acts_at_once(self, leaving: Leaving) -> None:
        leaving.event(end_date="2026-12-01")
        leaving.wait()
        leaving.event(BEGAN + dt.timedelta(hours=1), end_date="2026-11-01")
        leaving.world.clock.moment = BEGAN + dt.timedelta(hours=1)
        assert leaving.wait().status == "success"

    def test_one_that_is_put_back_holds_it_longer(self, leaving: Leaving) -> None:
        leaving.event(end_date="2026-12-01")
        assert leaving.wait().status == "retry"
        leaving.event(BEGAN + dt.timedelta(hours=1), end_date="2027-01-15")
        leaving.world.clock.moment = dt.datetime(2026, 12, 2, tzinfo=dt.UTC)
        assert leaving.wait().status == "retry"

    def test_one_that_is_taken_away_fails_and_says_so(self, leaving: Leaving) -> None:
        leaving.event(BEGAN + dt.timedelta(hours=1), end_date=None)
        result = leaving.wait()
        assert result.error is not None
        assert result.status == "failed"
        assert "date has no value" in result.error.problems[0].reason

    def test_one_that_is_moved_while_the_wait_looks_is_looked_at_once_more(
        self, leaving: Leaving, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between its look at the record and the moment in which it waits nobody could wake it."""
        leaving.event(end_date="2026-12-01")
        perform = WaitUntil.perform

        def meanwhile(self: WaitUntil, params: Any, provider: None, act: Act) -> Any:
            leaving.event(BEGAN + dt.timedelta(hours=1), end_date="2026-11-21")
            return perform(self, params, provider, act)

        monkeypatch.setattr(WaitUntil, "perform", meanwhile)
        assert leaving.wait().reschedule_at == BEGAN + dt.timedelta(seconds=1)
        monkeypatch.setattr(WaitUntil, "perform", perform)
        assert leaving.wait().reschedule_at == BEGAN + leaving.world.services.delay_look

    def test_a_person_who_moves_takes_the_clocks_along(self, leaving: Leaving) -> None:
        leaving.event(end_date="2026-12-01")
        leaving.world.clock.moment = dt.datetime(2026, 12, 1, 9, 1, tzinfo=dt.UTC)
        assert leaving.wait(date="2026-12-01", at="18:00").status == "retry"
        leaving.event(leaving.world.clock.moment, time_zone="Asia/Tokyo")
        assert leaving.wait(date="2026-12-01", at="18:00").status == "success"


def test_a_wait_for_nobodys_date_is_told_its_end_at_once(leaving: Leaving) -> None:
    result = leaving.wait(date="2026-12-24", zone="UTC")
    assert result.reschedule_at == dt.datetime(2026, 12, 24, tzinfo=dt.UTC)
