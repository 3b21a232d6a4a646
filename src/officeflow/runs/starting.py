"""A run that is started by hand: what was given becomes what an event would have made of it, or it is
refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.engine import enter_tenant
from officeflow.database.tables import Organization, Workflow
from officeflow.errors import InvalidEvent, InvalidInput, Problem
from officeflow.events.about import about
from officeflow.events.given import Asked, conf_of, event_of, is_form
from officeflow.events.inbox import check_time, database_time
from officeflow.events.payloads import rules_of
from officeflow.ids import split_dag_id, workflow_run_id
from officeflow.program import typed
from officeflow.settings import Settings
from officeflow.tenants import employees


@dataclass(frozen=True, slots=True)
class Start:
    """What Airflow is to keep of the run: its conf, and a note that says whom it is about."""

    conf: dict[str, Any]
    note: str


def start(
    session: Session, settings: Settings, *, dag_id: str, dag_run_id: str, conf: Mapping[str, Any]
) -> Start | None:
    """The run that `conf` asks for; None where the DAG is no workflow's.

    `InvalidInput` says everything that is wrong, each with its field. `session` sees all organizations at
    first, and the rows of the workflow's own alone from then on.
    """
    org, workflow = split_dag_id(dag_id)
    query = select(Organization, Workflow.event_trigger).join(
        Workflow, Workflow.org_id == Organization.org_id
    )
    found = session.execute(query.where(Organization.slug == org, Workflow.slug == workflow)).first()
    if found is None:
        return None
    organization, kinds = found
    if not kinds:
        raise InvalidInput(
            f"{workflow} starts on no event: another workflow calls it, and gives it its input",
            hint="start one that calls it (flow.call), or publish it with a kind of event in trigger.events",
        )
    enter_tenant(session, organization.org_id)
    asked = Asked(
        org=org,
        org_id=organization.org_id,
        kinds=kinds.split(","),
        rules=rules_of(organization.settings),
        run_id=workflow_run_id(dag_id, dag_run_id),
        now=database_time(session).astimezone(dt.UTC),
        own_source=settings.event_source,
    )
    event = event_of(conf, asked)
    check_time(event.time, asked.now + dt.timedelta(hours=settings.event_ahead_hours))
    person = _person(session, organization, event.employee, may_be_address=is_form(conf))
    event = replace(event, employee=person.external_id)
    return Start(conf_of(event, org), about(person.external_id, person.name, event.kind))


def _person(
    session: Session, organization: Organization, text: str, *, may_be_address: bool
) -> employees.Named:
    person = employees.named(session, organization.org_id, text)
    if person is not None:
        return person
    found = (
        employees.named_by_address(session, organization.org_id, text)
        if may_be_address and "@" in text
        else []
    )
    if len(found) == 1:
        return found[0]
    if found:
        reason, hint = (
            f"{len(found)} people have the work address {text!r}",
            f"say which: {', '.join(one.external_id for one in found)}",
        )
    else:
        reason, hint = (
            f"{organization.slug} knows nobody as {text!r}",
            f"send the event with `{typed('event send')}`: it makes the person known and starts the workflow",
        )
    raise InvalidInput("it cannot be started with this", problems=[Problem("employee", reason, hint)])


def told(error: InvalidInput) -> str:
    """Why a run was not started, in one line, as Airflow shows it."""
    reason = f"{error.message}{f' ({error.hint})' if error.hint else ''}"
    about_it = f"the event: {reason}" if isinstance(error, InvalidEvent) else reason
    return f"The run was not started: {'; '.join(map(str, error.problems)) if error.problems else about_it}"
