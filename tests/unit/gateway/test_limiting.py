"""Deliveries are counted in blocks: few calls, and none too many."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from officeflow.gateway import limiting
from officeflow.gateway.limiting import Limits
from officeflow.gateway.problems import Refused


class Counted(Limits):
    """In the place of Redis: a number that is left in each minute."""

    def __init__(self, left: int) -> None:
        self.minute, self.left, self.asked = 0, left, 0
        super().__init__("redis://127.0.0.1:1/0", now=lambda: 60.0 * self.minute + 5)

    async def _take(self, item: Any, key: str, block: int) -> int:
        del item, key
        self.asked += 1
        await asyncio.sleep(0)
        for cost in (block, 1):
            if self.left >= cost:
                self.left -= cost
                return cost
        return 0


async def _admitted(limits: Limits, number: int, per_minute: int) -> int:
    told = await asyncio.gather(
        *(limits.admit("acme/hr", per_minute) for _ in range(number)), return_exceptions=True
    )
    assert all(each is None or isinstance(each, Refused) for each in told)
    return sum(each is None for each in told)


def test_many_at_once_take_one_block_and_not_one_each() -> None:
    """Otherwise those of one moment would use up the minute."""
    limits = Counted(10_000)
    assert asyncio.run(_admitted(limits, 64, 10_000)) == 64
    assert (limits.asked, limits.left) == (1, 10_000 - 10_000 // limiting.BLOCKS)


def test_as_many_are_admitted_as_there_are_and_in_the_next_minute_again() -> None:
    async def both() -> tuple[int, int]:
        limits = Counted(100)
        first = await _admitted(limits, 150, 100)
        limits.minute, limits.left = 1, 100
        return first, await _admitted(limits, 150, 100)

    assert asyncio.run(both()) == (100, 100)


def test_a_refusal_says_when_the_minute_is_over() -> None:
    with pytest.raises(Refused) as told:
        asyncio.run(Counted(0).admit("acme/hr", 100))
    assert (told.value.status, told.value.retry_after) == (429, 55.0)
