"""The connections of organizations: each that an active workflow names is there, and complete; directories
are not shared by mistake.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from officeflow import ids
from officeflow.connectors import sharing
from officeflow.connectors.fields import from_airflow, problems_of
from officeflow.connectors.providers import providers
from officeflow.counts import counted
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Workflow, WorkflowNode
from officeflow.doctor.airflow import api_of
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem
from officeflow.errors import OfficeFlowError
from officeflow.program import typed

AREA = "connections"


def named(subject: Subject) -> Iterator[Finding]:
    wanted = _wanted(subject)
    with api_of(subject) as api:
        stored = {
            each["connection_id"]: each
            for org in {org for org, _, _ in wanted}
            for each in api.connections(f"{org}.")
        }
    good = set()
    for org, name, workflow in wanted:
        connection_id = ids.connection_id(org, name)
        add = f"{typed('connection add')} {org} {name} --provider …"
        if connection_id not in stored:
            yield problem(f"{org}'s workflow {workflow} needs the connection {name}, and there is none", add)
            continue
        try:
            wrong = problems_of(from_airflow(stored[connection_id]))
        except OfficeFlowError as error:
            yield problem(f"connection {connection_id}: {error.message}", add)
            continue
        for each in wrong:
            yield problem(f"connection {connection_id}, needed by {workflow}: {each}", add)
        if not wrong:
            good.add(connection_id)
    yield ok(f"{counted(len(good), 'connection')} of active workflows: there and complete")


def separate(subject: Subject) -> Iterator[Finding]:
    with Database.from_settings(subject.known) as database, database.service() as session:
        organizations = set(session.scalars(select(Organization.slug)))
    with api_of(subject) as api:
        stored = [
            each for each in api.connections() if each["connection_id"].partition(".")[0] in organizations
        ]
    known = [from_airflow(each) for each in stored if each["conn_type"] in providers()]
    shared = {each.id: sharing.shares_with(each, known) for each in known}
    for name, others in shared.items():
        if others:
            yield problem(
                f"connection {name} leads to the directory that {', '.join(others)} leads to", sharing.HINT
            )
    alone = counted(sum(not others for others in shared.values()), "connection")
    yield ok(f"{alone}: no other organization's leads to the same place")


def _wanted(subject: Subject) -> list[tuple[str, str, str]]:
    """Organization, connection and a workflow that names it, of all active workflows."""
    query = (
        select(Organization.slug, WorkflowNode.connection, Workflow.slug)
        .join(Workflow, Workflow.org_id == Organization.org_id)
        .join(
            WorkflowNode,
            (WorkflowNode.workflow_id == Workflow.workflow_id) & (WorkflowNode.version == Workflow.version),
        )
        .where(Workflow.is_active, WorkflowNode.connection.is_not(None))
        .order_by(Organization.slug, WorkflowNode.connection, Workflow.slug)
    )
    with Database.from_settings(subject.known) as database, database.service() as session:
        found = {(org, name or ""): slug for org, name, slug in session.execute(query)}
    return [(org, name, slug) for (org, name), slug in found.items()]


NEEDS = ("airflow.login", "database.revision")
CHECKS = (
    Check(area=AREA, name="named", examine=named, needs=NEEDS),
    Check(area=AREA, name="separate", examine=separate, needs=NEEDS),
)
