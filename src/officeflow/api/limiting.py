"""How many requests one may make: counted in Redis for all processes together.

The header fields are those of the IETF's draft `RateLimit header fields for HTTP`. Where Redis is away,
everything is admitted, and `health` says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import cast

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


class Limiter:
    """One for each event loop. A request is one question to Redis: when a window ends, and which addresses
    may not come any more before it does, is remembered here.
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
        self._ends: TLRUCache[str, float] = TLRUCache(MOST, lambda _, ends, __: ends, time.time)
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
        try:
            count = await self._storage.incr(key, item.get_expiry())
            ends = None if count == 1 else self._ends.get(key)
            if ends is None:
                self._ends[key] = ends = await self._storage.get_expiry(key)
        except StorageError as error:
            self._away_until = time.monotonic() + REST_SECONDS
            log.warning("requests are not counted: Redis is away", error=str(error))
            return None
        seconds = max(0, round(ends - time.time()))
        left = max(0, item.amount - count)
        return Allowance(item.amount, item.get_expiry(), left, seconds, admitted=count <= item.amount)
