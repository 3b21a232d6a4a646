"""Airflow retries a node when the node says so, after the delay that the node gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.retry_policy import RetryDecision
from airflow.sdk.definitions.retry_policy import RetryPolicy as AirflowRetryPolicy
from airflow.sdk.exceptions import AirflowException

from officeflow.nodes.base import RetryPolicy

if TYPE_CHECKING:
    from airflow.sdk import Context


class NodeRetry(AirflowException):
    """The try failed in a way that another one may mend. `delay` is in seconds; None leaves it to the task's own delay."""

    def __init__(self, message: str, *, delay: float | None) -> None:
        super().__init__(message)
        self.delay = delay


class RetryWhenTold(AirflowRetryPolicy):
    """Airflow's own delay would be the same for all runs without a logical date; ours comes with the exception."""

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None) -> RetryDecision:
        del try_number, max_tries, context
        if isinstance(exception, NodeRetry) and exception.delay is not None:
            return RetryDecision.retry(dt.timedelta(seconds=exception.delay), reason=f"try again in {exception.delay:.1f} s")
        return RetryDecision.default()

    def serialize(self) -> dict[str, Any]:
        return {"__type": "operators.retry.RetryWhenTold"}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> RetryWhenTold:
        del data
        return cls()


def retry_policy_of(definition: Mapping[str, Any] | None) -> RetryPolicy:
    """The policy as a definition writes it: `maxRetries`, `backoffMs`, `factor`, `maxBackoffMs`, all optional."""
    names = {"maxRetries": "max_retries", "backoffMs": "backoff_ms", "factor": "factor", "maxBackoffMs": "max_backoff_ms"}
    return RetryPolicy(**{names[name]: value for name, value in (definition or {}).items()})
