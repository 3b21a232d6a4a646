"""What steers the flow, for the graph: a branch decides about its edges, a default edge is taken where the
others of its source are not, a join says which of its edges it waits for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from officeflow.workflows.loops import each_of, is_inside
from officeflow.workflows.models import Definition, Edge, Node

BRANCH, JOIN, FAIL = "flow.branch", "flow.join", "flow.fail"
CALL = "flow.call"
LONGEST_LABEL = 250
OTHERWISE = "otherwise"
"""The label of a default edge that has none."""


def is_branch(node: Node) -> bool:
    return node.type == BRANCH


def decided(definition: Definition) -> tuple[Edge, ...]:
    """The edges, each with the condition under which it is taken: one that leaves a branch has that the
    branch takes it, and a default edge that none of the others is taken. Their labels say when that is.
    """
    branches = {node.id: node for node in definition.nodes if is_branch(node)}
    each = each_of(definition)
    return tuple(
        _decided(edge, branches[edge.source])
        if edge.source in branches
        else _default(edge, beside(edge, definition.edges, each))
        if edge.default
        else edge
        for edge in definition.edges
    )


def _decided(edge: Edge, branch: Node) -> Edge:
    label = edge.label or " or ".join(dict.fromkeys(_whens(branch.params, edge.target))) or edge.target
    return edge.model_copy(
        update={"condition": taken(branch.id, edge.target), "label": label[:LONGEST_LABEL]}
    )


def beside(edge: Edge, edges: Iterable[Edge], each: Mapping[str, str]) -> list[str]:
    """The conditions of the edges that are decided together with this one: those of its source, and of a
    `flow.for_each` either those that lead into its rounds, or those that lead on.
    """
    inside = is_inside(edge.source, edge.target, each)
    return [
        other.condition
        for other in edges
        if other.source == edge.source
        and other.condition is not None
        and is_inside(other.source, other.target, each) == inside
    ]


def _default(edge: Edge, others: Sequence[str]) -> Edge:
    return edge.model_copy(
        update={"condition": otherwise(others) if others else None, "label": edge.label or OTHERWISE}
    )


def otherwise(conditions: Iterable[str]) -> str:
    """CEL: whether none of these is true."""
    return " && ".join(f"!({condition})" for condition in conditions)


def taken(branch: str, target: str) -> str:
    """CEL: whether the branch has decided for the edge to `target`."""
    return f"{json.dumps(target)} in nodes.{branch}.output.taken"


def _whens(params: Mapping[str, Any], target: str) -> Iterator[str]:
    """In which cases the branch takes the edge to `target`, for people."""
    for path, named in targets(params):
        if named == target:
            yield _when(params, path)


def _when(params: Mapping[str, Any], path: Sequence[str | int]) -> str:
    match path[:2]:
        case ["cases", int(index)]:
            return str(params["cases"][index].get("when", ""))
        case ["choices", str(choice)]:
            return choice
    return OTHERWISE


def targets(params: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every node that a branch's parameters name, as they are drawn, right or wrong: its place in them and
    its id.
    """
    cases, choices = params.get("cases"), params.get("choices")
    for index, case in enumerate(cases if isinstance(cases, list) else []):
        if isinstance(case, Mapping):
            yield from _named(("cases", index, "to"), case.get("to"))
    for choice, to in choices.items() if isinstance(choices, Mapping) else ():
        yield from _named(("choices", choice), to)
    yield from _named(("default",), params.get("default"))


def _named(path: tuple[str | int, ...], to: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(to, list):
        for index, key in enumerate(to):
            yield (*path, index), key
    elif to is not None:
        yield path, to


def join_mode(node: Node) -> str:
    """`taken`, `all` or `any`: what the node says in `join`, and a `flow.join` by its own `mode` too."""
    return str(node.params.get("mode", node.join)) if node.type == JOIN else node.join


def told(node: Node, incoming: Sequence[Edge]) -> Node:
    """The node as it runs: a join is told of the edges that lead to it, and when each is taken."""
    if node.type != JOIN:
        return node
    sources = {edge.source: arrived(edge.source, edge.condition) for edge in incoming}
    return node.model_copy(update={"params": {**node.params, "sources": sources}})


def arrived(source: str, condition: str | None) -> str:
    """CEL: whether the edge from `source` with this condition has been taken."""
    done = f"{json.dumps(source)} in nodes"
    return f"{done} && ({condition})" if condition else done
