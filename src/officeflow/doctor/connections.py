"""The connections of organizations: each that an active workflow names is there, complete, and leads to where
it may; directories are not shared by mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from officeflow import ids
from officeflow.catalog import registry
from officeflow.connectors import destinations, sharing
from officeflow.connectors.connection import Connection
from officeflow.connectors.fields import from_airflow, problems_of
from officeflow.connectors.providers import provider_of, providers
from officeflow.counts import counted
from officeflow.database.engine import Database
from officeflow.doctor.airflow import api_of
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem
from officeflow.errors import OfficeFlowError
from officeflow.program import typed
from officeflow.tenants import organizations
from officeflow.workflows import store
from officeflow.workflows.check_nodes import unfit

AREA = "connections"


def named(subject: Subject) -> Iterator[Finding]:
    with Database.from_settings(subject.known) as database, database.service() as session:
        wanted = store.connections_named(session)
    with api_of(subject) as api:
        stored = {
            each["connection_id"]: each
            for org in {org for org, _ in wanted}
            for each in api.connections(f"{org}.")
        }
    good = set()
    for (org, name), types in wanted.items():
        workflow = next(iter(types.values()))
        connection_id = ids.connection_id(org, name)
        add = f"{typed('connection add')} {org} {name} --provider …"
        if connection_id not in stored:
            yield problem(f"{org}'s workflow {workflow} needs the connection {name}, and there is none", add)
            continue
        try:
            connection = from_airflow(stored[connection_id])
            wrong = [(workflow, str(each)) for each in problems_of(connection)]
            wrong += [(workflow, str(each)) for each in destinations.problems_of(connection)]
            wrong += _unfit(connection, types)
        except OfficeFlowError as error:
            yield problem(f"connection {connection_id}: {error.message}", add)
            continue
        for needing, why in wrong:
            yield problem(f"connection {connection_id}, needed by {needing}: {why}", add)
        if not wrong:
            good.add(connection_id)
    yield ok(f"{counted(len(good), 'connection')} of active workflows: there and complete")


def separate(subject: Subject) -> Iterator[Finding]:
    with Database.from_settings(subject.known) as database, database.service() as session:
        slugs = organizations.slugs(session)
    with api_of(subject) as api:
        stored = [each for each in api.connections() if each["connection_id"].partition(".")[0] in slugs]
    known = [from_airflow(each) for each in stored if each["conn_type"] in providers()]
    shared = {each.id: sharing.shares_with(each, known) for each in known}
    for name, others in shared.items():
        if others:
            yield problem(
                f"connection {name} leads to the directory that {', '.join(others)} leads to", sharing.HINT
            )
    alone = counted(sum(not others for others in shared.values()), "connection")
    yield ok(f"{alone}: no other organization's leads to the same place")


def _unfit(connection: Connection, types: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The workflows with nodes that cannot act by way of the connection, which was replaced since they were
    published, and why.
    """
    known = provider_of(connection)
    for name, workflow in types.items():
        if registry.is_known(name) and (why := unfit(known, registry.node_type(name))):
            yield workflow, f"it {why}"


NEEDS = ("airflow.login", "database.revision")
CHECKS = (
    Check(area=AREA, name="named", examine=named, needs=NEEDS),
    Check(area=AREA, name="separate", examine=separate, needs=NEEDS),
)
