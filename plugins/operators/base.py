"""Runs a node as an Airflow task.

In a hand-written DAG:

    SuspendAccountOperator(task_id="suspend", org="acme", connection="identity", node_params={"user": "jdoe"})

Importing an operator opens nothing; the database and the connector are imported when a task runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator
from airflow.sdk.bases.skipmixin import SkipMixin
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowRescheduleException, AirflowTaskTimeout

from officeflow.nodes.base import Answer, ErrorDetails, Node, NodeInput, NodeResult
from operators import faults
from operators.questions import answer_of, ask
from operators.retry import NodeRetry, RetryWhenTold, retry_policy_of

if TYPE_CHECKING:
    from airflow.sdk import Context

DEFAULT_TIMEOUT = dt.timedelta(minutes=5)
TIMED_OUT = ErrorDetails(code="timed_out", message="the node took longer than its time-out and was stopped", retryable=True)


class NodeOperator(BaseOperator, SkipMixin):
    """One node as one task; a subclass names its node type and nothing else.

    `org` is the organization's slug, `node_params` the node's parameters, in which `${{ }}` expressions are replaced when it runs.
    `connection` is the name of one of the organization's connections. `workflow` and `version` are given in generated DAGs alone.
    `retry_policy` is the definition's (`{"maxRetries": 3, "backoffMs": 1000, …}`) and decides when a failed try is made again.
    `conditions` maps the id of a task right behind this one to the CEL expression without which it is skipped.

    What may be shown of the output is pushed to XCom unless `do_xcom_push=False`; later nodes read the whole of it from the ledger.
    """

    node: ClassVar[type[Node[Any, Any, Any]]]

    def __init__(
        self,
        *,
        org: str,
        node_params: Mapping[str, Any] | None = None,
        connection: str | None = None,
        workflow: str | None = None,
        version: int | None = None,
        retry_policy: Mapping[str, Any] | None = None,
        conditions: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        policy = retry_policy_of(retry_policy)
        defaults = {
            "retries": policy.max_retries,
            "retry_delay": dt.timedelta(milliseconds=policy.backoff_ms),
            "execution_timeout": DEFAULT_TIMEOUT,
        }
        given = {**(kwargs.get("default_args") or {}), **kwargs}
        kwargs.update({name: value for name, value in defaults.items() if name not in given})
        super().__init__(retry_policy=RetryWhenTold(), **kwargs)
        self.org = org
        self.node_params = dict(node_params or {})
        self.connection = connection
        self.workflow = workflow
        self.version = version
        self.node_retry = policy
        self.conditions = dict(conditions or {})

    @property
    def inherits_from_skipmixin(self) -> bool:
        """For the scheduler: only where there are conditions need it ask what this task has skipped."""
        return bool(self.conditions)

    def execute(self, context: Context) -> Mapping[str, Any]:
        """Run the node through the ledger: already done means that the recorded output is returned and nothing is called."""
        return self._run(context, None)

    def execute_complete(self, context: Context, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Called instead of `execute` when what the node asked was answered, or its time is over; `event` is Airflow's account of it."""
        return self._run(context, answer_of(event))

    def _run(self, context: Context, answer: Answer | None) -> Mapping[str, Any]:
        from officeflow.nodes import refusing
        from officeflow.nodes.runner import run_node
        from operators.services import open_services

        faults.end_the_process()
        given = replace(self.node_input(context), answer=answer)
        with open_services(self.log) as services:
            try:
                result = run_node(given, services)
            except AirflowTaskTimeout:  # it is in the way of no handler of `run_node`'s
                refusing.note(services, given, TIMED_OUT)
                raise
        if result.question is not None:
            ask(context["ti"].id, result.question)
        self._raise_unless_done(result)
        self._skip(result, context)
        return result.public

    def node_input(self, context: Context) -> NodeInput:
        ti = context["ti"]
        return NodeInput(
            node=ti.task_id,
            type=self.node.spec.type,
            org=self.org,
            dag_id=ti.dag_id,
            dag_run_id=ti.run_id,
            params=self.node_params,
            context=self._told(context),
            connection=self.connection,
            map_index=-1 if ti.map_index is None else ti.map_index,
            try_number=ti.try_number,
            tries_before=max(0, ti.max_tries - (self.retries or 0)),
            workflow=self.workflow,
            version=self.version,
            retry=self.node_retry,
            timeout_ms=int((self.execution_timeout or DEFAULT_TIMEOUT).total_seconds() * 1000),
            conditions=self.conditions,
        )

    def _told(self, context: Context) -> dict[str, Any]:
        """The run's conf, and in a hand-written DAG its params below it. Those of a generated one are the fields of Airflow's form."""
        params = context.get("params") if self.workflow is None else None
        return {**(params or {}), **(context["dag_run"].conf or {})}

    def _raise_unless_done(self, result: NodeResult) -> None:
        if result.status == "success":
            return
        if result.reschedule_at is not None:
            raise AirflowRescheduleException(result.reschedule_at)
        message = message_of(result.error)
        if result.status == "retry":
            raise NodeRetry(message, delay=result.retry_in)
        raise AirflowFailException(message)

    def _skip(self, result: NodeResult, context: Context) -> None:
        """Skip what the false conditions lead to.

        `SkipMixin.skip` records it in XCom, so that a cleared target is skipped again, and leaves this task through an exception, past
        the push of its output.
        """
        if not result.skip:
            return
        dag = self.get_dag()
        if dag is None:
            raise AirflowException(f"{self.task_id} has conditions but stands in no DAG")
        ti = context["ti"]
        if self.do_xcom_push:
            ti.xcom_push("return_value", dict(result.public))
        for task_id in result.skip:
            self.log.info("the way to %s is not taken: %s is false", task_id, self.conditions[task_id])
        self.skip(ti, [dag.get_task(task_id) for task_id in result.skip])


def message_of(error: ErrorDetails | None) -> str:
    """What a failed node says, over as many lines as it has problems."""
    if error is None:
        return "the node failed"
    lines = [f"{error.code}: {error.message}", *map(str, error.problems)]
    return "\n  ".join(lines) + (f" ({error.hint})" if error.hint else "")
