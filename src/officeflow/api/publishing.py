"""What publishes for the routes: with Airflow's API as the platform's account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from officeflow.api.needs import Caller
from officeflow.workflows.airflow_check import airflow_check
from officeflow.workflows.publish import Publisher
from officeflow.workflows.releases import Releases

READY_SECONDS = 20.0
"""So long a caller waits who wants to."""


@contextmanager
def publisher(caller: Caller) -> Iterator[Publisher]:
    context = caller.context
    with context.airflow() as api:
        yield Publisher(context.database, api, context.check or airflow_check, ready_seconds=READY_SECONDS)


def releases(caller: Caller) -> Releases:
    return Releases(caller.context.database, partial(publisher, caller))
