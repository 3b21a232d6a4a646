"""What is wrong with how nodes are joined."""

from __future__ import annotations

import graphlib
from collections import Counter
from collections.abc import Iterator, Mapping

from officeflow.errors import InvalidExpression, Problem, did_you_mean
from officeflow.expressions.cel import compile_expression
from officeflow.ids import EDGE_TASK_PREFIX, RESERVED_NODE_KEYS
from officeflow.workflows import loops
from officeflow.workflows.draft import Draft, DraftEdge, DraftNode
from officeflow.workflows.graph import cycle_text, edge_task_key
from officeflow.workflows.undoing import UNDO_PREFIX

UNREADABLE = frozenset({"in", "true", "false", "null"})
"""Words of CEL: `nodes.in` could not be written."""
RESERVED = (EDGE_TASK_PREFIX, UNDO_PREFIX)
MAX_CYCLES = 10


def check(draft: Draft) -> Iterator[Problem]:
    yield from _ids(draft)
    yield from _edges(draft)
    yield from _compensations(draft)
    edges = [*good_edges(draft), *_implied(draft)]
    cycles = list(_cycles(draft, edges))
    yield from (_cycle_problem(edges, cycle) for cycle in cycles)
    yield from _unreachable(draft, edges, {key for cycle in cycles for key in cycle})


def good_edges(draft: Draft) -> list[DraftEdge]:
    """Edges that join two different nodes of the flow."""
    flow = draft.flow
    return [
        edge
        for edge in draft.edges
        if edge.source in flow and edge.target in flow and edge.source != edge.target
    ]


def _implied(draft: Draft) -> list[DraftEdge]:
    """What loops add to the edges, at the nodes that it comes of."""
    flow, pairs = draft.flow, [(edge.source, edge.target) for edge in good_edges(draft)]
    return [
        DraftEdge(flow[target].path, source, target, None)
        for source, target in loops.implied(pairs, draft.loops)
        if source != target
    ]


def ancestors(draft: Draft) -> dict[str, frozenset[str]]:
    """For each node of the flow, those that run before it.

    Follows every edge, so that a cycle makes a node its own ancestor.
    """
    sources: dict[str, list[str]] = {key: [] for key in draft.flow}
    for edge in (*good_edges(draft), *_implied(draft)):
        sources[edge.target].append(edge.source)
    return {key: frozenset(_closure(sources, sources[key])) for key in sources}


def _closure(following: Mapping[str, list[str]], start: list[str]) -> set[str]:
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting.extend(following.get(key, ()))
    return seen


def _ids(draft: Draft) -> Iterator[Problem]:
    first: dict[str, DraftNode] = {}
    for node in draft.nodes:
        if not node.key:
            continue
        if node.key in first:
            yield Problem(
                f"{node.path}.id",
                f"{node.key!r} is the id of {first[node.key].path} already",
                "ids are unique in a workflow",
            )
        first.setdefault(node.key, node)
        if node.key in RESERVED_NODE_KEYS or node.key in UNREADABLE or node.key.startswith(RESERVED):
            yield Problem(f"{node.path}.id", f"{node.key!r} is reserved", "choose another id")
    keys = Counter(edge_task_key(edge.source, edge.target) for edge in set(good_edges(draft)))
    pairs = {(edge.source, edge.target): edge for edge in draft.edges}
    for edge in pairs.values():
        key = edge_task_key(edge.source, edge.target)
        if keys[key] > 1 and sum(edge_task_key(*pair) == key for pair in pairs) > 1:
            yield Problem(
                edge.path,
                f"its task would be called {key}, as another edge's",
                "avoid double underscores in node ids",
            )


