"""A listener that is told to stop finishes what it is at."""

from __future__ import annotations

from pathlib import Path

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, Organization
from officeflow.kafka_access import KafkaAccess
from officeflow.monitoring.consumer_lag import group_lag
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Kafka, event, eventually, number_of, publish_to
from tests.listeners.processes import running

EVENTS = 300


@pytest.fixture
def dag_id(database: Database, tenant: Organization, airflow: AirflowServer) -> str:
    found = publish_to(database, tenant, "all")
    airflow.dags.add(found)
    return found


def test_what_it_has_begun_is_committed_and_the_next_one_repeats_nothing(
    database: Database,
    kafka: Kafka,
    kafka_access: KafkaAccess,
    environment: dict[str, str],
    tmp_path: Path,
    airflow: AirflowServer,
    dag_id: str,
) -> None:
    kafka.send(*(event(n, employee=f"E{n}") for n in range(EVENTS)))
    with running("inbound", environment, tmp_path / "first.log") as listener:
        eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") >= 5)
        assert listener.stop() == 0
    assert not (tmp_path / "health" / "lifecycle_events.json").exists()
    stored, dispatched = number_of(database, InboxEvent), number_of(database, InboxEvent, status="DISPATCHED")
    assert dispatched < EVENTS, "it was stopped in the middle"
    assert len(airflow.runs) == dispatched
    lag = group_lag(
        kafka_access, environment["OFFICEFLOW_LISTENER_GROUP"], environment["OFFICEFLOW_LISTENER_TOPICS"]
    )
    assert lag.messages == EVENTS - stored
    with running("inbound", environment, tmp_path / "second.log"):
        eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == EVENTS)
    assert (len(airflow.runs), airflow.posts) == (EVENTS, EVENTS)
    assert {dag for dag, _ in airflow.runs} == {dag_id}
