"""Which workflows an event starts."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy.orm import Session

from listeners.inbound import precedence
from officeflow import ids
from officeflow.airflow_api.types import DagRunState
from officeflow.database.tables import InboxEvent, Organization, Workflow, WorkflowRun
from officeflow.errors import EvaluatorStuck, InvalidExpression, TooCostly
from officeflow.events.about import about
from officeflow.expressions.cel import answers
from officeflow.runs import control, following
from officeflow.runs.store import ensure_run, mark
from officeflow.statuses import RunControl, RunStatus
from officeflow.tenants import employees
from officeflow.waiting import events as waits
from officeflow.workflows.store import ActiveWorkflow, active_for_kind

DAG_MISSING = "dag_missing"
REFUSED_BY_AIRFLOW = "refused_by_airflow"
NEVER_STARTED = frozenset({DAG_MISSING, REFUSED_BY_AIRFLOW})
"""Codes in `workflow_runs.error_details` of runs that the dispatcher gave up."""

WAITS = "waits"
"""In an entry of `inbox_events.runs`: how the run waits for its turn. Airflow does not know of it yet."""

PATIENCE = dt.timedelta(minutes=5)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run that is to exist in Airflow; `note` says there whom it is about. Its PENDING row is written.

    `instead_of` is the run id that it would have, were that not taken. `waits` is how it waits for its turn
    among the person's runs, `queue` or `replace`; "" where it may begin.
    """

    workflow: str
    dag_id: str
    dag_run_id: str
    run_id: uuid.UUID
    conf: Mapping[str, Any]
    workflow_id: uuid.UUID
    version: int
    note: str
    instead_of: str = ""
    waits: str = ""

    def as_entry(self) -> dict[str, str]:
        """As `inbox_events.runs` holds it."""
        entry = {"dag_id": self.dag_id, "dag_run_id": self.dag_run_id, "run_id": str(self.run_id)}
        more = {"instead_of": self.instead_of, WAITS: self.waits}
        return entry | {name: value for name, value in more.items() if value}


class Held(Exception):
    """A filter takes more than it may: what the event would start cannot be told, so it waits.

    Its text names organization, workflow and limit; no value and no expression is in it.
    """


@dataclass(frozen=True, slots=True)
class Matched:
    """`errors` are of workflows whose filter could not be evaluated: they are not started, the others are."""

    candidates: tuple[Candidate, ...] = ()
    errors: tuple[str, ...] = ()


def match(session: Session, event: InboxEvent, *, patience: dt.timedelta = PATIENCE) -> Matched:
    """Bring the person's record up to the event, and write a PENDING run for every active workflow that wants
    it.

    An event that is dated ahead counts from its arrival, when it had certainly happened: later ones can
    change what it says. `session` is the organization's own. All of it may be done again. `Held` where a
    filter takes more than it may. `patience` is how long a run waits for those that it replaces.
    """
    organization = session.get_one(Organization, event.org_id)
    brought = employees.bring_up_to(
        session,
        event.org_id,
        kind=event.kind,
        external_id=event.employee_key,
        event_id=event.event_id,
        event_time=min(event.event_time, event.received_at),
        payload=event.payload,
        sensitive=event.sensitive or {},
    )
    employee = brought.employee
    if brought.changed:
        following.wake(session, employee, cause=f"{event.kind} {event.event_id}")
    conf = run_conf(event, organization.slug)
    note = about(event.employee_key, employees.full_name(employee), event.kind, event=event.event_id)
    values = {
        "event": conf["event"],
        "employee": employees.as_values(employee),
        "org": {
            "slug": organization.slug,
            "name": organization.name,
            "domain": organization.domain,
            "settings": organization.settings,
        },
    }
    _offer(session, event, values, organization.slug)
    candidates, errors = [], []
    for workflow, wanted in _wanted(
        active_for_kind(session, event.org_id, event.kind), values, organization.slug
    ):
        if isinstance(wanted, InvalidExpression):
            log.warning("a workflow's filter cannot be evaluated", workflow=workflow.slug, error=str(wanted))
            errors.append(f"{workflow.slug}: {wanted}")
        elif wanted:
            candidate = _candidate(event, organization.slug, workflow, conf, note)
            run = write_run(session, event, candidate)
            if control.is_wanted(run, RunControl.CANCEL):
                errors.append(f"{workflow.slug}: its run was {control.told(run)}")
            else:
                waits = precedence.place(session, event, run, workflow.concurrency, patience=patience)
                candidates.append(replace(candidate, waits=waits))
    return Matched(tuple(candidates), tuple(errors))


