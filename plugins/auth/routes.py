"""What each route of Airflow takes, as we mean it: `docs/rights-airflow.md` is made of this, and
`tests/airflow/rights` calls every route as everybody and holds the answers against it.

It decides nothing. A route of Airflow's that stands in no line here fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from officeflow.rights.permissions import Permission


class Who(StrEnum):
    """Who may call a route that no permission of ours opens."""

    ANYBODY = "anybody"
    """Without signing in."""
    SIGNED_IN = "who has signed in"
    PLATFORM = "the platform"
    """Its admins, and accounts with a role at Airflow that says so, where no organization's name is meant."""
    NOBODY = "nobody"
    """Closed in this installation."""


Need = Permission | Who

RUN = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}"
TASK = f"{RUN}/taskInstances/{{task_id}}"
MAPPED = f"{TASK}/{{map_index}}"
STATE = f"{TASK}/state-store"
UI_RUN = "/ui/dags/{dag_id}/dagRuns/{dag_run_id}"

NEEDS: Mapping[Need, tuple[str, ...]] = {
    Who.ANYBODY: (
        "GET /health",
        "GET /api/v1/{_:path}",
        "GET /api/{_:path}",
        "GET /{rest_of_path:path}",
        "GET /api/v2/monitor/health",
        "GET /api/v2/version",
        "GET /api/v2/auth/login",
        "GET /api/v2/auth/logout",
        "POST /auth/token",
        "POST /auth/token/cli",
        "GET /auth/logout",
    ),
    Who.SIGNED_IN: (
        "GET /ui/auth/menus",
        "GET /ui/auth/me",
        "POST /ui/auth/token",
        "GET /ui/config",
        "GET /api/v2/plugins",
        "GET /api/v2/plugins/importErrors",
    ),
    Who.NOBODY: (
        "GET /ui/teams",
        "GET /api/v2/config",
        "GET /api/v2/config/section/{section}/option/{option}",
        "POST /api/v2/connections/test",
        "POST /api/v2/connections/enqueue-test",
    ),
    Permission.WORKFLOW_READ: (
        "GET /api/v2/dags",
        "GET /api/v2/dags/{dag_id}",
        "GET /api/v2/dags/{dag_id}/details",
        "POST /api/v2/dags/{dag_id}/favorite",
        "POST /api/v2/dags/{dag_id}/unfavorite",
        "GET /api/v2/dags/{dag_id}/tasks",
        "GET /api/v2/dags/{dag_id}/tasks/{task_id}",
        "GET /api/v2/dags/{dag_id}/dagVersions",
        "GET /api/v2/dags/{dag_id}/dagVersions/{version_number}",
        "GET /api/v2/dagSources/{dag_id}",
        "GET /api/v2/dagTags",
        "GET /api/v2/dagWarnings",
        "GET /ui/dags/{dag_id}/deadlineAlerts",
        "GET /ui/dashboard/dag_stats",
        "GET /ui/dependencies",
        "GET /ui/structure/structure_data",
    ),
    Permission.RUN_READ: (
        "GET /api/v2/backfills",
        "GET /api/v2/backfills/{backfill_id}",
        "GET /api/v2/dagStats",
        "GET /api/v2/dags/{dag_id}/dagRuns",
        "POST /api/v2/dags/{dag_id}/dagRuns/list",
        f"GET {RUN}",
        f"GET {RUN}/wait",
        f"GET {RUN}/taskInstances",
        f"POST {RUN}/taskInstances/list",
        f"GET {TASK}",
        f"GET {TASK}/dependencies",
        f"GET {TASK}/externalLogUrl/{{try_number}}",
        f"GET {TASK}/links",
        f"GET {TASK}/listMapped",
        f"GET {TASK}/logs/{{try_number}}",
        f"GET {TASK}/tries",
        f"GET {TASK}/tries/{{task_try_number}}",
        f"GET {MAPPED}",
        f"GET {MAPPED}/dependencies",
        f"GET {MAPPED}/tries",
        f"GET {MAPPED}/tries/{{task_try_number}}",
        f"GET {STATE}",
        f"GET {STATE}/{{key:path}}",
        "GET /ui/backfills",
        "GET /ui/calendar/{dag_id}",
        "GET /ui/dags",
        "GET /ui/dags/{dag_id}/latest_run",
        f"GET {UI_RUN}/deadlines",
        f"GET {UI_RUN}/stats",
        "GET /ui/dashboard/historical_metrics_data",
        "GET /ui/gantt/{dag_id}/{run_id}",
        "GET /ui/grid/runs/{dag_id}",
        "GET /ui/grid/structure/{dag_id}",
        "GET /ui/grid/ti_summaries/{dag_id}",
    ),
    Permission.LEDGER_READ: (
        f"GET {TASK}/xcomEntries",
        f"GET {TASK}/xcomEntries/{{xcom_key:path}}",
    ),
    Permission.REQUEST_READ: (
        f"GET {RUN}/hitlDetails",
        f"GET {MAPPED}/hitlDetails",
        f"GET {MAPPED}/hitlDetails/tries/{{try_number}}",
    ),
    Permission.REQUEST_ANSWER: (f"PATCH {MAPPED}/hitlDetails",),
    Permission.RUN_START: (
        "POST /api/v2/dags/{dag_id}/dagRuns",
        "POST /api/v2/backfills",
        "POST /api/v2/backfills/dry_run",
    ),
    Permission.RUN_STEER: (
        "PATCH /api/v2/dags",
        "PATCH /api/v2/dags/{dag_id}",
        "PUT /api/v2/parseDagFile/{file_token}",
        "PUT /api/v2/backfills/{backfill_id}/cancel",
        "PUT /api/v2/backfills/{backfill_id}/pause",
        "PUT /api/v2/backfills/{backfill_id}/unpause",
        "POST /api/v2/dags/{dag_id}/clearDagRuns",
        "POST /api/v2/dags/{dag_id}/clearPartitions",
        "POST /api/v2/dags/{dag_id}/clearTaskInstances",
        "PATCH /api/v2/dags/{dag_id}/dagRuns",
        f"PATCH {RUN}",
        f"POST {RUN}/clear",
        f"PATCH {RUN}/taskGroupInstances/{{group_id}}",
        f"PATCH {RUN}/taskGroupInstances/{{group_id}}/dry_run",
        f"PATCH {RUN}/taskInstances",
        f"PATCH {TASK}",
        f"PATCH {TASK}/dry_run",
        f"PATCH {MAPPED}",
        f"PATCH {MAPPED}/dry_run",
        f"PATCH {STATE}/{{key:path}}",
        f"PUT {STATE}/{{key:path}}",
    ),
    Who.PLATFORM: (
        "DELETE /api/v2/dags/{dag_id}",
        f"DELETE {RUN}",
        f"DELETE {TASK}",
        f"DELETE {STATE}",
        f"DELETE {STATE}/{{key:path}}",
        f"POST {TASK}/xcomEntries",
        f"PATCH {TASK}/xcomEntries/{{xcom_key:path}}",
        f"DELETE {TASK}/xcomEntries/{{xcom_key:path}}",
        f"GET {RUN}/upstreamAssetEvents",
        "GET /api/v2/assets",
        "GET /api/v2/assets/aliases",
        "GET /api/v2/assets/aliases/{asset_alias_id}",
        "GET /api/v2/assets/events",
        "POST /api/v2/assets/events",
        "GET /api/v2/assets/{asset_id}",
        "POST /api/v2/assets/{asset_id}/materialize",
        "GET /api/v2/assets/{asset_id}/queuedEvents",
        "DELETE /api/v2/assets/{asset_id}/queuedEvents",
        "GET /api/v2/assets/{asset_id}/state-store",
        "DELETE /api/v2/assets/{asset_id}/state-store",
        "GET /api/v2/assets/{asset_id}/state-store/{key:path}",
        "PUT /api/v2/assets/{asset_id}/state-store/{key:path}",
        "DELETE /api/v2/assets/{asset_id}/state-store/{key:path}",
        "GET /api/v2/dags/{dag_id}/assets/queuedEvents",
        "DELETE /api/v2/dags/{dag_id}/assets/queuedEvents",
        "GET /api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents",
        "DELETE /api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents",
        "GET /ui/next_run_assets/{dag_id}",
        "GET /ui/partitioned_dag_runs",
        "GET /ui/pending_partitioned_dag_run/{dag_id}",
        "GET /api/v2/connections",
        "POST /api/v2/connections",
        "PATCH /api/v2/connections",
        "GET /api/v2/connections/{connection_id}",
        "PATCH /api/v2/connections/{connection_id}",
        "DELETE /api/v2/connections/{connection_id}",
        "POST /api/v2/connections/defaults",
        "GET /api/v2/connections/enqueue-test",
        "GET /ui/connections/hook_meta",
        "GET /api/v2/eventLogs",
        "GET /api/v2/eventLogs/{event_log_id}",
        "GET /api/v2/importErrors",
        "GET /api/v2/importErrors/{import_error_id}",
        "GET /api/v2/jobs",
        "GET /api/v2/pools",
        "POST /api/v2/pools",
        "PATCH /api/v2/pools",
        "GET /api/v2/pools/{pool_name:path}",
        "PATCH /api/v2/pools/{pool_name:path}",
        "DELETE /api/v2/pools/{pool_name:path}",
        "GET /api/v2/providers",
        "GET /api/v2/variables",
        "POST /api/v2/variables",
        "PATCH /api/v2/variables",
        "GET /api/v2/variables/{variable_key:path}",
        "PATCH /api/v2/variables/{variable_key:path}",
        "DELETE /api/v2/variables/{variable_key:path}",
        "GET /auth/fab/v1/permissions",
        "GET /auth/fab/v1/roles",
        "POST /auth/fab/v1/roles",
        "GET /auth/fab/v1/roles/{name}",
        "PATCH /auth/fab/v1/roles/{name}",
        "DELETE /auth/fab/v1/roles/{name}",
        "GET /auth/fab/v1/users",
        "POST /auth/fab/v1/users",
        "GET /auth/fab/v1/users/{username}",
        "PATCH /auth/fab/v1/users/{username}",
        "DELETE /auth/fab/v1/users/{username}",
    ),
}


def lines() -> list[tuple[str, str, Need]]:
    """Method, path and need of every route, in order of the paths."""
    listed = [(line.split(" ", 1), need) for need, group in NEEDS.items() for line in group]
    return sorted(((method, path, need) for (method, path), need in listed), key=lambda line: line[1::-1])
