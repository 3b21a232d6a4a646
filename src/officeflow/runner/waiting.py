"""When a system asks to wait longer than the platform waits by itself: a person is asked, and no answer means
to wait.

The question takes the place of the delay: its time is over when the system wants to be asked again, and
whatever makes the node go on uses a try up, as after any delay.
"""

from __future__ import annotations

import datetime as dt

from officeflow.errors import ConnectorError, NotApproved, OfficeFlowError, OutputRefused, RateLimited
from officeflow.runs import steering
from officeflow.sdk import Answer, ErrorDetails, NodeResult, Question

TRY_NOW = "Try now instead of waiting"
GIVE_UP = "Give up instead of waiting"
OPTIONS = (TRY_NOW, GIVE_UP)
RESERVED = frozenset({*OPTIONS, *steering.OPTIONS})
"""No node may offer these in a question of its own: by them the answer is known to be about a wait, or about
a run that is paused.
"""

AT_ONCE = 1.0
"""Seconds."""


def wait_question(
    error: RateLimited, retry_in: float | None, *, now: dt.datetime, longest: float
) -> Question | None:
    """What to ask instead of waiting `retry_in` seconds for the system that gave `error`; None where the wait
    is short, or is our own.
    """
    if error.retry_after is None or retry_in is None or retry_in <= longest:
        return None
    until = now + dt.timedelta(seconds=retry_in)
    return Question(
        subject=f"{error.provider or 'The system'} asks us to wait until {until:%Y-%m-%d %H:%M} UTC",
        body=(
            f"{_what(error)} was answered with a limit. Without an answer it is tried again at"
            f" {until.isoformat(timespec='seconds')}."
        ),
        options=OPTIONS,
        timeout=dt.timedelta(seconds=retry_in),
        default=TRY_NOW,
    )


def _what(error: ConnectorError) -> str:
    return f"`{error.operation.replace('`', '')}`" if error.operation else "The call"


def after_wait(answer: Answer | None) -> NodeResult | None:
    """What follows an answer to such a question; None where the answer is to another one.

    Raises `NotApproved` where a person gave up.
    """
    if answer is None or answer.chosen not in OPTIONS:
        return None
    who = answer.by or "somebody"
    if answer.chosen == GIVE_UP:
        raise NotApproved(f"{who} gave up waiting for the system", hint="clear the task to try again")
    text = (
        f"{who} has it tried without waiting"
        if answer.in_time
        else "the wait that the system asked for is over"
    )
    return NodeResult(
        status="retry",
        retry_in=AT_ONCE,
        error=ErrorDetails(code=RateLimited.code, message=text, retryable=True),
    )


def refused_question(question: Question) -> OfficeFlowError | None:
    """The error for a node's own question that offers what only a wait may offer."""
    if RESERVED.isdisjoint(question.options):
        return None
    return OutputRefused(
        "its question offers what the platform itself asks about waits and paused runs",
        hint=f"use other words than {', '.join(sorted(RESERVED))}",
    )
