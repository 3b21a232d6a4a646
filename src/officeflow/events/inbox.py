"""The inbox: every lifecycle event that has arrived, once.

A batch of messages is decoded and stored in one transaction, and only after it are the Kafka offsets committed: a crash between the two
brings the messages again, and they are found to be here. A dispatcher then claims the events: those of one person one at a time, in the
order of event time and then arrival.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from officeflow.database.tables import InboxEvent, Organization
from officeflow.errors import InvalidEvent
from officeflow.events import quarantine
from officeflow.events.envelope import LifecycleEvent, decode
from officeflow.events.message import Message
from officeflow.events.quarantine import Refused
from officeflow.events.topics import split_lifecycle_topic
from officeflow.ids import new_id

RECEIVED, DISPATCHED, IGNORED = "RECEIVED", "DISPATCHED", "IGNORED"

Identity = tuple[uuid.UUID, str, str]
"""Organization, source, event id."""


@dataclass(frozen=True, slots=True)
class Accepted:
    message: Message
    event: LifecycleEvent
    org_id: uuid.UUID

    @property
    def identity(self) -> Identity:
        return (self.org_id, self.event.source, self.event.id)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: `new` events, `known` ones that were here already, `refused` messages, each in the batch's order."""

    new: list[Accepted] = field(default_factory=list)
    known: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def store(session: Session, messages: Sequence[Message], *, own_source: str) -> Stored:
    """Put the messages into the inbox or into quarantine; a service-role session. Storing the same messages again changes nothing."""
    accepted, refused = sort_out(session, messages, own_source=own_source)
    stored = _insert(session, accepted)
    order = {id(message): place for place, message in enumerate(messages)}
    stored.refused.extend(refused)
    stored.refused.sort(key=lambda r: order[id(r.message)])
    quarantine.store(session, stored.refused)
    return stored


def sort_out(session: Session, messages: Sequence[Message], *, own_source: str) -> tuple[list[Accepted], list[Refused]]:
    """Decode each message and find its organization."""
    decoded: list[tuple[Message, LifecycleEvent]] = []
    refused: list[Refused] = []
    for message in messages:
        try:
            decoded.append((message, decode(message, own_source=own_source)))
        except InvalidEvent as error:
            refused.append(Refused(message, error))
    known = _organizations(session, {name for _, event in decoded for name in (event.organization, event.topic_organization)})
    accepted: list[Accepted] = []
    for message, event in decoded:
        org_id, topic_org = known.get(event.organization.lower()), known.get(event.topic_organization.lower())
        if org_id is not None and org_id == topic_org:
            accepted.append(Accepted(message, event, org_id))
        elif org_id is None or topic_org is None:
            refused.append(Refused(message, _error("unknown_organization")))
        else:
            refused.append(Refused(message, _error("organization_mismatch")))
    return accepted, _with_organizations(session, refused)


def accept(session: Session, message: Message, *, own_source: str) -> Accepted:
    """Put one message into the inbox; `InvalidEvent` where it cannot be, and then it is not quarantined again."""
    accepted, refused = sort_out(session, [message], own_source=own_source)
    stored = _insert(session, accepted)
    for item in [*refused, *stored.refused]:
        raise item.error
    return [*stored.new, *stored.known][0]


def claim(session: Session, *, now: dt.datetime, without: Sequence[uuid.UUID] = ()) -> InboxEvent | None:
    """The next event to dispatch, locked until the caller's transaction ends; None where nothing is due.

    A person's later events wait while an earlier one is not dispatched. Events that another transaction has claimed are skipped, and
    those of the organizations `without`.
    """
    earlier = aliased(InboxEvent)
    before = or_(
        earlier.event_time < InboxEvent.event_time,
        and_(earlier.event_time == InboxEvent.event_time, earlier.arrival < InboxEvent.arrival),
    )
    same_person = and_(earlier.org_id == InboxEvent.org_id, earlier.employee_key == InboxEvent.employee_key)
    event = session.scalar(
        select(InboxEvent)
        .where(InboxEvent.status == RECEIVED, InboxEvent.next_attempt_at <= now, InboxEvent.org_id.not_in(without))
        .where(~exists().where(same_person, before, earlier.status == RECEIVED))
        .order_by(InboxEvent.next_attempt_at, InboxEvent.arrival)
        .limit(1)
        .with_for_update(skip_locked=True, of=InboxEvent)
    )
    return event if event is not None and _person_is_free(session, event) else None


