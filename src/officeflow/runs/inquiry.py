"""What Airflow says of a run where the ledger is silent: failed tasks without a word, whom questions are for,
a DAG that stands still.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from officeflow.airflow_api.addresses import answers_address
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import AskedQuestion, TaskInstance, TaskInstanceState
from officeflow.errors import NotKnown, OfficeFlowError
from officeflow.program import typed
from officeflow.runs import refusals, store
from officeflow.runs.failures import TASK_FAILED, last_words_of
from officeflow.runs.wait import WHAT, Wait
from officeflow.statuses import WaitsFor

Place = tuple[str, int]
"""A task's id and its map index."""

LOGS_READ = 10
"""Of how many tasks the log is looked into."""

DAGS_ASKED_FOR = 10
"""Of how many DAGs a list asks whether they are paused."""

ANYBODY = "whoever may change the run in Airflow"
WAITING = MappingProxyType(
    {
        TaskInstanceState.AWAITING_INPUT: "waits for an answer",
        TaskInstanceState.DEFERRED: "waits in Airflow's triggerer",
        TaskInstanceState.UP_FOR_RESCHEDULE: "waits, and looks again by itself",
        TaskInstanceState.UP_FOR_RETRY: "is tried again by itself",
    }
)
"""Airflow's states of a task that waits, in words."""


@dataclass(frozen=True, slots=True)
class Told:
    """`tasks` are those of which the ledger has no word: `{"node", "map_index", "state", "error"}` each, in
    the order of their ids.

    `about` are sentences about the run's DAG; `questions` are what it asks people; `unknown` says why Airflow
    could not be asked.
    """

    tasks: tuple[dict[str, Any], ...] = ()
    about: tuple[str, ...] = ()
    questions: Mapping[Place, AskedQuestion] = field(default_factory=dict)
    unknown: str = ""


def spoken(session: Session, run_id: uuid.UUID) -> dict[Place, bool]:
    """The tasks of a run that have an act in the ledger, also under an id that the node had before, or a
    refusal.

    True of those that say why they failed, where they have.
    """
    found = {place: act.error is not None for place, act in store.acts_by_task(session, run_id).items()}
    return found | {(row.node_key, row.map_index): True for row in refusals.of_run(session, run_id)}


def ask(api: AirflowApi, dag_id: str, dag_run_id: str, spoken: Mapping[Place, bool]) -> Told:
    """Never raises where Airflow is away, or does not let us look: it says so."""
    try:
        tasks = api.task_instances(dag_id, dag_run_id)
        questions = open_questions(api, dag_id, dag_run_id, tasks)
        return Told(
            tasks=tuple(_silent(api, tasks, spoken)),
            about=tuple(
                _parked(tasks) if any(task["start_date"] for task in tasks) else _about_dag(api, dag_id)
            ),
            questions=questions,
        )
    except NotKnown:
        return Told(unknown="Airflow has no such run: it was deleted there, or is not created yet")
    except OfficeFlowError as error:
        return Told(unknown=f"what Airflow says of it is not known: {error.message}")


def _parked(tasks: Collection[TaskInstance]) -> Iterator[str]:
    """A run that has begun, and that Airflow's scheduler passes over until later (docs/parking.md)."""
    now = dt.datetime.now(dt.UTC)
    looks = [dt.datetime.fromisoformat(at) for task in tasks if (at := task.get("run_after"))]
    if looks and looks[0] > now and any(task["state"] in WAITING for task in tasks):
        yield f"It is parked until {looks[0].isoformat(timespec='seconds')}, or until something comes for it."


def open_questions(
    api: AirflowApi, dag_id: str, dag_run_id: str, tasks: Collection[TaskInstance]
) -> dict[Place, AskedQuestion]:
    """What those of the run's tasks ask that wait for an answer; nothing where we may not see it."""
    if all(task["state"] != TaskInstanceState.AWAITING_INPUT for task in tasks):
        return {}
    try:
        found = api.questions(dag_id, dag_run_id)
    except OfficeFlowError:
        return {}
    return {_place(question["task_instance"]): question for question in found}


def paused(api: AirflowApi, dag_ids: Collection[str]) -> list[str]:
    """Which of the DAGs are paused, as far as Airflow says so at once: it may be away, and is asked of the
    first `DAGS_ASKED_FOR` alone.
    """
    found: list[str] = []
    with contextlib.suppress(OfficeFlowError):
        for dag_id in sorted(dag_ids)[:DAGS_ASKED_FOR]:
            with contextlib.suppress(NotKnown):
                if api.dag(dag_id)["is_paused"]:
                    found.append(dag_id)
    return found


def wait_text(wait: Wait, question: AskedQuestion | None) -> str:
    """For what, since when and until when; of a question also whom it is for and where it is answered, or who
    answered it.
    """
    since = f"since {wait.since.isoformat(timespec='seconds')}"
    until = f" until {wait.until.isoformat(timespec='seconds')}" if wait.until else ""
    if wait.what in {WaitsFor.EVENT, WaitsFor.RUN}:
        return f"waits for {wait.awaited} {since}{until}"
    text = f"waits for {WHAT[wait.what]} {since}{until}: {wait.why}"
    if wait.what == WaitsFor.PLATFORM:
        return f"{text} (it looks again by itself)"
    if wait.what != WaitsFor.ANSWER:
        return text
    if wait.answered:
        return f"goes on as soon as Airflow does: {wait.why} ({wait.answered})"
    return f"{text} (of {wait.of or asked_of(question)}: {answers_address(wait.dag_id, wait.dag_run_id)})"


def asked_of(question: AskedQuestion | None) -> str:
    names = (
        [user.get("name") or user.get("id") or "" for user in question["assigned_users"]] if question else []
    )
    return ", ".join(names) or ANYBODY


def _silent(
    api: AirflowApi, tasks: Collection[TaskInstance], spoken: Mapping[Place, bool]
) -> Iterator[dict[str, Any]]:
    """Those that failed or wait and have no word of their node's."""
    read = 0
    for task in sorted(tasks, key=_place):
        state, place = task["state"], _place(task)
        if (
            spoken.get(place, False)
            if state == TaskInstanceState.FAILED
            else place in spoken or state not in WAITING
        ):
            continue
        told = {
            "node": place[0],
            "map_index": place[1],
            "state": state,
            "try_number": task.get("try_number", 1),
            "error": None,
        }
        if state == TaskInstanceState.FAILED:
            read += 1
            message = (
                last_words_of(api, task)
                if read <= LOGS_READ
                else "Airflow's log of the task has what there is"
            )
            told["error"] = {"code": TASK_FAILED, "message": message}
        yield told


def _about_dag(api: AirflowApi, dag_id: str) -> Iterator[str]:
    try:
        dag = api.dag(dag_id)
    except NotKnown:
        yield "Airflow does not have its DAG any more"
        return
    if dag["has_import_errors"]:
        yield f"Airflow cannot import its DAG's file: `{typed('doctor')}` says why"
    if dag["is_stale"]:
        yield "its DAG is not in Airflow's bundle any more: publish the workflow, or bring the file back"
    if dag["is_paused"]:
        yield "its DAG is paused in Airflow: the run begins when somebody unpauses it"


def _place(task: TaskInstance) -> Place:
    return task["task_id"], task.get("map_index", -1)
