"""From a Kafka message to a lifecycle event.

Three envelopes are taken:

- CloudEvents 1.0, binary mode: attributes in `ce_…` headers, the value is the data (Kafka protocol binding
  1.0.2, section 3.2); the `ce-…` of the HTTP binding is taken as well where the value is no event by itself;
- CloudEvents 1.0, structured mode: the value is the whole event as JSON (section 3.3);
- the bare event `{type, organizationId, employeeId, payload, timestamp}`.

In a CloudEvent, `type` is the kind, `subject` the person, `time` when it happened, the extension
`organizationid` the organization (that of the topic where it is absent), the extension `correlationid` what
to follow it by, and the data is the payload; or the data is `{organizationId, employeeId, payload}`.

The cloudevents library writes our events (`producer`). It does not read them: it invents an id for an event
that has none, and such an event must be refused, since without an id nobody can tell its second delivery from
a second event.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from officeflow import canonical_json
from officeflow.errors import InvalidEvent, Problem
from officeflow.events import json_text, lifecycle
from officeflow.events.message import Message
from officeflow.events.payloads import PayloadRules, split, with_null
from officeflow.events.times import event_time
from officeflow.events.topics import KINDS, split_lifecycle_topic
from officeflow.statuses import RefusalReason

MAX_EVENT_BYTES = 1024 * 1024
BARE_SOURCE = "bare"
"""`source` of events that came without an envelope."""

NO_ENVELOPE = (
    "it has no attribute of a CloudEvent (specversion in the value, or ce_… headers), and as a bare event it"
    " is not valid"
)

EARLIEST, LATEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC), dt.datetime(2200, 1, 1, tzinfo=dt.UTC)

_JSON_TYPE = re.compile(r"[\w.-]+/([\w.-]+\+)?json\s*(;.*)?\Z", re.IGNORECASE)

NOT_IN_NAMES = frozenset({"Cc", "Zl", "Zp"})
"""Unicode's categories of control characters and of the separators of lines and paragraphs."""

PREFIXES = ("ce_", "ce-")
NO_RULES = PayloadRules()


def _without_controls(text: str) -> str:
    """CloudEvents 1.0.2, section 2.1: a string holds no control characters and no noncharacters."""
    for place, character in enumerate(text, 1):
        code = ord(character)
        if (
            unicodedata.category(character) in NOT_IN_NAMES
            or code & 0xFFFE == 0xFFFE
            or 0xFDD0 <= code <= 0xFDEF
        ):
            raise ValueError(f"holds the control character U+{code:04X} at place {place}: send it without")
    return text


Name = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_without_controls)]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleEvent:
    """Something happened in a person's working life.

    `organization` and `topic_organization` are a slug or a UUID, as written; `employee` is the HR system's
    identifier; `time` is in UTC. `payload` has no sensitive field, `sensitive` all of them. `content_hash`
    tells two events under one id apart.
    """

    id: str
    source: str
    kind: str
    organization: str
    topic_organization: str
    employee: str
    time: dt.datetime
    payload: Mapping[str, Any]
    sensitive: Mapping[str, Any] = field(repr=False)
    correlation_id: str
    content_hash: str