def _offer(session: Session, event: InboxEvent, values: Mapping[str, Any], org: str) -> None:
    """Wake the nodes that wait for the event."""
    try:
        woken = waits.offer(session, event, values)
    except EvaluatorStuck as error:
        raise Held(f"{org}: what waits for events cannot be evaluated: {error.message}") from error
    if woken:
        log.info("an event has come that was waited for", nodes=woken)


def run_conf(event: InboxEvent, org: str) -> dict[str, Any]:
    """What the run is started with.

    No sensitive field is in it: Airflow shows it to all who may see the run.
    """
    return {
        "event": waits.shown(event, org),
        "correlation_id": event.correlation_id,
    }


def _wanted(
    workflows: Sequence[ActiveWorkflow], values: Mapping[str, Any], org: str
) -> Iterator[tuple[ActiveWorkflow, bool | InvalidExpression]]:
    """Each workflow, and whether its filter is true, or why that cannot be told. `Held`."""
    try:
        told = iter(answers([workflow.filter for workflow in workflows if workflow.filter], values))
    except EvaluatorStuck as error:
        raise Held(
            f"{org}: the filter of one of its workflows cannot be evaluated: {error.message}"
        ) from error
    for workflow in workflows:
        answer = next(told) if workflow.filter else True
        if isinstance(answer, TooCostly):
            raise Held(f"{org}/{workflow.slug}: its filter cannot be evaluated: {answer.limit}") from answer
        yield workflow, answer


def _candidate(
    event: InboxEvent, org: str, workflow: ActiveWorkflow, conf: Mapping[str, Any], note: str
) -> Candidate:
    dag_id = ids.dag_id(org, workflow.slug)
    dag_run_id = ids.event_dag_run_id(event.source, event.event_id)
    return Candidate(
        workflow=workflow.slug,
        dag_id=dag_id,
        dag_run_id=dag_run_id,
        run_id=ids.workflow_run_id(dag_id, dag_run_id),
        conf=conf,
        workflow_id=workflow.workflow_id,
        version=workflow.version,
        note=note,
    )


def candidate_of(session: Session, event: InboxEvent, run: WorkflowRun) -> Candidate:
    """The event's run that waited for its turn, as it is to be started now: by the newest version of its
    workflow, which Airflow takes.
    """
    org, slug = ids.split_dag_id(run.dag_id)
    workflow = session.get_one(Workflow, run.workflow_id)
    person = employees.find(session, event.org_id, event.employee_key)
    name = "" if person is None else employees.full_name(person)
    return Candidate(
        workflow=slug,
        dag_id=run.dag_id,
        dag_run_id=run.dag_run_id,
        run_id=run.run_id,
        conf=run_conf(event, org),
        workflow_id=workflow.workflow_id,
        version=workflow.version,
        note=about(event.employee_key, name, event.kind, event=event.event_id),
    )


def write_run(session: Session, event: InboxEvent, candidate: Candidate) -> WorkflowRun:
    """The run's PENDING row, where there is none; one that was given up before is pending again."""
    run = ensure_run(
        session,
        org_id=event.org_id,
        dag_id=candidate.dag_id,
        dag_run_id=candidate.dag_run_id,
        conf=candidate.conf,
        workflow_id=candidate.workflow_id,
        version=candidate.version,
    )
    if run.status == RunStatus.FAILED and (run.error_details or {}).get("code") in NEVER_STARTED:
        mark(run, DagRunState.QUEUED)
    return run
