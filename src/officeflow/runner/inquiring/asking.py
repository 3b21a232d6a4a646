"""Whoever asks: puts an inquiry, has Airflow start its task, and waits for the answer."""

from __future__ import annotations

import dataclasses
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError, Problem, Unavailable
from officeflow.runner.inquiring import store, tasks
from officeflow.runner.inquiring.store import Question, Seen
from officeflow.statuses import InquiryKind, InquiryState

SECONDS = 150.0
"""For the answer, from the question on, where whoever asks says nothing else."""

UNTAKEN_SECONDS = 60.0
"""For a worker to begin."""

LOOK_SECONDS = 0.1
AIRFLOW_SECONDS = 3.0
"""How often Airflow is asked about the task while it says nothing itself."""


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
        `Unavailable` with what kept the task from an answer; `AlreadyAsked` as `begin`.
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

        `Unavailable` where Airflow is away; `AlreadyAsked` where there may be one alone, and another has not
        ended.
        """
        if question.kind in store.SLOW:
            self._clear(org_id, question.kind)
        with self._database.tenant(org_id) as session:
            inquiry_id = store.put(session, org_id, question)
        with self._withdrawn_in_the_end(org_id, inquiry_id):
            tasks.start(self.airflow, question.kind, {"inquiry": str(inquiry_id), "org": org})
        return inquiry_id

    def standing(self, org_id: uuid.UUID, inquiry_id: uuid.UUID, kind: InquiryKind) -> Seen:
        """How far one of this kind is. One whose task has ended without an answer has FAILED, and its result
        says why. `problem` of the others says what keeps the task from beginning, where something does.

        `NotKnown` where there is none; `Unavailable` where it has not ended and Airflow is away.
        """
        seen = store.see(self._database, org_id, inquiry_id, kind=kind)
        if seen.state in store.ENDED:
            return seen
        lost = self._lost(org_id, inquiry_id, seen)
        if lost is not None:
            error = {"message": lost.message, "hint": lost.hint}
            return dataclasses.replace(seen, state=InquiryState.FAILED, result={"error": error})
        problem = tasks.hindrance(self.airflow, inquiry_id, seen, self._untaken_seconds)
        seen = store.see(self._database, org_id, inquiry_id, kind=kind)
        return dataclasses.replace(seen, problem=problem if seen.state is InquiryState.ASKED else "")

    def _clear(self, org_id: uuid.UUID, kind: InquiryKind) -> None:
        """One whose task has ended without an answer stands in nobody's way."""
        with self._database.tenant(org_id) as session:
            before = store.unfinished(session, org_id, kind)
        if before is None:
            return
        with suppress(NotKnown):  # it has gone meanwhile
            if self._lost(org_id, before, store.see(self._database, org_id, before)):
                store.withdraw(self._database, org_id, before)

    @contextmanager
    def _withdrawn_in_the_end(self, org_id: uuid.UUID, inquiry_id: uuid.UUID) -> Iterator[None]:
        """What nobody waits for any more, no worker begins."""
        try:
            yield
        except BaseException:
            store.withdraw(self._database, org_id, inquiry_id)
            raise

    def _waited(self, org_id: uuid.UUID, inquiry_id: uuid.UUID) -> Seen:
        began = time.monotonic()
        asked, turn, said = began, began, ""
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
                if stopped := self._lost(org_id, inquiry_id, seen) or tasks.paused(self.airflow, seen):
                    raise stopped
                if tasks.waits_for_others(self.airflow, inquiry_id, seen):
                    turn = now
                    if said != tasks.OTHERS_FIRST:
                        said = tasks.OTHERS_FIRST
                        self._told(said)
                if seen.state is InquiryState.ASKED and now - turn > self._untaken_seconds:
                    raise tasks.untaken(self.airflow, inquiry_id, seen.kind, self._untaken_seconds)
            if now - began > self._seconds:
                raise Unavailable(
                    f"no answer within {self._seconds:.0f} s"
                    + (f": {seen.progress} takes so long" if seen.progress else ""),
                    hint=f"the task is in Airflow as {tasks.dag_of(seen.kind)}/{tasks.run_of(inquiry_id)}",
                )
            time.sleep(LOOK_SECONDS)

    def _lost(self, org_id: uuid.UUID, inquiry_id: uuid.UUID, seen: Seen) -> Unavailable | None:
        """What is told of a task that has ended without an answer, and will not give one any more."""
        told = tasks.lost(self.airflow, inquiry_id, seen, self._untaken_seconds)
        if told is None or store.see(self._database, org_id, inquiry_id).state in store.ENDED:
            return None  # where it has come meanwhile
        return told


def error_of(result: Mapping[str, Any]) -> OfficeFlowError:
    """What kept a task from an answer, by the result of an inquiry that has FAILED."""
    error = result.get("error", {})
    message, hint = str(error.get("message") or "the look failed"), str(error.get("hint") or "")
    if error.get("input"):
        problems = [Problem(**each) for each in error.get("problems", ())]
        return InvalidInput(message, problems=problems, hint=hint)
    return Unavailable(message, hint=hint)
