"""What becomes of a delivery, from the proof of who sends it until it is kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass

from officeflow.errors import InvalidEvent, InvalidExpression, OfficeFlowError, Unavailable
from officeflow.events.message import Message
from officeflow.events.webhooks import formats, replaying
from officeflow.events.webhooks.identity import digest
from officeflow.events.webhooks.mapping import Delivery, Failure, MappedEvent, Outcome
from officeflow.events.webhooks.messages import to_message
from officeflow.gateway import bodies, challenges, signatures
from officeflow.gateway.counters import Counters, Fate
from officeflow.gateway.lane import Lane
from officeflow.gateway.limiting import Limits
from officeflow.gateway.problems import Refused, of_event
from officeflow.gateway.sources import Source
from officeflow.gateway.spool import Kind, Record, Spool, SpoolFull
from officeflow.statuses import RefusalReason

RETRY_SECONDS = 30.0
AT_ONCE_BYTES = 65_536
"""A larger body is read in a thread: the others need not wait for it."""
KEPT_HEADERS = frozenset({"content-type"})
"""What of a delivery's headers is kept with it, beside those that its source's mapping reads."""
MOST_EVENTS = 5000
"""Of one delivery."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request, before anything of it is believed."""

    headers: Mapping[str, str]
    raw: bytes
    address: str
    by_proxy: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What the sender is told. `text` is the answer to a challenge."""

    events: tuple[str, ...] = ()
    ignored: int = 0
    quarantined: int = 0
    text: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it became one event, whose id can stand in a header."""
        return (
            len(self.events) == 1
            and not self.ignored
            and not self.quarantined
            and self.events[0].isascii()
            and self.events[0].isprintable()
        )


class Taking:
    def __init__(self, spool: Spool, lane: Lane, limits: Limits, counters: Counters) -> None:
        self._spool, self._lane, self._limits, self._counters = spool, lane, limits, counters

    async def take(self, source: Source, arrived: Arrived) -> Taken:
        """Returning means that all of it is kept: in Kafka, or on disk. `Refused` says why it is not."""
        self._prove(source, arrived)
        await self._limits.admit(source.key, source.definition.per_minute)
        raw = bodies.unpacked(arrived.raw, arrived.headers, most=source.definition.max_bytes)
        if (text := challenges.asked(source.definition.challenge, raw)) is not None:
            self._counters.count(source.key, Fate.CHALLENGED)
            return Taken(text=text)
        outcome = await self._mapped(source, arrived.headers, raw)
        return await self._keep(source, arrived.headers, raw, outcome)

    def _prove(self, source: Source, arrived: Arrived) -> None:
        self._limits.check_address(source.key, arrived.address)
        now = time.time()
        try:
            signatures.verify(
                source.definition.authentication,
                source.valid_secrets(now),
                arrived.headers,
                arrived.raw,
                now=now,
                by_proxy=arrived.by_proxy,
            )
        except Refused:
            self._limits.note_bad(source.key, arrived.address)
            raise

    async def _mapped(self, source: Source, headers: Mapping[str, str], raw: bytes) -> Outcome:
        try:
            if source.mapping.computes or len(raw) > AT_ONCE_BYTES:
                outcome = await asyncio.to_thread(_read_and_mapped, source, headers, raw)
            else:
                outcome = _read_and_mapped(source, headers, raw)
        except InvalidEvent as error:
            raise of_event(error) from error
        except InvalidExpression as error:
            return Outcome(failures=[replaying.whole(error)])
        except Unavailable as error:
            raise Refused(503, "evaluators", str(error), retry_after=RETRY_SECONDS) from error
        if len(outcome.events) > MOST_EVENTS:
            raise Refused(413, "too_many_events", f"it holds more than {MOST_EVENTS:,} events")
        _check_age(source, outcome.events)
        return outcome

    async def _keep(self, source: Source, headers: Mapping[str, str], raw: bytes, outcome: Outcome) -> Taken:
        if outcome.failures:
            await self._spooled([_letter(source, headers, raw, outcome.failures)])
            self._counters.count(source.key, Fate.QUARANTINED)
        messages = [
            to_message(event, org=source.org, org_id=source.org_id, source=source.slug)
            for event in outcome.events
        ]
        if messages:
            await self._send(source, messages)
        elif not outcome.failures:
            self._counters.count(source.key, Fate.IGNORED)
        return Taken(tuple(event.id for event in outcome.events), outcome.ignored, len(outcome.failures))

    async def _send(self, source: Source, messages: list[Message]) -> None:
        """Into Kafka; what it does not take, and all while something waits that was there before, on disk."""
        left = messages
        if not self._lane.away and self._spool.waiting[Kind.EVENT] == 0:
            left = await self._to_kafka(messages)
        if left:
            await self._spooled([Record(Kind.EVENT, message) for message in left])
        self._counters.count(source.key, Fate.SPOOLED if left else Fate.ACCEPTED)

    async def _to_kafka(self, messages: list[Message]) -> list[Message]:
        """Those that it did not take."""
        if len(messages) == 1:
            try:
                await self._lane.start(messages[0])
            except OfficeFlowError as error:
                self._note(error)
                return messages
            return []
        futures = [self._lane.start(message) for message in messages]
        told = await asyncio.gather(*futures, return_exceptions=True)
        for failed in told:
            if isinstance(failed, BaseException):
                self._note(failed)
        return [message for message, failed in zip(messages, told, strict=True) if failed is not None]

    def _note(self, error: BaseException) -> None:
        if isinstance(error, Unavailable):
            self._lane.lost(error)
        elif not isinstance(error, OfficeFlowError):
            raise error

    async def _spooled(self, records: list[Record]) -> None:
        try:
            await self._spool.append(records)
        except SpoolFull as error:
            raise Refused(503, "spool", str(error), retry_after=RETRY_SECONDS) from error


def _read_and_mapped(source: Source, headers: Mapping[str, str], raw: bytes) -> Outcome:
    shown = {name: value for name, value in headers.items() if name not in source.hidden}
    body = formats.read(source.definition, shown, raw)
    return source.mapping.apply(Delivery(body, shown, digest(raw)))


def _letter(source: Source, headers: Mapping[str, str], raw: bytes, failures: list[Failure]) -> Record:
    """What of it no mapping fits. Where all of it is so, none of its items is named."""
    wanted = {path[1] for path in source.mapping.reads if path[0] == "headers" and len(path) > 1}
    kept = {
        name: value
        for name, value in headers.items()
        if (name in KEPT_HEADERS or name in wanted or name.startswith("ce-")) and name not in source.hidden
    }
    items = None if replaying.is_whole(failures) else [failure.index for failure in failures]
    message = replaying.letter(org=source.org, source=source.slug, headers=kept, raw=raw, items=items)
    note = {
        "detail": str(replaying.refusal(failures)).replace("\0", ""),
        "reason": RefusalReason.UNMAPPED.value,
        "org_id": str(source.org_id),
    }
    return Record(Kind.LETTER, message, note)


def _check_age(source: Source, events: list[MappedEvent]) -> None:
    """A body that was signed long ago says so by its own time, where the vendor signs no other."""
    if source.definition.oldest_hours is None:
        return
    earliest = dt.datetime.now(dt.UTC) - dt.timedelta(hours=source.definition.oldest_hours)
    for event in events:
        if event.time is not None and dt.datetime.fromisoformat(event.time) < earliest:
            raise Refused(
                409,
                "replay",
                f"its time is more than {source.definition.oldest_hours:g} h ago: it is taken for a replay",
            )
