"""From a definition to Airflow's objects, through the neutral graph of `officeflow.workflows`."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, BaseOperator
from airflow.sdk.definitions._internal.expandinput import DictOfListsExpandInput
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.definitions.taskgroup import MappedTaskGroup
from airflow.sdk.definitions.xcom_arg import PlainXComArg
from airflow.serialization.serialized_objects import DagSerialization

from dag_factory import documents
from dag_factory.operators import operator_class, undo_operator
from dag_factory.run_conf import run_params
from officeflow import ids
from officeflow.errors import InvalidDefinition
from officeflow.events.topics import EMPLOYEE_EXIT
from officeflow.settings import load_settings
from officeflow.workflows import graph as graphs
from officeflow.workflows import undoing
from officeflow.workflows.loops import FOR_EACH, Loop
from officeflow.workflows.models import Definition, Node

MANY = 100_000
"""Airflow counts waiting runs too, so a limit on a workflow's runs or tasks would stop everybody behind those
who wait for day 30.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A published version of an organization's workflow.

    `org` is the slug, `content_hash` the definition's.
    """

    org: str
    definition: Definition
    version: int
    content_hash: str

    @property
    def dag_id(self) -> str:
        return ids.dag_id(self.org, self.definition.slug)

    @property
    def owner(self) -> str:
        return self.definition.owner or self.org


def build(org: str, definition: Mapping[str, Any], *, version: int, content_hash: str) -> DAG:
    """The DAG, ready for Airflow to take: validated, without a cycle, serializable.

    `InvalidDefinition` for everything that goes wrong: an error that reached Airflow would hide the other
    workflows of the file.
    """
    try:
        dag = _build(Source(org, Definition.model_validate(definition), version, content_hash))
        dag.validate()
        dag.check_cycle()
        DagSerialization.to_dict(dag)
    except (
        Exception
    ) as error:  # Airflow, pydantic and the operators raise what they like; here it becomes one type
        raise InvalidDefinition(
            f"version {version} does not build: {type(error).__name__}: {error}"
        ) from error
    return dag


LEAVERS, OTHERS = 10, 1
"""Priorities of tasks: where slots are scarce, access ends before anything else happens."""


def _build(source: Source) -> DAG:
    graph = graphs.build(source.definition)
    with _empty_dag(source, graph) as dag:
        in_loops = {key for loop in graph.loops for key in loop.body}
        for node in graph.nodes:
            if node.id not in in_loops:
                _node_task(source, graph, node)
        for loop in graph.loops:
            _loop_tasks(dag, source, graph, loop)
        for edge in graph.edge_tasks:
            _edge_task(graph, edge)
        for dependency in graph.dependencies:
            _depend(dag, dependency)
        if graph.ending is not None:
            _ending_tasks(dag, source, graph, graph.ending)
    # Afterwards: tasks that are made in a DAG with params each have a copy of them, serialized too.
    dag.params = ParamsDict(run_params(source.definition.trigger.events))
    return dag


def _empty_dag(source: Source, graph: graphs.Graph) -> DAG:
    definition = source.definition
    return DAG(
        source.dag_id,
        dag_display_name=definition.name,
        description=documents.summary(definition),
        doc_md=documents.of_workflow(
            definition, graph, org=source.org, version=source.version, content_hash=source.content_hash
        ),
        # The stub hands its DAGs over itself; the check file builds them too and must hand over none.
        auto_register=False,
        tags=[
            f"org:{source.org}",
            *(f"trigger:{kind}" for kind in definition.trigger.events),
            *definition.tags,
        ],
        schedule=None,
        catchup=False,
        max_active_runs=MANY,
        max_active_tasks=MANY,
        is_paused_upon_creation=False,
        default_args={
            "owner": source.owner,
            "do_xcom_push": False,
            "weight_rule": "absolute",
            "priority_weight": LEAVERS if EMPLOYEE_EXIT in definition.trigger.events else OTHERS,
        },
    )


def _depend(dag: DAG, dependency: graphs.Dependency) -> None:
    upstream, downstream = dag.get_task(dependency.upstream), dag.get_task(dependency.downstream)
    if (
        downstream.task_id not in upstream.downstream_task_ids
    ):  # a mapped group follows what it is mapped over
        upstream.set_downstream(downstream)
    if dependency.label:
        dag.set_edge_info(upstream.task_id, downstream.task_id, {"label": dependency.label})


def _loop_tasks(dag: DAG, source: Source, graph: graphs.Graph, loop: Loop) -> None:
    """A task group that is mapped over the rounds' numbers, and the task behind all of them."""
    begins = source.definition.node(loop.key)
    title = begins.name or operator_class(begins.type).node.spec.title
    rounds = DictOfListsExpandInput({"round": PlainXComArg(dag.get_task(loop.key))})
    with MappedTaskGroup(
        group_id=loop.group, group_display_name=title, prefix_group_id=False, expand_input=rounds
    ):
        for node in graph.nodes:
            if node.id in loop.body:
                _node_task(source, graph, node, max_active_tis_per_dagrun=loop.at_once)
        # In here: as the group is left, those that follow no other of it follow what it is mapped over.
        for dependency in graph.dependencies:
            if {dependency.upstream, dependency.downstream} <= set(loop.body):
                _depend(dag, dependency)
    EmptyOperator(
        task_id=loop.end,
        task_display_name=f"{title}: all rounds",
        doc_md=documents.of_loop(loop),
        trigger_rule=str(graph.trigger_rules[loop.end]),
    )


