"""What changes in an organization, as a stream of server-sent events (the HTML standard, section 9.2)."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from starlette.concurrency import run_in_threadpool

from officeflow.api import within
from officeflow.api.context import Context
from officeflow.api.hub import Follower
from officeflow.api.signing_in import Asks
from officeflow.database.engine import Database
from officeflow.errors import OfficeFlowError, Unavailable
from officeflow.rights.permissions import Permission
from officeflow.rights.principals import Principal
from officeflow.runs import changes
from officeflow.runs.changes import Batch, Change, RunChange, Wish

RIGHTS_SECONDS = 1.5
"""So often it is looked whether one still may: with what is remembered of it, within five seconds."""

REST_SECONDS = 0.25
"""Between two looks, however much is told."""

LOOK_SECONDS = 15.0
"""So often one looks without having been told."""

PING_SECONDS = 10
RETRY_MS = 2_000

Sent = dict[str, Any]


class Topic(StrEnum):
    RUNS = "runs"
    REQUESTS = "requests"


NEEDED = {Topic.RUNS: Permission.RUN_READ, Topic.REQUESTS: Permission.REQUEST_READ}


class Ending(StrEnum):
    """Why a stream ends that the client did not close."""

    RIGHTS = "rights"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Stream:
    """One person's, or program's, look at an organization; `position` is where it goes on."""

    context: Context
    org_id: uuid.UUID
    topics: frozenset[Topic]
    asks: Asks
    follower: Follower
    position: str
    is_known: bool
    """Whether the position is one of this database's; where not, the client reads its lists anew."""

    async def events(self, is_stopping: Callable[[], bool]) -> AsyncIterator[Sent]:
        position = self.position
        yield {
            "event": "ready" if self.is_known else "reload",
            "id": position,
            "data": "{}",
            "retry": RETRY_MS,
        }
        due = 0.0
        while not is_stopping():
            try:
                wish = await self._wish()
                if wish is None:
                    yield _end(Ending.RIGHTS)
                    return
                if self.follower.bell.is_set() or time.monotonic() >= due:
                    self.follower.bell.clear()
                    due = time.monotonic() + LOOK_SECONDS
                    async for batch in _each(changes.since(self._database, self.org_id, position, wish)):
                        for sent in _told(batch, position):
                            yield sent
                        position = batch.position or position
            except Unavailable:
                yield _end(Ending.AWAY)
                return
            await self._rest()

    @property
    def _database(self) -> Database:
        return self.context.database

    async def _rest(self) -> None:
        await asyncio.sleep(REST_SECONDS)
        try:
            await asyncio.wait_for(self.follower.bell.wait(), RIGHTS_SECONDS - REST_SECONDS)
        except TimeoutError:
            return

    async def _wish(self) -> Wish | None:
        """What whoever asks may still be told; None where that is nothing of what they wanted."""
        try:
            principal = await self.asks.again()
        except Unavailable:
            raise
        except OfficeFlowError:
            return None
        if principal is None or any(not principal.may(NEEDED[each], self.org_id) for each in self.topics):
            return None
        asked = await run_in_threadpool(self._asked, principal) if Topic.REQUESTS in self.topics else None
        return Wish(runs=Topic.RUNS in self.topics, requests=Topic.REQUESTS in self.topics, asked=asked)

    def _asked(self, principal: Principal) -> frozenset[uuid.UUID] | None:
        return within.may_see(self._database, self.context.clock.now().date(), principal, self.org_id)


async def _each(batches: Iterator[Batch]) -> AsyncIterator[Batch]:
    """Each is read from the database when the one before was sent."""
    while (batch := await run_in_threadpool(next, batches, None)) is not None:
        yield batch


def _told(batch: Batch, position: str) -> Iterator[Sent]:
    """The last one of a look has the position behind it: who is cut off before gets all of it again."""
    last = len(batch.changes) - 1
    for number, change in enumerate(batch.changes):
        sent = {
            "event": "run" if isinstance(change, RunChange) else "request",
            "data": json.dumps(_shown(change)),
        }
        yield {**sent, "id": batch.position} if batch.position and number == last else sent
    if not batch.changes and batch.position != position and batch.position:
        yield {"id": batch.position, "event": "position", "data": "{}"}


def _shown(change: Change) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | None) else _text(value)
        for name, value in asdict(change).items()
    }


def _text(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _end(why: Ending) -> Sent:
    return {"event": "end", "data": json.dumps({"why": why.value})}
