"""Airflow's words for a run's state, and ours."""

from __future__ import annotations

from types import MappingProxyType

from officeflow.errors import InvalidInput

PENDING = "PENDING"
RUNNING = "RUNNING"
SUCCEEDED = "SUCCEEDED"
FAILED = "FAILED"
CANCELLED = "CANCELLED"
PAUSED = "PAUSED"
WAITING = "WAITING"
"""Never stored: how a run is shown that has not ended, waits (`officeflow.runs.waits`), and does nothing else
meanwhile.
"""

ENDED = frozenset({SUCCEEDED, FAILED, CANCELLED})

OF_AIRFLOW = MappingProxyType({"queued": PENDING, "running": RUNNING, "success": SUCCEEDED, "failed": FAILED})
"""`DagRunState` to `workflow_runs.status`.

PAUSED and CANCELLED are ours alone: Airflow calls such runs running and failed.
"""


def of_airflow(state: str) -> str:
    if state not in OF_AIRFLOW:
        raise InvalidInput(f"Airflow has no run state {state!r}", hint=f"one of {', '.join(OF_AIRFLOW)}")
    return OF_AIRFLOW[state]


def next_status(current: str, airflow_state: str) -> str:
    """What a run that we call `current` is called after Airflow was seen to call it `airflow_state`.

    What a person decided stays: a cancelled run that failed is CANCELLED, a paused one that still runs is
    PAUSED.
    """
    seen = of_airflow(airflow_state)
    if (current, seen) in {(CANCELLED, FAILED), (PAUSED, RUNNING), (PAUSED, PENDING)}:
        return current
    return seen