class CloudEvent(BaseModel):
    """The attributes that we read (CloudEvents 1.0.2, section 3.1); others are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    specversion: Literal["1.0"] = Field(description="Version of CloudEvents.")
    id: Name = Field(
        description="The same for every delivery of this event, and for no other event of the source."
    )
    source: Name = Field(description="The system that the event comes from.")
    type: str = Field(description="The kind of event.")
    subject: Name | None = Field(None, description="The HR system's identifier of the person.")
    time: str | None = Field(
        None, description="When it happened (RFC 3339); the message's own timestamp where absent."
    )
    datacontenttype: str | None = Field(None, description="A JSON type, or absent.")
    organizationid: str | None = Field(
        None, description="Extension: slug or UUID; the topic's organization where absent."
    )
    correlationid: Name | None = Field(
        None, description="Extension: what to follow the event by; its id where absent."
    )


class EventData(BaseModel):
    """The data of a CloudEvent that carries more than the payload."""

    model_config = ConfigDict(extra="allow", strict=True)

    organizationId: str | None = Field(None, description="Slug or UUID.")  # noqa: N815 - the name in the JSON
    employeeId: Name = Field(description="The HR system's identifier of the person.")  # noqa: N815 - the name in the JSON
    payload: dict[str, Any] = Field(description="What is known about the person.")


class BareEvent(BaseModel):
    """The event without an envelope. Its id is the SHA-256 of its canonical JSON."""

    model_config = ConfigDict(extra="allow", strict=True)

    type: str = Field(description="The kind of event.")
    organizationId: str = Field(description="Slug or UUID of the organization.")  # noqa: N815 - the name in the JSON
    employeeId: Name = Field(description="The HR system's identifier of the person.")  # noqa: N815 - the name in the JSON
    payload: dict[str, Any] = Field(description="What is known about the person.")
    timestamp: str = Field(description="When it happened (RFC 3339, with zone).")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvent:
    """What the three envelopes have in common, not yet checked."""

    id: str
    source: str
    kind: str
    organization: str | None
    employee: str | None
    time: str | None
    payload: Any
    correlation_id: str
    is_bare: bool = False


def decode(message: Message, *, own_source: str, rules: PayloadRules = NO_RULES) -> LifecycleEvent:
    """The event in `message`, wholly checked except that its organization exists.

    `InvalidEvent` says what is wrong.

    `own_source` is the `source` of our own events, which are never consumed; `rules` are the organization's.
    """
    return checked(read_message(message), message, own_source=own_source, rules=rules)


def checked(
    read: ReadEvent, message: Message, *, own_source: str, rules: PayloadRules = NO_RULES
) -> LifecycleEvent:
    """The event of what was read of `message`, as `decode` gives it."""
    if read.source == own_source:
        raise InvalidEvent(f"its source is {own_source!r}, our own", reason_code=RefusalReason.OWN_SOURCE)
    return _checked(read, message, rules)


def read_message(message: Message) -> ReadEvent:
    """What the message says, whatever its envelope; `InvalidEvent` where it has none of the three."""
    if message.unreadable:
        raise InvalidEvent(message.unreadable, reason_code=RefusalReason.INVALID_ATTRIBUTE)
    if message.value is None:
        raise InvalidEvent("the message has no value", reason_code=RefusalReason.EMPTY)
    if message.size > MAX_EVENT_BYTES:
        raise InvalidEvent(
            f"it has {message.size:,} bytes, more than {MAX_EVENT_BYTES:,}",
            reason_code=RefusalReason.TOO_LARGE,
        )
    return _read(message.value, _headers(message))


def _headers(message: Message) -> dict[str, str]:
    """`ce_…`, `ce-…` and `content-type`, names in lower case."""
    found: dict[str, str] = {}
    for name, value in message.headers:
        lower = name.lower()
        if not lower.startswith(PREFIXES) and lower != "content-type":
            continue
        if lower in found or value is None:
            raise InvalidEvent(
                f"the header {lower[:40]!r} is empty or there twice",
                reason_code=RefusalReason.INVALID_ATTRIBUTE,
            )
        try:
            found[lower] = value.decode()
        except UnicodeDecodeError as error:
            raise InvalidEvent(
                f"the header {lower[:40]!r} is not UTF-8", reason_code=RefusalReason.INVALID_ATTRIBUTE
            ) from error
    json_text.check(found)
    return found


def _read(value: bytes, headers: Mapping[str, str]) -> ReadEvent:
    content_type = headers.get("content-type", "")
    structured = content_type.lower().startswith("application/cloudevents")
    if content_type and not _JSON_TYPE.match(content_type):
        raise InvalidEvent("its content type is not JSON", reason_code=RefusalReason.UNSUPPORTED_CONTENT_TYPE)
    body = json_text.parse(value)
    attributes = _attributes(headers, body)
    if attributes and not structured:
        return _from_cloud_event(attributes, body)
    if not isinstance(body, dict):
        raise InvalidEvent("it is not a JSON object", reason_code=RefusalReason.WRONG_SHAPE)
    if structured or "specversion" in body:
        return _from_cloud_event(body, _data(body))
    return _from_bare(body)


def _attributes(headers: Mapping[str, str], body: Any) -> dict[str, str]:
    """Of binary mode.

    Headers of the HTTP binding count where there are no others and the value does not say itself what it is.
    """
    ours, http = (
        {name[3:]: text for name, text in headers.items() if name.startswith(prefix)} for prefix in PREFIXES
    )
    says_itself = isinstance(body, dict) and not {"specversion", "organizationId"}.isdisjoint(body)
    return ours or ({} if says_itself else http)


def _data(body: Mapping[str, Any]) -> Any:
    """JSON format 1.0.2, section 3.1: `data`, or `data_base64`."""
    if body.get("data") is not None:
        return body["data"]
    encoded = body.get("data_base64")
    if not isinstance(encoded, str):
        raise InvalidEvent("it has no data", reason_code=RefusalReason.MISSING_ATTRIBUTE)
    try:
        return json_text.parse(base64.b64decode(encoded, validate=True))
    except ValueError as error:
        raise InvalidEvent(
            "data_base64 is not base64", reason_code=RefusalReason.INVALID_ATTRIBUTE
        ) from error


def _from_cloud_event(attributes: Mapping[str, Any], data: Any) -> ReadEvent:
    event = _validated(CloudEvent, attributes)
    if event.datacontenttype and not _JSON_TYPE.match(event.datacontenttype):
        raise InvalidEvent(
            "its datacontenttype is not JSON", reason_code=RefusalReason.UNSUPPORTED_CONTENT_TYPE
        )
    organization, employee, payload = event.organizationid, event.subject, data
    if isinstance(data, dict) and "employeeId" in data and "payload" in data:
        inner = _validated(EventData, data)
        if employee not in {None, inner.employeeId} or (
            organization and inner.organizationId not in {None, organization}
        ):
            raise InvalidEvent(
                "its attributes and its data name different persons or organizations",
                reason_code=RefusalReason.INVALID_ATTRIBUTE,
            )
        organization, employee, payload = (
            organization or inner.organizationId,
            inner.employeeId,
            inner.payload,
        )
    return ReadEvent(
        id=event.id,
        source=event.source,
        kind=event.type,
        organization=organization,
        employee=employee,
        time=event.time,
        payload=payload,
        correlation_id=event.correlationid or event.id,
    )


def _from_bare(body: Mapping[str, Any]) -> ReadEvent:
    event = _validated(BareEvent, body, NO_ENVELOPE)
    identity = canonical_json.digest(body)
    return ReadEvent(
        id=identity,
        source=BARE_SOURCE,
        kind=event.type,
        organization=event.organizationId,
        employee=event.employeeId,
        time=event.timestamp,
        payload=event.payload,
        correlation_id=identity,
        is_bare=True,
    )


def _validated(
    model: type[M], values: Mapping[str, Any], wrong: str = "its attributes are not those of an event"
) -> M:
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        problems = [
            Problem(".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in found
        ]
        raise InvalidEvent(wrong, reason_code=_reason(error), problems=problems) from error


def _reason(error: ValidationError) -> RefusalReason:
    errors = error.errors(include_url=False, include_input=False)
    if any(e["loc"] == ("specversion",) and e["type"] != "missing" for e in errors):
        return RefusalReason.UNSUPPORTED_VERSION
    is_missing = any(e["type"] == "missing" for e in errors)
    return RefusalReason.MISSING_ATTRIBUTE if is_missing else RefusalReason.INVALID_ATTRIBUTE


def _checked(read: ReadEvent, message: Message, rules: PayloadRules) -> LifecycleEvent:
    topic_kind, topic_organization = _topic(message.topic)
    if read.kind not in KINDS:
        raise InvalidEvent(
            f"its type is not one of {', '.join(KINDS)}", reason_code=RefusalReason.UNKNOWN_KIND
        )
    if read.kind != topic_kind:
        raise InvalidEvent(
            f"a {read.kind} event is in the topic of {topic_kind}", reason_code=RefusalReason.KIND_MISMATCH
        )
    if read.employee is None:
        raise InvalidEvent("it names no person: set subject", reason_code=RefusalReason.MISSING_ATTRIBUTE)
    payload = _payload(read.kind, with_null(read.payload) if rules.empty_text_is_null else read.payload)
    shown, hidden = split(payload, rules)
    return LifecycleEvent(
        id=read.id,
        source=read.source,
        kind=read.kind,
        organization=read.organization or topic_organization,
        topic_organization=topic_organization,
        employee=read.employee,
        time=_time(read.time, message),
        payload=shown,
        sensitive=hidden,
        correlation_id=read.correlation_id,
        content_hash=canonical_json.digest([read.kind, read.employee, read.time, read.payload]),
    )


def _topic(topic: str) -> tuple[str, str]:
    parts = split_lifecycle_topic(topic)
    if parts is None:
        raise InvalidEvent(
            "the topic is not that of a lifecycle event", reason_code=RefusalReason.KIND_MISMATCH
        )
    return parts


def _payload(kind: str, payload: Any) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise InvalidEvent("its payload is not a JSON object", reason_code=RefusalReason.INVALID_PAYLOAD)
    problems = lifecycle.payload_problems(kind, payload)
    if problems:
        raise InvalidEvent(
            "its payload is not valid", reason_code=RefusalReason.INVALID_PAYLOAD, problems=problems
        )
    return payload


def _time(text: str | None, message: Message) -> dt.datetime:
    """RFC 3339, section 5.6: `date-time`."""
    if text is None:
        moment = message.timestamp
        if moment is None:
            raise InvalidEvent(
                "neither the event nor the message has a time", reason_code=RefusalReason.MISSING_ATTRIBUTE
            )
    else:
        moment = event_time(text)
    if not EARLIEST <= moment < LATEST:
        raise InvalidEvent(
            f"its time is not between {EARLIEST.year} and {LATEST.year}",
            reason_code=RefusalReason.INVALID_TIME,
        )
    return moment
