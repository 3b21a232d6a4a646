"""Follows one event into its runs, and a run to its end, telling each step as it happens."""

from __future__ import annotations

import datetime as dt
import math
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

from officeflow import columns, ids
from officeflow.airflow_api.addresses import answers_address
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import AskedQuestion, DagRunState, TaskInstance, TaskInstanceState
from officeflow.database.engine import Database
from officeflow.errors import NotKnown, Unavailable
from officeflow.events import inbox
from officeflow.program import typed
from officeflow.runs import inquiry, refusals, store, waits
from officeflow.runs.failures import last_words
from officeflow.runs.wait import Wait
from officeflow.statuses import ENDED_RUNS, RunStatus

T = TypeVar("T")

PAUSE_SECONDS = 0.5
RUN_ENDED = frozenset({DagRunState.SUCCESS, DagRunState.FAILED})
FINISHED = frozenset(
    {
        TaskInstanceState.SUCCESS,
        TaskInstanceState.FAILED,
        TaskInstanceState.SKIPPED,
        TaskInstanceState.UPSTREAM_FAILED,
        TaskInstanceState.REMOVED,
    }
)
"""Airflow's states of a task that has ended."""

WAITING = frozenset(inquiry.WAITING)
"""Those in which it waits."""

CHANGING = FINISHED | WAITING | {TaskInstanceState.RUNNING, TaskInstanceState.RESTARTING}
"""And those in which it acts."""

MARKS: Mapping[str, str] = MappingProxyType(
    {
        TaskInstanceState.SUCCESS: "✓",
        TaskInstanceState.SKIPPED: "-",
        TaskInstanceState.FAILED: "✗",
        TaskInstanceState.UPSTREAM_FAILED: "✗",
        TaskInstanceState.RUNNING: "▸",
        TaskInstanceState.UP_FOR_RETRY: "↻",
        TaskInstanceState.UP_FOR_RESCHEDULE: "…",
        TaskInstanceState.DEFERRED: "…",
        TaskInstanceState.AWAITING_INPUT: "?",
    }
)


@dataclass(frozen=True, slots=True)
class NodeStep:
    """A task in a state. `seconds`: from start to end, 0 while it runs and for one that needed no process.

    `did`: its story's last deed; of one that waits, for what, since and until when; of one that failed, why.
    """

    node: str
    name: str
    state: str
    seconds: float
    did: str
    try_number: int = 1
    map_index: int = -1

    def __str__(self) -> str:
        """As a line for people."""
        name = f"{self.name} [{self.map_index}]" if self.map_index >= 0 else self.name
        seconds = f"{self.seconds:5.1f} s" if self.state in FINISHED else " " * 7
        state = "" if self.state == TaskInstanceState.SUCCESS else f" [{self.state.replace('_', ' ')}]"
        return (
            f"{MARKS.get(self.state, '·')} {columns.padded(name, 34)} {seconds}  {self.did}{state}".rstrip()
        )


@dataclass(frozen=True, slots=True)
class RunFound:
    dag_id: str
    dag_run_id: str
    run_id: uuid.UUID


def wait_for_runs(database: Database, org_id: uuid.UUID, event_id: str, *, timeout: float) -> list[RunFound]:
    """The runs that the event started.

    `Unavailable` names how far it came when `timeout` seconds were not enough.
    """
    deadline = time.monotonic() + timeout
    patience = _Patience(deadline)
    event: inbox.Outcome | None = None
    while time.monotonic() < deadline:
        event = patience.answer(lambda: _event(database, org_id, event_id)) or event
        if event is not None and not event.is_waiting:
            return [RunFound(r["dag_id"], r["dag_run_id"], uuid.UUID(r["run_id"])) for r in event.runs]
        time.sleep(PAUSE_SECONDS)
    where = (
        "it never reached the inbox"
        if event is None
        else f"it waits in the inbox: {event.problem or 'not dispatched yet'}"
    )
    raise Unavailable(
        f"event {event_id} started nothing within {timeout:.0f} s: {where}", hint=typed("logs listener")
    )


def _event(database: Database, org_id: uuid.UUID, event_id: str) -> inbox.Outcome | None:
    with database.tenant(org_id) as session:
        return inbox.outcome(session, org_id, event_id)


def follow(
    api: AirflowApi,
    database: Database,
    org_id: uuid.UUID,
    run: RunFound,
    *,
    timeout: float = math.inf,
    patience: float = math.inf,
    shown: frozenset[str] = FINISHED,
) -> Iterator[NodeStep | str]:
    """Yields a `NodeStep` whenever a task comes into one of the states `shown`, once per try, and last the
    run's state in Airflow's words.

    `Unavailable` where it has not ended within `timeout` seconds, or a service has been away for `patience`
    seconds.
    """
    told: set[tuple[str, int, int, str]] = set()
    deadline = time.monotonic() + timeout
    away = _Patience(deadline, patience)
    while True:
        look = away.answer(lambda: _look(api, database, org_id, run))
        for step in () if look is None else look.steps(shown):
            mark = (step.node, step.map_index, step.try_number, step.state)
            if mark not in told:
                told.add(mark)
                yield _with_last_words(api, run, step)
        if look is not None and look.state in RUN_ENDED:
            yield look.state
            return
        if time.monotonic() > deadline:
            waiting = look is not None and any(step.state in WAITING for step in look.steps(WAITING))
            hint = "" if waiting and shown >= WAITING else "the Airflow UI shows which task it waits for"
            raise Unavailable(
                f"{run.dag_id} / {run.dag_run_id} did not end within {timeout:.0f} s", hint=hint
            )
        time.sleep(PAUSE_SECONDS)


