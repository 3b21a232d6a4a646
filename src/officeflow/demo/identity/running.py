"""One event of a person, its run, and how the run goes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import DagRunState
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.demo.identity.people import COST_CENTER
from officeflow.demo.report import Teller
from officeflow.demo.run import EVENT_SECONDS, RUN_SECONDS, SOURCE
from officeflow.errors import Unavailable
from officeflow.events.producer import EventProducer, NewEvent, compose
from officeflow.ids import dag_id
from officeflow.program import typed
from officeflow.runs.follow import NodeStep, RunFound, follow, wait_for_runs
from officeflow.stack.stack import Stack


@dataclass(frozen=True, slots=True)
class Office:
    """Where events go to and runs are seen."""

    stack: Stack
    database: Database
    api: AirflowApi
    org: Organization
    teller: Teller


@dataclass(slots=True)
class Ran:
    """What became of an event; `state` is the run's in Airflow's words."""

    event_id: str
    at: dt.datetime
    run: RunFound
    state: str = ""
    steps: list[NodeStep] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        return self.state == DagRunState.SUCCESS

    def as_json(self) -> dict[str, Any]:
        return {
            "event": self.event_id,
            "at": self.at.isoformat(),
            "dag_id": self.run.dag_id,
            "dag_run_id": self.run.dag_run_id,
            "run_id": str(self.run.run_id),
            "state": self.state,
            "nodes": [{"node": each.node, "state": each.state, "did": each.did} for each in self.steps],
        }


def run(office: Office, kind: str, employee: str, payload: Mapping[str, Any], *, workflow: str) -> Ran:
    """Tell the event as an HR system does, and follow the run of this workflow to its end."""
    event = NewEvent(
        kind=kind,
        organization=office.org.slug,
        employee=employee,
        payload={"cost_center": COST_CENTER, **payload},
        time=dt.datetime.now(dt.UTC),
        source=SOURCE,
        id=f"{workflow}-{employee}-{uuid.uuid4().hex[:8]}",
    )
    message = compose(event, org_id=office.org.org_id)
    EventProducer(office.stack.hr_kafka).send([message])
    office.teller.line(f"Event {event.id} on {message.topic}")
    found = wait_for_runs(office.database, office.org.org_id, event.id, timeout=EVENT_SECONDS)
    wanted = dag_id(office.org.slug, workflow)
    mine = next((each for each in found if each.dag_id == wanted), None)
    if mine is None:
        raise Unavailable(
            f"the event did not start {workflow}", hint=f"`{typed('workflow list')}` shows what is active"
        )
    ran = Ran(event.id, event.time, mine)
    office.teller.run(mine)
    for told in follow(office.api, office.database, office.org.org_id, mine, timeout=RUN_SECONDS):
        if isinstance(told, NodeStep):
            ran.steps.append(told)
            office.teller.step(told)
        else:
            ran.state = told
    return ran
