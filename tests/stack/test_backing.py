"""The backing services as tests and the stack start them."""

from __future__ import annotations

import psycopg
import pytest

from officeflow.stack import kafka, valkey

pytestmark = pytest.mark.integration


def test_postgres_takes_the_superuser(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_kafka_takes_a_message_of_eight_mebibytes(kafka_bootstrap: str) -> None:
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": kafka_bootstrap})
    admin.create_topics([NewTopic("large", 1)])["large"].result(10)
    producer = Producer({"bootstrap.servers": kafka_bootstrap, "message.max.bytes": kafka.MAXIMUM_MESSAGE_BYTES})
    reports: list[object] = []
    producer.produce("large", b"x" * (kafka.MAXIMUM_MESSAGE_BYTES - 1024), on_delivery=lambda error, _: reports.append(error))
    assert producer.flush(20) == 0
    assert reports == [None]


def test_valkey_takes_only_the_password(valkey_url: str) -> None:
    from redis import Redis
    from redis.exceptions import AuthenticationError

    with Redis.from_url(valkey_url) as client:
        assert client.ping()
        port = client.connection_pool.connection_kwargs["port"]
    with Redis(port=port) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    assert not valkey.answers(port, "wrong")
