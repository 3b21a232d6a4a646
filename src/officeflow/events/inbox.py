"""The inbox: every lifecycle event that has arrived, once.

A batch of messages is decoded and stored in one transaction, and only after it are the Kafka offsets
committed: a crash between the two brings the messages again, and they are found to be here. A dispatcher then
claims the events: those of one person one at a time, in the order of event time and then arrival.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from officeflow.database.tables import Erasure, InboxEvent, Organization
from officeflow.errors import InvalidEvent, InvalidInput
from officeflow.events import mass, quarantine
from officeflow.events.envelope import NO_RULES, LifecycleEvent, ReadEvent, checked, read_message
from officeflow.events.message import Message
from officeflow.events.payloads import PayloadRules, rules_of
from officeflow.events.quarantine import Refused
from officeflow.events.topics import split_lifecycle_topic
from officeflow.ids import as_uuid, new_id
from officeflow.owners import owned, owner
from officeflow.program import typed
from officeflow.statuses import UNDISPATCHED, EventStatus, RefusalReason

AHEAD = dt.timedelta(hours=24)
"""How far an event may be ahead of the database's clock unless the settings say otherwise: more than any time
zone is wrong by.
"""

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


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """What became of a batch: `new` events, `known` ones that were here already, `refused` messages, each in
    the batch's order.

    `passed_over` are those without a value (tombstones), which say nothing and are ordinary on a compacted
    topic.
    """

    new: list[T] = field(default_factory=list)
    known: list[T] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    passed_over: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    org_id: uuid.UUID
    rules: PayloadRules


def store(
    session: Session, messages: Sequence[Message], *, own_source: str, ahead: dt.timedelta = AHEAD
) -> Stored[Accepted]:
    """Put the messages into the inbox or into quarantine; a service-role session.

    Storing the same messages again changes nothing.
    """
    passed_over = [message for message in messages if message.value is None]
    accepted, refused = sort_out(
        session, [m for m in messages if m.value is not None], own_source=own_source, ahead=ahead
    )
    stored = _insert(session, accepted)
    order = {id(message): place for place, message in enumerate(messages)}
    stored.refused.extend(refused)
    stored.refused.sort(key=lambda r: order[id(r.message)])
    stored.passed_over.extend(passed_over)
    quarantine.store(session, stored.refused)
    return stored


def sort_out(
    session: Session, messages: Sequence[Message], *, own_source: str, ahead: dt.timedelta = AHEAD
) -> tuple[list[Accepted], list[Refused]]:
    """Read each message, find its organization, and check it by what that has settled."""
    readable: list[tuple[Message, ReadEvent]] = []
    refused: list[Refused] = []
    for message in messages:
        try:
            readable.append((message, read_message(message)))
        except InvalidEvent as error:
            refused.append(Refused(message, error))
    known = _organizations(
        session,
        {name for message, read in readable for name in (read.organization, _of_topic(message)) if name},
    )
    latest = database_time(session) + ahead if readable else None
    accepted: list[Accepted] = []
    for message, read in readable:
        try:
            accepted.append(_accepted(message, read, known, own_source, latest))
        except InvalidEvent as error:
            refused.append(Refused(message, error))
    return accepted, _with_organizations(session, refused)


def _accepted(
    message: Message, read: ReadEvent, known: dict[str, _Known], own_source: str, latest: dt.datetime | None
) -> Accepted:
    of_topic = known.get((_of_topic(message) or "").lower())
    event = checked(read, message, own_source=own_source, rules=of_topic.rules if of_topic else NO_RULES)
    named = known.get(event.organization.lower())
    if named is None or of_topic is None:
        raise _error(RefusalReason.UNKNOWN_ORGANIZATION)
    if named.org_id != of_topic.org_id:
        raise _error(RefusalReason.ORGANIZATION_MISMATCH)
    if latest is not None:
        check_time(event.time, latest)
    return Accepted(message, event, named.org_id)


def check_time(moment: dt.datetime, latest: dt.datetime) -> None:
    """`time` is when it happened.

    One far ahead would set fields of the person that no later event could change.
    """
    if moment > latest:
        reason = (
            f"its time, {moment.isoformat()}, is after {latest.isoformat(timespec='seconds')}, the latest"
            " that is taken now: time is when it happened; a day to come belongs into the payload, as"
            " start_date, end_date or effective_date"
        )
        raise InvalidEvent(reason, reason_code=RefusalReason.TIME_AHEAD)


def latest_time(session: Session, ahead: dt.timedelta) -> dt.datetime:
    """The latest time that an event may have now."""
    return database_time(session) + ahead


def database_time(session: Session) -> dt.datetime:
    """By the database's clock, which is one for all processes."""
    now: dt.datetime = session.scalars(select(func.clock_timestamp())).one()
    return now


