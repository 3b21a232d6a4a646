"""How many requests one may make, counted in a real Redis for several processes together."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from limits.errors import StorageError

from officeflow.api.limiting import BLOCKS, Allowance, Limiter

pytestmark = pytest.mark.integration


def used(valkey_url: str, rate: str, work: Callable[[list[Limiter]], Coroutine[Any, Any, None]]) -> None:
    """`work` with the limiters of two processes."""

    async def check() -> None:
        limiters = [Limiter(valkey_url, rate) for _ in range(2)]
        try:
            await work(limiters)
        finally:
            for each in limiters:
                await each.close()

    asyncio.run(check())


async def asked(limiter: Limiter, who: str, times: int) -> list[Allowance]:
    """All at once."""
    found = await asyncio.gather(*(limiter.admit(who) for _ in range(times)))
    return [each for each in found if each is not None]


def test_one_is_admitted_as_often_as_one_may_and_told_what_is_left(valkey_url: str) -> None:
    async def work(limiters: list[Limiter]) -> None:
        found = await asked(limiters[0], f"ana-{uuid.uuid4()}", 250)
        assert [each.left for each in found] == [*range(199, -1, -1), *[0] * 50]
        assert [each.admitted for each in found] == [True] * 200 + [False] * 50
        assert all(3590 <= each.seconds <= 3600 for each in found)

    used(valkey_url, "200 per 1 hour", work)


def test_two_processes_count_together_to_within_a_block_of_each(valkey_url: str) -> None:
    async def work(limiters: list[Limiter]) -> None:
        who, limit = f"bo-{uuid.uuid4()}", 1000
        admitted = 0
        for _ in range(limit // 4):
            for limiter in limiters:
                admitted += sum(each.admitted for each in await asked(limiter, who, 4))
        assert limit - 2 * (limit // BLOCKS) <= admitted <= limit

    used(valkey_url, "1000 per 1 hour", work)


def test_most_requests_cost_no_call_of_redis(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(limiters: list[Limiter]) -> None:
        calls = 0
        count = limiters[0]._storage.incr

        async def counted(*given: Any, **named: Any) -> int:
            nonlocal calls
            calls += 1
            return await count(*given, **named)

        monkeypatch.setattr(limiters[0]._storage, "incr", counted)
        await asked(limiters[0], f"cy-{uuid.uuid4()}", 100)
        assert calls == 10

    used(valkey_url, "1000 per 1 hour", work)


def test_a_small_number_is_counted_one_by_one(valkey_url: str) -> None:
    async def work(limiters: list[Limiter]) -> None:
        who = f"di-{uuid.uuid4()}"
        found = [(await asked(limiter, who, 1))[0] for limiter in (*limiters, *limiters)]
        assert [(each.left, each.admitted) for each in found] == [(2, True), (1, True), (0, True), (0, False)]

    used(valkey_url, "3 per 1 hour", work)


def test_with_the_next_window_one_begins_anew(valkey_url: str) -> None:
    async def work(limiters: list[Limiter]) -> None:
        who = f"eli-{uuid.uuid4()}"
        [*_, last] = await asked(limiters[0], who, 4)
        assert not last.admitted
        for _ in range(200):
            await asyncio.sleep(0.1)
            if (await asked(limiters[0], who, 1))[0].admitted:
                return
        pytest.fail("the next window does not begin")

    used(valkey_url, "3 per 2 second", work)


def test_who_waits_for_a_redis_that_hangs_waits_once(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(limiters: list[Limiter]) -> None:
        limiter, calls = limiters[0], 0

        async def hangs(*_: Any) -> int:
            nonlocal calls
            calls += 1
            await asyncio.sleep(0.05)
            raise StorageError(TimeoutError("no answer"))

        monkeypatch.setattr(limiter._storage, "incr", hangs)
        assert await asked(limiter, f"flo-{uuid.uuid4()}", 20) == []
        assert (calls, limiter.is_away) == (1, True)

    used(valkey_url, "1000 per 1 hour", work)


def test_in_the_last_moment_of_a_window_a_block_serves_as_many_as_it_has(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis rounds what is left of it to whole seconds."""

    async def work(limiters: list[Limiter]) -> None:
        async def now(_: str) -> float:
            return time.time()

        monkeypatch.setattr(limiters[0]._storage, "get_expiry", now)
        found = await asked(limiters[0], f"gil-{uuid.uuid4()}", 100)
        assert [each.left for each in found] == list(range(999, 899, -1))

    used(valkey_url, "1000 per 1 hour", work)


def test_whether_redis_is_away_is_found_though_requests_are_counted_beforehand(valkey_url: str) -> None:
    async def work(limiters: list[Limiter]) -> None:
        limiter, who = limiters[0], f"hal-{uuid.uuid4()}"
        await asked(limiter, who, 1)
        await limiter.look()
        assert not limiter.is_away
        gone = Limiter("redis://127.0.0.1:1/0", "1000 per 1 hour")
        there = limiter._storage
        limiter._storage = gone._storage
        try:
            assert len(await asked(limiter, who, 1)) == 1
            await limiter.look()
            assert limiter.is_away
        finally:
            limiter._storage = there
            await gone.close()

    used(valkey_url, "1000 per 1 hour", work)
