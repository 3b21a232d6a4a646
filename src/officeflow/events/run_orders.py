"""What other systems ask for by message: to start a run, to pause, resume or cancel one.

A message is a CloudEvent as lifecycle events are, on the topic of the same name as its `type`. Its `source`
and `id` are its identity: whatever comes twice under it is done once, and another content under it is
refused. A batch is stored in one transaction, and only after it are the Kafka offsets committed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow import canonical_json
from officeflow.database.tables import ControlRequest, Organization
from officeflow.errors import InvalidEvent, Problem, path_to, plain_words
from officeflow.events import quarantine
from officeflow.events.envelope import NO_ENVELOPE, Name, ReadEvent, read_message
from officeflow.events.inbox import Stored
from officeflow.events.message import Message
from officeflow.events.quarantine import Refused
from officeflow.events.topics import (
    WORKFLOW_RUN_CANCEL,
    WORKFLOW_RUN_PAUSE,
    WORKFLOW_RUN_REQUEST,
    WORKFLOW_RUN_RESUME,
)
from officeflow.events.whose import person_in
from officeflow.ids import as_uuid, new_id
from officeflow.owners import owned, owner
from officeflow.statuses import ControlState, RefusalReason

MAX_WHY = 1000
Why = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WHY, strip_whitespace=True)]
RunName = Annotated[str, StringConstraints(min_length=1, max_length=501)]
M = TypeVar("M", bound=BaseModel)


class RunOrder(BaseModel):
    """A run of a workflow is asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    workflow: Annotated[str, StringConstraints(min_length=1, max_length=41)] = Field(
        description="The workflow's slug."
    )
    employee: Name = Field(description="Whom it is about: the HR system's identifier, or the work address.")
    kind: str | None = Field(None, description="The kind of event, where the workflow starts on several.")
    payload: dict[str, Any] = Field(default_factory=dict, description="What is known about the person.")
    time: str | None = Field(None, description="When it happened (RFC 3339); now, where it is left out.")
    why: Why = Field(description="The reason, for the audit log.")


class SteeringOrder(BaseModel):
    """A run is to be paused, to go on, or to be cancelled."""

    model_config = ConfigDict(extra="forbid", strict=True)

    run: RunName = Field(description="The run's UUID, or its DAG's id, a slash and Airflow's run id.")
    why: Why = Field(description="The reason, for the audit log.")


ORDERS: Mapping[str, type[RunOrder | SteeringOrder]] = {
    WORKFLOW_RUN_REQUEST: RunOrder,
    WORKFLOW_RUN_PAUSE: SteeringOrder,
    WORKFLOW_RUN_RESUME: SteeringOrder,
    WORKFLOW_RUN_CANCEL: SteeringOrder,
}
"""What may be asked for, by topic and by `type`, with what its data has."""

PATTERN = r"^workflow\.run\.(request|pause|resume|cancel)$"
"""The subscription of their consumer, as librdkafka wants it."""

GROUP = "officeflow.run-control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody asks for. `organization` is a slug or a UUID, as written."""

    id: str
    source: str
    kind: str
    organization: str
    data: Mapping[str, Any] = field(repr=False)
    correlation_id: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Taken:
    message: Message
    event: Order
    org_id: uuid.UUID

    @property
    def identity(self) -> tuple[uuid.UUID, str, str]:
        return (self.org_id, self.event.source, self.event.id)


def store(session: Session, messages: Sequence[Message], *, own_source: str) -> Stored[Taken]:
    """Keep what the messages ask for, or the messages in quarantine; a service-role session.

    Storing the same messages again changes nothing. What OfficeFlow itself announces on these topics is
    passed over.
    """
    stored = _sorted_out(session, messages, own_source)
    quarantine.store(session, stored.refused)
    return stored


def accept(session: Session, message: Message, *, own_source: str) -> Taken:
    """Keep what one message asks for; `InvalidEvent` where it cannot be, and then it is not quarantined
    again.
    """
    stored = _sorted_out(session, [message], own_source)
    for refused in stored.refused:
        raise refused.error
    if stored.passed_over:
        raise _error(RefusalReason.EMPTY if message.value is None else RefusalReason.OWN_SOURCE)
    return [*stored.new, *stored.known][0]


def _sorted_out(session: Session, messages: Sequence[Message], own_source: str) -> Stored[Taken]:
    stored: Stored[Taken] = Stored()
    read: list[tuple[Message, ReadEvent]] = []
    for message in messages:
        _sort(message, own_source, stored, read)
    names = {name.lower() for message, event in read for name in (event.organization, _key(message)) if name}
    known = _organizations(session, names)
    taken: list[Taken] = []
    for message, event in read:
        try:
            taken.append(_taken(message, event, known))
        except InvalidEvent as error:
            stored.refused.append(Refused(message, error, known.get((_key(message) or "").lower())))
    _insert(session, taken, stored)
    return stored


