"""What is wrong with loops: nodes of no loop, loops in loops, edges into the middle of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from officeflow.errors import Problem, did_you_mean
from officeflow.expressions.params import has_expression
from officeflow.workflows import flow, loops
from officeflow.workflows.check_graph import good_edges
from officeflow.workflows.draft import Draft, DraftEdge, DraftNode

OUTSIDE = "write it behind the loop: there a flow.branch sees what all rounds gave"


def check(draft: Draft) -> Iterator[Problem]:
    for node in draft.nodes:
        if node.each is not None:
            yield from _each(draft, node, node.each)
    each = draft.loops
    for node in draft.flow.values():
        if node.type == loops.FOR_EACH:
            yield from _loop(node, has_body=node.key in each.values())
    for edge in good_edges(draft):
        if loops.is_inside(edge.source, edge.target, each):
            yield from _inside(draft, edge)
        else:
            yield from _entering(edge, each)
            yield from _leaving(draft, edge, each)


def _each(draft: Draft, node: DraftNode, each: str) -> Iterator[Problem]:
    path, known = (
        f"{node.path}.each",
        [key for key, other in draft.flow.items() if other.type == loops.FOR_EACH],
    )
    named = draft.flow.get(each)
    if node.compensates_for:
        yield Problem(path, "a node that undoes others is part of no loop", "leave each out")
    elif node.type == loops.FOR_EACH:
        yield Problem(
            path,
            f"{node.key!r} would be a loop within the loop {each!r}, and loops are not nested",
            "put the inner loop into a workflow of its own, or make one list of both by an expression",
        )
    elif named is None:
        yield Problem(path, f"there is no node {each!r}", did_you_mean(each, known) or _offer(known))
    elif named.type != loops.FOR_EACH:
        yield Problem(path, f"{each!r} is of type {named.type}, not {loops.FOR_EACH}", _offer(known))


def _offer(known: list[str]) -> str:
    return f"the loops are {', '.join(known)}"[:300] if known else f"draw a {loops.FOR_EACH}"


def _loop(node: DraftNode, *, has_body: bool) -> Iterator[Problem]:
    if not has_body:
        yield Problem(
            node.path,
            f"{node.key!r} is a loop of nothing: no node names it in each",
            f'write "each": "{node.key}" in the nodes that run for its items',
        )
    for name in ("at_once", "most"):
        if has_expression(node.params.get(name)):
            yield Problem(f"{node.path}.params.{name}", "is written out, not computed", "a number")


def _inside(draft: Draft, edge: DraftEdge) -> Iterator[Problem]:
    target, source = draft.flow[edge.target], draft.flow[edge.source]
    is_decided = edge.condition is not None or edge.default or source.type == flow.BRANCH
    if is_decided and target.join_mode == "any":
        yield Problem(
            edge.path,
            f"an edge that is not always taken leads to {edge.target!r}, which waits for any: within a loop"
            " it could not tell when none will come",
            "let it wait for those that are taken, or take the condition out of the loop",
        )


def _entering(edge: DraftEdge, each: Mapping[str, str]) -> Iterator[Problem]:
    loop = each.get(edge.target)
    if loop is not None:
        yield Problem(
            edge.path,
            f"leads from outside into the loop {loop!r}, which begins with its {loops.FOR_EACH} alone",
            f"draw it to {loop!r}",
        )


def _leaving(draft: Draft, edge: DraftEdge, each: Mapping[str, str]) -> Iterator[Problem]:
    loop = each.get(edge.source)
    if loop is None:
        return
    if draft.flow[edge.source].type == flow.BRANCH:
        why = f"{edge.source!r} decides in each round: it cannot decide about what comes after {loop!r}"
        yield Problem(edge.path, why, OUTSIDE)
    elif edge.condition is not None or edge.default:
        why = f"leaves the loop {loop!r}: its rounds cannot decide about what comes after all of them"
        yield Problem(f"{edge.path}.{'default' if edge.default else 'condition'}", why, OUTSIDE)
