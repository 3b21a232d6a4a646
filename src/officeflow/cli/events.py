"""`officeflow event`: send a lifecycle event by hand, export what events look like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from officeflow.cli.common import acting, actor, as_json, database, echo, run_lines, show_one
from officeflow.cli.interrupts import interruptible
from officeflow.cli.reading import read_bytes, written
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.errors import InvalidEvent, InvalidInput, NotKnown
from officeflow.events import sending
from officeflow.events.envelope import MAX_EVENT_BYTES
from officeflow.events.message import Message
from officeflow.events.producer import Envelope, EventProducer
from officeflow.events.topics import KINDS, MAX_MESSAGE_BYTES
from officeflow.program import typed
from officeflow.settings import load_settings
from officeflow.tenants import organizations


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
@acting
@as_json
def send(
    path: Path,
    org: str | None,
    envelope: str | None,
    kind: str | None,
    timeout: float,
    *,
    login: str | None,
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
    settings = load_settings()
    with database() as db:
        checked = None if force else _checked(db, body, org, envelope)
        message = checked.message if checked else _as_it_is(db, body, org, kind)
        producer = EventProducer(settings.kafka)
        if checked is not None:
            sending.send(db, SystemClock(), producer, checked, by=actor(login))
        else:
            producer.send([message])
        shown: dict[str, Any] = {"topic": message.topic}
        if checked is not None:
            event = checked.event
            shown |= {"event_id": event.id, "source": event.source, "correlation_id": event.correlation_id}
            if wait:
                shown |= _awaited(db, checked, timeout, json_output=json_output)
    show_one(shown, json_output=json_output)


@event.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--check", is_flag=True, help="Write nothing; fail where a file is missing or not current.")
def schemas(folder: Path, *, check: bool) -> None:
    """Write the JSON Schemas of events and the AsyncAPI document into FOLDER (docs/)."""
    from officeflow.events import documents

    if check:
        if stale := documents.stale(folder):
            raise InvalidInput(
                f"not current: {', '.join(stale)}", hint=f"`{typed('event schemas')} {folder}` writes them"
            )
        echo("all current")
        return
    with written(folder):
        touched = documents.write(folder)
    echo(f"{len(touched)} written" if touched else "all current")


def _checked(db: Database, body: bytes, org: str | None, envelope: str | None) -> sending.Checked:
    name = org or sending.read(SystemClock(), body).organization
    if name is None:
        raise InvalidInput("the event names no organization", hint="give --org")
    wrapped = Envelope(envelope) if envelope else None
    return sending.check(db, SystemClock(), load_settings(), body, _target(db, name), envelope=wrapped)


def _as_it_is(db: Database, body: bytes, org: str | None, kind: str | None) -> Message:
    """Where to, by the options, else by what can be read of the file."""
    try:
        read = sending.read(SystemClock(), body)
    except InvalidEvent:
        read = None
    name, kind = org or (read.organization if read else None), kind or (read.kind if read else None)
    if name is None or kind not in KINDS:
        raise InvalidInput("the file does not tell its topic", hint="give --org and --kind")
    try:
        target = _target(db, name)
    except NotKnown:
        target = sending.Target(name, None)
    return sending.as_it_is(SystemClock(), body, target, kind)


def _target(db: Database, name: str) -> sending.Target:
    with db.service() as session:
        return sending.Target.of(organizations.find(session, name))


def _awaited(db: Database, sent: sending.Checked, timeout: float, *, json_output: bool) -> dict[str, Any]:
    with interruptible(lambda: f"the event was sent and is worked on; `{typed('inbox list')}` shows it"):
        done = sending.dispatched(db, sent, timeout=timeout)
    runs = done.runs if json_output else run_lines(done.runs)
    return {"status": done.status, "runs": runs, "problem": done.problem}
