"""A wait for a date of a person's ends when the person's record says, not when the run's event said."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.runner.run import run_node
from officeflow.sdk import NodeInput, NodeResult
from officeflow.tenants import employees
from tests.nodes.world import World

pytestmark = pytest.mark.integration

BEGAN = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
UNTIL = {"until": '${{ timestamp(event.payload.last_day + "T00:00:00Z") }}'}
OF_RECORD = {"until": '${{ timestamp(employee.last_day + "T00:00:00Z") }}'}


class Leaving:
    """A run that an exit with a last day has started."""

    def __init__(self, world: World, database: Database, org: Organization) -> None:
        self.world, self._database, self._org = world, database, org
        world.clock.moment = BEGAN
        self.event(BEGAN, "2026-12-01")

    def event(self, moment: dt.datetime, last_day: str | None) -> None:
        """What the HR system tells at this moment."""
        with self._database.service() as session:
            employees.apply_event(
                session,
                self._org.org_id,
                kind="employee.exit",
                external_id="1001",
                event_id=f"e-{moment}",
                event_time=moment,
                payload={"last_day": last_day},
                sensitive={},
            )

    def wait(self, params: dict[str, Any] = UNTIL) -> NodeResult:
        event = {
            "org": "acme",
            "employee": "1001",
            "kind": "employee.exit",
            "time": BEGAN.isoformat(),
            "payload": {"last_day": "2026-12-01"},
        }
        given = {
            "org": "acme",
            "dag_id": "acme__exit",
            "dag_run_id": "evt__1",
            "context": {"event": event, "correlation_id": "c"},
        }
        return run_node(
            NodeInput(node="wait", type="flow.delay", params=params, **given), self.world.services
        )


@pytest.fixture
def leaving(world: World, database: Database, org: Organization) -> Leaving:
    return Leaving(world, database, org)


def test_it_looks_at_the_record_now_and_then(leaving: Leaving) -> None:
    assert leaving.wait().reschedule_at == BEGAN + leaving.world.services.delay_look
    leaving.world.clock.moment = dt.datetime(2026, 11, 30, 23, 55, tzinfo=dt.UTC)
    assert leaving.wait().reschedule_at == dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize("params", [UNTIL, OF_RECORD], ids=["event", "employee"])
def test_a_date_that_is_brought_forward_ends_the_wait(leaving: Leaving, params: dict[str, Any]) -> None:
    assert leaving.wait(params).status == "retry"
    leaving.event(BEGAN + dt.timedelta(hours=1), "2026-11-21")
    leaving.world.clock.moment = dt.datetime(2026, 11, 21, 0, 1, tzinfo=dt.UTC)
    result = leaving.wait(params)
    assert (result.status, result.output["due"]) == ("success", "2026-11-21T00:00:00Z")


def test_a_date_that_is_put_off_holds_it_longer(leaving: Leaving) -> None:
    leaving.event(BEGAN + dt.timedelta(hours=1), "2027-01-15")
    leaving.world.clock.moment = dt.datetime(2026, 12, 2, tzinfo=dt.UTC)
    assert leaving.wait().status == "retry"


@pytest.mark.parametrize(
    "params",
    [UNTIL, {"until": "${{ event.payload.last_day }}"}, OF_RECORD],
    ids=["computed", "plain", "employee"],
)
def test_a_date_that_is_taken_away_fails_and_says_so(leaving: Leaving, params: dict[str, Any]) -> None:
    leaving.event(BEGAN + dt.timedelta(hours=1), None)
    result = leaving.wait(params)
    assert result.status == "failed"
    assert result.error is not None
    assert result.error.problems
    assert "params" in result.error.problems[0].path


def test_an_event_that_is_older_than_the_runs_changes_nothing(leaving: Leaving) -> None:
    leaving.event(BEGAN - dt.timedelta(days=1), "2026-11-01")
    leaving.world.clock.moment = BEGAN + dt.timedelta(hours=1)
    assert leaving.wait().status == "retry"


def test_a_wait_that_is_over_is_not_waited_for_again_when_the_date_moves(leaving: Leaving) -> None:
    leaving.world.clock.moment = dt.datetime(2026, 12, 1, 0, 1, tzinfo=dt.UTC)
    assert leaving.wait().status == "success"
    leaving.event(leaving.world.clock.moment, "2027-03-01")
    assert leaving.wait().replayed


def test_a_wait_for_nobodys_date_looks_once(leaving: Leaving) -> None:
    assert leaving.wait({"until": "2026-12-24T00:00:00Z"}).reschedule_at == dt.datetime(
        2026, 12, 24, tzinfo=dt.UTC
    )
