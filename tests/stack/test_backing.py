"""The backing services as tests and the stack start them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest

from officeflow.stack import fetch_jars, kafka, valkey
from officeflow.stack.layout import Layout

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


def test_a_missing_jar_is_fetched_and_one_with_another_digest_is_refused(tmp_path: Path) -> None:
    servers = Layout.from_environment().servers
    pinned = dict(fetch_jars.read_lock(kafka.LOCK))
    (name,) = [coordinate for coordinate in pinned if coordinate.startswith("ch.qos.reload4j:")]
    command = [servers / "bin" / "python", fetch_jars.__file__, tmp_path / "lock", tmp_path / "jars"]
    (tmp_path / "lock").write_text(f"{name} {'0' * 64}\n")
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "is not what the lock file expects" in refused.stdout
    assert not list((tmp_path / "jars").iterdir())
    (tmp_path / "lock").write_text(f"{name} {pinned[name]}\n")
    assert subprocess.run(command, check=False).returncode == 0
    assert [path.name for path in (tmp_path / "jars").iterdir()] == [fetch_jars.jar_name(name)]
