"""The part of Airflow's REST API that the listeners use, as a small HTTP server that keeps Airflow's rules: a
login, one run per DAG and run id, filters and pages. It can be stopped and started again on its port and
forgets nothing."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LONGEST_NOTE = 1000
LOGIN = {"username": "officeflow", "password": "secret"}
TOKEN = "a-token"
READY = {"is_stale": False, "is_paused": False}
"""Of a DAG that takes runs."""


class AirflowServer:
    """`dags` are the known ones; `broken` have import errors, `refusing` take no conf. `posts` counts
    requests for runs; while `unreadable`, single runs are not shown. `account` is what it calls the login."""

    def __init__(self) -> None:
        self.dags: set[str] = set()
        self.broken: set[str] = set()
        self.refusing: set[str] = set()
        self.runs: dict[tuple[str, str], dict[str, Any]] = {}
        self.posts = 0
        self.unreadable = False
        self.account = LOGIN["username"]
        self.status: int | None = None
        self.failed: list[str] = []
        """Tasks that every run shows as failed."""
        self.log: list[dict[str, Any] | str] = []
        """What every task's log says."""
        self.tasks: list[dict[str, Any]] = []
        """Tasks of every run, beside the failed ones."""
        self.questions: list[dict[str, Any]] = []
        """What every run asks people."""
        self.forbidden = False
        """Whether nobody may clear tasks."""
        self.listed: list[str] = []
        """Run ids of all lists of runs that were given."""
        self.cleared: list[dict[str, Any]] = []
        """What was asked to be cleared, as it was asked."""
        self.unclearable: dict[str, int] = {}
        """Run ids whose tasks cannot be cleared, with the status that it answers."""
        self.refused_runs: set[str] = set()
        """Run ids that cannot be changed."""
        self.marked: list[tuple[str, str]] = []
        """Run id or task id, and the state that it was marked as."""
        self.hand_written: dict[str, dict[str, Any]] = {}
        """DAGs that are not generated: `{"tasks": […], "tags": […]}`."""
        self.lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self.version = "3.3.2"
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        server = self

        class Handler(_Handler):
            airflow = server

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, dag_id: str, run_id: str, conf: Any, *, by: str, state: str = "success") -> None:
        """Somebody starts a run by hand."""
        self.dags.add(dag_id)
        self.trigger(dag_id, {"dag_run_id": run_id, "conf": conf, "logical_date": None}, by=by)
        self.runs[dag_id, run_id]["state"] = state

    def end(self, dag_id: str, run_id: str, state: str, at: dt.datetime) -> None:
        self.runs[dag_id, run_id] |= {"state": state, "end_date": at.isoformat()}

    def restart(self, dag_id: str, run_id: str, at: dt.datetime) -> None:
        self.runs[dag_id, run_id] |= {"state": "running", "start_date": at.isoformat(), "end_date": None}

    def trigger(self, dag_id: str, body: dict[str, Any], *, by: str = "") -> tuple[int, Any]:
        with self.lock:
            self.posts += 1
            if dag_id in self.broken or dag_id in self.refusing:
                return 400, {"detail": "cannot be triggered"}
            if dag_id not in self.dags:
                return 404, {"detail": f"The DAG with ID: `{dag_id}` was not found"}
            key = (dag_id, body["dag_run_id"])
            if key in self.runs:
                return 409, {"detail": {"reason": "Unique constraint violation"}}
            self.runs[key] = {
                "dag_id": dag_id,
                "dag_run_id": body["dag_run_id"],
                "conf": body["conf"],
                "state": "queued",
                "note": body.get("note"),
                "logical_date": body["logical_date"],
                "start_date": None,
                "end_date": None,
                "run_after": dt.datetime.now(dt.UTC).isoformat(),
                "bundle_version": None,
                "triggering_user_name": by or self.account,
            }
            return 200, self.runs[key]

    def tasks_of(self, body: dict[str, Any]) -> dict[str, Any]:
        """Those of `tasks` that are asked for; they name their run."""
        found = [
            task
            for task in self.tasks
            if task["dag_run_id"] in body["dag_run_ids"] and task["task_id"] in body["task_ids"]
        ]
        page = found[body["page_offset"] : body["page_offset"] + body["page_limit"]]
        return {"task_instances": page, "total_entries": len(found)}

    def clear(self, dag_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        """A task that runs is not cleared where that is asked; one that is gone is no task."""
        if status := self.unclearable.get(body["dag_run_id"]):
            return status, {"detail": "as told"}
        with self.lock:
            asked = [tuple(task) if isinstance(task, list) else (task, -1) for task in body["task_ids"] or ()]
            found = [
                task
                for task in self.tasks
                if task.get("dag_id", dag_id) == dag_id
                and task.get("dag_run_id", body["dag_run_id"]) == body["dag_run_id"]
                and (task["task_id"], task.get("map_index", -1)) in asked
            ]
            if not found and (dag_id, body["dag_run_id"]) not in self.runs:
                return 404, {"detail": f"Dag Run id {body['dag_run_id']} not found in dag {dag_id}"}
            if body.get("prevent_running_task") and any(task["state"] == "running" for task in found):
                return 409, {"detail": "AirflowClearRunningTaskException"}
            if body.get("dry_run"):
                return 200, {"task_instances": found, "total_entries": len(found)}
            self.cleared.append({"dag_id": dag_id, **body})
            for task in found:
                task["state"] = None
            return 200, {"task_instances": found, "total_entries": len(found)}


@contextmanager
def airflow_server() -> Iterator[AirflowServer]:
    server = AirflowServer()
    try:
        yield server
    finally:
        server.stop()


class _Handler(BaseHTTPRequestHandler):
    airflow: AirflowServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        parts = self._parts()
        if self.airflow.status:
            self._answer(self.airflow.status, {"detail": "as told"})
        elif parts == ["auth", "token"]:
            self._answer(*((201, {"access_token": TOKEN}) if body == LOGIN else (401, {"detail": "no"})))
        elif not self._may():
            return
        elif parts[4:] == ["dagRuns"]:
            self._answer(*self.airflow.trigger(parts[3], body))
        elif parts[4:] == ["clearTaskInstances"]:
            if self.airflow.forbidden:
                self._answer(403, {"detail": "Forbidden"})
            else:
                self._answer(*self.airflow.clear(parts[3], body))
        elif parts[6:] == ["taskInstances", "list"]:
            self._answer(200, self.airflow.tasks_of(body))

    def do_PATCH(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        parts = self._parts()
        run = self.airflow.runs.get((parts[3], parts[5]))
        if self.airflow.status:
            self._answer(self.airflow.status, {"detail": "as told"})
        elif not self._may():
            return
        elif run is None:
            self._answer(404, {"detail": "no such run"})
        elif parts[5] in self.airflow.refused_runs:
            self._answer(400, {"detail": "cannot be changed"})
        elif len(body.get("note") or "") > LONGEST_NOTE:
            self._answer(422, {"detail": "the note is too long"})
        elif parts[6:7] == ["taskInstances"]:
            self._mark_task(parts[7], body["new_state"])
        else:
            with self.airflow.lock:
                run |= body
                if "state" in body:
                    self.airflow.marked.append((parts[5], body["state"]))
            self._answer(200, run)

    def do_DELETE(self) -> None:
        parts = self._parts()
        if self.airflow.status:
            self._answer(self.airflow.status, {"detail": "as told"})
        elif self._may():
            with self.airflow.lock:
                run = self.airflow.runs.pop((parts[3], parts[5]), None)
            self._answer(404 if run is None else 204, {"detail": "no such run"})

    def _mark_task(self, task: str, state: str) -> None:
        if task not in {known["task_id"] for known in self.airflow.tasks}:
            return self._answer(404, {"detail": f"Task '{task}' not found"})
        with self.airflow.lock:
            self.airflow.marked.append((task, state))
        return self._answer(200, {"task_instances": [], "total_entries": 0})

    def _who(self, parts: list[str]) -> dict[str, Any]:
        """What Airflow says of the login, or our API beside it."""
        account = self.airflow.account
        if parts[0] == "ui":
            return {"id": "1", "username": account}
        return {"is_platform_admin": account == LOGIN["username"]}

    def do_GET(self) -> None:
        parts = self._parts()
        if self.airflow.status:
            self._answer(self.airflow.status, {"detail": "as told"})
        elif parts == ["api", "v2", "version"]:
            self._answer(200, {"version": self.airflow.version})
        elif not self._may():
            return
        elif parts[-1] == "me":
            self._answer(200, self._who(parts))
        elif parts == ["api", "v2", "dags", "~", "dagRuns"]:
            self._answer(200, self._listed())
        elif (answer := self._of_dag(parts)) is not None:
            self._answer(200, answer)
        elif parts[6:7] == ["taskInstances"]:
            self._answer(200, self._tasks(parts))
        elif parts[4:5] == ["dagRuns"]:
            self._answer(*self._run(parts))
        elif parts[3] in self.airflow.dags | self.airflow.broken:
            self._answer(
                200, {"dag_id": parts[3], "has_import_errors": parts[3] in self.airflow.broken, **READY}
            )
        else:
            self._answer(404, {"detail": "no such DAG"})

    def _run(self, parts: list[str]) -> tuple[int, Any]:
        if self.airflow.unreadable:
            return 503, {"detail": "away"}
        run = self.airflow.runs.get((parts[3], parts[5]))
        return (200, run) if run else (404, {"detail": "no such run"})

    def _tasks(self, parts: list[str]) -> dict[str, Any]:
        place = {"dag_id": parts[3], "dag_run_id": parts[5], "map_index": -1, "try_number": 1}
        dates = {"start_date": None, "end_date": None}
        failed = [{"task_id": task, "state": "failed"} for task in self.airflow.failed]
        tasks = [{**place, **dates, **task} for task in (*failed, *self.airflow.tasks)]
        return {"task_instances": tasks, "total_entries": len(tasks)}

    def _of_dag(self, parts: list[str]) -> dict[str, Any] | None:
        """What tasks log, and what there is of a DAG that is not generated."""
        if parts[8:9] == ["logs"]:
            return {"content": self.airflow.log, "continuation_token": None}
        if parts[6:7] == ["hitlDetails"]:
            return {"hitl_details": self.airflow.questions, "total_entries": len(self.airflow.questions)}
        written = self.airflow.hand_written.get(parts[3]) if len(parts) <= 5 else None
        if written is None or parts[4:5] not in ([], ["tasks"]):
            return None
        return {"tasks": written["tasks"]} if parts[4:] else {"dag_id": parts[3], **written}

    def _listed(self) -> dict[str, Any]:
        asked = parse_qs(urlsplit(self.path).query)
        found = [run for run in self.airflow.runs.values() if run["state"] in asked["state"]]
        for name in ("start_date", "end_date", "run_after"):
            for least in asked.get(f"{name}_gte", ()):
                found = [
                    run
                    for run in found
                    if run.get(name)
                    and dt.datetime.fromisoformat(run[name]) >= dt.datetime.fromisoformat(least)
                ]
        found.sort(
            key=lambda run: run.get(asked["order_by"][0].lstrip("-")) or "",
            reverse=asked["order_by"][0].startswith("-"),
        )
        offset, limit = int(asked["offset"][0]), int(asked["limit"][0])
        page = found[offset : offset + limit]
        self.airflow.listed += [run["dag_run_id"] for run in page]
        return {"dag_runs": page, "total_entries": len(found)}

    def _parts(self) -> list[str]:
        return [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]

    def _may(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        self._answer(401, {"detail": "Not authenticated"})
        return False

    def _answer(self, status: int, body: Any) -> None:
        content = b"" if status == 204 else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
