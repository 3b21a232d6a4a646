"""A flood of bad messages holds its topic."""

from __future__ import annotations

from listeners.inbound.flood import FloodGuard

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


def test_one_partition_holds_no_other_of_its_topic() -> None:
    guard = FloodGuard(limit=2, wait=10, now=Time())
    other = ("a", 1)
    assert guard.seen([(a, False), (other, False), (a, False)]) == [a]
    assert guard.held() == [a]


def test_a_good_message_now_and_then_does_not_excuse_a_flood() -> None:
    """Nine of ten are bad, and never ten in a row."""
    time = Time()
    guard = FloodGuard(limit=10, wait=10, now=time)
    assert guard.seen(([(a, False)] * 9 + [(a, True)]) * 10) == [a]
    time.now = 10
    guard.seen([(a, True)] * 50)
    assert guard.held() == []
    assert guard.seen([(a, False)] * 9) == []


def test_some_bad_messages_among_good_ones_hold_nothing() -> None:
    guard = FloodGuard(limit=10, wait=10, now=Time())
    assert guard.seen(([(a, False)] * 7 + [(a, True)] * 3) * 30) == []
