"""Whoever asks: puts an inquiry, has Airflow start its task, and waits for the answer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import DagRunState, TaskInstanceState
from officeflow.database.engine import Database
from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError, Problem, Unavailable
from officeflow.ids import INQUIRIES as DAG
from officeflow.program import typed
from officeflow.runner.inquiring import store
from officeflow.runner.inquiring.store import Question, Seen
from officeflow.statuses import InquiryKind, InquiryState

TASK = "look"

SECONDS = 150.0
"""For the answer, from the question on, where whoever asks says nothing else."""

UNTAKEN_SECONDS = 60.0
"""For a worker to begin."""

LOOK_SECONDS = 0.1
AIRFLOW_SECONDS = 3.0
"""How often Airflow is asked about the task while it says nothing itself."""

NOBODY = f"`{typed('status')}` shows which of Airflow's processes runs"
_BUSY = (TaskInstanceState.QUEUED, TaskInstanceState.SCHEDULED)


class Inquiries:
    """Safe to share between threads. `told` is called with what goes on, in a few words, whenever that is
    something else; in the thread that asks.
    """

    def __init__(
        self,
        database: Database,
        airflow: AirflowApi,
        *,
        told: Callable[[str], None] = lambda _: None,
        seconds: float = SECONDS,
        untaken_seconds: float = UNTAKEN_SECONDS,
    ) -> None:
        self._database = database
        self.airflow = airflow
        self._told = told
        self._seconds = seconds
        self._untaken_seconds = untaken_seconds

    def ask(self, org_id: uuid.UUID, org: str, question: Question) -> Mapping[str, Any]:
        """The answer. `org` is the organization's slug.

        `Unavailable` where Airflow or a worker is away, or the answer takes too long; `InvalidInput` or
        `Unavailable` with what kept the task from an answer.
        """
        inquiry_id = self.begin(org_id, org, question)
        with self._withdrawn_in_the_end(org_id, inquiry_id):
            seen = self._waited(org_id, inquiry_id)
        result = seen.result or {}
        if seen.state is InquiryState.FAILED:
            raise error_of(result)
        return result

    def begin(self, org_id: uuid.UUID, org: str, question: Question) -> uuid.UUID:
        """The id of what is asked, for whoever comes for the answer later, within `store.KEPT`.

        `Unavailable` where Airflow is away.
        """
        with self._database.tenant(org_id) as session:
            inquiry_id = store.put(session, org_id, question)
        with self._withdrawn_in_the_end(org_id, inquiry_id):
            self._start(org, inquiry_id)
        return inquiry_id

    def standing(self, org_id: uuid.UUID, inquiry_id: uuid.UUID, kind: InquiryKind) -> Seen:
        """How far one of this kind is. One whose task has ended without an answer has FAILED, and its result
        says why.

        `NotKnown` where there is none; `Unavailable` where it has not ended and Airflow is away.
        """
        seen = store.see(self._database, org_id, inquiry_id, kind=kind)
        if seen.state in store.ENDED:
            return seen
        lost = self._lost(org_id, inquiry_id, seen)
        if lost is None:
            return store.see(self._database, org_id, inquiry_id, kind=kind)
        error = {"message": lost.message, "hint": lost.hint}
        return Seen(InquiryState.FAILED, seen.progress, {"error": error})

    @contextmanager
    def _withdrawn_in_the_end(self, org_id: uuid.UUID, inquiry_id: uuid.UUID) -> Iterator[None]:
        """What nobody waits for any more, no worker begins."""
        try:
            yield
        except BaseException:
            store.withdraw(self._database, org_id, inquiry_id)
            raise

    def _start(self, org: str, inquiry_id: uuid.UUID) -> None:
        try:
            self.airflow.trigger(DAG, _run_id(inquiry_id), {"inquiry": str(inquiry_id), "org": org})
        except NotKnown as error:
            raise Unavailable(
                f"Airflow has no DAG {DAG}, which looks into systems",
                hint=f"is the folder dags/ of OfficeFlow's among its bundles? {NOBODY}",
            ) from error

    def _waited(self, org_id: uuid.UUID, inquiry_id: uuid.UUID) -> Seen:
        began = time.monotonic()
        asked, said = began, ""
        self._told("waiting for a worker")
        while True:
            seen = store.see(self._database, org_id, inquiry_id)
            if seen.state in store.ENDED:
                return seen
            now = time.monotonic()
            if seen.state is InquiryState.TAKEN and (seen.progress or "a worker looks") != said:
                said = seen.progress or "a worker looks"
                self._told(f"looking: {seen.progress}" if seen.progress else said)
            if now - asked > AIRFLOW_SECONDS:
                asked = now
                if lost := self._lost(org_id, inquiry_id, seen):
                    raise lost
                self._refuse_paused(seen)
            if seen.state is InquiryState.ASKED and now - began > self._untaken_seconds:
                raise self._untaken(inquiry_id)
            if now - began > self._seconds:
                raise Unavailable(
                    f"no answer within {self._seconds:.0f} s"
                    + (f": {seen.progress} takes so long" if seen.progress else ""),
                    hint=f"the task is in Airflow as {DAG}/{_run_id(inquiry_id)}",
                )
            time.sleep(LOOK_SECONDS)

    def _lost(self, org_id: uuid.UUID, inquiry_id: uuid.UUID, seen: Seen) -> Unavailable | None:
        """What is told of a task that has ended without an answer, and will not give one any more."""
        run = self.airflow.dag_run(DAG, _run_id(inquiry_id))
        if run["state"] not in {DagRunState.FAILED, DagRunState.SUCCESS}:
            return None
        if store.see(self._database, org_id, inquiry_id).state in store.ENDED:
            return None  # it has come meanwhile
        why = ""
        if run["state"] == DagRunState.FAILED:
            why = self.airflow.task_error(DAG, run["dag_run_id"], TASK)
        was = f" while it looked at {seen.progress}" if seen.progress else ""
        return Unavailable(
            f"the task ended without an answer{was}" + (f": {why}" if why else ""),
            hint=f"its log is in Airflow under {DAG}/{run['dag_run_id']}",
        )

    def _refuse_paused(self, seen: Seen) -> None:
        if seen.state is InquiryState.ASKED and self.airflow.dag(DAG)["is_paused"]:
            text = f"the DAG {DAG}, which looks into systems, is paused"
            raise Unavailable(text, hint="unpause it in Airflow")

    def _untaken(self, inquiry_id: uuid.UUID) -> Unavailable:
        """What keeps the task from beginning, as far as Airflow tells."""
        for_so_long = f"for {self._untaken_seconds:.0f} s"
        tasks = self.airflow.task_instances(DAG, _run_id(inquiry_id))
        if any(task["state"] in _BUSY for task in tasks):
            return Unavailable(
                f"no worker of Airflow has begun to look {for_so_long}: none runs, or all are busy",
                hint=NOBODY,
            )
        return Unavailable(
            f"Airflow's scheduler has not come to the look {for_so_long}: it does not run, or is behind",
            hint=NOBODY,
        )


def _run_id(inquiry_id: uuid.UUID) -> str:
    return f"inquiry__{inquiry_id}"


def error_of(result: Mapping[str, Any]) -> OfficeFlowError:
    """What kept a task from an answer, by the result of an inquiry that has FAILED."""
    error = result.get("error", {})
    message, hint = str(error.get("message") or "the look failed"), str(error.get("hint") or "")
    if error.get("input"):
        problems = [Problem(**each) for each in error.get("problems", ())]
        return InvalidInput(message, problems=problems, hint=hint)
    return Unavailable(message, hint=hint)