def claim(session: Session) -> ControlRequest | None:
    """The next that waits to be done, locked until the caller's transaction ends."""
    return session.scalar(
        select(ControlRequest)
        .where(
            ControlRequest.state == ControlState.RECEIVED,
            ControlRequest.next_attempt_at <= func.clock_timestamp(),
        )
        .order_by(ControlRequest.next_attempt_at, ControlRequest.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _sort(
    message: Message, own_source: str, stored: Stored[Taken], read: list[tuple[Message, ReadEvent]]
) -> None:
    if message.value is None:
        stored.passed_over.append(message)
        return
    try:
        event = read_message(message)
    except InvalidEvent as error:
        stored.refused.append(Refused(message, error))
        return
    if event.source == own_source:
        stored.passed_over.append(message)
    else:
        read.append((message, event))


def _taken(message: Message, event: ReadEvent, known: Mapping[str, uuid.UUID]) -> Taken:
    order = _checked(message, event)
    org_id = known.get(order.organization.lower())
    if org_id is None:
        raise _error(RefusalReason.UNKNOWN_ORGANIZATION)
    if (key := _key(message)) and known.get(key.lower()) != org_id:
        raise InvalidEvent(
            "its organizationid and its key name different organizations",
            reason_code=RefusalReason.ORGANIZATION_MISMATCH,
        )
    return Taken(message, order, org_id)


def _checked(message: Message, event: ReadEvent) -> Order:
    if event.is_bare:
        raise InvalidEvent(NO_ENVELOPE.partition(",")[0], reason_code=RefusalReason.MISSING_ATTRIBUTE)
    if event.kind not in ORDERS:
        raise InvalidEvent(
            f"its type is not one of {', '.join(ORDERS)}", reason_code=RefusalReason.UNKNOWN_KIND
        )
    if event.kind != message.topic:
        raise InvalidEvent(
            f"a {event.kind} message is in the topic {message.topic}", reason_code=RefusalReason.KIND_MISMATCH
        )
    organization = event.organization or _key(message)
    if not organization:
        raise InvalidEvent(
            "it names no organization: set organizationid, or the message's key",
            reason_code=RefusalReason.MISSING_ATTRIBUTE,
        )
    data = _data(ORDERS[event.kind], event.payload)
    return Order(
        id=event.id,
        source=event.source,
        kind=event.kind,
        organization=organization,
        data=data,
        correlation_id=event.correlation_id,
        content_hash=canonical_json.digest([event.kind, data]),
    )


def _data(model: type[M], data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InvalidEvent("its data is not a JSON object", reason_code=RefusalReason.INVALID_PAYLOAD)
    try:
        return model.model_validate(data).model_dump(mode="json")
    except ValidationError as error:
        problems = [
            Problem(path_to("data", each["loc"]), plain_words(each["msg"]))
            for each in error.errors(include_url=False, include_input=False)
        ]
        raise InvalidEvent(
            "its data is not valid", reason_code=RefusalReason.INVALID_PAYLOAD, problems=problems
        ) from error


def _key(message: Message) -> str | None:
    """The organization that the message's key names."""
    return message.key.decode("utf-8", "replace").partition(":")[0] if message.key else None


def _organizations(session: Session, names: set[str]) -> dict[str, uuid.UUID]:
    """Slug and UUID (both in lower case) of those that exist."""
    ids = [parsed for name in names if (parsed := as_uuid(name)) is not None]
    rows = session.execute(
        select(Organization.org_id, Organization.slug).where(
            or_(Organization.slug.in_(names), Organization.org_id.in_(ids))
        )
    )
    return {name: org_id for org_id, slug in rows for name in (slug, str(org_id))}


def _insert(session: Session, taken: Sequence[Taken], stored: Stored[Taken]) -> None:
    if not taken:
        return
    statement = (
        insert(ControlRequest)
        .values([_row(each) for each in taken])
        .on_conflict_do_nothing()
        .returning(ControlRequest.org_id, ControlRequest.source, ControlRequest.event_id)
    )
    fresh = {(org, source, event) for org, source, event in session.execute(statement)}
    hashes = _hashes(session, [each.identity for each in taken])
    for each in taken:
        if hashes[each.identity] != each.event.content_hash:
            stored.refused.append(Refused(each.message, _error(RefusalReason.CONTENT_CHANGED), each.org_id))
        elif each.identity in fresh:
            fresh.discard(each.identity)
            stored.new.append(each)
        else:
            stored.known.append(each)


def _hashes(
    session: Session, identities: Sequence[tuple[uuid.UUID, str, str]]
) -> dict[tuple[uuid.UUID, str, str], str]:
    columns = (ControlRequest.org_id, ControlRequest.source, ControlRequest.event_id)
    query = select(*columns, ControlRequest.content_hash).where(tuple_(*columns).in_(identities))
    return {(org, source, event): content for org, source, event, content in session.execute(query)}


def _row(taken: Taken) -> dict[str, Any]:
    event = taken.event
    return {
        "request_id": new_id(),
        "org_id": taken.org_id,
        "source": event.source,
        "event_id": event.id,
        "action": event.kind,
        "content_hash": event.content_hash,
        "correlation_id": event.correlation_id,
        "body": owned(owner(taken.org_id, person_in(event.data)), dict(event.data)),
        "state": ControlState.RECEIVED,
    }


def _error(reason_code: RefusalReason) -> InvalidEvent:
    return InvalidEvent(quarantine.REASONS[reason_code], reason_code=reason_code)
