from __future__ import annotations

from listeners.steward.outbox_relay import LONGEST_HOLD_SECONDS, Holds


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_topic_is_left_alone_longer_and_longer_while_others_work() -> None:
    clock = Clock()
    holds = Holds(clock)
    pauses = []
    for _ in range(8):
        holds.failed({"a": "no"}, others_work=True)
        began = clock.now
        while holds.held:
            clock.now += 1
        pauses.append(clock.now - began)
    assert pauses == [2, 4, 8, 16, 32, LONGEST_HOLD_SECONDS, LONGEST_HOLD_SECONDS, LONGEST_HOLD_SECONDS]


def test_while_nothing_works_every_topic_is_tried_again_soon() -> None:
    clock = Clock()
    holds = Holds(clock)
    for _ in range(8):
        holds.failed({"a": "away", "b": "away"}, others_work=False)
    assert holds.why("abc") == "a, b: away"
    clock.now = 2
    assert (holds.held, holds.why("a")) == ([], "a: away")


def test_a_topic_that_works_again_is_forgotten() -> None:
    holds = Holds(Clock())
    holds.failed({"a": "no", "b": "no", "c": "away"}, others_work=True)
    assert (holds.held, holds.why("abc")) == (["a", "b", "c"], "a, b: no; c: away")
    holds.works(["a", "b", "c", "d"])
    assert (holds.held, holds.why("abc")) == ([], "")