def _of_topic(message: Message) -> str | None:
    parts = split_lifecycle_topic(message.topic)
    return parts[1] if parts else None


def accept(session: Session, message: Message, *, own_source: str, ahead: dt.timedelta = AHEAD) -> Accepted:
    """Put one message into the inbox; `InvalidEvent` where it cannot be, and then it is not quarantined
    again.
    """
    accepted, refused = sort_out(session, [message], own_source=own_source, ahead=ahead)
    stored = _insert(session, accepted)
    for item in [*refused, *stored.refused]:
        raise item.error
    return [*stored.new, *stored.known][0]


def claim(session: Session, *, without: Sequence[uuid.UUID] = ()) -> InboxEvent | None:
    """The next event to dispatch, locked until the caller's transaction ends; None where nothing is due.

    A person's later events wait while an earlier one is not dispatched. Events that another transaction has
    claimed are skipped, and those of the organizations `without`. Other rows may refer to it meanwhile.
    """
    earlier = aliased(InboxEvent)
    before = or_(
        earlier.event_time < InboxEvent.event_time,
        and_(earlier.event_time == InboxEvent.event_time, earlier.arrival < InboxEvent.arrival),
    )
    same_person = and_(earlier.org_id == InboxEvent.org_id, earlier.employee_key == InboxEvent.employee_key)
    event = session.scalar(
        select(InboxEvent)
        .where(
            InboxEvent.status == EventStatus.RECEIVED,
            InboxEvent.next_attempt_at <= func.clock_timestamp(),
            InboxEvent.org_id.not_in(without),
        )
        .where(~exists().where(same_person, before, earlier.status.in_(UNDISPATCHED)))
        .order_by(InboxEvent.next_attempt_at, InboxEvent.arrival)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True, of=InboxEvent)
    )  # key_share: what is written meanwhile may refer to the event
    return event if event is not None and _person_is_free(session, event) else None


def dispatched(
    session: Session, event: InboxEvent, runs: Sequence[dict[str, Any]], *, error: str = ""
) -> None:
    """Note what came of the event.

    `runs` hold `dag_id`, `dag_run_id`, `run_id`; `error` tells of workflows that could not be started.
    """
    event.status = EventStatus.DISPATCHED if runs or error else EventStatus.IGNORED
    event.runs = list(runs)
    event.attempts += 1
    event.dispatched_at = database_time(session)
    event.last_error = error or None
    session.flush()


def postpone(session: Session, event: InboxEvent, *, by: dt.timedelta, why: str) -> None:
    """Let the event be claimed again when that time has passed, by the database's clock."""
    event.attempts += 1
    event.next_attempt_at = database_time(session) + by
    event.last_error = why.replace("\0", "")
    session.flush()


def redispatch(session: Session, event: InboxEvent) -> None:
    """Let it be matched and dispatched once more; runs that exist already stay the only ones.

    `InvalidInput` where it is one of a mass that a second person has to release, or has refused; or where its
    person was erased.
    """
    erased = select(Erasure.erasure_id).where(
        Erasure.org_id == event.org_id, Erasure.pseudonym == event.employee_key
    )
    if session.scalar(erased.limit(1)) is not None:
        raise InvalidInput(
            "the event's person was erased: nothing is left that could be dispatched",
            hint="what the HR system sends anew, under another id, begins a new record",
        )
    if event.status == EventStatus.HELD:
        raise InvalidInput(
            f"the event waits for its release {event.release_id}", hint=f"`{typed('release list')}` shows it"
        )
    if event.status == EventStatus.REFUSED:
        raise InvalidInput(
            f"the event was refused with its release {event.release_id}",
            hint="what is to happen after all is sent anew, under another id",
        )
    event.status = EventStatus.RECEIVED
    event.next_attempt_at = database_time(session)
    session.flush()


