"""A definition as a graph of tasks: what the DAG factory builds and what `workflow render` draws.

A node runs if at least one of its incoming edges is taken and none of its sources failed. In tasks:

- a node with one incoming edge follows its source, and is skipped where the edge's condition is false;
- a join (several incoming edges) runs when none of them failed and at least one was taken. Skipping it
  because of one edge would skip it for all, so each conditional edge into a join becomes a task of its own,
  `edge__<from>__<to>`, which is skipped instead.

What `flow.branch` and `flow.join` add to this is in `officeflow.workflows.flow`.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from officeflow.errors import InvalidDefinition
from officeflow.ids import EDGE_TASK_PREFIX
from officeflow.workflows import flow as flows
from officeflow.workflows import undoing
from officeflow.workflows.models import Definition, Edge, Node


class TriggerRule(StrEnum):
    """When a task runs, in Airflow's names."""

    ALL_SUCCESS = "all_success"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    ONE_SUCCESS = "one_success"


RULES: Mapping[str, TriggerRule] = {
    "taken": TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
    "all": TriggerRule.ALL_SUCCESS,
    "any": TriggerRule.ONE_SUCCESS,
}
"""When a join goes on, by its mode."""


@dataclass(frozen=True, slots=True)
class EdgeTask:
    """A conditional edge into a join. It does nothing: its source skips it where `condition` is false."""

    key: str
    source: str
    target: str
    condition: str
    label: str


@dataclass(frozen=True, slots=True)
class Dependency:
    """Task `downstream` follows task `upstream`. `label` is shown beside the arrow, or ""."""

    upstream: str
    downstream: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """After the source of an edge has succeeded: unless `condition` (CEL) is true, task `skips` is
    skipped.
    """

    condition: str
    skips: str


@dataclass(frozen=True, slots=True)
class Graph:
    """`nodes` are in an order in which each comes after its sources; `compensations` are no part of the flow.

    `edges` are the definition's, with the conditions that branches decide by. `ending` is where the tasks
    `verdict` and `undo` stand; None where there is nothing to undo.
    """

    nodes: tuple[Node, ...]
    edge_tasks: tuple[EdgeTask, ...]
    dependencies: tuple[Dependency, ...]
    branches: Mapping[str, tuple[Branch, ...]]
    trigger_rules: Mapping[str, TriggerRule]
    compensations: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    ending: undoing.Ending | None = None


def edge_task_key(source: str, target: str) -> str:
    return f"{EDGE_TASK_PREFIX}{source}__{target}"


def build(definition: Definition) -> Graph:
    """The graph of a definition.

    `InvalidDefinition` for a cycle or an edge to nowhere, which `validation` reports in full.
    """
    flow = {node.id: node for node in definition.nodes if not node.is_compensation}
    drawn = flows.decided(definition)
    incoming = _incoming(drawn, flow)
    edge_tasks = tuple(
        EdgeTask(
            edge_task_key(edge.source, edge.target),
            edge.source,
            edge.target,
            edge.condition,
            edge.label or edge.condition,
        )
        for edges in incoming.values()
        for edge in edges
        if len(edges) > 1 and edge.condition is not None
    )
    own_task = {(task.source, task.target): task for task in edge_tasks}
    rules = dict.fromkeys((task.key for task in edge_tasks), TriggerRule.ALL_SUCCESS)
    for key, edges in incoming.items():
        rules[key] = RULES[flows.join_mode(flow[key])] if len(edges) > 1 else TriggerRule.ALL_SUCCESS
    nodes = tuple(
        flows.told(flow[key], incoming[key])
        for key in order({key: [edge.source for edge in edges] for key, edges in incoming.items()})
    )
    dependencies = tuple(part for edge in drawn for part in _dependencies(edge, own_task))
    return Graph(
        nodes=nodes,
        edge_tasks=edge_tasks,
        dependencies=dependencies,
        branches=_branches(drawn, own_task),
        trigger_rules=rules,
        compensations=tuple(node for node in definition.nodes if node.is_compensation),
        edges=drawn,
        ending=_ending(definition, [node.id for node in nodes], edge_tasks, dependencies),
    )


def _ending(
    definition: Definition,
    nodes: Iterable[str],
    edge_tasks: Iterable[EdgeTask],
    dependencies: Iterable[Dependency],
) -> undoing.Ending | None:
    if not undoing.has_something(definition):
        return None
    tasks = [*nodes, *(task.key for task in edge_tasks)]
    return undoing.ending(tasks, [(one.upstream, one.downstream) for one in dependencies])


def order(sources: Mapping[str, list[str]]) -> list[str]:
    """The keys, each after its sources, otherwise as they come. `InvalidDefinition` names a cycle."""
    sorter = graphlib.TopologicalSorter(sources)
    place = {key: index for index, key in enumerate(sources)}
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        raise InvalidDefinition(f"the edges form a cycle: {cycle_text(error.args[1])}") from error
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        ordered += ready
        sorter.done(*ready)
    return ordered


def cycle_text(cycle: list[str]) -> str:
    """`a → b → a`, along the edges."""
    return " → ".join(cycle)


def _incoming(edges: Iterable[Edge], flow: Mapping[str, Node]) -> dict[str, list[Edge]]:
    incoming: dict[str, list[Edge]] = {key: [] for key in flow}
    for edge in edges:
        if edge.source not in flow or edge.target not in flow:
            raise InvalidDefinition(
                f"the edge from {edge.source} to {edge.target} does not join two nodes of the flow"
            )
        incoming[edge.target].append(edge)
    return incoming


def _dependencies(edge: Edge, own_task: Mapping[tuple[str, str], EdgeTask]) -> Iterator[Dependency]:
    task = own_task.get((edge.source, edge.target))
    if task is None:
        yield Dependency(edge.source, edge.target, edge.label or edge.condition or "")
    else:
        yield Dependency(edge.source, task.key, task.label)
        yield Dependency(task.key, edge.target)


def _branches(
    edges: Iterable[Edge], own_task: Mapping[tuple[str, str], EdgeTask]
) -> dict[str, tuple[Branch, ...]]:
    branches: dict[str, tuple[Branch, ...]] = {}
    for edge in edges:
        if edge.condition is not None:
            task = own_task.get((edge.source, edge.target))
            branches[edge.source] = (
                *branches.get(edge.source, ()),
                Branch(edge.condition, task.key if task else edge.target),
            )
    return branches
