"""The backing services as tests and the stack start them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition
from sqlalchemy.engine import make_url

from officeflow.events import topics
from officeflow.kafka_access import KafkaAccess
from officeflow.layout import Layout
from officeflow.stack.servers import fetch_jars, kafka, valkey
from officeflow.stack.stack import Stack

pytestmark = pytest.mark.integration


def test_postgres_takes_the_superuser(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_kafka_takes_a_message_of_eight_mebibytes(kafka_access: KafkaAccess) -> None:
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient(kafka_access.configuration)
    admin.create_topics([NewTopic("large", 1)])["large"].result(10)
    producer = Producer({**kafka_access.configuration, "message.max.bytes": kafka.MAXIMUM_MESSAGE_BYTES})
    reports: list[object] = []
    producer.produce(
        "large",
        b"x" * (kafka.MAXIMUM_MESSAGE_BYTES - 1024),
        on_delivery=lambda error, _: reports.append(error),
    )
    assert producer.flush(20) == 0
    assert reports == [None]


def complaint_of(access: KafkaAccess, topic: str = "") -> str:
    """What Kafka says to this client, which asks for a list of topics or sends a message; empty where it does
    what was asked.
    """
    from confluent_kafka import KafkaError, KafkaException, Producer

    told: list[str] = []
    producer = Producer(
        {
            **access.configuration,
            "delivery.timeout.ms": 5000,
            "log_level": 0,
            "error_cb": lambda e: told.append(e.name()),
        }
    )
    if topic:
        producer.produce(
            topic, b"{}", on_delivery=lambda error, _: told.append(error.name()) if error else None
        )
        producer.flush(10)
        return " ".join(told)
    try:
        producer.list_topics(timeout=5)
    except KafkaException as error:
        producer.poll(0)
        return " ".join([*told, KafkaError(error.args[0].code()).name()])
    return ""


def test_kafka_takes_nobody_without_the_password(
    kafka_access: KafkaAccess, backing: Callable[[str], Stack]
) -> None:
    assert complaint_of(kafka_access) == ""
    assert complaint_of(KafkaAccess(kafka_access.bootstrap))
    assert "_AUTHENTICATION" in complaint_of(replace(kafka_access, password="wrong"))
    controller = f"127.0.0.1:{backing('kafka').ports['kafka_controller']}"
    assert complaint_of(KafkaAccess(controller))
    assert "_AUTHENTICATION" in complaint_of(replace(kafka_access, bootstrap=controller))


def test_an_hr_systems_login_produces_lifecycle_events_and_nothing_else(
    kafka_access: KafkaAccess, backing: Callable[[str], Stack]
) -> None:
    topics.create_topics(kafka_access, "access")
    topics.create_topics(kafka_access, None)
    hr = backing("kafka").hr_kafka
    assert complaint_of(hr, "employee.exit.access") == ""
    assert "TOPIC_AUTHORIZATION_FAILED" in complaint_of(hr, topics.NODE_EXECUTE_RESULT)
    consumer = Consumer({**hr.configuration, "group.id": "hr", "log_level": 0})
    consumer.assign([TopicPartition("employee.exit.access", 0, 0)])
    answer = consumer.poll(20)
    consumer.close()
    assert answer is not None
    refused = answer.error()
    assert refused is not None
    assert "AUTHORIZATION_FAILED" in refused.name()


def test_postgres_demands_a_password_of_everybody(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        methods = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        assert methods == [("scram-sha-256",)]
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
    where = make_url(postgres_url)
    for user in ("postgres", "officeflow", "airflow"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=where.host, port=where.port or 5432, user=user, dbname="postgres")


def test_valkey_takes_only_the_password(valkey_url: str) -> None:
    from redis import Redis
    from redis.exceptions import AuthenticationError

    with Redis.from_url(valkey_url) as client:
        assert client.ping()
        port = client.connection_pool.connection_kwargs["port"]
    with Redis(port=port) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    assert not valkey.answers(port, "wrong")


def test_a_missing_jar_is_fetched_and_one_with_another_digest_is_refused(tmp_path: Path) -> None:
    servers = Layout.from_environment().servers
    pinned = dict(fetch_jars.read_lock(kafka.LOCK))
    (name,) = [coordinate for coordinate in pinned if coordinate.startswith("ch.qos.reload4j:")]
    command: list[str | Path] = [
        servers / "bin" / "python",
        fetch_jars.__file__,
        tmp_path / "lock",
        tmp_path / "jars",
    ]
    (tmp_path / "lock").write_text(f"{name} {'0' * 64}\n")
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "is not what the lock file expects" in refused.stdout
    assert not list((tmp_path / "jars").iterdir())
    (tmp_path / "lock").write_text(f"{name} {pinned[name]}\n")
    assert subprocess.run(command, check=False).returncode == 0
    assert [path.name for path in (tmp_path / "jars").iterdir()] == [fetch_jars.jar_name(name)]
