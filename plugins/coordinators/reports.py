"""What becomes of a task instance, told to Airflow through the execution API."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk.api.datamodels._generated import TerminalStateNonSuccess
from airflow.sdk.bases.skipmixin import XCOM_SKIPMIXIN_KEY, XCOM_SKIPMIXIN_SKIPPED
from airflow.sdk.execution_time.comms import AwaitInputTask, RescheduleTask, SkipDownstreamTasks

from officeflow.sdk import Answer, NodeResult, Question
from operators.base import message_of
from operators.questions import RESUMES_IN, hitl_details

if TYPE_CHECKING:
    from airflow.sdk.api.client import Client
    from airflow.sdk.api.datamodels._generated import TaskInstance, TIRunContext

    from coordinators.slot import Slot

REASON_LENGTH = 500


class Report:
    """Of one task instance in a slot. The states that are returned are Airflow's."""

    def __init__(
        self, what: TaskInstance, context: TIRunContext, client: Client, logger: Any, slot: Slot
    ) -> None:
        self._what = what
        self._context = context
        self._client = client
        self._log = logger
        self._slot = slot

    def clear_xcoms(self) -> None:
        """As at the start of every try; that is how a cleared task forgets what it had skipped."""
        what = self._what
        for key in self._context.xcom_keys_to_clear or ():
            self._client.xcoms.delete(what.dag_id, what.run_id, what.task_id, key, what.map_index)

    def answer(self) -> Answer | None:
        """What a person said, where the task is resumed after a question."""
        if self._context.next_method != RESUMES_IN:
            return None
        told = self._client.hitl.get_detail_response(self._what.id)
        if not told.response_received or not told.chosen_options:
            return Answer(chosen="", in_time=False)
        user = told.responded_by_user
        return Answer(
            chosen=told.chosen_options[0],
            by=user.name if user else "",
            at=told.responded_at,
            in_time=user is not None,
            values=told.params_input or {},
        )

    def ended(self, result: NodeResult) -> str:
        if result.status == "success":
            return self._succeeded(result)
        if result.question is not None:
            return self._asks(result.question)
        if result.reschedule_at is not None:
            at = result.reschedule_at
            message = RescheduleTask(reschedule_date=at, end_date=_now())
            self._client.task_instances.reschedule(self._what.id, message)
            return "up_for_reschedule"
        return self._failed(message_of(result.error), again=result.status == "retry", delay=result.retry_in)

    def crashed(self, why: str) -> str:
        """The node's process is gone; what it had begun is in the ledger, and another try goes on from
        there.
        """
        self._log.error(f"{why}; what it had begun is in the ledger, and the next try goes on from there")
        return self._failed(why, again=True, delay=None)

    def _succeeded(self, result: NodeResult) -> str:
        at, skipped = _now(), list(result.skip)
        if skipped:
            self._log.info(f"the way to {', '.join(skipped)} is not taken: the condition is false")
        if not self._slot.end(self._what, at, skipped):
            try:
                self._end(at, skipped)
            finally:
                self._slot.look_again()
        if self._slot.goes_on_with:
            self._log.info(f"its slot is handed on to {self._slot.goes_on_with}")
        return "success"

    def _end(self, at: dt.datetime, skipped: list[str]) -> None:
        """In Airflow's ordinary way."""
        what = self._what
        if skipped:
            value = {XCOM_SKIPMIXIN_SKIPPED: skipped}
            self._client.xcoms.set(
                what.dag_id, what.run_id, what.task_id, XCOM_SKIPMIXIN_KEY, value, what.map_index
            )
            self._client.task_instances.skip_downstream_tasks(what.id, SkipDownstreamTasks(tasks=skipped))
        self._client.task_instances.succeed(what.id, at, [], [], None)

    def _asks(self, question: Question) -> str:
        self._client.hitl.add_response(ti_id=self._what.id, assigned_users=[], **hitl_details(question))
        message = AwaitInputTask(timeout=question.timeout, next_method=RESUMES_IN, next_kwargs={})
        self._client.task_instances.await_input(self._what.id, message)
        return "awaiting_input"

    def _failed(self, why: str, *, again: bool, delay: float | None) -> str:
        """Another try where Airflow has one left: after `delay` seconds, or after the task's own delay."""
        if again and self._context.should_retry:
            self._client.task_instances.retry(
                self._what.id,
                _now(),
                None,
                retry_delay_seconds=delay,
                retry_reason=why.partition("\n")[0][:REASON_LENGTH],
            )
            return "up_for_retry"
        self._client.task_instances.finish(self._what.id, TerminalStateNonSuccess.FAILED, _now(), None)
        return "failed"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
