from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.events import inbox
from officeflow.events.inbox import Stored
from officeflow.events.message import Message
from officeflow.workflows import store
from officeflow.workflows.models import Definition
from tests.listeners.airflow_api import LOGIN, AirflowServer, airflow_server

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)

Publish = Callable[..., str]
Arrive = Callable[..., Stored]


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
    with AirflowApi(airflow.url, LOGIN["username"], LOGIN["password"], timeout=5) as client:
        yield client


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
        store.add_revision(session, workflow, store.PUBLISH)
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


def event(number: int = 1, *, employee: str = "E1", minute: int = 0, kind: str = "employee.onboard", **payload: Any) -> Mapping[str, Any]:
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

    def arrived(*bodies: Mapping[str, Any]) -> Stored:
        messages = [
            Message(topic=f"{body['type']}.acme", partition=0, offset=time.monotonic_ns(), value=json.dumps(body).encode(), timestamp=START)
            for body in bodies
        ]
        with database.service() as session:
            return inbox.store(session, messages, own_source="officeflow")

    return arrived


def eventually(condition: Callable[[], Any], *, within: float = 60) -> None:
    """Wait for what must come true; how long it takes is no part of the claim."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)
