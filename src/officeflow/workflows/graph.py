"""A definition as a graph of tasks: what the DAG factory builds and what `workflow render` draws.

A node runs if at least one of its incoming edges is taken and none of its sources failed. In tasks:

- a node with one incoming edge follows its source, and is skipped where the edge's condition is false;
- a join (several incoming edges) runs when none of them failed and at least one was taken. Skipping it
  because of one edge would skip it for all, so each conditional edge into a join becomes a task of its own,
  `edge__<from>__<to>`, which is skipped instead;
- a node of a loop's body is a task for each round. Airflow lets no round skip another task of its own alone,
  so a node of a round decides for itself whether it was come to (`Rounds`).

What `flow.branch`, `flow.join` and default edges add to this is in `officeflow.workflows.flow`, loops in
`officeflow.workflows.loops`.
"""

from __future__ import annotations

import graphlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from officeflow.errors import InvalidDefinition
from officeflow.ids import EDGE_TASK_PREFIX
from officeflow.sdk.execution import Rounds
from officeflow.workflows import flow as flows
from officeflow.workflows import loops, undoing
from officeflow.workflows.loops import Loop
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

RULES_OF_ROUNDS: Mapping[str, TriggerRule] = {**RULES, "taken": TriggerRule.NONE_FAILED}
"""The same within a loop. Before its rounds are made, Airflow takes `none_failed_min_one_success` for all of
them together (`trigger_rule_dep.py`), where one round that fails would fail the others; that one way was
taken is what the node looks for itself.
"""


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

    `edges` are the definition's, with the conditions that branches and defaults decide by. `ending` is where
    the tasks `verdict` and `undo` stand; None where there is nothing to undo. `rounds` has the nodes of
    loops.
    """

    nodes: tuple[Node, ...]
    edge_tasks: tuple[EdgeTask, ...]
    dependencies: tuple[Dependency, ...]
    branches: Mapping[str, tuple[Branch, ...]]
    trigger_rules: Mapping[str, TriggerRule]
    compensations: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    ending: undoing.Ending | None = None
    loops: tuple[Loop, ...] = ()
    rounds: Mapping[str, Rounds] = field(default_factory=dict)

    def rounds_of(self, key: str) -> Rounds:
        """The node's place in the loops; a node that is in none still reads what those have given."""
        return self.rounds.get(key) or Rounds(bodies=self._bodies)

    @property
    def _bodies(self) -> dict[str, str]:
        return {key: loop.key for loop in self.loops for key in loop.body}


def edge_task_key(source: str, target: str) -> str:
    return f"{EDGE_TASK_PREFIX}{source}__{target}"


def build(definition: Definition) -> Graph:
    """The graph of a definition.

    `InvalidDefinition` for a cycle or an edge to nowhere, which `validation` reports in full.
    """
    flow = {node.id: node for node in definition.nodes if not node.is_compensation}
    drawn, each, found = flows.decided(definition), loops.each_of(definition), loops.of(definition)
    incoming = _incoming(drawn, flow)
    for key, loop in each.items():
        if loop not in flow:
            raise InvalidDefinition(f"{key} runs for each item of {loop}, which is no node of the flow")
    edge_tasks = tuple(_edge_tasks(incoming, each))
    own_task = {(task.source, task.target): task for task in edge_tasks}
    drawn_ones = [part for edge in drawn for part in _dependencies(edge, own_task, each)]
    dependencies = _once([*drawn_ones, *_around_loops(found, drawn, each)])
    nodes = tuple(flows.told(flow[key], incoming[key]) for key in order(_sources(incoming, drawn, each)))
    tasks = [node.id for node in nodes] + [task.key for task in edge_tasks] + [loop.end for loop in found]
    return Graph(
        nodes=nodes,
        edge_tasks=edge_tasks,
        dependencies=dependencies,
        branches=_branches([edge for edge in drawn if not _is_inside(edge, each)], own_task),
        trigger_rules={
            **dict.fromkeys((task.key for task in edge_tasks), TriggerRule.ALL_SUCCESS),
            **{key: _rule(flow[key], edges, each) for key, edges in incoming.items()},
            **{loop.end: TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS for loop in found},
        },
        compensations=tuple(node for node in definition.nodes if node.is_compensation),
        edges=drawn,
        ending=_ending(definition, tasks, dependencies),
        loops=found,
        rounds={key: _rounds(flow[key], incoming[key], each) for key in each},
    )


