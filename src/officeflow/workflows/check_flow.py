"""What is wrong with nodes that steer the flow: branches that lead nowhere, joins of nothing, nodes behind an
end.
"""

from __future__ import annotations

from collections.abc import Iterator

from officeflow.errors import InvalidExpression, Problem, did_you_mean, path_to
from officeflow.expressions.cel import compile_expression
from officeflow.expressions.params import has_expression
from officeflow.workflows import flow
from officeflow.workflows.check_graph import good_edges
from officeflow.workflows.draft import Draft, DraftEdge, DraftNode


def check(draft: Draft) -> Iterator[Problem]:
    edges = good_edges(draft)
    for node in draft.flow.values():
        leaving = [edge for edge in edges if edge.source == node.key]
        if node.type == flow.BRANCH:
            yield from _branch(node, leaving)
        elif node.type == flow.JOIN:
            yield from _join(node, [edge for edge in edges if edge.target == node.key])
        elif node.type == flow.FAIL:
            for edge in leaving:
                yield Problem(
                    edge.path, f"{node.key!r} ends the run: nothing comes after it", "remove the edge"
                )


def _branch(node: DraftNode, leaving: list[DraftEdge]) -> Iterator[Problem]:
    followers = {edge.target for edge in leaving}
    named = set()
    for place, target in flow.targets(node.params):
        path = path_to(f"{node.path}.params", place)
        if has_expression(target):
            yield Problem(
                path,
                "where a branch leads is written out, not computed",
                "name a node, and compute the condition",
            )
        elif isinstance(target, str):
            named.add(target)
            if target not in followers:
                yield Problem(
                    path,
                    f"no edge leads from {node.key!r} to {target!r}",
                    did_you_mean(target, followers) or _offer(followers),
                )
    for edge in leaving:
        if edge.condition is not None:
            yield Problem(
                f"{edge.path}.condition",
                f"{node.key!r} decides about its edges itself",
                "put the condition into one of its cases",
            )
        if named and edge.target not in named:
            yield Problem(
                edge.path,
                f"{node.key!r} never goes this way: none of its cases names {edge.target!r}",
                "name it, or remove the edge",
            )


def _offer(followers: set[str]) -> str:
    return (
        f"its edges lead to {', '.join(sorted(followers))}"[:300]
        if followers
        else "draw an edge for each of its ways"
    )


def _join(node: DraftNode, arriving: list[DraftEdge]) -> Iterator[Problem]:
    path = f"{node.path}.params"
    if "sources" in node.params:
        yield Problem(f"{path}.sources", "is filled in from the edges", "leave it out")
    if has_expression(node.params.get("mode")):
        yield Problem(
            f"{path}.mode", "what a join waits for is written out, not computed", "taken, all or any"
        )
    if len({edge.source for edge in arriving}) < 2:
        yield Problem(
            node.path,
            f"{node.key!r} joins nothing: fewer than two edges lead to it",
            "draw its edges, or remove it",
        )
    for edge in arriving:
        if edge.condition is not None and _too_much(edge):
            yield Problem(
                f"{edge.path}.condition",
                "is too long for an edge into a join",
                "shorten it, or test it at a flow.branch",
            )


def _too_much(edge: DraftEdge) -> bool:
    """Whether the condition is valid by itself, and not any more within that of the join."""
    try:
        compile_expression(edge.condition or "")
    except InvalidExpression:
        return False
    try:
        compile_expression(flow.arrived(edge.source, edge.condition))
    except InvalidExpression:
        return True
    return False
