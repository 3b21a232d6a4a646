"""Airflow retries a node when the node says so, after the delay that the node gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.retry_policy import RetryDecision
from airflow.sdk.definitions.retry_policy import RetryPolicy as AirflowRetryPolicy
from airflow.sdk.exceptions import AirflowException

from officeflow.errors import InvalidInput, did_you_mean
from officeflow.sdk import RetryPolicy

if TYPE_CHECKING:
    from airflow.sdk import Context


class NodeRetry(AirflowException):
    """The try failed in a way that another one may mend.

    `delay` is in seconds; None leaves it to the task's own delay.
    """

    def __init__(self, message: str, *, delay: float | None) -> None:
        super().__init__(message)
        self.delay = delay


class RetryWhenTold(AirflowRetryPolicy):
    """Airflow's own delay would be the same for all runs without a logical date; ours comes with the
    exception.
    """

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        del try_number, max_tries, context
        if isinstance(exception, NodeRetry) and exception.delay is not None:
            return RetryDecision.retry(
                dt.timedelta(seconds=exception.delay), reason=f"try again in {exception.delay:.1f} s"
            )
        return RetryDecision.default()

    def serialize(self) -> dict[str, Any]:
        return {"__type": "operators.retry.RetryWhenTold"}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> RetryWhenTold:
        del data
        return cls()


class TaskRetryPolicy(RetryPolicy):
    """A definition's, and whether the delay is drawn: the one that Airflow's arguments say is not."""

    jitter: bool = True


NAMES = [str(field.alias) for field in TaskRetryPolicy.model_fields.values()]
DAY_MS = 24 * 3600 * 1000
"""As long as Airflow lets a growing delay become."""


def retry_policy_of(
    definition: Mapping[str, Any] | None, airflow: Mapping[str, Any] | None = None
) -> TaskRetryPolicy:
    """The policy as a definition writes it: `maxRetries`, `backoffMs`, `factor`, `maxBackoffMs`, all
    optional.

    What it leaves open is as Airflow's own arguments say, where those are given: `retries`, and `retry_delay`
    with `retry_exponential_backoff` and `max_retry_delay`, which is then the delay and nothing is drawn.
    `InvalidInput` for anything else.
    """
    if definition is not None and not isinstance(definition, Mapping):
        raise InvalidInput(
            f"retry_policy is a mapping, not a {type(definition).__name__}",
            hint='write {"maxRetries": 5, "backoffMs": 2000}, or Airflow\'s retries and retry_delay',
        )
    given = dict(definition or {})
    for name in given:
        if name not in NAMES:
            raise InvalidInput(
                f"retry_policy has no {name!r}",
                hint=did_you_mean(name, NAMES) or f"it has {', '.join(NAMES[:4])}",
            )
    return TaskRetryPolicy.model_construct(**{**_as_airflow_says(given, airflow or {}), **given})


def _as_airflow_says(given: Mapping[str, Any], airflow: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if "retries" in airflow and "maxRetries" not in given:
        told["maxRetries"] = int(airflow["retries"] or 0)
    if "retry_delay" in airflow and "backoffMs" not in given:
        longest = airflow.get("max_retry_delay")
        told |= {
            "backoffMs": _milliseconds(airflow["retry_delay"]),
            "factor": float(airflow.get("retry_exponential_backoff") or 1.0),
            "maxBackoffMs": DAY_MS if longest is None else _milliseconds(longest),
            "jitter": False,
        }
    return told


def _milliseconds(delay: dt.timedelta | float) -> int:
    seconds = delay.total_seconds() if isinstance(delay, dt.timedelta) else float(delay)
    return round(seconds * 1000)


def as_definition(policy: TaskRetryPolicy) -> dict[str, Any]:
    """What `retry_policy_of` makes the same policy of, whatever Airflow's arguments say."""
    return policy.model_dump(by_alias=True, warnings=False)
