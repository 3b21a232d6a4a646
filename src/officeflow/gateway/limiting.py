"""How many deliveries a minute a source may bring, counted in Redis for all gateways together.

A gateway takes what it counts in blocks, so that a delivery costs no call. Redis away means admitted, and
said so (`away`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter as LocalRateLimiter
from redis.exceptions import RedisError

from officeflow.gateway.problems import Refused

MINUTE = 60
BLOCKS = 50
"""Into so many blocks a minute's number is divided."""
PAUSE_SECONDS = 2.0
"""How long Redis is not asked after it did not answer."""
BAD_PER_MINUTE = 60
"""Deliveries that prove nothing, of one address to one source, after which it is not listened to."""

MOST_NOTED = 100_000
"""Addresses that are remembered."""

log = structlog.get_logger(__name__)


class Limits:
    def __init__(self, redis_url: str, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._limiter = FixedWindowRateLimiter(
            RedisStorage(
                f"async+{redis_url}",
                implementation="redispy",
                key_prefix="officeflow:gateway",
                socket_timeout=0.5,
                socket_connect_timeout=0.5,
            )
        )
        self._bad = LocalRateLimiter(MemoryStorage())
        self._bad_item = RateLimitItemPerMinute(BAD_PER_MINUTE)
        self._noted: set[tuple[str, str]] = set()
        self._asking: dict[str, asyncio.Lock] = {}
        self._blocks: dict[str, tuple[int, int]] = {}
        self._ask_again = 0.0
        self.away = ""
        """Why Redis is not asked; "" where it answers."""

    async def admit(self, key: str, per_minute: int) -> None:
        """Count one delivery. `Refused` 429 where there were as many as may be; the last fiftieth of them
        may be refused too.
        """
        if self._has_one(key) or self._now() < self._ask_again:
            return
        # One asks for all that wait: each with a block of its own would use up the minute.
        async with self._asking.setdefault(key, asyncio.Lock()):
            if self._has_one(key) or self._now() < self._ask_again:
                return
            minute, block = int(self._now()) // MINUTE, max(1, per_minute // BLOCKS)
            taken = await self._take(RateLimitItemPerMinute(per_minute), key, block)
            if taken:
                self._blocks[key] = (minute, taken - 1)
                return
        raise Refused(
            429,
            "rate",
            f"this source may bring {per_minute} deliveries a minute",
            retry_after=MINUTE - self._now() % MINUTE,
        )

    def _has_one(self, key: str) -> bool:
        """Take one of the block, where there is any left of this minute's."""
        minute, left = self._blocks.get(key, (-1, 0))
        if minute != int(self._now()) // MINUTE or left <= 0:
            return False
        self._blocks[key] = (minute, left - 1)
        return True

    async def _take(self, item: RateLimitItemPerMinute, key: str, block: int) -> int:
        """How many were taken: a block, one, or none."""
        try:
            for cost in (block, 1):
                if await self._limiter.hit(item, key, cost=cost):
                    self.away = ""
                    return cost
        except (RedisError, OSError, TimeoutError) as error:
            if not self.away:
                log.warning("Redis does not answer: deliveries are not counted", error=str(error))
            self.away, self._ask_again = f"{type(error).__name__}: {error}", self._now() + PAUSE_SECONDS
            return 1
        self.away = ""
        return 0

    def check_address(self, key: str, address: str) -> None:
        """`Refused` 429 where too many from there proved nothing."""
        if (key, address) in self._noted and not self._bad.test(self._bad_item, key, address):
            raise Refused(
                429, "bad_signatures", "too many deliveries from there were not signed", retry_after=MINUTE
            )

    def note_bad(self, key: str, address: str) -> None:
        if len(self._noted) >= MOST_NOTED:
            self._noted.clear()
        self._noted.add((key, address))
        self._bad.hit(self._bad_item, key, address)
