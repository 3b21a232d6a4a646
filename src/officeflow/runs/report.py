"""All that is known of one run: what OfficeFlow has of it, and what Airflow adds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from officeflow.airflow_api.addresses import answers_address, run_address
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.runs import (
    confs,
    control,
    corrections,
    family,
    finding,
    inquiry,
    listing,
    refusals,
    shown,
    store,
)
from officeflow.runs.wait import Wait
from officeflow.statuses import ShownRunStatus, WaitsFor


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`event` is what started the run, as far as there is one. `nodes` are its acts and `refused` the nodes
    whose last try ended before their act did, as `runs.shown` has them; `told` is Airflow's part.
    """

    line: listing.RunLine
    event: Mapping[str, Any]
    nodes: Sequence[dict[str, Any]]
    refused: Sequence[dict[str, Any]]
    told: inquiry.Told
    family: family.Family = field(default_factory=family.Family)
    wanted: str = ""
    """What somebody wanted of the run last, with who, when and why; "" where nobody did."""

    @property
    def is_trial(self) -> bool:
        """Whether it ran outside of this Airflow."""
        return self.line.trigger == store.TRIAL

    @property
    def address(self) -> str | None:
        """Where Airflow shows it."""
        return None if self.is_trial else run_address(self.line.dag_id, self.line.dag_run_id)

    def to_json(self) -> dict[str, Any]:
        return {
            **shown.run_to_json(self.line),
            "airflow": self.address,
            "control": self.wanted or None,
            "event": self.event,
            **self.family.as_json(),
            "nodes": self.nodes,
            "refused": self.refused,
            "tasks": self.told.tasks,
            "about": self.told.about,
            "waits": [self._wait(wait) for wait in self.line.waits],
            "unknown": self.told.unknown or None,
        }

    def _wait(self, wait: Wait) -> dict[str, Any]:
        """With whom a question is for, and where it is answered."""
        if wait.what != WaitsFor.ANSWER or wait.answered:
            return wait.as_json()
        question = self.told.questions.get((wait.node, wait.map_index))
        where = answers_address(wait.dag_id, wait.dag_run_id)
        return {**wait.as_json(), "of": wait.of or inquiry.asked_of(question), "at": where}


def report(database: Database, airflow: AirflowApi, run: str) -> Report:
    """On the run that `run` names (`store.find_newest`). Airflow is asked of runs that have not succeeded; it
    may be away.
    """
    with database.service() as session:
        kept = _kept(session, store.find_newest(session, run).run_id)
    return _told(kept, airflow)


def report_of(database: Database, airflow: AirflowApi, org_id: uuid.UUID, run_id: uuid.UUID) -> Report:
    """As `report`, of a run of the organization; `NotKnown` where it has none."""
    with database.tenant(org_id) as session:
        kept = _kept(session, finding.named(session, org_id, run_id).run_id)
    return _told(kept, airflow)


def _kept(session: Session, run_id: uuid.UUID) -> tuple[Report, Mapping[inquiry.Place, bool]]:
    """What OfficeFlow has of it, and of which tasks that has a word."""
    run = store.run_of(session, run_id)
    refused = refusals.of_run(session, run_id)
    found = Report(
        line=listing.line_of(session, run_id),
        event=confs.event_of(run.context),
        nodes=shown.nodes_to_json(corrections.acts_of(session, run_id), refused),
        refused=[shown.refusal_to_json(each) for each in refused],
        told=inquiry.Told(),
        family=family.family_of(session, run_id),
        wanted=control.told(run) if run.control_at else "",
    )
    return found, inquiry.spoken(session, run_id)


def _told(kept: tuple[Report, Mapping[inquiry.Place, bool]], airflow: AirflowApi) -> Report:
    found, spoken = kept
    line = found.line
    if line.trigger == store.TRIAL or line.status == ShownRunStatus.SUCCEEDED:
        return found
    return replace(found, told=inquiry.ask(airflow, line.dag_id, line.dag_run_id, spoken))