def _edges(draft: Draft) -> Iterator[Problem]:
    first: dict[tuple[str, str], DraftEdge] = {}
    for edge in draft.edges:
        yield from _ends(draft, edge)
        if not edge.source or not edge.target:
            continue
        pair = (edge.source, edge.target)
        if edge.source == edge.target:
            yield Problem(edge.path, f"joins {edge.source!r} with itself", "a node cannot run before itself")
        elif pair in first:
            reason = f"there is an edge from {edge.source!r} to {edge.target!r} already: {first[pair].path}"
            yield Problem(
                edge.path,
                reason,
                "join the conditions with ||" if edge.condition or first[pair].condition else "remove one",
            )
        first.setdefault(pair, edge)


def _ends(draft: Draft, edge: DraftEdge) -> Iterator[Problem]:
    by_key = draft.by_key
    for end, key in (("from", edge.source), ("to", edge.target)):
        if not key:
            continue
        if key not in by_key:
            yield Problem(f"{edge.path}.{end}", f"there is no node {key!r}", did_you_mean(key, by_key))
        elif by_key[key].compensates_for:
            yield Problem(
                f"{edge.path}.{end}",
                f"{key!r} undoes other nodes and is no part of the flow",
                "remove the edge, or compensatesFor",
            )


def _compensations(draft: Draft) -> Iterator[Problem]:
    by_key = draft.by_key
    for node in draft.nodes:
        if node.compensation_type and not node.compensates_for:
            yield Problem(
                f"{node.path}.compensationType",
                "says how it undoes, but not what",
                "name nodes in compensatesFor",
            )
        if node.compensates_for and not node.compensation_type:
            yield Problem(f"{node.path}.compensationType", "is missing", "rollback, cleanup or notification")
        for index, key in enumerate(node.compensates_for):
            path = f"{node.path}.compensatesFor[{index}]"
            if key not in by_key:
                yield Problem(path, f"there is no node {key!r}", did_you_mean(key, by_key))
            elif key == node.key:
                yield Problem(path, f"{key!r} cannot undo itself", "name a node of the flow")
            elif by_key[key].compensates_for:
                yield Problem(path, f"{key!r} undoes other nodes itself", "name a node of the flow")
            elif key in node.compensates_for[:index]:
                yield Problem(path, f"{key!r} is there already", "remove one")


def _cycles(draft: Draft, edges: list[DraftEdge]) -> Iterator[list[str]]:
    sources: dict[str, set[str]] = {key: set() for key in draft.flow}
    for edge in edges:
        sources[edge.target].add(edge.source)
    for _ in range(MAX_CYCLES):
        try:
            graphlib.TopologicalSorter(sources).prepare()
            return
        except graphlib.CycleError as error:
            cycle: list[str] = error.args[1]
            yield cycle
            sources[cycle[1]].discard(cycle[0])


def _cycle_problem(edges: list[DraftEdge], cycle: list[str]) -> Problem:
    back = next(edge for edge in edges if (edge.source, edge.target) == (cycle[0], cycle[1]))
    return Problem(
        back.path,
        f"the edges form a cycle: {cycle_text(cycle)}",
        "remove one of its edges; a workflow only goes forward",
    )


def _unreachable(draft: Draft, edges: list[DraftEdge], in_cycles: set[str]) -> Iterator[Problem]:
    """Nodes that no run can come to: behind a cycle, behind a condition that is never true, or joined with
    nothing.
    """
    flow = draft.flow
    following: dict[str, list[str]] = {key: [] for key in flow}
    joined: set[str] = set()
    targets: set[str] = set()
    for edge in edges:
        joined |= {edge.source, edge.target}
        targets.add(edge.target)
        if not _never(edge.condition):
            following[edge.source].append(edge.target)
    reached = _closure(following, [key for key in flow if key not in targets])
    for key, node in flow.items():
        if key not in reached and key not in in_cycles:
            yield Problem(
                node.path,
                f"{key!r} is unreachable: no run can come to it",
                "look at the edges and conditions before it",
            )
        elif edges and key not in joined:
            yield Problem(
                node.path,
                f"{key!r} is unreachable: no edge joins it with the others",
                "add an edge, or remove the node",
            )


def _never(condition: str | None) -> bool:
    if condition is None:
        return False
    try:
        return compile_expression(condition).is_false
    except InvalidExpression:
        return False
