"""The counts and times that Airflow's own task runner gives of each task, where metrics are switched on."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import structlog
from airflow.sdk._shared.observability.metrics import stats
from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
from airflow.sdk.configuration import conf
from airflow.sdk.observability.metrics import stats_utils

if TYPE_CHECKING:
    from airflow.sdk.api.datamodels._generated import TaskInstance

RESULTS = {"success": "ti_successes", "failed": "ti_failures", "up_for_retry": "ti_failures"}
"""What is counted of a state; a task that ends in one of them has a duration too."""

log = structlog.get_logger(__name__)


class Measured:
    """Has the task's `state`, Airflow's word for it, once it has ended; "" where it is somebody else's."""

    state: str = ""


@contextlib.contextmanager
def measured(what: TaskInstance) -> Iterator[Measured]:
    """One try of a task. No metric that cannot be given stops it."""
    found = Measured()
    began = time.monotonic()
    _give(what, {"ti.start": {}})
    try:
        yield found
    finally:
        if found.state in RESULTS:
            counts = {"ti.finish": {"state": found.state}, RESULTS[found.state]: {}}
            _give(what, counts, duration=(time.monotonic() - began) * 1000)
        elif found.state:
            _give(what, {"ti.finish": {"state": found.state}})


def _give(what: TaskInstance, counts: dict[str, dict[str, str]], duration: float | None = None) -> None:
    if not _is_on(os.getpid()):
        return
    tags = {"dag_id": what.dag_id, "task_id": what.task_id}
    try:
        for name, more in counts.items():
            stats.incr(name, tags={**tags, **more})
        if duration is not None:
            stats.timing("task.duration", duration, tags=tags)
    except Exception:
        log.warning("metrics of a task are lost", exc_info=True)


@functools.cache
def _is_on(process: int) -> bool:
    """Whether this process gives any; it is prepared for that as Airflow's task runner is."""
    del process
    factory = stats_utils.get_stats_factory()
    if factory is NoStatsLogger:
        return False
    stats.initialize(factory=factory, export_legacy_names=conf.getboolean("metrics", "legacy_names_on"))
    return True
