"""What a run of a generated DAG is told (`conf`), as Airflow's params: a run that somebody starts by hand is checked against them too."""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from typing import Any

from airflow.sdk import Param

from officeflow.events.schemas import conf_schema


def run_params(kinds: Sequence[str]) -> dict[str, Param]:
    """Params named after the fields of `conf`. `kinds` are the event kinds that the workflow is triggered by.

    Airflow checks the schema itself at every new run, which for the payload's fields would cost it more than all the rest of the run's
    creation: they are checked before the run's first node (`officeflow.events.schemas.payload_problems`).

    `event` must be given. Without `correlation_id`, as when somebody starts a run by hand, the run is followed by its own id.
    """
    schema = copy.deepcopy(_conf())
    event, correlation = schema["properties"]["event"], schema["properties"]["correlation_id"]
    event["properties"]["kind"]["enum"] = list(kinds)
    del event["properties"]["payload"]["properties"]
    correlation["type"] = [correlation["type"], "null"]
    return {
        "event": Param(description=event.pop("description"), schema=event),
        "correlation_id": Param(None, description=correlation.pop("description"), schema=correlation),
    }


@functools.cache
def _conf() -> dict[str, Any]:
    return conf_schema()