def _person_is_free(session: Session, event: InboxEvent) -> bool:
    """An earlier event may arrive while a later one is being dispatched: the lock keeps it back until that
    one is done.
    """
    place = _place_of(event.org_id, event.employee_key)
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(place))))


def hold_back(session: Session, org_id: uuid.UUID, employee: str) -> None:
    """Until the transaction ends, no event of the person is dispatched; it waits for one that just is."""
    session.execute(select(func.pg_advisory_xact_lock(_place_of(org_id, employee))))


def _place_of(org_id: uuid.UUID, employee: str) -> ColumnElement[int]:
    return func.hashtextextended(f"inbox:{org_id}:{employee}", 0)


def _error(reason_code: RefusalReason) -> InvalidEvent:
    return InvalidEvent(quarantine.REASONS[reason_code], reason_code=reason_code)


def _organizations(session: Session, names: set[str]) -> dict[str, _Known]:
    """Slug and UUID (both in lower case) of those that exist."""
    lowered = {name.lower() for name in names}
    ids = [parsed for name in lowered if (parsed := as_uuid(name)) is not None]
    rows = session.execute(
        select(Organization.org_id, Organization.slug, Organization.settings).where(
            or_(Organization.slug.in_(lowered), Organization.org_id.in_(ids))
        )
    )
    found = [(slug, _Known(org_id, rules_of(settings))) for org_id, slug, settings in rows]
    return {name: known for slug, known in found for name in (slug, str(known.org_id))}


def _with_organizations(session: Session, refused: Sequence[Refused]) -> list[Refused]:
    """A refused message belongs to the organization of its topic, so that its people can see it."""
    names = {id(r): name.lower() for r in refused if (name := _of_topic(r.message))}
    known = _organizations(session, set(names.values())) if names else {}
    return [
        Refused(r.message, r.error, found.org_id if (found := known.get(names.get(id(r), ""))) else None)
        for r in refused
    ]


def _insert(session: Session, accepted: Sequence[Accepted]) -> Stored[Accepted]:
    stored: Stored[Accepted] = Stored()
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
            stored.refused.append(Refused(item.message, _error(RefusalReason.CONTENT_CHANGED), item.org_id))
        elif item.identity in fresh:
            fresh.discard(item.identity)
            stored.new.append(item)
        else:
            stored.known.append(item)
    mass.hold(session, {(item.org_id, item.event.kind) for item in stored.new})
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
        "sensitive": owned(owner(accepted.org_id, event.employee), dict(event.sensitive) or None),
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has come of an event so far; `problem` is what it waits for, or what did not start."""

    status: EventStatus
    runs: Sequence[Mapping[str, Any]]
    problem: str | None

    @property
    def is_waiting(self) -> bool:
        return self.status == EventStatus.RECEIVED


def outcome(
    session: Session, org_id: uuid.UUID | None, event_id: str, *, source: str | None = None
) -> Outcome | None:
    """Of the organization's event with the id that its source gave it; None where it has not arrived."""
    query = select(InboxEvent.status, InboxEvent.runs, InboxEvent.last_error)
    query = query.where(InboxEvent.org_id == org_id, InboxEvent.event_id == event_id)
    row = session.execute(query if source is None else query.where(InboxEvent.source == source)).first()
    return None if row is None else Outcome(*row)


def oldest(
    session: Session, *, employee: str, kind: str, since: dt.datetime | None = None
) -> InboxEvent | None:
    """The person's first event of this kind by event time, at or after `since`, that is not held back by a
    second person; a tenant session.
    """
    query = select(InboxEvent).where(InboxEvent.employee_key == employee, InboxEvent.kind == kind)
    query = query.where(InboxEvent.status.not_in((EventStatus.HELD, EventStatus.REFUSED)))
    if since is not None:
        query = query.where(InboxEvent.event_time >= since)
    return session.scalar(query.order_by(InboxEvent.event_time, InboxEvent.arrival).limit(1))
