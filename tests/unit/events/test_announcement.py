from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.v1.event import CloudEvent

from officeflow.errors import InvalidInput
from officeflow.events import topics
from officeflow.events.announcement import announce
from officeflow.events.outbox import Waiting

ORG = uuid.UUID(int=7)
GOOD = Waiting(
    message_id=uuid.UUID(int=1),
    org_id=ORG,
    topic=topics.NODE_EXECUTE_RESULT,
    key=f"{ORG}:E1",
    type="officeflow.node.execute.result",
    subject="employee:E1",
    correlation_id="c-1",
    created_at=dt.datetime(2026, 1, 5, 9, 0, 0, 5, tzinfo=dt.UTC),
    data='{"a": 1}',
)


def test_a_consumer_reads_with_the_cloudevents_library_what_was_written() -> None:
    message = announce(GOOD, source="officeflow")
    headers = {name: value for name, value in message.headers if value is not None}
    event = from_binary_event(KafkaMessage(headers=headers, key=message.key, value=message.value or b""))
    assert isinstance(event, CloudEvent)
    assert (event.get_id(), event.get_source(), event.get_type()) == (
        str(GOOD.message_id),
        "officeflow",
        GOOD.type,
    )
    assert (event.get_time(), event.get_subject(), event.get_data()) == (
        GOOD.created_at,
        "employee:E1",
        {"a": 1},
    )
    assert (event.get_extension("organizationid"), event.get_extension("correlationid")) == (str(ORG), "c-1")


def test_a_message_about_nobody_has_the_organizations_key() -> None:
    assert (
        announce(dataclasses.replace(GOOD, key=str(ORG), subject=None), source="s").key == str(ORG).encode()
    )


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"topic": "employee.onboard.acme"}, "there is no topic 'employee.onboard.acme'"),
        ({"key": "E1"}, "its key is not that of node.execute.result, which is organization_id:employee_id"),
        ({"key": f"{uuid.UUID(int=8)}:E1"}, "its key is not that of"),
        ({"topic": topics.AUDIT_EVENTS}, "its key is not that of audit.events, which is organization_id"),
        ({"subject": "employee:E\n1"}, "subject holds a control character"),
        ({"correlation_id": "c\x85"}, "correlationid holds a control character"),
        ({"type": ""}, "it is no CloudEvent: Attribute 'type' must not be"),
        ({"data": f'"{"x" * topics.MAX_MESSAGE_BYTES}"'}, "bytes, more than the"),
    ],
)
def test_what_can_never_be_sent_is_refused_with_the_reason(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        announce(dataclasses.replace(GOOD, **wrong), source="officeflow")
    assert why in str(raised.value)
