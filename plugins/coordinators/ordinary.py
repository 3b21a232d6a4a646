"""Airflow's ordinary way to run a task, with a log that may lose lines: a full disk stops no task.

[sdk] coordinators = {"ordinary": {"classpath": "coordinators.ordinary.OrdinaryCoordinator", "kwargs": {}}}
[sdk] queue_to_coordinator = {"default": "ordinary"}
"""

from __future__ import annotations

from typing import Any

from airflow.sdk.execution_time.coordinator import BaseCoordinator, get_coordinator_manager

from coordinators.lossy import lossy

AIRFLOWS_OWN = "officeflow: ordinary"
"""The name of no queue: Airflow gives its own coordinator for it."""


class OrdinaryCoordinator(BaseCoordinator):
    """Hands the task to Airflow's own coordinator."""

    def execute_task(self, *, logger: Any = None, **others: Any) -> Any:
        """Run the task instance to its end, as Airflow does."""
        own = get_coordinator_manager().for_queue(AIRFLOWS_OWN)
        return own.execute_task(logger=None if logger is None else lossy(logger), **others)
