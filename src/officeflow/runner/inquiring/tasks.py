"""The tasks that look, as Airflow knows them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import DagRunState, TaskInstanceState
from officeflow.errors import NotKnown, Unavailable
from officeflow.ids import COMPARISONS, INQUIRIES
from officeflow.program import typed
from officeflow.runner.inquiring import store
from officeflow.runner.inquiring.store import Seen
from officeflow.statuses import InquiryKind, InquiryState

TASK = "look"
NOBODY = f"`{typed('status')}` shows which of Airflow's processes runs"
OTHERS_FIRST = "other comparisons go first"
_BUSY = (TaskInstanceState.QUEUED, TaskInstanceState.SCHEDULED)
_ENDED = (DagRunState.FAILED, DagRunState.SUCCESS)


def dag_of(kind: InquiryKind) -> str:
    return COMPARISONS if kind in store.SLOW else INQUIRIES


def run_of(inquiry_id: uuid.UUID) -> str:
    return f"inquiry__{inquiry_id}"


def start(airflow: AirflowApi, kind: InquiryKind, conf: Mapping[str, str]) -> None:
    """Begin the task; `conf` has the `inquiry` and its `org`. `Unavailable` where Airflow is away."""
    dag = dag_of(kind)
    try:
        airflow.trigger(dag, run_of(uuid.UUID(conf["inquiry"])), conf)
    except NotKnown as error:
        raise _no_dag(dag) from error


def lost(airflow: AirflowApi, inquiry_id: uuid.UUID, seen: Seen, seconds: float) -> Unavailable | None:
    """What is told of a task that has ended; None where it has not.

    One that nobody has begun, and of which Airflow has no run, may be about to get it in its first `seconds`.
    """
    dag, run_id = dag_of(seen.kind), run_of(inquiry_id)
    try:
        run = airflow.dag_run(dag, run_id)
    except NotKnown:
        if seen.state is InquiryState.ASKED and seen.seconds < seconds:
            return None
        return Unavailable("the task ended without an answer", hint=f"Airflow has no run {dag}/{run_id}")
    if run["state"] not in _ENDED:
        return None
    why = airflow.task_error(dag, run_id, TASK) if run["state"] == DagRunState.FAILED else ""
    was = f" while it looked at {seen.progress}" if seen.progress else ""
    return Unavailable(
        f"the task ended without an answer{was}" + (f": {why}" if why else ""),
        hint=f"its log is in Airflow under {dag}/{run_id}",
    )


def end_withdrawn(airflow: AirflowApi, kind: InquiryKind, inquiry_id: uuid.UUID, *, by: str) -> bool:
    """Have Airflow end the run of one that was taken back, whatever its task is at: True. False where it has
    ended, or there is none. `by` is who took it back, for people.

    `Unavailable`, `AirflowForbids`: the task ends by itself with its next step.
    """
    dag, run_id = dag_of(kind), run_of(inquiry_id)
    try:
        if airflow.dag_run(dag, run_id)["state"] in _ENDED:
            return False
        airflow.change_run(dag, run_id, state=DagRunState.FAILED, note=f"Withdrawn by {by}.")
    except NotKnown:
        return False
    return True


def paused(airflow: AirflowApi, seen: Seen) -> Unavailable | None:
    """Told of one that is paused before its task has begun."""
    dag = dag_of(seen.kind)
    if seen.state is not InquiryState.ASKED or not airflow.dag(dag)["is_paused"]:
        return None
    return Unavailable(f"the DAG {dag}, which looks into systems, is paused", hint="unpause it in Airflow")


def waits_for_others(airflow: AirflowApi, inquiry_id: uuid.UUID, seen: Seen) -> bool:
    """Whether its run's turn is yet to come, since others of its DAG, which takes so many at a time, run."""
    if seen.state is not InquiryState.ASKED or seen.kind not in store.SLOW:
        return False
    dag = dag_of(seen.kind)
    if airflow.dag_run(dag, run_of(inquiry_id))["state"] != DagRunState.QUEUED:
        return False
    return bool(airflow.dag_runs(dag, state=[DagRunState.RUNNING], limit=1))


def hindrance(airflow: AirflowApi, inquiry_id: uuid.UUID, seen: Seen, seconds: float) -> str:
    """What keeps one from beginning that was asked at least `seconds` ago, or whose DAG is paused; "" where
    nothing does.
    """
    if seen.state is not InquiryState.ASKED:
        return ""
    try:
        told = paused(airflow, seen)
    except NotKnown:
        told = _no_dag(dag_of(seen.kind))
    if told is not None:
        return told.message
    try:
        if waits_for_others(airflow, inquiry_id, seen):
            return OTHERS_FIRST
        if seen.seconds < seconds or _has_just_come(airflow, inquiry_id, seen.kind, seconds):
            return ""
        return untaken(airflow, inquiry_id, seen.kind, seconds).message
    except NotKnown:
        return ""  # its run is about to come


def _has_just_come(airflow: AirflowApi, inquiry_id: uuid.UUID, kind: InquiryKind, seconds: float) -> bool:
    """Whether its turn came less than `seconds` ago, by Airflow's word."""
    began = airflow.dag_run(dag_of(kind), run_of(inquiry_id))["start_date"]
    if began is None:
        return False
    return dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(began) < dt.timedelta(seconds=seconds)


def untaken(airflow: AirflowApi, inquiry_id: uuid.UUID, kind: InquiryKind, seconds: float) -> Unavailable:
    """What keeps the task from beginning, `seconds` after it was asked, as far as Airflow tells."""
    for_so_long = f"for {seconds:.0f} s"
    tasks = airflow.task_instances(dag_of(kind), run_of(inquiry_id))
    if any(task["state"] in _BUSY for task in tasks):
        return Unavailable(
            f"no worker of Airflow has begun to look {for_so_long}: none runs, or all are busy", hint=NOBODY
        )
    return Unavailable(
        f"Airflow's scheduler has not come to the look {for_so_long}: it does not run, or is behind",
        hint=NOBODY,
    )


def _no_dag(dag: str) -> Unavailable:
    return Unavailable(
        f"Airflow has no DAG {dag}, which looks into systems",
        hint=f"is the folder dags/ of OfficeFlow's among its bundles? {NOBODY}",
    )
