"""What the steward adds to the outbox: the audit log, and measurements."""

from __future__ import annotations

import datetime as dt
import hmac
import os
import uuid
from typing import Any

from sqlalchemy import select

from listeners import messages
from officeflow import canonical_json
from officeflow.audit import chain, store
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization, OutboxMessage, WorkflowRun
from officeflow.events import topics
from officeflow.events.documents import ANNOUNCED

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


def announced(database: Database, topic: str) -> list[OutboxMessage]:
    with database.service() as session:
        return list(
            session.scalars(
                select(OutboxMessage).where(OutboxMessage.topic == topic).order_by(OutboxMessage.position)
            )
        )


def record(database: Database, org_id: uuid.UUID, number: int, **values: Any) -> None:
    with database.tenant(org_id) as session:
        store.append(
            session,
            org_id,
            AuditEntry(
                **{"actor": "test", "action": "a", "subject": "s", "details": {"number": number}, **values}
            ),
        )


def test_every_chained_record_is_announced_once_in_the_chains_order(
    database: Database, org: Organization
) -> None:
    key = os.environ["OFFICEFLOW_AUDIT_KEY"].encode()
    for number in range(25):
        record(database, org.org_id, number)
    while chain.chain_pending(database, key=key, limit=10, announce=messages.chained):
        pass
    payloads = [message.payload for message in announced(database, topics.AUDIT_EVENTS)]
    assert [payload["sequence"] for payload in payloads] == list(range(1, 26))
    assert [payload["details"]["number"] for payload in payloads] == list(range(25))
    assert [payload["previous_mac"] for payload in payloads[1:]] == [
        payload["mac"] for payload in payloads[:-1]
    ]


def test_who_has_the_key_can_check_an_announced_record(database: Database, org: Organization) -> None:
    key = os.environ["OFFICEFLOW_AUDIT_KEY"].encode()
    record(database, org.org_id, 1, subject="ü" * 600, details={"number": 1.5, "text": "é\u2028"})
    chain.chain_pending(database, key=key, announce=messages.chained)
    (message,) = announced(database, topics.AUDIT_EVENTS)
    content = dict(message.payload)
    mac = content.pop("mac")
    assert message.payload.keys() == ANNOUNCED["auditRecord"].keys()
    assert hmac.digest(key, canonical_json.encode(content), "sha256").hex() == mac
    with database.service() as session:
        stored = session.scalars(select(AuditRecord)).one()
    assert (stored.mac, str(stored.record_id)) == (bytes.fromhex(mac), content["record_id"])
    assert (message.key, message.subject, message.correlation_id) == (
        str(org.org_id),
        "ü" * 600,
        str(stored.record_id),
    )


def test_what_is_not_chained_is_not_announced(database: Database, org: Organization) -> None:
    record(database, org.org_id, 1)
    assert announced(database, topics.AUDIT_EVENTS) == []


def test_the_end_of_a_run_is_measured(database: Database, org: Organization) -> None:
    run = WorkflowRun(
        run_id=uuid.uuid4(),
        org_id=org.org_id,
        dag_id="acme__joiner",
        dag_run_id="evt__1",
        trigger_event="employee.onboard",
        status="FAILED",
        version=3,
        correlation_id="c",
        started_at=START,
        ended_at=START + dt.timedelta(seconds=2.5),
    )
    acts = [("a", "SUCCEEDED", 1), ("b", "FAILED", 4)]
    with database.service() as session:
        session.add(run)
        session.flush()
        for node, status, attempt in acts:
            session.add(
                NodeRun(
                    node_run_id=uuid.uuid4(),
                    org_id=org.org_id,
                    run_id=run.run_id,
                    node_key=node,
                    node_type="audit.record",
                    effect="idempotent",
                    status=status,
                    attempt=attempt,
                    idempotency_key=node,
                )
            )
        session.flush()
        messages.run_ended(session, run)
    (message,) = announced(database, topics.METRICS_EVENTS)
    assert (message.type, message.key) == ("officeflow.metrics.run", str(org.org_id))
    assert message.payload.keys() == ANNOUNCED["runMeasured"].keys()
    told = {
        name: message.payload[name]
        for name in ("dag_id", "version", "trigger", "state", "seconds", "nodes", "nodes_failed", "tries")
    }
    assert told == {
        "dag_id": "acme__joiner",
        "version": 3,
        "trigger": "employee.onboard",
        "state": "FAILED",
        "seconds": 2.5,
        "nodes": 2,
        "nodes_failed": 1,
        "tries": 5,
    }
