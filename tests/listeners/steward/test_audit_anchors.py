"""Anchors on the topic: a log that is emptied together with its head is found by what Kafka keeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from listeners.steward.audit_anchors import Anchoring
from listeners.steward.duties import anchor_duty
from officeflow.audit import chain, store
from officeflow.audit.actions import OwnWords
from officeflow.audit.anchors import Anchor, Folder
from officeflow.audit.entry import AuditEntry
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.events import read_back, topics
from officeflow.events.message import Message
from officeflow.events.producer import NOWHERE, EventProducer
from officeflow.kafka_access import KafkaAccess
from officeflow.settings import load_settings
from tests.command import Command, officeflow
from tests.listeners.steward.relaying import relay_to

__all__ = ["officeflow"]

Noted = Callable[[int], None]


@pytest.fixture
def noted(database: Database, org: Organization, kafka_access: KafkaAccess) -> Noted:
    """Writes so many records, chains them, notes the head (in no folder) and relays it."""
    topics.create_topics(kafka_access, None)
    key = chain.key_from_settings()
    anchoring = Anchoring(database, SystemClock(), key=key, folder=None)
    relay = relay_to(kafka_access, database)

    def note(count: int) -> None:
        for number in range(count):
            with database.tenant(org.org_id) as session:
                store.append(
                    session, org.org_id, AuditEntry(actor="test", action=OwnWords("a"), subject=f"s:{number}")
                )
        chain.chain_pending(database, key=key)
        assert anchoring.act() == 1
        assert relay.relay() == 1

    return note


@pytest.fixture
def verify(officeflow: Command, kafka_access: KafkaAccess, monkeypatch: pytest.MonkeyPatch) -> Command:
    for name, value in kafka_access.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("officeflow.doctor.anchors.TOPIC_SECONDS", 30)
    return officeflow


def empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM audit_records")
        connection.execute("DELETE FROM audit_heads")


def test_verify_takes_the_anchors_from_the_topic_by_itself(
    noted: Noted, verify: Command, database_url: str
) -> None:
    noted(3)
    noted(2)
    whole = verify("audit", "verify", "acme", "--json")
    assert whole.status == 0
    (folder, topic) = whole.json["anchors"]
    assert folder["away"] == "OFFICEFLOW_AUDIT_ANCHORS names none"
    assert (topic["source"], topic["anchors"], topic["newest"]["sequence"], topic["away"]) == (
        "topic audit.anchors",
        2,
        5,
        None,
    )
    empty(database_url)
    broken = verify("audit", "verify", "acme")
    assert broken.status == 1
    assert "audit_records[1..5]: missing" in broken.err


def test_an_anchor_that_somebody_else_wrote_to_the_topic_is_counted_and_not_believed(
    noted: Noted, verify: Command, org: Organization, kafka_access: KafkaAccess
) -> None:
    noted(1)
    forged = {
        "org_id": str(org.org_id),
        "sequence": 99,
        "mac": "00" * 32,
        "at": "2026-01-05T09:00:00+00:00",
        "seal": "00" * 32,
    }
    key = topics.org_key(org.org_id).encode()
    for value in (json.dumps(forged).encode(), b"no JSON", b"[]"):
        EventProducer(kafka_access).send(
            [Message(topic=topics.AUDIT_ANCHORS, partition=NOWHERE, offset=NOWHERE, key=key, value=value)]
        )
    shown = verify("audit", "verify", "acme")
    assert shown.status == 0
    assert "1 anchor, the newest names record 1" in shown.out
    assert "and 3 that are not ours" in shown.out


def test_each_key_is_read_for_itself_and_a_topic_that_is_not_there_has_nothing(
    kafka_access: KafkaAccess, org: Organization
) -> None:
    topics.create_topics(kafka_access, None)
    keys = [f"{org.org_id}-{number}".encode() for number in range(3)]
    messages = [
        Message(
            topic=topics.AUDIT_ANCHORS, partition=NOWHERE, offset=NOWHERE, key=key, value=key + bytes([n])
        )
        for n in range(2)
        for key in keys[:2]
    ]
    EventProducer(kafka_access).send(messages)
    found = read_back.values_of(kafka_access, topics.AUDIT_ANCHORS, keys, timeout=30)
    assert found == {
        keys[0]: [keys[0] + b"\0", keys[0] + b"\1"],
        keys[1]: [keys[1] + b"\0", keys[1] + b"\1"],
        keys[2]: [],
    }
    assert read_back.values_of(kafka_access, "no.such.topic", keys[:1], timeout=30) == {keys[0]: []}


def test_the_stewards_duty_notes_in_the_folder_that_the_settings_name(
    database: Database, org: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_AUDIT_ANCHORS", str(tmp_path / "anchors"))
    monkeypatch.setenv("OFFICEFLOW_AUDIT_ANCHOR_SECONDS", "7")
    key = chain.key_from_settings()
    with database.tenant(org.org_id) as session:
        store.append(session, org.org_id, AuditEntry(actor="test", action=OwnWords("a"), subject="s"))
    chain.chain_pending(database, key=key)
    duty = anchor_duty(load_settings(), database, key)
    assert (duty.every, duty.act()) == (7, 1)
    newest = Folder(tmp_path / "anchors").read(org.org_id, key).newest
    assert isinstance(newest, Anchor)
    assert newest.head.sequence == 1
