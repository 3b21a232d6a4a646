"""How many requests one may make: counted in Redis for all processes together, in blocks, so that most cost
no call.

The header fields are those of the IETF's draft `RateLimit header fields for HTTP`. Where Redis is away,
everything is admitted, and `health` says so.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import cast
from weakref import WeakValueDictionary

import structlog
from cachetools import TLRUCache
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.errors import StorageError
from redis.asyncio import Redis

PREFIX = "officeflow:api"
ANSWER_SECONDS = 0.5
REST_SECONDS = 2.0
"""So long Redis is not asked again after it did not answer: requests must not queue for it."""

BLOCKS = 100
"""Into so many a window's number is divided. Of several processes each may keep one of them to itself."""

LEAST_SECONDS = 1.0
"""So long a block can be used, at least."""

MOST = 10_000
"""Callers that are remembered here."""

STRANGERS = "30 per 1 minute"
"""Requests with credentials that do not hold, from one address."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit. `seconds` is when it begins anew."""

    limit: int
    window: int
    left: int
    seconds: int
    admitted: bool

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={self.window}',
            "RateLimit": f'"default";r={self.left};t={self.seconds}',
        }


@dataclass(slots=True)
class _Block:
    """Requests that were counted beforehand: those of the window after `used`, up to `last`. It `ends`
    by the clock.
    """

    used: int
    last: int
    ends: float


class _Windows:
    """Of a limit: each caller's block of the window that they are in."""

    def __init__(self, item: RateLimitItem) -> None:
        self.item = item
        self.size = max(1, item.amount // BLOCKS)
        self._blocks: TLRUCache[str, _Block] = TLRUCache(MOST, lambda _, block, __: block.ends, time.time)
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def asking(self, who: str) -> asyncio.Lock:
        """One asks for all who wait: each with a block of its own would use up the window."""
        return self._asking.setdefault(who, asyncio.Lock())

    def begun(self, who: str) -> _Block | None:
        """The window's block where some of it is left."""
        block = self._blocks.get(who)
        return block if block is not None and block.used < block.last else None

    def end(self, who: str, count: int) -> float | None:
        """When the window ends that so many were counted in; None where it is a new one, or nobody knows."""
        known = self._blocks.get(who)
        return None if known is None or count == self.size else known.ends

    def keep(self, who: str, count: int, ends: float) -> _Block:
        """Redis tells whole seconds: in a window's last one it says that it is over."""
        block = _Block(count - self.size, count, max(ends, time.time() + LEAST_SECONDS))
        self._blocks[who] = block
        return block


class Limiter:
    """One for each event loop. Which addresses may not come any more before a window ends is remembered
    here.
    """

    def __init__(self, redis_url: str, rate: str) -> None:
        self._callers, self._strangers = _Windows(parse(rate)), _Windows(parse(STRANGERS))
        url = redis_url.replace("rediss://", "async+rediss://", 1).replace("redis://", "async+redis://", 1)
        self._storage = RedisStorage(
            url,
            implementation="redispy",
            wrap_exceptions=True,
            key_prefix=PREFIX,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
        )
        self._barred: TLRUCache[str, float] = TLRUCache(MOST, lambda _, ends, __: ends, time.time)
        self._away_until = 0.0

    @property
    def is_away(self) -> bool:
        """Whether Redis did not answer a moment ago."""
        return time.monotonic() < self._away_until

    async def look(self) -> None:
        """Whether it is away now: what was counted beforehand does not say."""
        if not self.is_away and not await self._storage.check():
            self._note_away("no answer to PING")

    async def close(self) -> None:
        """Its connections; it can be used no more."""
        await cast("Redis", cast("RedispyBridge", self._storage.bridge).get_connection()).aclose()

    async def admit(self, who: str) -> Allowance | None:
        """Count a request of `who`; None where nobody counts."""
        return await self._count(self._callers, who)

    def barred_for(self, address: str) -> int:
        """Seconds for which nobody is let in from an address that sent too many credentials that do not
        hold; 0 for any other.
        """
        ends = self._barred.get(address)
        return 0 if ends is None else max(1, round(ends - time.time()))

    async def note_stranger(self, address: str) -> None:
        """Its credentials did not hold."""
        allowance = await self._count(self._strangers, f"stranger:{address}")
        if allowance is not None and not allowance.left:
            self._barred[address] = time.time() + max(1, allowance.seconds)

    async def _count(self, windows: _Windows, who: str) -> Allowance | None:
        """By fixed windows: the first request of one begins it."""
        if self.is_away:
            return None
        block = windows.begun(who)
        if block is None:
            async with windows.asking(who):
                block = windows.begun(who)
                if block is None and not self.is_away:
                    block = await self._taken(windows, who)
        if block is None:
            return None
        block.used += 1
        item, seconds = windows.item, max(0, round(block.ends - time.time()))
        left = max(0, item.amount - block.used)
        return Allowance(item.amount, item.get_expiry(), left, seconds, admitted=block.used <= item.amount)

    async def _taken(self, windows: _Windows, who: str) -> _Block | None:
        key = windows.item.key_for(who)
        try:
            count = await self._storage.incr(key, windows.item.get_expiry(), windows.size)
            ends = windows.end(who, count) or await self._storage.get_expiry(key)
        except StorageError as error:
            self._note_away(str(error))
            return None
        return windows.keep(who, count, ends)

    def _note_away(self, why: str) -> None:
        self._away_until = time.monotonic() + REST_SECONDS
        log.warning("requests are not counted: Redis is away", error=why)
