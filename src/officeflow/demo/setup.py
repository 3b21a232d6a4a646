"""What the demonstration needs before anybody is hired: an organization, its connections, its workflows.

Made once, found afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib import resources
from typing import Any

from sqlalchemy import select

from officeflow.airflow_api.client import AirflowApi
from officeflow.connectors.fields import assemble, to_airflow
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import Unavailable
from officeflow.events import topics
from officeflow.gateway import administration as sources
from officeflow.ids import connection_id
from officeflow.kafka_access import KafkaAccess
from officeflow.program import typed
from officeflow.stack.counterparts import Connection
from officeflow.tenants import administration, users
from officeflow.workflows.publish import Publisher

ORG = "acme"
DOMAIN = "acme.example"
ACTOR = "service:demo"
SOURCE = "hr"
"""Of the webhooks that are delivered to it."""
SOURCE_SECRET = "webhook_demo"  # noqa: S105 - a name
"""What the stack calls its secret."""
DEFINITIONS = ("preboarding.json", "exit.json")
MAIN_WORKFLOW = "preboarding"
APPROVAL_DEFINITIONS = (*DEFINITIONS, "contractor.json")
APPROVAL_WORKFLOW = "contractor"
LEAD = "it.lead@acme.example"
"""Who is asked about contractors. In Airflow it is the administrator."""


def ensure_organization(database: Database) -> Organization:
    with database.service() as session:
        found = session.scalar(select(Organization).where(Organization.slug == ORG))
        if found is not None:
            return found
        return administration.add_organization(session, slug=ORG, name="Acme", domain=DOMAIN, by=ACTOR)


def ensure_topics(kafka: KafkaAccess) -> None:
    topics.create_topics(kafka, ORG)


def ensure_connections(api: AirflowApi, connections: Iterable[Connection]) -> list[str]:
    """Write the connections, with the addresses and secrets that the stack has now; their names."""
    names = []
    for each in connections:
        made = assemble(connection_id(ORG, each.name), each.provider, each.fields)
        api.put_connection(**to_airflow(made), description="Made by the demonstration")
        names.append(each.name)
    return sorted(names)


def ensure_source(database: Database, secret: str) -> str:
    """A source of webhooks that anybody can try, with this secret; its name."""
    if SOURCE not in {each.slug for each in sources.every(database, ORG)}:
        sources.create(database, ORG, SOURCE, preset_name="json", secret=secret, by=ACTOR)
    return SOURCE


def load_definition(name: str) -> dict[str, Any]:
    text = resources.files("officeflow.demo").joinpath("definitions", name).read_text(encoding="utf-8")
    definition: dict[str, Any] = json.loads(text)
    return definition


def ensure_lead(database: Database, org: Organization, *, airflow_login: str) -> None:
    """The user who is asked."""
    with database.tenant(org.org_id) as session:
        is_there = LEAD in {user.email for user in users.every(session, org.org_id)}
    if not is_there:
        administration.create_user(
            database,
            org.slug,
            email=LEAD,
            name="Ida Lead",
            role="operator",
            airflow_login=airflow_login,
            by=ACTOR,
        )


def publish_all(publisher: Publisher, definitions: Iterable[str] = DEFINITIONS) -> list[str]:
    """Publish the definitions, and return when Airflow can run them: what each is now, for people.

    `Unavailable` where one is not ready.
    """
    return publish_together(publisher, [load_definition(name) for name in definitions])


def publish_together(publisher: Publisher, definitions: Iterable[dict[str, Any]]) -> list[str]:
    """The same for definitions that are loaded already: all of them, or none."""
    written = {str(definition["slug"]): definition for definition in definitions}
    told = []
    for committed in publisher.commit(publisher.checked(ORG, written), by=ACTOR):
        published = publisher.followed(committed)
        if not published.ready:
            raise Unavailable(
                f"{published.dag_id}: {published.message}", hint=f"`{typed('logs airflow-dag-processor')}`"
            )
        told.append(f"{published.slug} version {published.version}")
    return told
