"""A mapped event as the message that the listener takes as any other."""

from __future__ import annotations

import json
import uuid
from typing import Any

from officeflow.events.message import Headers, Message
from officeflow.events.producer import NOWHERE
from officeflow.events.topics import lifecycle_topic, org_key
from officeflow.events.webhooks.identity import source_name
from officeflow.events.webhooks.mapping import MappedEvent

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)

STRUCTURED: Headers = (("content-type", b"application/cloudevents+json"),)


def to_message(event: MappedEvent, *, org: str, org_id: uuid.UUID, source: str) -> Message:
    """A CloudEvent in structured mode. One without a time has that of its message: so a second delivery is
    the same event.
    """
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": source_name(source),
        "type": event.kind,
        "subject": event.employee,
        "organizationid": org,
        "datacontenttype": "application/json",
        "data": event.payload,
    }
    if event.time is not None:
        attributes["time"] = event.time
    return Message(
        topic=lifecycle_topic(event.kind, org),
        partition=NOWHERE,
        offset=NOWHERE,
        key=org_key(org_id).encode(),
        value=_ENCODER.encode(attributes).encode(),
        headers=STRUCTURED,
    )