def _with_last_words(api: AirflowApi, run: RunFound, step: NodeStep) -> NodeStep:
    """A failure of which the node has said nothing says what its log does."""
    if step.state != TaskInstanceState.FAILED or step.did:
        return step
    said = last_words(
        api, run.dag_id, run.dag_run_id, step.node, try_number=step.try_number, map_index=step.map_index
    )
    return replace(step, did=said)


def wait_until(condition: Callable[[], bool], *, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(PAUSE_SECONDS)
    return condition()


class _Patience:
    """A service that does not answer is asked again, until the deadline or for `seconds` on end."""

    def __init__(self, deadline: float, seconds: float = math.inf) -> None:
        self._deadline = deadline
        self._seconds = seconds
        self._answered = time.monotonic()

    def answer(self, ask: Callable[[], T]) -> T | None:
        """What `ask` returns; None where it did not get through this time."""
        try:
            found = ask()
        except Unavailable:
            now = time.monotonic()
            if now > self._deadline or now - self._answered > self._seconds:
                raise
            return None
        self._answered = time.monotonic()
        return found


@dataclass(frozen=True, slots=True)
class _Said:
    """What a node says: its story's last deed, why it failed, and what it waits for."""

    did: str = ""
    failed: str = ""
    wait: Wait | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    state: str
    tasks: Sequence[TaskInstance] = ()
    said: Mapping[tuple[str, int], _Said] = field(default_factory=dict)
    questions: Mapping[tuple[str, int], AskedQuestion] = field(default_factory=dict)

    def steps(self, shown: frozenset[str]) -> list[NodeStep]:
        """In the order in which the tasks ended, or began."""
        seen = [task for task in self.tasks if task["state"] in shown and self._says_something(task)]
        seen.sort(key=lambda task: (task["end_date"] or task["start_date"] or "", task["task_id"]))
        return [_step(task, self._told(task)) for task in seen]

    def _says_something(self, task: TaskInstance) -> bool:
        """The tasks that end a run only do where something is taken back."""
        if task["task_id"] == ids.VERDICT:
            return False
        undoes = any(node.startswith(ids.UNDO_PREFIX) for node, _ in self.said)
        return task["task_id"] != ids.UNDO or undoes or task["state"] == TaskInstanceState.FAILED

    def _told(self, task: TaskInstance) -> str:
        place = (task["task_id"], task.get("map_index", -1))
        said, state, question = self.said.get(place, _Said()), task["state"], self.questions.get(place)
        if state in WAITING and said.wait is not None:
            return inquiry.wait_text(said.wait, question)
        if state in WAITING and question is not None:  # of a task that is no node of ours
            where = answers_address(task["dag_id"], task["dag_run_id"])
            since = question["created_at"]
            return (
                f"waits for an answer since {since}: {question['subject']} (of {inquiry.asked_of(question)}:"
                f" {where})"
            )
        return (
            said.failed or said.did
            if state in {TaskInstanceState.FAILED, TaskInstanceState.UP_FOR_RETRY}
            else said.did
        )


def _look(api: AirflowApi, database: Database, org_id: uuid.UUID, run: RunFound) -> _Look:
    try:
        state = str(api.dag_run(run.dag_id, run.dag_run_id)["state"])
    except NotKnown:
        return _Look(_state_without_airflow(database, org_id, run))
    tasks = api.task_instances(run.dag_id, run.dag_run_id)
    questions = inquiry.open_questions(api, run.dag_id, run.dag_run_id, tasks)
    return _Look(state, tasks, _said(database, org_id, run.run_id), questions)


def _state_without_airflow(database: Database, org_id: uuid.UUID, run: RunFound) -> str:
    """Of a run that Airflow does not have: it is about to be created, or never will be, or was deleted
    there.
    """
    with database.tenant(org_id) as session:
        status = store.status_of(session, run.run_id)
    if status not in ENDED_RUNS:
        return DagRunState.QUEUED
    return DagRunState.SUCCESS if status == RunStatus.SUCCEEDED else DagRunState.FAILED


def _said(database: Database, org_id: uuid.UUID, run_id: uuid.UUID) -> dict[tuple[str, int], _Said]:
    """By task."""
    said: dict[tuple[str, int], _Said] = {}
    with database.tenant(org_id) as session:
        waiting = {
            (wait.node, wait.map_index): wait for wait in waits.of_runs(session, [run_id]).get(run_id, ())
        }
        for place, act in store.acts_by_task(session, run_id).items():
            wait = waiting.get((act.key, act.map_index))
            said[place] = _Said(last_deed(act.story), _reason(act.error), wait)
        for refusal in refusals.of_run(session, run_id):
            place = (refusal.node_key, refusal.map_index)
            said[place] = replace(
                said.get(place, _Said()), failed=_reason(refusal.error_details), wait=waiting.get(place)
            )
    return said


def _reason(error: Mapping[str, Any] | None) -> str:
    return f"{error.get('code')}: {error.get('message')}" if error else ""


def last_deed(story: Sequence[Mapping[str, Any]]) -> str:
    """The last change that an act's story tells, or where it changed nothing, its last words."""
    deeds = [s["text"] for s in story if s["step"] == "changed"] or [s["text"] for s in story]
    return str(deeds[-1]) if deeds else ""


def _step(task: TaskInstance, did: str) -> NodeStep:
    started, ended = task.get("start_date"), task.get("end_date")
    seconds = (
        (dt.datetime.fromisoformat(ended) - dt.datetime.fromisoformat(started)).total_seconds()
        if started and ended
        else 0.0
    )
    return NodeStep(
        node=task["task_id"],
        name=str(task.get("task_display_name") or task["task_id"]),
        state=str(task["state"]),
        seconds=seconds,
        did=did,
        try_number=task.get("try_number", 1),
        map_index=task.get("map_index", -1),
    )
