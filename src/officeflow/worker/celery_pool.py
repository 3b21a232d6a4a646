"""Celery's prefork pool, which goes on knowing who is busy when the connection to the broker was lost.

Celery 5.6 forgets it (celery/celery#10346, mended in 5.7, which Airflow's provider cannot use yet): a process
that still runs a long task is given the next one too, and that one waits until the long one has ended,
however many processes are idle. While many were busy the worker takes few messages at first, so it can stand
still altogether. This module goes when Celery 5.7 comes.
"""

from __future__ import annotations

from typing import Any

from celery.concurrency.asynpool import AsynPool
from celery.concurrency.prefork import TaskPool as Prefork


class Remembering(AsynPool):  # type: ignore[misc]  # Celery has no types
    """`flush` comes with every lost connection."""

    def flush(self) -> None:
        busy: dict[int, Any] = {fd: self._fileno_to_inq.get(fd) for fd in self._busy_workers}
        super().flush()
        # Each of them reports when its task has ended, and is free then. One that died meanwhile has another
        # in its place.
        self._busy_workers.update(
            fd for fd, process in busy.items() if process and self._fileno_to_inq.get(fd) is process
        )


class TaskPool(Prefork):  # type: ignore[misc]  # Celery has no types
    Pool = Remembering
