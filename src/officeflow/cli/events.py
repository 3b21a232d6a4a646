"""`officeflow event`: send a lifecycle event by hand, export what events look like."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from officeflow.cli.common import as_json, database, echo, run_lines, show_one
from officeflow.cli.interrupts import interruptible
from officeflow.cli.reading import holds, read_bytes, written
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent
from officeflow.errors import InvalidEvent, InvalidInput, NotKnown, Unavailable
from officeflow.events.envelope import (
    MAX_EVENT_BYTES,
    NO_RULES,
    LifecycleEvent,
    ReadEvent,
    decode,
    read_message,
)
from officeflow.events.inbox import check_time, latest_time
from officeflow.events.message import Message
from officeflow.events.payloads import PayloadRules, rules_of
from officeflow.events.producer import NOWHERE, Envelope, EventProducer, NewEvent, compose
from officeflow.events.times import event_time
from officeflow.events.topics import KINDS, MAX_MESSAGE_BYTES, lifecycle_topic, org_key
from officeflow.program import typed
from officeflow.settings import load_settings
from officeflow.statuses import EventStatus
from officeflow.tenants import organizations

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


@click.group()
def event() -> None:
    """Lifecycle events."""


@event.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--org", help="The organization, by slug or UUID, where the event does not name it.")
@click.option(
    "--structured",
    "envelope",
    flag_value=Envelope.STRUCTURED.value,
    help="Send as a CloudEvent, whole in the value.",
)
@click.option(
    "--binary",
    "envelope",
    flag_value=Envelope.BINARY.value,
    help="Send as a CloudEvent, attributes in headers.",
)
@click.option("--bare", "envelope", flag_value=Envelope.BARE.value, help="Send without an envelope.")
@click.option("--force", is_flag=True, help="Send the file as it is, even where it is no event.")
@click.option(
    "--kind", type=click.Choice(KINDS), help="With --force: the topic's kind, where the file does not tell."
)
@click.option("--wait", is_flag=True, help="Wait until the event is dispatched, and show its runs.")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds to wait.")
@as_json
def send(
    path: Path,
    org: str | None,
    envelope: str | None,
    kind: str | None,
    timeout: float,
    *,
    force: bool,
    wait: bool,
    json_output: bool,
) -> None:
    """Send the event in FILE (- for standard input): a CloudEvent as JSON, or the bare event.

    It is checked first.
    """
    body = read_bytes(
        path, most=MAX_MESSAGE_BYTES if force else MAX_EVENT_BYTES, what="a message" if force else "an event"
    )
    with database() as db:
        if force:
            message, checked, target = _as_it_is(db, body, org, kind), None, None
        else:
            message, checked, target = _checked(db, body, org, envelope)
        EventProducer(load_settings().kafka).send([message])
        told: dict[str, Any] = {"topic": message.topic}
        if checked is not None and target is not None:
            told |= {
                "event_id": checked.id,
                "source": checked.source,
                "correlation_id": checked.correlation_id,
            }
            if wait:
                with interruptible(
                    lambda: f"the event was sent and is worked on; `{typed('inbox list')}` shows it"
                ):
                    told |= _wait(db, target, checked, timeout)
                if not json_output:
                    told["runs"] = run_lines(told["runs"])
    show_one(told, json_output=json_output)


@event.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--check", is_flag=True, help="Write nothing; fail where a file is missing or not current.")
def schemas(folder: Path, *, check: bool) -> None:
    """Write the JSON Schemas of events and the AsyncAPI document into FOLDER (docs/)."""
    from officeflow.events.documents import documents

    stale = []
    for name, text in documents().items():
        file = folder / name
        if holds(file, text):
            continue
        stale.append(name)
        if not check:
            with written(file):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
    if check and stale:
        raise InvalidInput(
            f"not current: {', '.join(stale)}", hint=f"`{typed('event schemas')} {folder}` writes them"
        )
    echo(f"{len(stale)} written" if stale else "all current")


def _checked(
    db: Database, body: bytes, org: str | None, envelope: str | None
) -> tuple[Message, LifecycleEvent, Target]:
    """The message to send, what the listener will make of it, and for whom; `InvalidEvent` with all that is
    wrong.
    """
    read = read_message(_message("", body))
    name = org or read.organization
    if name is None:
        raise InvalidInput("the event names no organization", hint="give --org")
    target = _target(db, name)
    if read.organization and read.organization.lower() not in {target.slug, str(target.org_id)}:
        raise InvalidInput(f"the event is for {read.organization!r}, not for {target.slug!r}")
    message = _composed(read, target, Envelope(envelope)) if envelope else _whole(read, target, body)
    settings = load_settings()
    event = decode(message, own_source=settings.event_source, rules=target.rules)
    with db.service() as session:
        check_time(event.time, latest_time(session, dt.timedelta(hours=settings.event_ahead_hours)))
    return message, event, target


def _whole(read: ReadEvent, target: Target, body: bytes) -> Message:
    key = org_key(target.org_id).encode() if target.org_id else None
    message = _message(_topic(read.kind, target.slug), body)
    return replace(message, key=key, headers=() if read.is_bare else STRUCTURED_TYPE)


def _composed(read: ReadEvent, target: Target, envelope: Envelope) -> Message:
    if not isinstance(read.payload, dict) or read.employee is None:
        raise InvalidEvent(
            "it names no person, or its payload is not an object", reason_code="missing_attribute"
        )
    _topic(read.kind, target.slug)
    new = NewEvent(
        kind=read.kind,
        organization=target.slug,
        employee=read.employee,
        payload=read.payload,
        time=event_time(read.time) if read.time else SystemClock().now(),
        source=read.source,
        id=read.id,
        correlation_id=read.correlation_id,
    )
    return compose(new, org_id=target.org_id, envelope=envelope)


def _topic(kind: str, slug: str) -> str:
    if kind not in KINDS:
        raise InvalidEvent(f"its type is not one of {', '.join(KINDS)}", reason_code="unknown_kind")
    return lifecycle_topic(kind, slug)


def _as_it_is(db: Database, body: bytes, org: str | None, kind: str | None) -> Message:
    """Where to, by the options, else by what can be read of the file."""
    try:
        read = read_message(_message("", body))
    except InvalidEvent:
        read = None
    name, kind = org or (read.organization if read else None), kind or (read.kind if read else None)
    if name is None or kind not in KINDS:
        raise InvalidInput("the file does not tell its topic", hint="give --org and --kind")
    try:
        target = _target(db, name)
    except NotKnown:
        target = Target(name, None)
    key = org_key(target.org_id).encode() if target.org_id else None
    headers = STRUCTURED_TYPE if read is not None and not read.is_bare else ()
    return replace(_message(lifecycle_topic(kind, target.slug), body), key=key, headers=headers)


def _message(topic: str, body: bytes) -> Message:
    return Message(topic=topic, partition=NOWHERE, offset=NOWHERE, value=body, timestamp=SystemClock().now())


def _target(db: Database, name: str) -> Target:
    with db.service() as session:
        found = organizations.find(session, name)
        return Target(found.slug, found.org_id, rules_of(found.settings))


def _wait(db: Database, target: Target, sent: LifecycleEvent, timeout: float) -> dict[str, Any]:
    deadline = time.monotonic() + timeout
    query = select(InboxEvent).where(
        InboxEvent.org_id == target.org_id, InboxEvent.source == sent.source, InboxEvent.event_id == sent.id
    )
    found = None
    while time.monotonic() < deadline:
        with db.service() as session:
            found = session.scalar(query)
        if found is not None and found.status != EventStatus.RECEIVED:
            return {"status": found.status, "runs": found.runs, "problem": found.last_error}
        time.sleep(POLL_SECONDS)
    where = (
        "it is not in the inbox" if found is None else f"it waits: {found.last_error or 'not dispatched yet'}"
    )
    raise Unavailable(
        f"the event was sent, but not dispatched within {timeout:.0f} s: {where}",
        hint=f"`{typed('status')}`, `{typed('inbox list')}`",
    )
