"""A Celery application with our pool; the broker's URL is in `BROKER`."""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery import Celery

from officeflow.stack.airflow.settings import WORKER_POOL

app = Celery("trial", broker=os.environ["BROKER"])
app.conf.update(
    worker_pool=WORKER_POOL, worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True
)


@app.task(name="leave", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def leave(file: str, seconds: float) -> None:
    """Make the file, and take so long."""
    Path(file).touch()
    time.sleep(seconds)
