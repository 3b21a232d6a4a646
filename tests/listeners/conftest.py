from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.options import Options
from listeners.steward.run_watch import RunWatch
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, Employee, InboxEvent, Organization, WorkflowRun
from officeflow.events import inbox
from officeflow.events.inbox import Accepted, Stored
from officeflow.events.message import Message
from officeflow.events.producer import NOWHERE, EventProducer
from officeflow.ids import employee_id
from officeflow.kafka_access import KafkaAccess
from officeflow.statuses import RevisionAction
from officeflow.workflows import store
from officeflow.workflows.models import Definition
from tests.listeners.airflow_api import LOGIN, AirflowServer, airflow_server

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)

Publish = Callable[..., str]
Arrive = Callable[..., Stored[Accepted]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/listeners" in str(item.path):
            item.add_marker(pytest.mark.integration)


@pytest.fixture
def airflow() -> Iterator[AirflowServer]:
    with airflow_server() as server:
        yield server


@pytest.fixture
def api(airflow: AirflowServer) -> Iterator[AirflowApi]:
    with AirflowApi(airflow.url, LOGIN["username"], LOGIN["password"], timeout=30) as client:
        yield client


@pytest.fixture
def person(database: Database, org: Organization) -> Employee:
    found = Employee(
        employee_id=employee_id(org.org_id, "E1"), org_id=org.org_id, external_id="E1", status="active"
    )
    with database.service() as session:
        session.add(found)
    return found


def publish_to(database: Database, org: Organization, slug: str, **trigger: Any) -> str:
    """An active workflow as publishing leaves it in the database; returns its DAG's id."""
    definition = Definition.model_validate(
        {
            "slug": slug,
            "name": slug,
            "trigger": {"events": ["employee.onboard"], **trigger},
            "nodes": [{"id": "note", "type": "audit.record", "params": {"action": "seen", "subject": "it"}}],
            "edges": [],
        }
    )
    with database.service() as session:
        store.lock_revisions(session)
        workflow = store.add_version(session, org.org_id, definition, by="test")
        store.add_revision(session, workflow, RevisionAction.PUBLISH)
    return f"{org.slug}__{slug}"


@pytest.fixture
def publish(database: Database, org: Organization, airflow: AirflowServer) -> Publish:
    """`publish(slug, in_airflow=True, **trigger)`."""

    def published(slug: str, *, in_airflow: bool = True, **trigger: Any) -> str:
        dag_id = publish_to(database, org, slug, **trigger)
        if in_airflow:
            airflow.dags.add(dag_id)
        return dag_id

    return published


def event(
    number: int = 1, *, employee: str = "E1", minute: int = 0, kind: str = "employee.onboard", **payload: Any
) -> Mapping[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"event-{number}",
        "source": "hr",
        "type": kind,
        "subject": employee,
        "time": (START + dt.timedelta(minutes=minute)).isoformat(),
        "data": payload,
    }


@pytest.fixture
def arrive(database: Database) -> Arrive:
    """`arrive(event, …)` puts events into the inbox as the listener does."""

    def arrived(*bodies: Mapping[str, Any]) -> Stored[Accepted]:
        messages = [
            Message(
                topic=f"{body['type']}.acme",
                partition=0,
                offset=time.monotonic_ns(),
                value=json.dumps(body).encode(),
                timestamp=START,
            )
            for body in bodies
        ]
        with database.service() as session:
            return inbox.store(session, messages, own_source="officeflow")

    return arrived


@pytest.fixture
def environment(
    database_url: str, kafka_access: KafkaAccess, airflow: AirflowServer, tenant: Organization, tmp_path: Path
) -> dict[str, str]:
    """Of a listener that reads the tenant's topics alone."""
    return {
        "OFFICEFLOW_HOME": str(tmp_path),
        "OFFICEFLOW_DATABASE_URL": database_url,
        **kafka_access.environment,
        "OFFICEFLOW_AIRFLOW_URL": airflow.url,
        "OFFICEFLOW_AIRFLOW_USERNAME": LOGIN["username"],
        "OFFICEFLOW_AIRFLOW_PASSWORD": LOGIN["password"],
        "OFFICEFLOW_LISTENER_GROUP": tenant.slug,
        "OFFICEFLOW_LISTENER_CONTROL_GROUP": f"{tenant.slug}-control",
        "OFFICEFLOW_LISTENER_CONTROL_TOPICS": rf"^none\.{tenant.slug}$",
        "OFFICEFLOW_LISTENER_TOPICS": rf"^employee\.(onboard|exit|transfer|update)\.{tenant.slug}.*",
    }


class Kafka:
    """Sends to the tenant's topics."""

    def __init__(self, access: KafkaAccess, slug: str) -> None:
        self.slug = slug
        self._producer = EventProducer(access)

    def send(self, *bodies: Mapping[str, Any] | bytes, kind: str = "employee.onboard") -> None:
        self._producer.send(
            Message(
                topic=f"{kind if isinstance(body, bytes) else body['type']}.{self.slug}",
                partition=NOWHERE,
                offset=NOWHERE,
                value=body if isinstance(body, bytes) else json.dumps(body).encode(),
            )
            for body in bodies
        )


@pytest.fixture
def kafka(kafka_access: KafkaAccess, tenant: Organization) -> Kafka:
    return Kafka(kafka_access, tenant.slug)


def number_of(database: Database, table: type[InboxEvent | DeadLetter], **values: Any) -> int:
    with database.service() as session:
        return session.scalar(select(func.count()).select_from(table).filter_by(**values)) or 0


def eventually(condition: Callable[[], Any], *, within: float = 180) -> None:
    """Wait for what must come true; how long it takes is no part of the claim."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


@pytest.fixture
def watch(database: Database, api: AirflowApi) -> RunWatch:
    return RunWatch(database, api, starts_every=dt.timedelta(0))


@pytest.fixture
def started(
    database: Database, api: AirflowApi, airflow: AirflowServer, publish: Publish, arrive: Arrive
) -> WorkflowRun:
    """A run that an event has started."""
    publish("all")
    arrive({**event(), "correlationid": "hire-1"})
    assert Dispatcher(database, api, options=Options(), stop=threading.Event()).dispatch_next()
    with database.service() as session:
        return session.scalars(select(WorkflowRun)).one()


def row(database: Database, run: WorkflowRun) -> WorkflowRun:
    with database.service() as session:
        return session.get_one(WorkflowRun, run.run_id)
