"""CloudEvents over HTTP (HTTP protocol binding 1.0.2): binary, structured and batched mode, as one list.

The cloudevents library does not read them: it invents an id for an event that has none (`events.envelope`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from officeflow.errors import InvalidEvent
from officeflow.events import json_text
from officeflow.statuses import RefusalReason

PREFIX = "ce-"
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
NEEDED = ("id", "source", "type")


def read(headers: Mapping[str, str], raw: bytes) -> dict[str, Any]:
    """`{"events": [{…attributes, "data": …}]}`. `InvalidEvent` where one is none."""
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == BATCH:
        events = json_text.parse(raw)
        if not isinstance(events, list):
            raise _refused("a batch of CloudEvents is a list")
    elif media == STRUCTURED:
        events = [json_text.parse(raw)]
    elif media.startswith("application/cloudevents"):
        raise _refused("CloudEvents are taken as JSON", RefusalReason.UNSUPPORTED_CONTENT_TYPE)
    else:
        return {"events": [_binary(headers, media, raw)]}
    return {"events": [_checked(f"events[{index}]", event) for index, event in enumerate(events)]}


def _refused(reason: str, code: RefusalReason = RefusalReason.WRONG_SHAPE) -> InvalidEvent:
    return InvalidEvent(reason, reason_code=code)


def _binary(headers: Mapping[str, str], media: str, raw: bytes) -> dict[str, Any]:
    """Section 3.1: attributes in headers, percent-encoded (3.1.3.2); the body is the data."""
    found: dict[str, Any] = {
        name.removeprefix(PREFIX): unquote(value)
        for name, value in headers.items()
        if name.startswith(PREFIX)
    }
    if not found:
        raise _refused(
            f"it is no CloudEvent: neither ce-… headers nor the content type {STRUCTURED} or {BATCH}",
            RefusalReason.MISSING_ATTRIBUTE,
        )
    if media not in {"", "application/json", "text/json"} and not media.endswith("+json"):
        raise _refused(f"the data is {media[:80]}; it has to be JSON", RefusalReason.UNSUPPORTED_CONTENT_TYPE)
    json_text.check(found)
    return _checked("the event", {**found, "data": json_text.parse(raw)})


def _checked(where: str, event: Any) -> dict[str, Any]:
    if not isinstance(event, dict):
        raise _refused(f"{where} is not an object")
    if event.get("specversion") != "1.0":
        raise _refused(f"{where} is not of CloudEvents 1.0", RefusalReason.UNSUPPORTED_VERSION)
    for name in NEEDED:
        if not isinstance(event.get(name), str) or not event[name]:
            raise _refused(f"{where} has no {name}", RefusalReason.MISSING_ATTRIBUTE)
    if "data_base64" in event:
        return {**event, "data": _decoded(where, event["data_base64"])}
    return event


def _decoded(where: str, text: Any) -> Any:
    """JSON format 1.0.2, section 3.1."""
    try:
        return json_text.parse(base64.b64decode(text, validate=True))
    except (TypeError, ValueError) as error:
        raise _refused(f"{where} has a data_base64 that is not base64") from error
