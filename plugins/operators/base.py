"""Runs a node as an Airflow task.

In a hand-written DAG:

    SuspendAccountOperator(
        task_id="suspend", org="acme", connection="directory", node_params={"login": "{{ params.login }}"}
    )

Importing an operator opens nothing; the database and the connector are imported when a task runs. What is
wrong with a task is an import error of its DAG's file. `docs/dags.md` says how Airflow's own ways work here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator
from airflow.sdk.bases.skipmixin import SkipMixin
from airflow.sdk.definitions.mappedoperator import MappedOperator
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSkipException,
    AirflowTaskTimeout,
)

from officeflow.errors import InvalidInput
from officeflow.sdk import Answer, ErrorDetails, Node, NodeInput, NodeResult
from officeflow.sdk.execution import tries_before
from officeflow.sdk.places import Place
from operators import checks, faults, steering
from operators.mapping import ARGUMENTS, NodePartial, from_upstream, taken_over, with_defaults
from operators.questions import answer_of, ask
from operators.retry import NodeRetry, RetryWhenTold, retry_policy_of
from operators.templating import NODE_PARAMS, Rendering, veil

if TYPE_CHECKING:
    from airflow.sdk import Context

DEFAULT_TIMEOUT = dt.timedelta(minutes=5)
DAG_TEST = "dag_test"
"""As whom `dag.test()` starts its runs."""

TIMED_OUT = ErrorDetails(
    code="timed_out", message="the node took longer than its time-out and was stopped", retryable=True
)


class NodeOperator(BaseOperator, SkipMixin):
    """One node as one task; a subclass, which `operators.making` makes, names its node type and nothing else.

    `org` is the organization's slug, `node_params` the node's parameters, in which `${{ }}` expressions are
    replaced when it runs. `connection` is the name of one of the organization's connections. `workflow` and
    `version` are given in generated DAGs alone. `retry_policy` is the definition's (`{"maxRetries": 3,
    "backoffMs": 1000, …}`) and decides when a failed try is made again; without it Airflow's `retries` and
    `retry_delay` do. `conditions` maps the id of a task right behind this one to the CEL expression without
    which it is skipped; a branch needs none.

    `org`, `connection` and `node_params` take Airflow's templates and XComs, in hand-written DAGs alone: what
    a generated task has in its parameters, tenants wrote. Fields that are templates of the node's own are not
    Airflow's.

    What may be shown of the output is pushed to XCom unless `do_xcom_push=False`, whole and field by field;
    later nodes read the whole of it from the ledger, also where they are given this task's `.output`.

    `InvalidParameters` for what can be seen to be wrong.
    """

    template_fields: ClassVar[Sequence[str]] = ARGUMENTS  # type: ignore[misc]  # Airflow declares it per instance
    template_fields_renderers: ClassVar[dict[str, str]] = {NODE_PARAMS: "json"}
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
        given = {**(kwargs.get("default_args") or {}), **kwargs}
        policy = retry_policy_of(retry_policy, given)
        kwargs |= {"retries": policy.max_retries, "retry_delay": dt.timedelta(milliseconds=policy.backoff_ms)}
        if "execution_timeout" not in given:
            kwargs["execution_timeout"] = DEFAULT_TIMEOUT
        if workflow is None:
            kwargs = steering.with_defaults(kwargs, given, self.node, node_params)
        super().__init__(retry_policy=RetryWhenTold(), **kwargs)
        if workflow is not None:
            self.template_fields = ()  # type: ignore[misc]  # Airflow declares it per instance
        self.org = org
        # As it was given: by its identity Airflow knows what a mapping has brought, which it must not render.
        self.node_params = {} if node_params is None else node_params
        self.connection = connection
        self.workflow = workflow
        self.version = version
        self.node_retry = policy
        self.conditions = dict(conditions or {})
        self._given_params: Mapping[str, Any] | None = None
        self._refused: InvalidInput | None = None
        if workflow is None and not self._is_from_mapped:
            dag = self.get_dag()
            macros = (dag.user_defined_macros if dag else None) or {}
            problems = checks.of_arguments(
                self.node, org=org, connection=connection, params=node_params, macros=macros
            )
            checks.refuse(self.task_id, type(self).__name__, problems)

    @classmethod
    def partial(cls, **kwargs: Any) -> NodePartial:
        """As Airflow's, with our defaults and checks."""
        return taken_over(super().partial(**with_defaults(kwargs, DEFAULT_TIMEOUT)))

    @property
    def _is_from_mapped(self) -> bool:
        return bool(getattr(self, "_BaseOperator__from_mapped", False))

    @property
    def inherits_from_skipmixin(self) -> bool:
        """For the scheduler: only where there are conditions need it ask what this task has skipped."""
        return bool(self.conditions) or steering.decides(self.node)

    def resolve_template_files(self) -> None:
        """Called by Airflow once the DAG is whole; an error is the file's import error."""
        super().resolve_template_files()
        if self.workflow is None:
            arguments = [{NODE_PARAMS: self.node_params}]
            checks.refuse(
                self.task_id, type(self).__name__, checks.of_place(self, arguments, self.conditions)
            )

    def _do_render_template_fields(
        self,
        parent: Any,
        template_fields: Iterable[str],
        context: Context,
        jinja_env: Any,
        seen_oids: set[int],
    ) -> None:
        """Render for Airflow, which shows the result: what must not be shown is kept beside it.

        A generated task's parameters are never rendered, whatever asks for it.
        """
        if self.workflow is not None:
            return
        others = [name for name in template_fields if name not in ARGUMENTS]
        super()._do_render_template_fields(parent, others, context, jinja_env, seen_oids)

        def airflows(value: Any) -> Any:
            return (
                value(context=context, jinja_env=jinja_env)
                if callable(value)
                else self.render_template(value, context, jinja_env, set())
            )

        try:
            self._take(Rendering(airflows), self._data_fields(context))
        except InvalidInput as error:
            self._refused = error

    def _take(self, rendering: Rendering, data: Collection[str]) -> None:
        for name in ("org", "connection"):
            value = getattr(self, name)
            if value is not None and name not in data:
                setattr(self, name, rendering.name(value, name))
        whole = (
            rendering.data(self.node_params)
            if NODE_PARAMS in data
            else rendering.params(self.node_params, self.node)
        )
        schema = self.node.schema().params
        shown = veil(whole, Place(schema, schema))
        self._given_params, self.node_params = (None, whole) if shown == whole else (whole, shown)
        checks.refuse(self.task_id, type(self).__name__, checks.of_names(self.org, self.connection))

    def _data_fields(self, context: Context) -> Collection[str]:
        dag = self.get_dag()
        mapped = dag.task_dict.get(self.task_id) if dag else None
        return (
            from_upstream(mapped, context["ti"].map_index or 0) if isinstance(mapped, MappedOperator) else ()
        )

    def execute(self, context: Context) -> Mapping[str, Any]:
        """Run the node through the ledger: already done means that the recorded output is returned and
        nothing is called.
        """
        return self._run(context, None)

    def execute_complete(self, context: Context, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Called instead of `execute` when what the node asked was answered, or its time is over; `event` is
        Airflow's account of it.
        """
        return self._run(context, answer_of(event))

    def _run(self, context: Context, answer: Answer | None) -> Mapping[str, Any]:
        from officeflow.runner import refusing
        from officeflow.runner.run import run_node
        from operators.services import open_services

        if (decided := steering.skipped_by(self, context["ti"])) is not None:
            raise AirflowSkipException(f"{decided} decided against it")
        faults.end_the_process()
        with open_services(self.log) as services:
            if self._refused is not None:
                details = ErrorDetails(
                    code=self._refused.code, message=self._refused.message, problems=self._refused.problems
                )
                refusing.note(services, replace(self.node_input(context), params={}), details)
                raise AirflowFailException(message_of(details))
            given = replace(self.node_input(context), answer=answer)
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
        ti, by = context["ti"], getattr(context["dag_run"], "triggering_user_name", None)
        return NodeInput(
            node=ti.task_id,
            type=self.node.spec.type,
            org=self.org,
            dag_id=ti.dag_id,
            dag_run_id=ti.run_id,
            params=steering.told(
                self, self.node_params if self._given_params is None else self._given_params
            ),
            context=self._told(context),
            connection=self.connection,
            map_index=-1 if ti.map_index is None else ti.map_index,
            try_number=ti.try_number,
            tries_before=tries_before(ti.max_tries, self.retries or 0),
            workflow=self.workflow,
            version=self.version,
            retry=self.node_retry,
            jitter=self.node_retry.jitter,
            timeout_ms=int((self.execution_timeout or DEFAULT_TIMEOUT).total_seconds() * 1000),
            conditions=self.conditions or steering.ways(self),
            siblings=steering.siblings(self),
            started_by=by or "",
            trial=by == DAG_TEST,
        )

    def _told(self, context: Context) -> dict[str, Any]:
        """The run's conf, and in a hand-written DAG its params below it.

        Those of a generated one are the fields of Airflow's form.
        """
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

        `SkipMixin.skip` records it in XCom, so that a cleared target is skipped again, and leaves this task
        through an exception, past the push of its output.
        """
        if not result.skip:
            return
        dag = self.get_dag()
        if dag is None:
            raise AirflowException(f"{self.task_id} has conditions but stands in no DAG")
        ti = context["ti"]
        if self.do_xcom_push:
            told = dict(result.public)
            for key, value in {**(told if self.multiple_outputs else {}), "return_value": told}.items():
                ti.xcom_push(key, value)
        for task_id in result.skip:
            self.log.info("the way to %s is not taken: its condition is false", task_id)
        self.skip(ti, [dag.get_task(task_id) for task_id in result.skip])


def message_of(error: ErrorDetails | None) -> str:
    """What a failed node says, over as many lines as it has problems."""
    if error is None:
        return "the node failed"
    lines = [f"{error.code}: {error.message}", *map(str, error.problems)]
    return "\n  ".join(lines) + (f" ({error.hint})" if error.hint else "")
