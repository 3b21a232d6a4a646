"""From Airflow's word for a run's state to ours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from officeflow.airflow_api.types import DagRunState
from officeflow.errors import InvalidInput
from officeflow.statuses import ENDED_RUNS, RunControl, RunStatus

OF_AIRFLOW: Mapping[DagRunState, RunStatus] = MappingProxyType(
    {
        DagRunState.QUEUED: RunStatus.PENDING,
        DagRunState.RUNNING: RunStatus.RUNNING,
        DagRunState.SUCCESS: RunStatus.SUCCEEDED,
        DagRunState.FAILED: RunStatus.FAILED,
    }
)

DECIDED = frozenset(
    {
        (RunStatus.CANCELLED, RunStatus.FAILED),
        (RunStatus.PAUSED, RunStatus.RUNNING),
        (RunStatus.PAUSED, RunStatus.PENDING),
    }
)
"""What a person decided, and what Airflow calls such a run."""


def airflow_state(text: str) -> DagRunState:
    """`InvalidInput` where Airflow has no such state."""
    try:
        return DagRunState(text)
    except ValueError as error:
        hint = f"one of {', '.join(DagRunState)}"
        raise InvalidInput(f"Airflow has no run state {text!r}", hint=hint) from error


def next_status(
    current: RunStatus, state: DagRunState, *, control: RunControl = RunControl.NONE, carried: bool = False
) -> RunStatus:
    """What a run that we call `current` is called after Airflow was seen to call it `state`.

    What a person decided stays: a cancelled run that failed is CANCELLED, a paused one that still runs is
    PAUSED. `control` is what is wanted of the run; `carried` says that Airflow has been told of it.
    """
    seen = OF_AIRFLOW[state]
    if (current, seen) in DECIDED:
        return current
    if control == RunControl.CANCEL and _is_cancelled(seen, carried=carried):
        return RunStatus.CANCELLED
    return seen


def _is_cancelled(seen: RunStatus, *, carried: bool) -> bool:
    """A run that was marked failed ends as a success where all that Airflow counts of it is a teardown of a
    hand-written DAG; one that succeeded by itself was faster than whoever cancelled it.
    """
    return seen == RunStatus.FAILED or (carried and seen == RunStatus.SUCCEEDED)


def with_undoing(current: RunStatus, status: RunStatus, *, complete: bool, same_end: bool) -> RunStatus:
    """`status` of a run that we call `current`, where what it did is taken back.

    While that goes on it is COMPENSATING, whatever Airflow calls it; it ends COMPENSATED where all that could
    be taken back was (`complete`), and stays so until it has another end.
    """
    has_ended = status in ENDED_RUNS
    if current == RunStatus.COMPENSATING:
        return (RunStatus.COMPENSATED if complete else status) if has_ended else current
    return current if current == RunStatus.COMPENSATED and has_ended and same_end else status
