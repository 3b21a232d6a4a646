"""Figures that many look at are counted once, and nobody waits for what was counted a moment ago."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from officeflow.api.counted import Counted

SECONDS = 10


class Count:
    """Gives 1, 2, 3 …, each when it may; `begun` is set when it is asked."""

    def __init__(self) -> None:
        self.number = 0
        self.begun = threading.Event()
        self.may = threading.Event()
        self.error: Exception | None = None

    def __call__(self) -> int:
        self.begun.set()
        assert self.may.wait(SECONDS)
        if self.error is not None:
            raise self.error
        self.number += 1
        return self.number


@pytest.fixture
def count() -> Count:
    return Count()


@pytest.fixture
def made() -> Iterator[Callable[..., Counted]]:
    all_made: list[Counted] = []

    def make(**given: float) -> Counted:
        all_made.append(Counted(**given))  # type: ignore[arg-type]
        return all_made[-1]

    yield make
    for each in all_made:
        each.close()


def test_who_asks_while_it_is_counted_for_the_first_time_waits_for_that(
    made: Callable[..., Counted], count: Count
) -> None:
    counted = made()
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(counted.get, "runs", count) for _ in range(8)]
        assert count.begun.wait(SECONDS)
        count.may.set()
        assert [each.result(SECONDS) for each in answers] == [1] * 8


def test_what_is_not_fresh_is_given_while_it_is_counted_anew(
    made: Callable[..., Counted], count: Count
) -> None:
    counted = made(fresh=0.0)
    count.may.set()
    assert counted.get("runs", count) == 1
    count.may.clear()
    count.begun.clear()
    assert [counted.get("runs", count) for _ in range(3)] == [1, 1, 1]
    assert count.begun.wait(SECONDS), "it is counted beside those who look"
    count.may.set()
    while counted.get("runs", lambda: 0) == 1:
        pass


def test_what_nobody_has_looked_at_for_long_is_waited_for(made: Callable[..., Counted], count: Count) -> None:
    counted = made(fresh=0.0, usable=0.0)
    count.may.set()
    assert [counted.get("runs", count) for _ in range(3)] == [1, 2, 3]


def test_what_cannot_be_counted_any_more_is_told_when_nothing_usable_is_left(
    made: Callable[..., Counted], count: Count
) -> None:
    counted = made(fresh=0.0, usable=0.2)
    count.may.set()
    assert counted.get("runs", count) == 1
    count.error = LookupError("no database")

    def look_until_told() -> None:
        while True:
            assert counted.get("runs", count) == 1

    with pytest.raises(LookupError, match="no database"):
        look_until_told()


def test_what_was_closed_gives_what_it_has(made: Callable[..., Counted], count: Count) -> None:
    counted = made(fresh=0.0)
    count.may.set()
    assert counted.get("runs", count) == 1
    counted.close()
    assert [counted.get("runs", count) for _ in range(2)] == [1, 1]
