"""What a run of a generated DAG is told (`conf`), as Airflow's params: a run that somebody starts by hand is checked against them too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import Param


def run_params(kinds: Sequence[str]) -> dict[str, Param]:
    """Params named after the fields of `conf`. `kinds` are the event kinds that the workflow is triggered by."""
    return {
        "event": Param(description="The lifecycle event that the run is for.", schema=_event_schema(kinds)),
        "correlation_id": Param(
            None, description="Follows the event through all systems; by default the run's own.", schema={"type": ["string", "null"], "maxLength": 255}
        ),
    }


def _event_schema(kinds: Sequence[str]) -> dict[str, Any]:
    name = {"type": "string", "minLength": 1, "maxLength": 255}
    return {
        "type": "object",
        "required": ["employee", "payload"],
        "properties": {
            "id": {**name, "description": "The event's id at its source."},
            "source": {**name, "description": "The system that it comes from."},
            "kind": {"enum": list(kinds), "description": "What happened."},
            "org": {**name, "description": "The organization's slug."},
            "employee": {**name, "description": "The HR system's identifier of the person."},
            "time": {"type": "string", "format": "date-time", "description": "When it happened."},
            "payload": {"type": "object", "description": "What the HR system says about the person."},
        },
    }
