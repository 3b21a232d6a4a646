"""A flood of bad messages holds its topic."""

from __future__ import annotations

from listeners.flood import FloodGuard

a, b = ("a", 0), ("b", 0)


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_topic_is_held_when_too_many_in_a_row_are_bad_and_others_are_not() -> None:
    guard = FloodGuard(limit=3, wait=10, now=Time())
    assert guard.seen([(a, False), (b, False), (a, False)]) == []
    assert guard.seen([(a, False), (b, True)]) == [a]
    assert guard.held() == [a]


def test_a_good_message_starts_the_count_anew() -> None:
    guard = FloodGuard(limit=2, wait=10, now=Time())
    assert guard.seen([(a, False), (a, True), (a, False)]) == []
    assert guard.held() == []


def test_a_topic_that_goes_on_being_bad_is_held_twice_as_long() -> None:
    time = Time()
    guard = FloodGuard(limit=2, wait=10, now=time)
    guard.seen([(a, False)] * 2)
    time.now = 10
    assert guard.held() == []
    assert guard.seen([(a, False)]) == [a]
    time.now = 29
    assert guard.held() == [a]
    time.now = 30
    assert guard.held() == []


def test_bad_messages_that_are_read_while_the_topic_is_held_do_not_prolong_it() -> None:
    time = Time()
    guard = FloodGuard(limit=1, wait=10, now=time)
    assert guard.seen([(a, False)] * 50) == [a]
    time.now = 10
    assert guard.held() == []
