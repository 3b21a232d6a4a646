"""What Airflow's REST API answers, as far as we read it: JSON objects, times as ISO 8601 texts.

Airflow sends more fields than are named here; they stay in the objects.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NotRequired, TypedDict


class DagRunState(StrEnum):
    """Airflow's own words for what a run is at."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


class TaskInstanceState(StrEnum):
    """Airflow's own words for what a task is at."""

    REMOVED = "removed"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    RESTARTING = "restarting"
    FAILED = "failed"
    UP_FOR_RETRY = "up_for_retry"
    UP_FOR_RESCHEDULE = "up_for_reschedule"
    UPSTREAM_FAILED = "upstream_failed"
    SKIPPED = "skipped"
    DEFERRED = "deferred"
    AWAITING_INPUT = "awaiting_input"


class Dag(TypedDict):
    dag_id: str
    dag_display_name: str
    is_paused: bool
    is_stale: bool
    description: str | None
    bundle_name: str | None
    bundle_version: str | None
    relative_fileloc: str | None
    last_parsed_time: str | None
    file_token: str
    has_import_errors: bool
    tags: list[dict[str, str]]
    """Each has a `name`."""
    doc_md: NotRequired[str | None]
    """In the answer of `dag_details` only."""


class DagTask(TypedDict):
    task_id: str
    class_ref: dict[str, str | None] | None
    """`module_path` and `class_name` of its operator."""


class DagRun(TypedDict):
    dag_id: str
    dag_run_id: str
    state: str
    """One of `DagRunState`."""
    queued_at: str | None
    start_date: str | None
    end_date: str | None
    run_after: str
    run_type: str
    triggering_user_name: str | None
    conf: dict[str, Any] | None
    note: str | None
    bundle_version: str | None


class TaskInstance(TypedDict):
    id: str
    dag_id: str
    dag_run_id: str
    task_id: str
    task_display_name: str
    map_index: int
    state: str | None
    """One of `TaskInstanceState`; None where the scheduler has not come to it."""
    try_number: int
    max_tries: int
    queued_when: str | None
    start_date: str | None
    end_date: str | None
    duration: float | None
    run_after: NotRequired[str]
    """The run's."""
    operator: str | None
    queue: str | None
    note: str | None


class AskedQuestion(TypedDict):
    """A Human-in-the-loop detail. Where `assigned_users` is empty, whoever may change the run may answer."""

    subject: str
    options: list[str]
    response_received: bool
    assigned_users: list[dict[str, str]]
    created_at: str
    task_instance: TaskInstance


class ImportProblem(TypedDict):
    import_error_id: int
    timestamp: str
    filename: str
    bundle_name: str | None
    stack_trace: str


class StoredConnection(TypedDict):
    """As the API shows it: `password` and secret-looking fields of `extra` are masked."""

    connection_id: str
    conn_type: str
    description: str | None
    host: str | None
    login: str | None
    schema: str | None
    port: int | None
    password: str | None
    extra: str | None
