"""What is wrong with nodes that steer the flow: branches that lead nowhere, joins of nothing, nodes behind an
end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from officeflow.errors import InvalidExpression, Problem, did_you_mean, path_to
from officeflow.expressions.cel import compile_expression
from officeflow.expressions.params import has_expression
from officeflow.workflows import flow
from officeflow.workflows.check_graph import good_edges
from officeflow.workflows.draft import Draft, DraftEdge, DraftNode
from officeflow.workflows.loops import is_inside


def check(draft: Draft) -> Iterator[Problem]:
    edges, each = good_edges(draft), draft.loops
    for node in draft.flow.values():
        leaving = [edge for edge in edges if edge.source == node.key]
        yield from _waits(node, [edge for edge in edges if edge.target == node.key])
        for together in _decided_together(leaving, each):
            yield from _defaults(node, together)
        if node.type == flow.BRANCH:
            yield from _branch(node, leaving)
        elif node.type == flow.JOIN:
            yield from _join(node, [edge for edge in edges if edge.target == node.key])
        elif node.type == flow.FAIL:
            for edge in leaving:
                yield Problem(
                    edge.path, f"{node.key!r} ends the run: nothing comes after it", "remove the edge"
                )


def _waits(node: DraftNode, arriving: list[DraftEdge]) -> Iterator[Problem]:
    """What is wrong with its `join`."""
    path, own = f"{node.path}.join", node.params.get("mode")
    if node.join is None or node.compensates_for:
        return
    if node.type == flow.JOIN and isinstance(own, str) and own != node.join:
        yield Problem(
            path,
            f"says {node.join}, and its params.mode says {own}",
            "leave one of them out: both mean the same",
        )
    if node.join != "taken" and node.type != flow.JOIN and len({edge.source for edge in arriving}) < 2:
        why = f"{node.key!r} is to wait for {node.join} of its edges, and fewer than two lead to it"
        yield Problem(path, why, "draw its edges, or leave join out")


def _decided_together(leaving: list[DraftEdge], each: Mapping[str, str]) -> Iterator[list[DraftEdge]]:
    """The edges of a source; of a `flow.for_each` those into its rounds and those that lead on apart.

    Those that leave a loop from within are told of elsewhere.
    """
    ways = (True,) if any(edge.source in each for edge in leaving) else (False, True)
    for inside in ways:
        yield [edge for edge in leaving if is_inside(edge.source, edge.target, each) == inside]


def _defaults(node: DraftNode, leaving: list[DraftEdge]) -> Iterator[Problem]:
    defaults = [edge for edge in leaving if edge.default]
    others = [edge for edge in leaving if not edge.default]
    for edge in defaults:
        path = f"{edge.path}.default"
        if node.type == flow.BRANCH:
            yield Problem(
                path, f"{node.key!r} has a default of its own", "name the node in its params.default"
            )
        elif edge.condition is not None:
            yield Problem(
                f"{edge.path}.condition",
                "a default edge has no condition: it is taken where no other is",
                "leave out one of them",
            )
        elif edge is not defaults[0]:
            yield Problem(
                path,
                f"{defaults[0].path} is the default edge of {node.key!r} already",
                "a node has one at most",
            )
        elif not any(other.condition is not None for other in others):
            yield Problem(
                path,
                "no other edge that is decided with it has a condition",
                "give one a condition, or leave default out",
            )
        elif always := [other.target for other in others if other.condition is None]:
            yield Problem(
                path, f"it is never taken: the edge to {always[0]!r} always is", "give that edge a condition"
            )
        else:
            yield from _too_long(edge, [other.condition or "" for other in others])


def _too_long(edge: DraftEdge, others: list[str]) -> Iterator[Problem]:
    if _only_whole(flow.arrived(edge.source, flow.otherwise(others)), others):
        yield Problem(
            f"{edge.path}.default",
            "the conditions of the other edges are too long together",
            "shorten them, or decide at a flow.branch",
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
    return _only_whole(flow.arrived(edge.source, edge.condition), [edge.condition or ""])


def _only_whole(whole: str, parts: list[str]) -> bool:
    """Whether the parts are valid, and the expression that is made of them is not."""
    return all(map(_is_valid, parts)) and not _is_valid(whole)


def _is_valid(source: str) -> bool:
    try:
        compile_expression(source)
    except InvalidExpression:
        return False
    return True
