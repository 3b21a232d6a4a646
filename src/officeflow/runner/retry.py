"""When a failed attempt is made again: by the type of its error alone, never by its text."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from officeflow.errors import ConnectorError, RateLimited, Unavailable
from officeflow.runs.acts import Verdict
from officeflow.sdk import NodeInput, RetryPolicy

LONGEST_SECONDS = 366 * 24 * 3600.0
"""More than a year is as long as a year."""


@dataclass(frozen=True, slots=True)
class Retries:
    """`used` retries of the policy have been made before this attempt; `random` gives numbers from 0 to 1, by
    which delays are drawn where there is `jitter`.
    """

    policy: RetryPolicy
    used: int
    random: Callable[[], float]
    jitter: bool = True

    @classmethod
    def of(cls, node_input: NodeInput, random: Callable[[], float]) -> Retries:
        used = max(0, node_input.try_number - 1 - node_input.tries_before)
        return cls(node_input.retry, used, random, node_input.jitter)

    def judge(self, error: Exception) -> Verdict:
        """Whether and when another attempt follows. A provider's own Retry-After wins over our delay."""
        if not may_help(error) or self.used >= self.policy.max_retries:
            return Verdict()
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return Verdict(retry_in=_seconds(error.retry_after, self.delay))
        return Verdict(retry_in=self.delay())

    def delay(self) -> float:
        """Seconds, drawn from 0 to the capped exponential ("full jitter": everybody's retries spread over the
        whole span).

        Without jitter it is the capped exponential itself.
        """
        policy = self.policy
        try:
            span = policy.backoff_ms * policy.factor**self.used
        except OverflowError:
            span = policy.max_backoff_ms
        return (
            (self.random() if self.jitter else 1.0)
            * min(span, policy.max_backoff_ms, LONGEST_SECONDS * 1000)
            / 1000
        )


def _seconds(told: float, otherwise: Callable[[], float]) -> float:
    """A delay that a clock can take: what is no number says nothing."""
    return otherwise() if math.isnan(told) else min(max(0.0, told), LONGEST_SECONDS)


def may_help(error: Exception) -> bool:
    """Whether another attempt may succeed.

    One that follows a write which was taken looks for it, whatever went wrong after.
    """
    return (
        error.retryable or error.taken
        if isinstance(error, ConnectorError)
        else isinstance(error, Unavailable)
    )
