"""Each next look at what could not be done yet is twice as long after the one before."""

from __future__ import annotations

import math

import pytest

from listeners.steward.looks import Looks


class Seconds:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def looks(seconds: Seconds) -> Looks[str]:
    return Looks(first=1.0, longest=5.0, seconds=seconds)


def test_pauses_grow_up_to_the_longest(looks: Looks[str], seconds: Seconds) -> None:
    pauses = []
    for _ in range(5):
        looks.later("a")
        pauses.append(looks.left())
        seconds.at += looks.left()
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_what_is_put_off_is_so_until_its_pause_is_over(looks: Looks[str], seconds: Seconds) -> None:
    looks.later("a")
    assert looks.put_off() == ["a"]
    seconds.at += 1.0
    assert (looks.put_off(), looks.left()) == ([], 0.0)


def test_the_next_look_is_that_of_the_first_in_time(looks: Looks[str], seconds: Seconds) -> None:
    looks.later("a")
    seconds.at += 0.5
    looks.later("b")
    assert looks.left() == 0.5


def test_what_is_not_kept_is_forgotten_with_its_pause(looks: Looks[str]) -> None:
    looks.later("a")
    looks.later("b")
    looks.later("b")
    looks.keep({"b"})
    assert (looks.put_off(), looks.left()) == (["b"], 2.0)
    looks.keep(())
    assert looks.left() == math.inf
    looks.later("b")
    assert looks.left() == 1.0
