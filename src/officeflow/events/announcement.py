"""From a message in the outbox to a CloudEvent 1.0 in binary mode: attributes in `ce_…` headers, the payload
as value.

(CloudEvents Kafka protocol binding 1.0.2, section 3.2.)
"""

from __future__ import annotations

import re

from officeflow.errors import InvalidInput
from officeflow.events.message import Message
from officeflow.events.outbox import Waiting
from officeflow.events.producer import NOWHERE
from officeflow.events.topics import BY_PERSON, MAX_MESSAGE_BYTES, TOPICS

JSON = "application/json"
OVERHEAD_BYTES = 1024
"""What Kafka adds to a message's own bytes; generous."""

_KEYS = {topic.name: topic.key for topic in TOPICS}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def announce(waiting: Waiting, *, source: str) -> Message:
    """The message that carries it. `InvalidInput` says why it can never be sent."""
    from cloudevents.core.bindings.kafka import to_binary_event
    from cloudevents.core.exceptions import CloudEventValidationError
    from cloudevents.core.v1.event import CloudEvent

    _check_key(waiting)
    attributes = {
        "specversion": "1.0",
        "id": str(waiting.message_id),
        "source": source,
        "type": waiting.type,
        "time": waiting.created_at,
        "datacontenttype": JSON,
        "organizationid": str(waiting.org_id),
        "correlationid": waiting.correlation_id,
        **({} if waiting.subject is None else {"subject": waiting.subject}),
    }
    _check_attributes(attributes)
    try:
        event = to_binary_event(CloudEvent(attributes, waiting.data))
    except CloudEventValidationError as error:
        reasons = "; ".join(str(reason) for found in error.errors.values() for reason in found)
        raise InvalidInput(f"it is no CloudEvent: {reasons}") from error
    message = Message(
        topic=waiting.topic,
        partition=NOWHERE,
        offset=NOWHERE,
        key=waiting.key.encode(),
        value=event.value,
        headers=tuple(event.headers.items()),
    )
    if message.size > MAX_MESSAGE_BYTES - OVERHEAD_BYTES:
        raise InvalidInput(
            f"it has {message.size:,} bytes, more than the {MAX_MESSAGE_BYTES - OVERHEAD_BYTES:,} that topics"
            " take"
        )
    return message


def _check_key(waiting: Waiting) -> None:
    org = str(waiting.org_id)
    if waiting.topic not in _KEYS:
        raise InvalidInput(f"there is no topic {waiting.topic!r}")
    of_person = _KEYS[waiting.topic] == BY_PERSON and waiting.key.startswith(f"{org}:")
    if waiting.key != org and not of_person:
        raise InvalidInput(f"its key is not that of {waiting.topic}, which is {_KEYS[waiting.topic]}")


def _check_attributes(attributes: dict[str, object]) -> None:
    """CloudEvents 1.0.2, section 2.1: a string holds no control characters."""
    for name, value in attributes.items():
        if isinstance(value, str) and _CONTROL.search(value):
            raise InvalidInput(f"{name} holds a control character, which a CloudEvent may not")
