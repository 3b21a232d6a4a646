"""What is asked of Airflow's REST API: the one place that knows its paths and bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self, cast

from officeflow.airflow_api.errors import AirflowConflict, AirflowForbids, from_response
from officeflow.airflow_api.logs import last_error, render
from officeflow.airflow_api.types import (
    AskedQuestion,
    Dag,
    DagRun,
    DagRunState,
    DagTask,
    ImportProblem,
    StoredConnection,
    TaskInstance,
    TaskInstanceState,
)
from officeflow.airflow_api.wire import PAGE, Wire
from officeflow.airflow_api.wire import path_to as _path
from officeflow.errors import NotKnown
from officeflow.settings import Settings

OUR_ME = "/officeflow/api/v1/me"
"""Our own API is mounted there (`officeflow.api.paths`)."""


def _question(dag_id: str, run_id: str, task_id: str, map_index: int) -> str:
    task = ("taskInstances", task_id, map_index, "hitlDetails")
    return _path("dags", dag_id, "dagRuns", run_id, *task)


class AirflowApi(Wire):
    """Connections are kept alive; one object serves all threads of a process.

    Every call raises `Unavailable`, `NotKnown`, `InvalidInput` or `AirflowForbids` (see `errors`). All calls
    may be repeated.
    """

    @classmethod
    def from_settings(cls, settings: Settings, *, timeout: float = 30.0) -> Self:
        return cls(
            settings.airflow_url,
            settings.airflow_username,
            settings.airflow_password.get_secret_value(),
            timeout=timeout,
        )

    def account(self) -> str:
        """Under which name Airflow notes what this object does (`triggering_user_name` of its runs); asked
        once.
        """
        if not self._account:
            try:
                self._account = str(self._get("/ui/auth/me")["username"])
            except (NotKnown, AirflowForbids):  # it does not tell: then what we sign in with
                self._account = self._login["username"]
        return self._account

    def signed_in_as(self) -> str:
        """The login as Airflow knows it, once it has taken the password; `AirflowForbids` where it has
        not.
        """
        return str(self._get("/ui/auth/me")["username"])

    def is_platform_admin(self) -> bool:
        """Whether the login may do all, as our API beside Airflow's says."""
        try:
            return bool(self._get(OUR_ME)["is_platform_admin"])
        except (NotKnown, AirflowForbids):
            return False

    # ── DAGs ──

    def dag(self, dag_id: str) -> Dag:
        return cast("Dag", self._get(_path("dags", dag_id)))

    def dag_details(self, dag_id: str) -> Dag:
        """Like `dag`, with `doc_md` and more, from the serialized DAG."""
        return cast("Dag", self._get(_path("dags", dag_id, "details")))

    def set_paused(self, dag_id: str, paused: bool) -> None:
        self._call(
            "PATCH", _path("dags", dag_id), params={"update_mask": "is_paused"}, json={"is_paused": paused}
        )

    def parse_dag_file(self, dag_id: str) -> None:
        """Ask the dag-processor to parse the DAG's file next.

        Asking again while the request waits changes nothing.
        """
        token = self.dag(dag_id)["file_token"]
        try:
            self._call("PUT", _path("parseDagFile", token))
        except AirflowConflict:
            return

    def tasks(self, dag_id: str) -> list[DagTask]:
        """The DAG's tasks, as they were parsed last."""
        return cast("list[DagTask]", self._get(_path("dags", dag_id, "tasks"))["tasks"])

    def import_errors(self, **filters: object) -> list[ImportProblem]:
        return self._pages(_path("importErrors"), "import_errors", filters)

    # ── runs ──

    def trigger(self, dag_id: str, dag_run_id: str, conf: Mapping[str, Any], note: str = "") -> bool:
        """Create the run.

        True: it was created; False: a run with this id is there already, anybody's (`dag_run` tells whose).
        """
        body = {"dag_run_id": dag_run_id, "logical_date": None, "conf": dict(conf), "note": note or None}
        try:
            self._call("POST", _path("dags", dag_id, "dagRuns"), json=body)
        except AirflowConflict:
            return False
        return True

    def dag_run(self, dag_id: str, run_id: str) -> DagRun:
        return cast("DagRun", self._get(_path("dags", dag_id, "dagRuns", run_id)))

    def dag_runs(self, dag_id: str = "~", **filters: object) -> list[DagRun]:
        """All runs of a DAG (`~`: of every DAG) that match Airflow's own filters: `end_date_gte=…`,
        `state=["success", "failed"]`.

        `limit` caps their number; without it every page is fetched.
        """
        return self._pages(_path("dags", dag_id, "dagRuns"), "dag_runs", filters)

    def clear(
        self,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str | tuple[str, int]] | None = None,
        *,
        only_failed: bool = False,
        downstream: bool = False,
        dry_run: bool = False,
        reset_dag_runs: bool = True,
        running_too: bool = True,
    ) -> list[TaskInstance]:
        """Let the run's tasks (all, or the named ones, of which a pair names one map index) run again;
        returns those that were cleared.

        With `dry_run` nothing is cleared: it returns what would be, and raises `AirflowForbids` for a login
        that may not. Without `reset_dag_runs` the run itself stays as it is. Without `running_too` it is
        `AirflowConflict`, and nothing is cleared, where one of the tasks is in a worker.
        """
        body = {
            "dag_run_id": run_id,
            "task_ids": None if task_ids is None else list(task_ids),
            "dry_run": dry_run,
            "only_failed": only_failed,
            "include_downstream": downstream,
            "reset_dag_runs": reset_dag_runs,
            "prevent_running_task": not running_too,
        }
        answer = self._call("POST", _path("dags", dag_id, "clearTaskInstances"), json=body).json()
        return cast("list[TaskInstance]", answer["task_instances"])

    def begin_again(self, dag_id: str, run_id: str, tasks: Sequence[tuple[str, int]]) -> None:
        """Let these tasks (id and map index, -1 where it is not mapped) of a run that has not ended begin
        anew, as a try of its own.
        """
        places = [task if index < 0 else (task, index) for task, index in tasks]
        self.clear(dag_id, run_id, places, reset_dag_runs=False)

    def change_run(
        self, dag_id: str, run_id: str, *, state: DagRunState | None = None, note: str | None = None
    ) -> None:
        """Mark the run, or change its note, or both."""
        body = {name: value for name, value in (("state", state), ("note", note)) if value is not None}
        self._call("PATCH", _path("dags", dag_id, "dagRuns", run_id), json=body)

    def delete_run(self, dag_id: str, run_id: str) -> bool:
        """Have Airflow forget the run, with its tasks, XComs and what it asked; False where it knows none.

        `AirflowConflict` where it has not ended.
        """
        try:
            self._call("DELETE", _path("dags", dag_id, "dagRuns", run_id))
        except NotKnown:
            return False
        return True

    def mark_task(
        self, dag_id: str, run_id: str, task_id: str, state: TaskInstanceState, *, map_index: int = -1
    ) -> None:
        path = _path("dags", dag_id, "dagRuns", run_id, "taskInstances", task_id, map_index)
        self._call("PATCH", path, json={"new_state": state})

    def task_instances(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        path = _path("dags", dag_id, "dagRuns", run_id, "taskInstances")
        return self._pages(path, "task_instances", {})

    def tasks_of_runs(self, run_ids: Sequence[str], task_ids: Sequence[str]) -> list[TaskInstance]:
        """These tasks of these runs, of whatever DAG: one call for every hundred of them."""
        asked = {"dag_run_ids": sorted(set(run_ids)), "task_ids": sorted(set(task_ids)), "page_limit": PAGE}
        path = _path("dags", "~", "dagRuns", "~", "taskInstances", "list")
        found: list[TaskInstance] = []
        while True:
            body = {**asked, "page_offset": len(found), "order_by": "id"}
            page = self._call("POST", path, json=body).json()["task_instances"]
            found += page
            if len(page) < PAGE:
                return found

    def count_tasks(self, *, state: str, queue: str | None = None) -> int:
        """How many tasks of all runs are in this state, on this queue or on any."""
        filters = {"state": state, "limit": 1} | ({"queue": queue} if queue else {})
        return int(self._get(_path("dags", "~", "dagRuns", "~", "taskInstances"), **filters)["total_entries"])

    def task_log(
        self, dag_id: str, run_id: str, task_id: str, try_number: int = 1, *, map_index: int = -1
    ) -> str:
        """The log of one try as text, a line per message, structured fields as `name=value`."""
        return "\n".join(map(render, self._log(dag_id, run_id, task_id, try_number, map_index)))

    def task_error(
        self, dag_id: str, run_id: str, task_id: str, try_number: int = 1, *, map_index: int = -1
    ) -> str:
        """What the log of one try says last of what went wrong, in a line; "" where it says nothing of the
        kind.
        """
        return last_error(self._log(dag_id, run_id, task_id, try_number, map_index))

    def _log(self, dag_id: str, run_id: str, task_id: str, try_number: int, map_index: int) -> list[Any]:
        path = _path("dags", dag_id, "dagRuns", run_id, "taskInstances", task_id, "logs", try_number)
        return cast("list[Any]", self._get(path, map_index=map_index, full_content=True)["content"])

    def questions(self, dag_id: str, run_id: str) -> list[AskedQuestion]:
        """What the run's tasks ask people (Airflow's *Required actions*) and nobody has answered."""
        path = _path("dags", dag_id, "dagRuns", run_id, "hitlDetails")
        return self._pages(path, "hitl_details", {"response_received": False})

    def asked(self, dag_id: str, run_id: str, *, states: Sequence[TaskInstanceState]) -> list[AskedQuestion]:
        """What the run's tasks that are in one of these states have asked, answered or not."""
        path = _path("dags", dag_id, "dagRuns", run_id, "hitlDetails")
        return self._pages(path, "hitl_details", {"state": list(states)})

    def question(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> AskedQuestion:
        """What the task asks or has asked last, with its answer; `NotKnown` where it never did."""
        return cast("AskedQuestion", self._get(_question(dag_id, run_id, task_id, map_index)))

    def respond(self, dag_id: str, run_id: str, task_id: str, option: str, map_index: int = -1) -> bool:
        """Answer what the task asks, so that it goes on.

        True: it was answered; False: somebody, or this call before, had answered it.
        """
        try:
            self._call(
                "PATCH",
                _question(dag_id, run_id, task_id, map_index),
                json={"chosen_options": [option], "params_input": {}},
            )
        except AirflowConflict:
            return False
        return True

    # ── connections ──

    def connections(self, prefix: str = "") -> list[StoredConnection]:
        """Those whose id starts with `prefix`, secrets masked."""
        filters = (
            {"connection_id_prefix_pattern": prefix, "order_by": "connection_id"}
            if prefix
            else {"order_by": "connection_id"}
        )
        return self._pages(_path("connections"), "connections", filters)

    def put_connection(
        self,
        connection_id: str,
        conn_type: str,
        *,
        host: str | None = None,
        port: int | None = None,
        schema: str | None = None,
        login: str | None = None,
        password: str | None = None,
        extra: Mapping[str, Any] | None = None,
        description: str | None = None,
    ) -> bool:
        """Create the connection, or replace all of it. True: created; False: replaced."""
        body = {
            "connection_id": connection_id,
            "conn_type": conn_type,
            "host": host,
            "port": port,
            "schema": schema,
            "login": login,
            "password": password,
            "extra": json.dumps(dict(extra)) if extra else None,
            "description": description,
        }
        try:
            self._call("POST", _path("connections"), json=body)
        except AirflowConflict:
            self._call("PATCH", _path("connections", connection_id), json=body)
            return False
        return True

    def delete_connection(self, connection_id: str) -> None:
        self._call("DELETE", _path("connections", connection_id))

    # ── health ──

    def health(self) -> dict[str, Any]:
        """Component (`metadatabase`, `scheduler`, `triggerer`, `dag_processor`) to its `status`; needs no
        login.
        """
        response = self._send("GET", _path("monitor", "health"), token="")
        if response.is_error:
            raise from_response(response)
        return cast("dict[str, Any]", response.json())

    def version(self) -> str:
        """Airflow's, such as `3.3.2`; needs no login."""
        response = self._send("GET", _path("version"), token="")
        if response.is_error:
            raise from_response(response)
        return str(response.json()["version"])