def _edge_task(graph: graphs.Graph, edge: graphs.EdgeTask) -> BaseOperator:
    return EmptyOperator(
        task_id=edge.key,
        task_display_name=edge.label,
        doc_md=documents.of_edge(edge),
        trigger_rule=str(graph.trigger_rules[edge.key]),
    )


def _node_task(source: Source, graph: graphs.Graph, node: Node, **airflow: Any) -> BaseOperator:
    operator = operator_class(node.type)
    spec = operator.node.spec
    return operator(
        task_id=node.id,
        task_display_name=node.name or spec.title,
        doc_md=documents.of_node(node, operator.node),
        trigger_rule=str(graph.trigger_rules[node.id]),
        execution_timeout=dt.timedelta(milliseconds=node.timeout_ms),
        org=source.org,
        node_params=node.params,
        connection=node.connection,
        workflow=source.definition.slug,
        version=source.version,
        retry_policy=node.retry_policy.model_dump(by_alias=True),
        conditions={branch.skips: branch.condition for branch in graph.branches.get(node.id, ())},
        rounds=graph.rounds_of(node.id),
        **({"do_xcom_push": True} if node.type == FOR_EACH else {}),
        **airflow,
        **_queue(),
    )


def _ending_tasks(dag: DAG, source: Source, graph: graphs.Graph, ending: undoing.Ending) -> None:
    """The two leaves by which the run's state is told (`officeflow.workflows.undoing`)."""
    verdict = EmptyOperator(
        task_id=undoing.VERDICT,
        task_display_name="Verdict",
        doc_md=documents.of_verdict(),
        trigger_rule=str(graphs.TriggerRule.NONE_FAILED),
    )
    undo = undo_operator()(
        task_id=undoing.UNDO,
        task_display_name="Undo",
        doc_md=documents.of_undo(source.definition, graph),
        execution_timeout=dt.timedelta(milliseconds=undoing.TIMEOUT_MS),
        org=source.org,
        workflow=source.definition.slug,
        version=source.version,
        retry_policy=undoing.RETRY.model_dump(by_alias=True),
        **_queue(),
    ).as_teardown(on_failure_fail_dagrun=True)
    for task in ending.verdict_after:
        dag.get_task(task).set_downstream(verdict)
    for task in ending.undo_after:
        dag.get_task(task).set_downstream(undo)


@functools.cache
def _queue() -> dict[str, str]:
    """Airflow's default queue, unless the settings name one for nodes."""
    queue = load_settings().node_queue
    return {"queue": queue} if queue else {}
