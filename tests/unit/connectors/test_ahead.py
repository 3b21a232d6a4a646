"""Pages got one ahead: in order, never two ahead, errors in their place, and nobody left behind."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator

import pytest

from officeflow.connectors.ahead import one_ahead

WHO = contextvars.ContextVar("WHO", default="nobody")


class Pages:
    """Numbers from 0 on, as long as they are asked for; `came` tells of each."""

    def __init__(self, last: int = 1_000, broken: int | None = None) -> None:
        self.asked: list[int] = []
        self.came = threading.Semaphore(0)
        self.threads: set[threading.Thread] = set()
        self._last = last
        self._broken = broken

    def __iter__(self) -> Iterator[int]:
        for number in range(self._last + 1):
            self.asked.append(number)
            self.threads.add(threading.current_thread())
            self.came.release()
            if number == self._broken:
                raise LookupError(number)
            yield number


def test_all_come_in_order_and_the_thread_ends_with_them() -> None:
    pages = Pages(last=50)
    assert list(one_ahead(iter(pages))) == list(range(51))
    assert len(pages.threads) == 1
    assert not any(thread.is_alive() for thread in pages.threads)
    assert list(one_ahead(iter(()))) == []


def test_one_is_got_ahead_and_never_two() -> None:
    pages = Pages()
    ahead = one_ahead(iter(pages))
    assert pages.asked == []
    for number in range(20):
        assert next(ahead) == number
        for _ in range(1 if number else 2):
            pages.came.acquire()
        assert pages.asked == list(range(number + 2))
    ahead.close()
    assert pages.asked == list(range(21))


def test_an_error_is_raised_in_the_place_of_what_could_not_be_got() -> None:
    pages = Pages(broken=2)
    ahead = one_ahead(iter(pages))
    assert next(ahead) == 0
    assert next(ahead) == 1
    for _ in range(3):  # it is broken by now
        pages.came.acquire()
    with pytest.raises(LookupError):
        next(ahead)
    assert not any(thread.is_alive() for thread in pages.threads)


def test_closing_early_waits_for_what_is_being_asked_and_ends_the_thread() -> None:
    asked, answered = threading.Event(), threading.Event()
    ended: list[str] = []

    def slow() -> Iterator[int]:
        yield 0
        asked.set()
        answered.wait()
        ended.append("answered")
        yield 1

    ahead = one_ahead(slow())
    assert next(ahead) == 0
    asked.wait()

    def close() -> None:
        ahead.close()
        ended.append("closed")

    closing = threading.Thread(target=close)
    closing.start()
    closing.join(0.05)
    assert closing.is_alive()
    answered.set()
    closing.join()
    assert ended == ["answered", "closed"]
    assert not [thread for thread in threading.enumerate() if thread.name == "page-ahead"]


def test_what_is_asked_belongs_to_the_context_of_who_began() -> None:
    def who() -> Iterator[str]:
        yield WHO.get()

    token = WHO.set("a run's trace")
    try:
        assert list(one_ahead(who())) == ["a run's trace"]
    finally:
        WHO.reset(token)
