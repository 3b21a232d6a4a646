"""Follows one event into its run, and the run to its end, telling each step as it happens."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import TaskInstance
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, NodeRun
from officeflow.errors import Unavailable

PAUSE_SECONDS = 0.5
FINISHED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})


@dataclass(frozen=True, slots=True)
class NodeStep:
    """A task that has ended: `seconds` from start to end (0 for one that needed no process), `did` the last thing its story tells."""

    node: str
    name: str
    state: str
    seconds: float
    did: str


@dataclass(frozen=True, slots=True)
class RunFound:
    dag_id: str
    dag_run_id: str
    run_id: uuid.UUID


def wait_for_runs(database: Database, org_id: uuid.UUID, event_id: str, *, timeout: float) -> list[RunFound]:
    """The runs that the event started. `Unavailable` names how far it came when `timeout` seconds were not enough."""
    deadline = time.monotonic() + timeout
    event: InboxEvent | None = None
    while time.monotonic() < deadline:
        with _patience(deadline), database.tenant(org_id) as session:
            event = session.scalar(select(InboxEvent).where(InboxEvent.event_id == event_id))
        if event is not None and event.status != "RECEIVED":
            return [RunFound(r["dag_id"], r["dag_run_id"], uuid.UUID(r["run_id"])) for r in event.runs]
        time.sleep(PAUSE_SECONDS)
    where = "it never reached the inbox" if event is None else f"it waits in the inbox: {event.last_error or 'not dispatched yet'}"
    raise Unavailable(f"event {event_id} started nothing within {timeout:.0f} s: {where}", hint="officeflow logs listener")


def follow(api: AirflowApi, database: Database, org_id: uuid.UUID, run: RunFound, *, timeout: float) -> Iterator[NodeStep | str]:
    """Yields a `NodeStep` whenever a task ends, and last the run's state in Airflow's words."""
    told: set[str] = set()
    deadline = time.monotonic() + timeout
    while True:
        with _patience(deadline):
            state = str(api.dag_run(run.dag_id, run.dag_run_id)["state"])
            tasks = api.task_instances(run.dag_id, run.dag_run_id)
            stories = _stories(database, org_id, run.run_id)
            fresh = [task for task in tasks if task["state"] in FINISHED and task["task_id"] not in told]
            for task in sorted(fresh, key=lambda t: (t["end_date"] or "", t["task_id"])):
                told.add(task["task_id"])
                yield _step(task, stories.get(task["task_id"], ""))
            if state in {"success", "failed"}:
                yield state
                return
        if time.monotonic() > deadline:
            raise Unavailable(
                f"{run.dag_id} / {run.dag_run_id} did not end within {timeout:.0f} s", hint="the Airflow UI shows which task it waits for"
            )
        time.sleep(PAUSE_SECONDS)


@contextmanager
def _patience(deadline: float) -> Iterator[None]:
    """A service that does not answer once is asked again, until the deadline."""
    try:
        yield
    except Unavailable:
        if time.monotonic() > deadline:
            raise


def wait_until(condition: Callable[[], bool], *, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(PAUSE_SECONDS)
    return condition()


def _stories(database: Database, org_id: uuid.UUID, run_id: uuid.UUID) -> dict[str, str]:
    with database.tenant(org_id) as session:
        rows = session.execute(select(NodeRun.node_key, NodeRun.story).where(NodeRun.run_id == run_id)).all()
    return {key: _last_deed(story) for key, story in rows}


def _last_deed(story: list[dict[str, Any]]) -> str:
    deeds = [s["text"] for s in story if s["step"] == "changed"] or [s["text"] for s in story]
    return str(deeds[-1]) if deeds else ""


def _step(task: TaskInstance, did: str) -> NodeStep:
    started, ended = task.get("start_date"), task.get("end_date")
    seconds = (dt.datetime.fromisoformat(ended) - dt.datetime.fromisoformat(started)).total_seconds() if started and ended else 0.0
    name = str(task.get("task_display_name") or task["task_id"])
    return NodeStep(node=task["task_id"], name=name, state=str(task["state"]), seconds=seconds, did=did)
