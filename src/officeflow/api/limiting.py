"""How many requests one may make: counted in Redis for all processes together.

The header fields are those of the IETF's draft `RateLimit header fields for HTTP`. Where Redis is away,
everything is admitted, and `health` says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import cast

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis

PREFIX = "officeflow:api"
ANSWER_SECONDS = 0.5
REST_SECONDS = 2.0
"""So long Redis is not asked again after it did not answer: requests must not queue for it."""

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
    """One for each event loop."""

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
        self._counter = FixedWindowRateLimiter(storage)
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
        return await self._asked(self.item, who, count=True)

    async def stranger(self, address: str, *, count: bool) -> Allowance | None:
        """The allowance of an address for credentials that do not hold."""
        return await self._asked(self.strangers, f"stranger:{address}", count=count)

    async def _asked(self, item: RateLimitItem, who: str, *, count: bool) -> Allowance | None:
        if self.is_away:
            return None
        try:
            admitted = await (self._counter.hit(item, who) if count else self._counter.test(item, who))
            stats = await self._counter.get_window_stats(item, who)
        except StorageError as error:
            self._away_until = time.monotonic() + REST_SECONDS
            log.warning("requests are not counted: Redis is away", error=str(error))
            return None
        seconds = max(0, round(stats.reset_time - time.time()))
        return Allowance(item.amount, item.get_expiry(), max(0, stats.remaining), seconds, admitted)
