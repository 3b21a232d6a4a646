"""Kafka and PostgreSQL go away and come back while events arrive."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from officeflow.database import migrate
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, Organization
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.supervisor import Supervisor
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Kafka, event, eventually, number_of, publish_to
from tests.listeners.processes import running

pytestmark = pytest.mark.crash


@pytest.fixture
def own_postgres(backing: Callable[[str], Stack]) -> Stack:
    """A server that no one else uses: it is about to be stopped."""
    return backing("postgres")


@pytest.fixture
def database_url(own_postgres: Stack) -> Iterator[str]:
    """A migrated database on that server, in place of the shared one."""
    name = f"officeflow_restart_{secrets.token_hex(4)}"
    server = own_postgres.postgres_url("postgres", "postgres")
    _execute(server, "CREATE DATABASE {}", name)
    url = own_postgres.postgres_url("postgres", name)
    migrate.upgrade(url)
    yield url
    _execute(server, "DROP DATABASE {} WITH (FORCE)", name)


def _execute(url: str, statement: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def dag_id(database: Database, tenant: Organization, airflow: AirflowServer) -> str:
    found = publish_to(database, tenant, "all")
    airflow.dags.add(found)
    return found


def test_while_postgresql_is_away_events_wait_in_kafka(
    own_postgres: Stack,
    database_url: str,
    database: Database,
    kafka: Kafka,
    environment: dict[str, str],
    tmp_path: Path,
    airflow: AirflowServer,
    dag_id: str,
) -> None:
    log = tmp_path / "listener.log"
    supervisor = Supervisor(own_postgres.layout)
    with running("inbound", environment, log) as listener:
        kafka.send(*(event(n, employee=f"E{n}") for n in range(10)))
        eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == 10)
        supervisor.stop(["postgres"])
        kafka.send(*(event(n, employee=f"E{n}") for n in range(20)))
        eventually(lambda: "the inbox cannot be written" in listener.text)
        supervisor.start(["postgres"])
        eventually(lambda: answers(database_url))
        database.dispose()  # the test's own connections went with the server
        eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == 20)
        assert listener.stop() == 0
    assert len(airflow.runs) == 20
    assert {dag for dag, _ in airflow.runs} == {dag_id}


def test_when_kafka_was_killed_the_listener_goes_on(
    backing: Callable[[str], Stack],
    database: Database,
    kafka: Kafka,
    environment: dict[str, str],
    tmp_path: Path,
    airflow: AirflowServer,
    dag_id: str,
) -> None:
    supervisor = Supervisor(backing("kafka").layout)
    with running("inbound", environment, tmp_path / "listener.log") as listener:
        kafka.send(*(event(n, employee=f"E{n}") for n in range(10)), b"bad")
        eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == 10)
        before = supervisor.states()["kafka"]["pid"]
        os.kill(before, signal.SIGKILL)
        eventually(lambda: supervisor.states()["kafka"]["pid"] not in {0, before})
        backing("kafka")
        kafka.send(*(event(n, employee=f"E{n}") for n in range(20)))
        eventually(lambda: number_of(database, InboxEvent, status="DISPATCHED") == 20)
        assert listener.stop() == 0
    assert len(airflow.runs) == 20
    assert {dag for dag, _ in airflow.runs} == {dag_id}
