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

import structlog
from cachetools import LRUCache, TLRUCache
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


class Limiter:
    """One for each event loop. Which addresses may not come any more before a window ends is remembered
    here.
    """

    def __init__(self, redis_url: str, rate: str) -> None:
        self.item, self.strangers = parse(rate), parse(STRANGERS)
        url = redis_url.replace("rediss://", "async+rediss://", 1).replace("redis://", "async+redis://", 1)
        storage = RedisStorage(
            url,
            implementation="redispy",
            wrap_exceptions=True,
            key_prefix=PREFIX,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
        )
        self._storage = storage
        self._blocks: TLRUCache[str, _Block] = TLRUCache(MOST, lambda _, block, __: block.ends, time.time)
        self._asking: LRUCache[str, asyncio.Lock] = LRUCache(MOST)
        self._barred: TLRUCache[str, float] = TLRUCache(MOST, lambda _, ends, __: ends, time.time)
        self._away_until = 0.0

    @property
    def is_away(self) -> bool:
        """Whether Redis did not answer a moment ago."""
        return time.monotonic() < self._away_until

    async def close(self) -> None:
        """Its connections; it can be used no more."""
        await cast("Redis", cast("RedispyBridge", self._storage.bridge).get_connection()).aclose()

    async def admit(self, who: str) -> Allowance | None:
        """Count a request of `who`; None where nobody counts."""
        return await self._count(self.item, who)

    def barred_for(self, address: str) -> int:
        """Seconds for which nobody is let in from an address that sent too many credentials that do not
        hold; 0 for any other.
        """
        ends = self._barred.get(address)
        return 0 if ends is None else max(1, round(ends - time.time()))

    async def note_stranger(self, address: str) -> None:
        """Its credentials did not hold."""
        allowance = await self._count(self.strangers, f"stranger:{address}")
        if allowance is not None and not allowance.left:
            self._barred[address] = time.time() + max(1, allowance.seconds)

    async def _count(self, item: RateLimitItem, who: str) -> Allowance | None:
        """By fixed windows: the first request of one begins it."""
        if self.is_away:
            return None
        key = item.key_for(who)
        block = self._begun(key)
        if block is None:
            # One asks for all that wait: each with a block of its own would use up the window.
            async with self._asking.setdefault(key, asyncio.Lock()):
                block = self._begun(key) or await self._taken(item, key)
        if block is None:
            return None
        block.used += 1
        seconds = max(0, round(block.ends - time.time()))
        left = max(0, item.amount - block.used)
        return Allowance(item.amount, item.get_expiry(), left, seconds, admitted=block.used <= item.amount)

    def _begun(self, key: str) -> _Block | None:
        """The window's block where some of it is left."""
        block = self._blocks.get(key)
        return block if block is not None and block.used < block.last else None

    async def _taken(self, item: RateLimitItem, key: str) -> _Block | None:
        size = max(1, item.amount // BLOCKS)
        try:
            count = await self._storage.incr(key, item.get_expiry(), size)
            before = None if count == size else self._blocks.get(key)
            ends = await self._storage.get_expiry(key) if before is None else before.ends
        except StorageError as error:
            self._away_until = time.monotonic() + REST_SECONDS
            log.warning("requests are not counted: Redis is away", error=str(error))
            return None
        self._blocks[key] = block = _Block(count - size, count, ends)
        return block
