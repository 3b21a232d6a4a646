"""A lifecycle event that somebody sends by hand: it is checked as the listener will check it, and sent to its
organization's topic.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from dataclasses import dataclass, replace

from sqlalchemy.dialects.postgresql import insert

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import EventSender, Organization
from officeflow.errors import InvalidEvent, InvalidInput, Unavailable
from officeflow.events.envelope import NO_RULES, LifecycleEvent, ReadEvent, decode, read_message
from officeflow.events.inbox import Outcome, check_time, latest_time, outcome
from officeflow.events.message import Message
from officeflow.events.payloads import PayloadRules, rules_of
from officeflow.events.producer import NOWHERE, Envelope, EventProducer, NewEvent, compose
from officeflow.events.times import event_time
from officeflow.events.topics import KINDS, lifecycle_topic, org_key
from officeflow.program import typed
from officeflow.settings import Settings
from officeflow.statuses import RefusalReason

STRUCTURED_TYPE = (("content-type", b"application/cloudevents+json"),)
POLL_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Target:
    """The organization that an event is for; `org_id` is None where it does not exist and the event is sent
    all the same.
    """

    slug: str
    org_id: uuid.UUID | None
    rules: PayloadRules = NO_RULES

    @classmethod
    def of(cls, organization: Organization) -> Target:
        return cls(organization.slug, organization.org_id, rules_of(organization.settings))


@dataclass(frozen=True, slots=True)
class Checked:
    """`message` is what to send, `event` what the listener will make of it."""

    message: Message
    event: LifecycleEvent
    target: Target


def read(clock: Clock, body: bytes) -> ReadEvent:
    """What a message says by itself, its organization and kind among it. `InvalidEvent` where it is none."""
    return read_message(_message(clock, "", body))


def check(
    database: Database,
    clock: Clock,
    settings: Settings,
    body: bytes,
    target: Target,
    *,
    envelope: Envelope | None = None,
) -> Checked:
    """The message that brings the event to `target`: as it is, or put into `envelope`.

    `InvalidEvent` with all that is wrong; `InvalidInput` where it is for another organization.
    """
    found = read(clock, body)
    if found.organization and found.organization.lower() not in {target.slug, str(target.org_id)}:
        raise InvalidInput(f"the event is for {found.organization!r}, not for {target.slug!r}")
    wrapped = envelope and _composed(clock, found, target, envelope)
    message = wrapped or _whole(clock, found, target, body)
    event = decode(message, own_source=settings.event_source, rules=target.rules)
    with database.service() as session:
        check_time(event.time, latest_time(session, dt.timedelta(hours=settings.event_ahead_hours)))
    return Checked(message, event, target)


def as_it_is(clock: Clock, body: bytes, target: Target, kind: str) -> Message:
    """The message that brings `body` to the topic of `target` and `kind`, whatever it holds."""
    try:
        is_bare = read(clock, body).is_bare
    except InvalidEvent:
        is_bare = True
    message = _message(clock, _topic(kind, target.slug), body)
    return replace(message, key=_key(target), headers=() if is_bare else STRUCTURED_TYPE)


def send(database: Database, clock: Clock, producer: EventProducer, checked: Checked, *, by: str) -> None:
    """Send it. Returning means that Kafka has it, and that the audit log says who sent it.

    `Unavailable`: it may not be there, and may be sent again.
    """
    event, org_id = checked.event, checked.target.org_id
    if org_id is None:
        raise InvalidInput(f"there is no organization {checked.target.slug!r}")
    with database.service() as session:
        sender = {
            "org_id": org_id,
            "source": event.source,
            "event_id": event.id,
            "sent_by": by,
            "sent_at": clock.now(),
        }
        session.execute(insert(EventSender).values(**sender).on_conflict_do_nothing())
        entry = AuditEntry(
            actor=by,
            action=AuditAction.EVENT_SENT,
            subject=f"employee:{event.employee}",
            details={"event_id": event.id, "source": event.source, "kind": event.kind},
            correlation_id=event.correlation_id,
        )
        audit.append(session, org_id, entry)
        session.flush()
        producer.send([checked.message])


def dispatched(database: Database, sent: Checked, *, timeout: float) -> Outcome:
    """Wait until the event is dispatched. `Unavailable` after `timeout` seconds, with how far it came."""
    deadline = time.monotonic() + timeout
    found = None
    while time.monotonic() < deadline:
        with database.service() as session:
            found = outcome(session, sent.target.org_id, sent.event.id, source=sent.event.source)
        if found is not None and not found.is_waiting:
            return found
        time.sleep(POLL_SECONDS)
    where = (
        "it is not in the inbox" if found is None else f"it waits: {found.problem or 'not dispatched yet'}"
    )
    raise Unavailable(
        f"the event was sent, but not dispatched within {timeout:.0f} s: {where}",
        hint=f"`{typed('status')}`, `{typed('inbox list')}`",
    )


def _whole(clock: Clock, found: ReadEvent, target: Target, body: bytes) -> Message:
    message = _message(clock, _topic(found.kind, target.slug), body)
    return replace(message, key=_key(target), headers=() if found.is_bare else STRUCTURED_TYPE)


def _composed(clock: Clock, found: ReadEvent, target: Target, envelope: Envelope) -> Message:
    if not isinstance(found.payload, dict) or found.employee is None:
        raise InvalidEvent(
            "it names no person, or its payload is not an object", reason_code=RefusalReason.MISSING_ATTRIBUTE
        )
    _topic(found.kind, target.slug)
    new = NewEvent(
        kind=found.kind,
        organization=target.slug,
        employee=found.employee,
        payload=found.payload,
        time=event_time(found.time) if found.time else clock.now(),
        source=found.source,
        id=found.id,
        correlation_id=found.correlation_id,
    )
    return compose(new, org_id=target.org_id, envelope=envelope)


def _topic(kind: str, slug: str) -> str:
    if kind not in KINDS:
        raise InvalidEvent(
            f"its type is not one of {', '.join(KINDS)}", reason_code=RefusalReason.UNKNOWN_KIND
        )
    return lifecycle_topic(kind, slug)


def _key(target: Target) -> bytes | None:
    return org_key(target.org_id).encode() if target.org_id else None


def _message(clock: Clock, topic: str, body: bytes) -> Message:
    return Message(topic=topic, partition=NOWHERE, offset=NOWHERE, value=body, timestamp=clock.now())
