"""What Airflow's graph tells a hand-written task, as the definition's edges tell a generated one: ways of a
branch, sources of a join.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from airflow.sdk.bases.skipmixin import XCOM_SKIPMIXIN_FOLLOWED, XCOM_SKIPMIXIN_KEY, XCOM_SKIPMIXIN_SKIPPED
from airflow.sdk.definitions.mappedoperator import MappedOperator

from officeflow.errors import Problem
from officeflow.sdk import Node
from officeflow.workflows import flow, graph
from operators.templating import node_of

AnyNode = Node[Any, Any, Any]


class NodeTask(Protocol):
    """As much of a `NodeOperator` as is asked here."""

    workflow: str | None
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    @property
    def node(self) -> type[AnyNode]: ...
    @property
    def task_id(self) -> str: ...
    def get_closest_mapped_task_group(self) -> Any: ...


def decides(node: type[AnyNode]) -> bool:
    """Whether the node skips some of the tasks behind it."""
    return node.spec.type == flow.BRANCH


def with_defaults(
    kwargs: dict[str, Any], given: Mapping[str, Any], node: type[AnyNode], params: Any
) -> dict[str, Any]:
    """Airflow's arguments of a hand-written task: every field of its output is an XCom too, and a join waits
    as its mode says.
    """
    told = {"multiple_outputs": True, **kwargs}
    if node.spec.type == flow.JOIN and "trigger_rule" not in given:
        mode = params.get("mode", "taken") if isinstance(params, Mapping) else "taken"
        if mode in graph.RULES:
            told["trigger_rule"] = str(graph.RULES[mode])
    return told


def ways(task: NodeTask) -> dict[str, str]:
    """The conditions of a branch in a hand-written DAG: it goes where its parameters say."""
    if task.workflow is not None or not decides(task.node):
        return {}
    return {
        target: f"{json.dumps(target)} in nodes[{json.dumps(task.task_id)}].output.taken"
        for target in sorted(task.downstream_task_ids)
    }


def told(task: NodeTask, params: Any) -> Any:
    """The parameters as they are; those of a join in a hand-written DAG with the tasks before it, unless its
    author named some.
    """
    if (
        task.workflow is not None
        or task.node.spec.type != flow.JOIN
        or not isinstance(params, Mapping)
        or "sources" in params
    ):
        return params
    return {
        **params,
        "sources": {source: flow.arrived(source, None) for source in sorted(task.upstream_task_ids)},
    }


def siblings(task: NodeTask) -> frozenset[str]:
    """The tasks that are mapped together with this one, in a mapped task group."""
    group = task.get_closest_mapped_task_group() if task.workflow is None else None
    return frozenset() if group is None else frozenset(other.task_id for other in group.iter_tasks())


def skipped_by(task: NodeTask, ti: Any) -> str | None:
    """The task of the same mapping that decided against this one, in a mapped task group.

    There Airflow 3.3 does not look: its dependency on what was skipped asks for a map index of -1
    (`not_previously_skipped_dep.py`).
    """
    beside = siblings(task)
    for before in sorted(task.upstream_task_ids & beside):
        told = ti.xcom_pull(task_ids=before, key=XCOM_SKIPMIXIN_KEY, map_indexes=ti.map_index) or {}
        if task.task_id in told.get(XCOM_SKIPMIXIN_SKIPPED, ()) or task.task_id not in told.get(
            XCOM_SKIPMIXIN_FOLLOWED, [task.task_id]
        ):
            return before
    return None


def not_skippable(task: Any, decides_about: Iterable[str]) -> Iterator[Problem]:
    """Skips that Airflow would not see to."""
    if isinstance(task, MappedOperator):
        if list(decides_about):
            why = "a mapped task cannot decide about the tasks behind it: each mapping would decide for all"
            yield Problem("conditions", why, "put both into a task group and map that")
        return
    group = task.get_closest_mapped_task_group()
    others = task.get_dag().task_dict
    for target in sorted(decides_about) if group is not None else ():
        if target in others and node_of(others[target]) is None:
            why = (
                f"{target} is no operator of OfficeFlow, and Airflow skips no others within a mapped task"
                " group"
            )
            yield Problem(
                f"conditions.{target}", why, "let it decide itself, or put an operator of OfficeFlow between"
            )
