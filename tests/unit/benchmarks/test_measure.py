"""What benchmarks measure with."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

import pytest

from benchmarks import events
from benchmarks.measure import NotFinished, cpu_seconds, median, most, quantile, settled, wait_for


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_a_quantile_is_the_nearest_rank(share: float, value: float) -> None:
    assert quantile(list(range(100, 0, -1)), share) == value


def test_a_quantile_of_few_values_is_one_of_them() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.99) == 3.0
    assert median([4.0, 1.0]) == 1.0


def test_there_is_no_quantile_of_nothing() -> None:
    with pytest.raises(NotFinished):
        quantile([], 0.5)


def test_waiting_gives_the_first_true_value() -> None:
    values = iter([0, "", 7])
    assert wait_for(lambda: next(values), what="a value", seconds=20, pause=0) == 7


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(NotFinished, match="for rain"):
        wait_for(lambda: False, what="rain", seconds=0.01, pause=0.001)


def test_it_has_settled_when_the_last_samples_agree() -> None:
    samples = iter([100.0, 150.0, 151.0, 151.0])
    assert settled(lambda: next(samples), seconds=0.03, every=0.01, tolerance=0.01) == 151.0


def test_what_never_settles_is_told() -> None:
    samples = iter(range(1, 10_000))
    with pytest.raises(NotFinished, match="did not settle"):
        settled(lambda: next(samples), seconds=0.003, every=0.001, tolerance=0.0, most=0.02)


def test_the_time_of_children_that_have_ended_counts() -> None:
    before = cpu_seconds(os.getpid())
    subprocess.run(
        [sys.executable, "-S", "-c", "while __import__('time').process_time() < 0.3: pass"], check=True
    )
    assert cpu_seconds(os.getpid()) - before >= 0.25


def test_what_grew_is_told_the_most_first() -> None:
    assert (
        most({"a": 1.0, "b": 2.0}, {"a": 2.5, "b": 2.1, "new": 3.0}, above=1, unit="MiB")
        == "new 3.0, a 1.5 MiB"
    )
    assert most({"a": 1.0}, {"a": 1.0}, above=1, unit="s") == "none by more than 1 s"


def test_events_are_compared_by_both_quantiles_and_by_our_own_second() -> None:
    theirs, ours = [10.0] * 99 + [100.0, 100.0], [0.5] * 101
    names = {result.name: result.value for result in events.figures(20, theirs, ours)}
    assert names == {"events.p50_20": 0.05, "events.p99_20": 0.005, "events.own_p99_20": 0.5}
    assert [result.name for result in events.figures(1, theirs, ours)] == ["events.p50_1", "events.p99_1"]


def test_every_event_keeps_the_time_at_which_it_was_handed_over() -> None:
    handed: list[Any] = []
    begun = time.time()
    sent = events.produce(handed.append, 5, 1000)
    assert list(sent) == handed
    assert all(begun <= at <= time.time() for at in sent.values())
