"""When a failed attempt is made again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.errors import (
    Conflict,
    InvalidParameters,
    NotFound,
    NothingHappened,
    NotKnown,
    OutcomeUnknown,
    ParametersChanged,
    RateLimited,
    Rejected,
    Transient,
    Unauthorized,
    Unavailable,
)
from officeflow.runner.retry import Retries
from officeflow.sdk import NodeInput, RetryPolicy


def retries(used: int = 0, *, draw: float = 0.5, jitter: bool = True, **policy: float) -> Retries:
    """Of any policy: what Airflow's arguments say has no bounds."""
    return Retries(RetryPolicy.model_construct(**policy), used, lambda: draw, jitter)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [Transient("x"), NothingHappened("x"), RateLimited("x"), Unavailable("x")])
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    assert retries().judge(error).retry_in == 0.5


@pytest.mark.parametrize(
    "error",
    [
        Rejected("x"),
        Unauthorized("x"),
        NotFound("x"),
        Conflict("x"),
        InvalidParameters("x"),
        NotKnown("x"),
        OutcomeUnknown("x"),
        ParametersChanged("x"),
        KeyError("x"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(error: Exception) -> None:
    assert retries().judge(error).retry_in is None


def test_without_jitter_the_delay_is_the_one_that_was_written() -> None:
    assert retries(1, backoff_ms=60_000, factor=1.0, jitter=False).judge(Transient("x")).retry_in == 60.0


def test_the_providers_own_delay_wins() -> None:
    assert retries().judge(RateLimited("x", retry_after=77.0)).retry_in == 77.0


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (float("nan"), 0.5),
        (float("inf"), 366 * 86400.0),
        (1e30, 366 * 86400.0),
        (-5.0, 0.0),
        (float("-inf"), 0.0),
    ],
)
def test_no_delay_that_is_told_can_stop_a_clock(told: float, seconds: float) -> None:
    assert retries().judge(RateLimited("x", retry_after=told)).retry_in == seconds


def test_no_delay_of_ours_can_either() -> None:
    assert (
        retries(5, draw=1.0, max_retries=9, backoff_ms=10**15, max_backoff_ms=float("inf")).delay()
        == 366 * 86400.0
    )


def test_after_the_last_retry_it_fails_whatever_the_error() -> None:
    assert retries(3).judge(RateLimited("x", retry_after=1.0)).retry_in is None
    assert retries(0, max_retries=0).judge(Transient("x")).retry_in is None


def test_the_span_doubles_up_to_its_cap() -> None:
    spans = [retries(used, draw=1.0, max_retries=2000).delay() for used in (0, 1, 2, 8, 9, 1500)]
    assert spans == [1.0, 2.0, 4.0, 256.0, 300.0, 300.0]


@given(st.integers(0, 20), st.floats(0, 1, exclude_max=True))
def test_the_delay_lies_within_the_span(used: int, draw: float) -> None:
    assert 0 <= retries(used, draw=draw, max_retries=99).delay() <= min(2.0**used, 300.0)


@pytest.mark.parametrize(
    ("try_number", "before", "used"), [(1, 0, 0), (3, 0, 2), (5, 4, 0), (6, 4, 1), (1, 3, 0)]
)
def test_tries_before_a_clear_do_not_count(try_number: int, before: int, used: int) -> None:
    given_input = NodeInput(
        node="n",
        type="t",
        org="o",
        dag_id="d",
        dag_run_id="r",
        params={},
        context={},
        try_number=try_number,
        tries_before=before,
    )
    assert Retries.of(given_input, lambda: 0.0).used == used
