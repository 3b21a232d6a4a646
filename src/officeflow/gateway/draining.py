"""Out of the spool: events to Kafka, deliveries that no mapping fits into the quarantine."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from officeflow.database.engine import Database
from officeflow.errors import InvalidEvent, OfficeFlowError
from officeflow.events import quarantine
from officeflow.events.quarantine import Refused
from officeflow.gateway.lane import Lane, NoTopic
from officeflow.gateway.spool import Kind, Record, Spool
from officeflow.statuses import RefusalReason

PAUSE_SECONDS = 0.5
AT_ONCE = 20
"""Deliveries that are written into the quarantine together."""
TOPIC_PATIENCE = 30.0
"""How long nothing is sent to a topic that was not there."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delayed:
    """Since when (by the monotonic clock) what waits of a kind, or some of it, cannot go where it belongs."""

    since: float
    why: str


class Draining:
    """Two tasks, each at its own kind: the one that is held up does not hold up the other."""

    def __init__(self, spool: Spool, lane: Lane, database: Database) -> None:
        self._spool, self._lane, self._database = spool, lane, database
        self._missing: dict[str, float] = {}
        self._delayed: dict[Kind, Delayed] = {}
        self._refused: set[int] = set()
        """Positions of what PostgreSQL does not take as it is."""

    @property
    def stuck(self) -> str:
        """Why the quarantine is not written; "" where it is."""
        return self._delayed[Kind.LETTER].why if Kind.LETTER in self._delayed else ""

    def cannot_leave(self) -> Mapping[str, Mapping[str, Any]]:
        """By kind, of those that cannot be brought where they belong: for how many `seconds`, and `why`."""
        now = time.monotonic()
        return {
            kind.value: {"seconds": round(now - each.since), "why": each.why}
            for kind, each in self._delayed.items()
        }

    async def events(self) -> None:
        """For ever: send what waits, the oldest first; and when all is sent, Kafka is used again."""
        while True:
            if self._spool.waiting[Kind.EVENT] == 0:
                self._lane.found()
                self._delayed.pop(Kind.EVENT, None)
            elif await self._send_some():
                continue
            await asyncio.sleep(PAUSE_SECONDS)

    async def letters(self) -> None:
        """For ever: write what waits into the quarantine."""
        while True:
            if self._spool.waiting[Kind.LETTER] == 0 or not await self._store_some():
                await asyncio.sleep(PAUSE_SECONDS)

    async def _send_some(self) -> bool:
        """Whether any was sent."""
        now = time.monotonic()
        self._missing = {topic: until for topic, until in self._missing.items() if until > now}
        records = await self._spool.oldest(Kind.EVENT, without=self._missing)
        if not records:
            if self._missing:
                self._lane.found()
            return False
        told = await asyncio.gather(
            *(self._lane.start(record.message) for record in records), return_exceptions=True
        )
        for record, error in zip(records, told, strict=True):
            if isinstance(error, NoTopic):
                self._missing[record.message.topic] = now + TOPIC_PATIENCE
                log.warning("events wait for their topic", topic=record.message.topic, error=str(error))
        sent = _first_of_each_topic(records, told)
        await self._spool.remove(sent)
        if sent and not self._missing:
            self._delayed.pop(Kind.EVENT, None)
        if failed := next((each for each in told if each is not None), None):
            self._hold(Kind.EVENT, failed)
        return bool(sent)

    async def _store_some(self) -> bool:
        """Whether any was written. What PostgreSQL refuses stays, and holds up none of the others: it is
        tried again when the gateway starts anew.
        """
        there = await self._spool.oldest(Kind.LETTER, limit=AT_ONCE + len(self._refused))
        records = [each for each in there if each.position not in self._refused]
        if not records:
            return False
        try:
            stored = await self._stored(records)
        except (OfficeFlowError, StatementError) as error:
            if not self.stuck:
                log.warning("the quarantine cannot be written; waiting", error=str(error))
            self._hold(Kind.LETTER, error)
            return False
        if not self._refused:
            self._delayed.pop(Kind.LETTER, None)
        await self._spool.remove(stored)
        return bool(stored)

    async def _stored(self, records: Sequence[Record]) -> list[Record]:
        """Together; where one of them is refused, one by one."""
        try:
            await asyncio.to_thread(self._store, records)
        except (DataError, IntegrityError) as error:
            if len(records) > 1:
                return [each for one in records for each in await self._stored([one])]
            why = f"PostgreSQL refuses a delivery as it is: {type(error.orig).__name__}"
            log.error("a delivery stays on the disk", why=why)  # noqa: TRY400 - the error may quote it
            self._refused.add(records[0].position)
            self._hold(Kind.LETTER, why)
            return []
        return list(records)

    def _hold(self, kind: Kind, error: BaseException | str) -> None:
        since = self._delayed[kind].since if kind in self._delayed else time.monotonic()
        self._delayed[kind] = Delayed(since, (str(error).splitlines() or [type(error).__name__])[0])

    def _store(self, records: Sequence[Record]) -> None:
        refused = [
            Refused(
                record.message,
                InvalidEvent(record.note["detail"], reason_code=RefusalReason(record.note["reason"])),
                uuid.UUID(record.note["org_id"]),
            )
            for record in records
        ]
        with self._database.gateway() as session:
            quarantine.store(session, refused)


def _first_of_each_topic(records: Sequence[Record], told: Sequence[BaseException | None]) -> list[Record]:
    """Those that arrived before the first of their topic that did not: the order stays."""
    stopped: set[str] = set()
    sent = []
    for record, error in zip(records, told, strict=True):
        if isinstance(error, BaseException) and not isinstance(error, OfficeFlowError):
            raise error
        if error is not None:
            stopped.add(record.message.topic)
        elif record.message.topic not in stopped:
            sent.append(record)
    return sent
