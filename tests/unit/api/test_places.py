"""Short answers are made in turn; a long one keeps nobody waiting."""

from __future__ import annotations

import asyncio

import pytest

from officeflow.api.places import Places

FOREVER = 60.0


def test_as_many_as_may_work_at_once_and_the_others_follow_in_their_order() -> None:
    async def check() -> None:
        places, ends = Places(2, FOREVER), [asyncio.Event() for _ in range(5)]
        begun: list[int] = []

        async def work(number: int) -> int:
            begun.append(number)
            await ends[number].wait()
            return number

        answers = [asyncio.ensure_future(places.in_turn(work(number))) for number in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert begun == [0, 1]
        ends[1].set()
        assert await answers[1] == 1
        await asyncio.sleep(0)
        assert begun == [0, 1, 2]
        for end in ends:
            end.set()
        assert await asyncio.gather(*answers) == [0, 1, 2, 3, 4]
        assert begun == [0, 1, 2, 3, 4]

    asyncio.run(check())


def test_what_takes_long_goes_on_beside_the_others() -> None:
    async def check() -> None:
        places, end = Places(1, 0.01), asyncio.Event()

        async def long() -> str:
            await end.wait()
            return "long"

        async def short() -> str:
            return "short"

        first = asyncio.ensure_future(places.in_turn(long()))
        assert await asyncio.wait_for(places.in_turn(short()), 10) == "short"
        assert not first.done()
        end.set()
        assert await first == "long"

    asyncio.run(check())


def test_who_fails_or_goes_away_leaves_a_free_place() -> None:
    async def check() -> None:
        places = Places(1, FOREVER)
        stopped = asyncio.Event()

        async def fails() -> None:
            raise LookupError("no")

        async def waits() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

        async def works() -> str:
            return "done"

        with pytest.raises(LookupError):
            await places.in_turn(fails())
        for _ in range(2):  # one has begun, one waits for its turn
            gone = [asyncio.ensure_future(places.in_turn(waits())) for _ in range(2)]
            await asyncio.sleep(0.01)
            for each in gone:
                each.cancel()
            await asyncio.gather(*gone, return_exceptions=True)
        await asyncio.wait_for(stopped.wait(), 10)
        assert await asyncio.wait_for(places.in_turn(works()), 10) == "done"

    asyncio.run(check())
