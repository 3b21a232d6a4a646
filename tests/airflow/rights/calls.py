"""How each route of Airflow is called, so that whoever may call it gets what it is for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from auth.routes import MAPPED, RUN, STATE, TASK

FIELD = re.compile(r"\{(\w+)(?::path)?\}")
OWNED = frozenset(
    {
        *("dag_id", "file_token", "backfill_id", "import_error_id", "event_log_id", "asset_id"),
        *("asset_alias_id", "connection_id", "variable_key", "pool_name", "connection_test_token"),
    }
)
"""What belongs to somebody in particular. What else stands in a path is the same of everybody."""

_NOTE = {"note": "x"}
_WHEN = {"from_date": "2026-02-01T00:00:00Z", "to_date": "2026-02-01T00:00:00Z"}
_BACKFILL = {"dag_id": "{dag_id}", **_WHEN}
_CONNECTION = {"connection_id": "{connection_id}", "conn_type": "http"}
_POOL = {"name": "{pool_name}", "slots": 2, "include_deferred": False}

BODIES: Mapping[str, Any] = {
    "POST /auth/token": {"username": "nobody", "password": "wrong"},
    "POST /auth/token/cli": {"username": "nobody", "password": "wrong"},
    "POST /api/v2/dags/{dag_id}/dagRuns/list": {},
    f"POST {RUN}/taskInstances/list": {},
    "POST /api/v2/dags/{dag_id}/dagRuns": {"dag_run_id": "{unique}", "logical_date": None},
    "POST /api/v2/backfills": _BACKFILL,
    "POST /api/v2/backfills/dry_run": _BACKFILL,
    "PATCH /api/v2/dags": {"is_paused": True},
    "PATCH /api/v2/dags/{dag_id}": {"is_paused": True},
    "POST /api/v2/dags/{dag_id}/clearDagRuns": {"dag_runs": [{"dag_run_id": "done"}], "dry_run": True},
    "POST /api/v2/dags/{dag_id}/clearPartitions": {"run_id": "done"},
    "POST /api/v2/dags/{dag_id}/clearTaskInstances": {"dag_run_id": "done", "dry_run": True},
    "PATCH /api/v2/dags/{dag_id}/dagRuns": {
        "actions": [{"action": "update", "entities": [{"dag_run_id": "done", **_NOTE}]}]
    },
    f"PATCH {RUN}": _NOTE,
    f"POST {RUN}/clear": {"dry_run": True},
    f"PATCH {RUN}/taskGroupInstances/{{group_id}}": {"new_state": "success"},
    f"PATCH {RUN}/taskGroupInstances/{{group_id}}/dry_run": {"new_state": "success"},
    f"PATCH {RUN}/taskInstances": {
        "actions": [{"action": "update", "entities": [{"task_id": "act", **_NOTE}]}]
    },
    f"PATCH {TASK}": _NOTE,
    f"PATCH {TASK}/dry_run": {"new_state": "success"},
    f"PATCH {MAPPED}": _NOTE,
    f"PATCH {MAPPED}/dry_run": {"new_state": "success"},
    f"PATCH {STATE}/{{key:path}}": {"value": "x"},
    f"PUT {STATE}/{{key:path}}": {"value": "x"},
    f"PATCH {MAPPED}/hitlDetails": {"chosen_options": ["Yes"]},
    f"POST {TASK}/xcomEntries": {"key": "{unique}", "value": "x"},
    f"PATCH {TASK}/xcomEntries/{{xcom_key:path}}": {"value": "x"},
    "POST /api/v2/assets/events": {"asset_id": "{asset_id}"},
    "POST /api/v2/assets/{asset_id}/materialize": {},
    "PUT /api/v2/assets/{asset_id}/state-store/{key:path}": {"value": "x"},
    "POST /api/v2/connections": _CONNECTION | {"connection_id": "{connection_id}.{unique}"},
    "PATCH /api/v2/connections": {"actions": [{"action": "update", "entities": [_CONNECTION]}]},
    "PATCH /api/v2/connections/{connection_id}": _CONNECTION,
    "POST /api/v2/connections/test": _CONNECTION,
    "POST /api/v2/connections/enqueue-test": _CONNECTION,
    "POST /api/v2/pools": {"name": "{pool_name}.{unique}", "slots": 1, "include_deferred": False},
    "PATCH /api/v2/pools": {"actions": [{"action": "update", "entities": [_POOL]}]},
    "PATCH /api/v2/pools/{pool_name:path}": {**_POOL, "pool": "{pool_name}"},
    "POST /api/v2/variables": {"key": "{variable_key}.{unique}", "value": "x"},
    "PATCH /api/v2/variables": {
        "actions": [{"action": "update", "entities": [{"key": "{variable_key}", "value": "x"}]}]
    },
    "PATCH /api/v2/variables/{variable_key:path}": {"key": "{variable_key}", "value": "x"},
    "POST /ui/auth/token": {},
    "POST /auth/fab/v1/roles": {"name": "{unique}", "actions": []},
    "PATCH /auth/fab/v1/roles/{name}": {"name": "Op", "actions": []},
    "POST /auth/fab/v1/users": {
        "username": "{unique}",
        "email": "{unique}@x.example",
        "first_name": "A",
        "last_name": "B",
        "password": "x",
        "roles": [{"name": "Op"}],
    },
    "PATCH /auth/fab/v1/users/{username}": {"first_name": "C"},
}
PARAMETERS: Mapping[str, Mapping[str, str]] = {
    f"GET {RUN}/wait": {"interval": "1"},
    "GET /api/v2/backfills": {"dag_id": "{dag_id}"},
    "GET /ui/backfills": {"dag_id": "{dag_id}"},
    "GET /ui/structure/structure_data": {"dag_id": "{dag_id}"},
    "GET /ui/dashboard/historical_metrics_data": {"start_date": "2026-01-01T00:00:00Z"},
    "GET /ui/grid/ti_summaries/{dag_id}": {"run_ids": "done"},
    "GET /api/v2/assets/events": {"asset_id": "{asset_id}"},
    f"PATCH {RUN}": {"update_mask": "note"},
    f"PATCH {TASK}": {"update_mask": "note"},
    f"PATCH {MAPPED}": {"update_mask": "note"},
    "GET /ui/pending_partitioned_dag_run/{dag_id}": {"partition_key": "x"},
    "PATCH /auth/fab/v1/users/{username}": {"update_mask": "first_name"},
    "PATCH /auth/fab/v1/roles/{name}": {"update_mask": "name"},
}
HEADERS: Mapping[str, Mapping[str, str]] = {
    "GET /api/v2/connections/enqueue-test": {"Airflow-Connection-Test-Token": "{connection_test_token}"}
}
ASKING = {"task_id": "ask"}
"""Instead of the other task, where a question is looked at."""

ALL = {"dag_id": "~", "dag_run_id": "~", "task_id": "~"}
LISTS = frozenset({"POST /api/v2/dags/{dag_id}/dagRuns/list", f"POST {RUN}/taskInstances/list"})
"""Routes that take `~` alone: all DAGs."""


def call_of(route: str, place: Mapping[str, Any], unique: str) -> dict[str, Any]:
    """The request, for the things in `place`."""
    method, path = route.split(" ", 1)
    asking = ASKING if "/{map_index}/hitlDetails" in path else {}
    values = {**place, **asking, **(ALL if route in LISTS else {}), "unique": unique}

    def filled(template: Any) -> Any:
        text = FIELD.sub(lambda found: str(values.get(found[1], "x")), json.dumps(template)[1:-1])
        return json.loads(json.dumps(template)[0] + text + json.dumps(template)[-1])

    return {
        "method": method,
        "path": FIELD.sub(lambda found: str(values.get(found[1], "x")), path),
        "params": filled(PARAMETERS.get(route, {})),
        "json": filled(BODIES[route]) if route in BODIES else None,
        "headers": filled(HEADERS.get(route, {})),
    }


def names_somebodys(route: str) -> bool:
    """Whether it is called about a thing that belongs to somebody in particular."""
    if route in LISTS:
        return False
    told = json.dumps([route, BODIES.get(route), PARAMETERS.get(route), HEADERS.get(route)])
    return not OWNED.isdisjoint(FIELD.findall(told))
