"""Events, quarantined messages and unsent ones as JSON, for people and programs; never a sensitive field."""

from __future__ import annotations

from typing import Any

from officeflow.database.tables import DeadLetter, InboxEvent, OutboxMessage
from officeflow.errors import InvalidInput
from officeflow.events import quarantine


def event_to_json(event: InboxEvent) -> dict[str, Any]:
    """An event as a line of a list; `runs` is how many it has."""
    return {
        "id": str(event.inbox_id),
        "received": event.received_at.isoformat(timespec="seconds"),
        "kind": event.kind,
        "employee": event.employee_key,
        "status": event.status,
        "runs": len(event.runs),
        "problem": event.last_error,
    }


def whole_to_json(found: InboxEvent | DeadLetter) -> dict[str, Any]:
    """All of an event, with its `runs` and of sensitive fields the names; or of a quarantined message, with
    what its reason means and what became of it, without its body.
    """
    return _whole_event(found) if isinstance(found, InboxEvent) else _whole_letter(found)


def body_of(found: InboxEvent | DeadLetter) -> bytes:
    """A quarantined message as it came, byte for byte; it may be private. `InvalidInput` for an event."""
    if isinstance(found, InboxEvent):
        raise InvalidInput("--body is for quarantined messages; an event is shown without it")
    return found.body or b""


def letter_to_json(letter: DeadLetter) -> dict[str, Any]:
    """A quarantined message as a line of a list."""
    return {
        "id": str(letter.dead_letter_id),
        "arrived": letter.created_at.isoformat(timespec="seconds"),
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "reason": letter.reason,
        "detail": letter.detail,
        "status": letter.status,
    }


def unsent_to_json(message: OutboxMessage) -> dict[str, Any]:
    """A message of the outbox that is not in Kafka."""
    return {
        "id": str(message.message_id),
        "state": "SET ASIDE" if message.set_aside_at else "WAITS",
        "topic": message.topic,
        "type": message.type,
        "subject": message.subject,
        "written": message.created_at.isoformat(timespec="seconds"),
        "why": message.last_error,
    }


def _whole_event(event: InboxEvent) -> dict[str, Any]:
    return {
        **event_to_json(event),
        "source": event.source,
        "event_id": event.event_id,
        "correlation_id": event.correlation_id,
        "event_time": event.event_time.isoformat(),
        "payload": event.payload,
        "sensitive_fields": sorted(event.sensitive or {}),
        "runs": event.runs,
        "attempts": event.attempts,
        "dispatched": event.dispatched_at.isoformat(timespec="seconds") if event.dispatched_at else None,
        "from": f"{event.topic}[{event.partition}]@{event.offset}",
    }


def _whole_letter(letter: DeadLetter) -> dict[str, Any]:
    return {
        **letter_to_json(letter),
        "means": quarantine.REASONS[letter.reason],
        "headers": letter.headers,
        "bytes": len(letter.body or b""),
        "resolution": letter.resolution,
    }