def dispatched(session: Session, event: InboxEvent, runs: Sequence[dict[str, Any]], *, at: dt.datetime, error: str = "") -> None:
    """Note what came of the event. `runs` hold `dag_id`, `dag_run_id`, `run_id`; `error` tells of workflows that could not be started."""
    event.status = DISPATCHED if runs or error else IGNORED
    event.runs = list(runs)
    event.attempts += 1
    event.dispatched_at = at
    event.last_error = error or None
    session.flush()


def postpone(session: Session, event: InboxEvent, *, until: dt.datetime, why: str) -> None:
    """Let the event be claimed again at `until`."""
    event.attempts += 1
    event.next_attempt_at = until
    event.last_error = why.replace("\0", "")
    session.flush()


def redispatch(session: Session, event: InboxEvent, *, now: dt.datetime) -> None:
    """Let it be matched and dispatched once more; runs that exist already stay the only ones."""
    event.status = RECEIVED
    event.next_attempt_at = now
    session.flush()


def _person_is_free(session: Session, event: InboxEvent) -> bool:
    """An earlier event may arrive while a later one is being dispatched: the lock keeps it back until that one is done."""
    person = f"inbox:{event.org_id}:{event.employee_key}"
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(person, 0)))))


def _error(reason_code: str) -> InvalidEvent:
    return InvalidEvent(quarantine.REASONS[reason_code], reason_code=reason_code)


def _organizations(session: Session, names: set[str]) -> dict[str, uuid.UUID]:
    """Slug and UUID (both in lower case) of those that exist."""
    lowered = {name.lower() for name in names}
    ids = [parsed for name in lowered if (parsed := _uuid(name)) is not None]
    rows = session.execute(
        select(Organization.org_id, Organization.slug).where(or_(Organization.slug.in_(lowered), Organization.org_id.in_(ids)))
    )
    return {name: org_id for org_id, slug in rows for name in (slug, str(org_id))}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _with_organizations(session: Session, refused: Sequence[Refused]) -> list[Refused]:
    """A refused message belongs to the organization of its topic, so that its people can see it."""
    names = {id(r): parts[1] for r in refused if (parts := split_lifecycle_topic(r.message.topic)) is not None}
    known = _organizations(session, set(names.values())) if names else {}
    return [Refused(r.message, r.error, known.get(names.get(id(r), "").lower())) for r in refused]


def _insert(session: Session, accepted: Sequence[Accepted]) -> Stored:
    stored = Stored()
    if not accepted:
        return stored
    statement = (
        insert(InboxEvent)
        .values([_row(a) for a in accepted])
        .on_conflict_do_nothing()
        .returning(InboxEvent.org_id, InboxEvent.source, InboxEvent.event_id)
    )
    fresh: set[Identity] = {(row.org_id, row.source, row.event_id) for row in session.execute(statement)}
    hashes = _hashes(session, {a.identity for a in accepted})
    for item in accepted:
        if hashes[item.identity] != item.event.content_hash:
            stored.refused.append(Refused(item.message, _error("content_changed"), item.org_id))
        elif item.identity in fresh:
            fresh.discard(item.identity)
            stored.new.append(item)
        else:
            stored.known.append(item)
    return stored


def _hashes(session: Session, identities: set[Identity]) -> dict[Identity, str]:
    found = session.execute(
        select(InboxEvent.org_id, InboxEvent.source, InboxEvent.event_id, InboxEvent.content_hash).where(
            tuple_(InboxEvent.org_id, InboxEvent.source, InboxEvent.event_id).in_(list(identities))
        )
    )
    return {(org, source, event): content_hash for org, source, event, content_hash in found}


def _row(accepted: Accepted) -> dict[str, Any]:
    event, message = accepted.event, accepted.message
    return {
        "inbox_id": new_id(),
        "org_id": accepted.org_id,
        "source": event.source,
        "event_id": event.id,
        "kind": event.kind,
        "employee_key": event.employee,
        "event_time": event.time,
        "correlation_id": event.correlation_id,
        "content_hash": event.content_hash,
        "payload": dict(event.payload),
        "sensitive": dict(event.sensitive) or None,
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
    }


def oldest(session: Session, *, employee: str, kind: str, since: dt.datetime | None = None) -> InboxEvent | None:
    """The person's first event of this kind by event time, at or after `since`; a tenant session."""
    query = select(InboxEvent).where(InboxEvent.employee_key == employee, InboxEvent.kind == kind)
    if since is not None:
        query = query.where(InboxEvent.event_time >= since)
    return session.scalar(query.order_by(InboxEvent.event_time, InboxEvent.arrival).limit(1))
