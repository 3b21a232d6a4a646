"""Out of the spool: events to Kafka, deliveries that no mapping fits into the quarantine."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence

import structlog
from sqlalchemy.exc import DBAPIError

from officeflow.database.engine import Database
from officeflow.errors import InvalidEvent, OfficeFlowError, Unavailable
from officeflow.events import quarantine
from officeflow.events.quarantine import Refused
from officeflow.gateway.lane import Lane, NoTopic
from officeflow.gateway.spool import Kind, Record, Spool
from officeflow.statuses import RefusalReason

PAUSE_SECONDS = 0.5
TOPIC_PATIENCE = 30.0
"""How long nothing is sent to a topic that was not there."""

log = structlog.get_logger(__name__)


class Draining:
    """Two tasks, each at its own kind: the one that is held up does not hold up the other."""

    def __init__(self, spool: Spool, lane: Lane, database: Database) -> None:
        self._spool, self._lane, self._database = spool, lane, database
        self._missing: dict[str, float] = {}
        self.stuck = ""
        """Why the quarantine is not written; "" where it is."""

    async def events(self) -> None:
        """For ever: send what waits, the oldest first; and when all is sent, Kafka is used again."""
        while True:
            if self._spool.waiting[Kind.EVENT] == 0:
                self._lane.found()
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
        return bool(sent)

    async def _store_some(self) -> bool:
        records = await self._spool.oldest(Kind.LETTER, limit=20)
        if not records:
            return False
        try:
            await asyncio.to_thread(self._store, records)
        except (Unavailable, DBAPIError) as error:
            if not self.stuck:
                log.warning("the quarantine cannot be written; waiting", error=str(error))
            self.stuck = str(error)
            return False
        self.stuck = ""
        await self._spool.remove(records)
        return True

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
