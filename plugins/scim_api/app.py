"""SCIM as Airflow's api-server serves it, on the connections that the API has."""

from __future__ import annotations

import functools
import os

from starlette.applications import Starlette

from officeflow.scim.app import create
from public_api.app import context_of


def application() -> Starlette:
    return _of_process(os.getpid())


@functools.cache
def _of_process(process: int) -> Starlette:
    return create(context_of(process))
