"""The example workflows that wait for dates, from definition to last node, by a clock of the test's."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.layout import ROOT
from officeflow.runner.run import run_node
from officeflow.sdk import NodeInput, NodeResult
from officeflow.tenants import employees
from officeflow.workflows.models import Definition
from officeflow.workflows.validation import parse
from tests.nodes.world import World

pytestmark = pytest.mark.integration

TOLD = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)


def example(name: str) -> Definition:
    raw = json.loads((ROOT / "docs" / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    return parse(raw)


class Run:
    """A run of an example, which an event of E1's has started."""

    def __init__(
        self, world: World, database: Database, org: Organization, name: str, **payload: Any
    ) -> None:
        self.world, self._database, self._org = world, database, org
        self.definition = example(name)
        self._kind, self._payload = self.definition.trigger.events[0], payload
        self.event(TOLD, **payload)
        world.clock.moment = TOLD

    def event(self, moment: dt.datetime, **payload: Any) -> None:
        with self._database.service() as session:
            employees.apply_event(
                session,
                self._org.org_id,
                kind=self._kind,
                external_id="E1",
                event_id=f"e-{moment}",
                event_time=moment,
                payload=payload,
                sensitive={},
            )

    def node(self, key: str) -> NodeResult:
        drawn = self.definition.node(key)
        event = {
            "org": "acme",
            "employee": "E1",
            "kind": self._kind,
            "time": TOLD.isoformat(),
            "payload": self._payload,
        }
        given = NodeInput(
            node=key,
            type=drawn.type,
            org="acme",
            dag_id=f"acme__{self.definition.slug}",
            dag_run_id="evt__1",
            params=drawn.params,
            context={"event": event, "correlation_id": "c"},
        )
        return run_node(given, self.world.services)


def test_day_thirty_is_a_working_day_at_nine_where_the_person_works(
    world: World, database: Database, org: Organization
) -> None:
    """Thirty days after 26 November 2026 is 26 December, a Saturday; the Monday after it works."""
    run = Run(world, database, org, "day-thirty", start_date="2026-11-26", time_zone="Europe/Madrid")
    assert run.node("day_thirty").status == "retry"
    world.clock.moment = dt.datetime(2026, 12, 28, 7, 59, tzinfo=dt.UTC)
    assert run.node("day_thirty").status == "retry"
    world.clock.moment = dt.datetime(2026, 12, 28, 8, 0, tzinfo=dt.UTC)
    waited = run.node("day_thirty")
    assert (waited.output["local"], waited.output["moved_from"]) == ("2026-12-28T09:00:00", "2026-12-26")
    assert run.node("check").status == "success"


def test_the_last_day_follows_what_hr_says_last(world: World, database: Database, org: Organization) -> None:
    run = Run(world, database, org, "last-day", end_date="2026-12-31", time_zone="Asia/Tokyo")
    assert run.definition.concurrency == "replace"
    assert run.node("last_day").status == "retry"
    world.clock.moment = TOLD + dt.timedelta(days=5)
    run.event(world.clock.moment, end_date="2026-11-24")
    waited = run.node("last_day")
    assert (waited.status, waited.output["until"]) == ("success", "2026-11-24T09:00:00Z")
    assert run.node("record").status == "success"