def _ending(
    definition: Definition,
    tasks: Collection[str],
    dependencies: Iterable[Dependency],
) -> undoing.Ending | None:
    if not undoing.has_something(definition):
        return None
    return undoing.ending(tasks, [(one.upstream, one.downstream) for one in dependencies])


def _is_inside(edge: Edge, each: Mapping[str, str]) -> bool:
    return loops.is_inside(edge.source, edge.target, each)


def _edge_tasks(incoming: Mapping[str, list[Edge]], each: Mapping[str, str]) -> Iterator[EdgeTask]:
    """Of conditional edges into a join, and of those that leave a loop: its `flow.for_each` decides about
    them before the first round, and they are taken behind the last.
    """
    for edges in incoming.values():
        for edge in edges:
            needs_one = len(edges) > 1 or loops.left_by(edge, each) is not None
            if edge.condition is not None and needs_one and not _is_inside(edge, each):
                key = edge_task_key(edge.source, edge.target)
                yield EdgeTask(key, edge.source, edge.target, edge.condition, edge.label or edge.condition)


def _sources(
    incoming: Mapping[str, list[Edge]], drawn: Iterable[Edge], each: Mapping[str, str]
) -> dict[str, list[str]]:
    sources = {key: [edge.source for edge in edges] for key, edges in incoming.items()}
    for before, after in loops.implied([(edge.source, edge.target) for edge in drawn], each):
        sources[after].append(before)
    return sources


def _rule(node: Node, edges: Sequence[Edge], each: Mapping[str, str]) -> TriggerRule:
    if len(edges) < 2:
        return TriggerRule.ALL_SUCCESS
    return (RULES_OF_ROUNDS if node.id in each else RULES)[flows.join_mode(node)]


def _rounds(node: Node, edges: Sequence[Edge], each: Mapping[str, str]) -> Rounds:
    mode = flows.join_mode(node)
    conditional = any(edge.condition is not None for edge in edges)
    decides = conditional or (len(edges) > 1 and mode == "taken")
    arrivals = tuple(flows.arrived(edge.source, edge.condition) for edge in edges) if decides else ()
    return Rounds(each=each[node.id], bodies=dict(each), arrivals=arrivals, needs_all=mode == "all")


def _around_loops(
    found: Iterable[Loop], drawn: Iterable[Edge], each: Mapping[str, str]
) -> Iterator[Dependency]:
    """Into the body where no edge is drawn, and from the body to the loop's end."""
    entered = {edge.target for edge in drawn if _is_inside(edge, each)}
    for loop in found:
        yield from (Dependency(loop.key, key) for key in loop.body if key not in entered)
        yield from (Dependency(key, loop.end) for key in (loop.key, *loop.leaves))


def _once(dependencies: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Several edges may leave a loop for the same node."""
    found: dict[tuple[str, str], Dependency] = {}
    for one in dependencies:
        found.setdefault((one.upstream, one.downstream), one)
    return tuple(found.values())


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


def _dependencies(
    edge: Edge, own_task: Mapping[tuple[str, str], EdgeTask], each: Mapping[str, str]
) -> Iterator[Dependency]:
    task, left = own_task.get((edge.source, edge.target)), loops.left_by(edge, each)
    end = loops.end_of(left) if left is not None else ""
    if task is None:
        yield Dependency(end or edge.source, edge.target, edge.label or edge.condition or "")
        return
    yield Dependency(edge.source, task.key, task.label)
    if end:
        yield Dependency(end, task.key)
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
