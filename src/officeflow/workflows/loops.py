"""What `flow.for_each` means for the graph: the nodes that name it in `each` are the loop's body, which runs
once for each item.

The body begins behind its `flow.for_each`. What leaves the loop, from the `flow.for_each` or from a node of
the body, waits until all rounds have ended: behind the task `edge__<for_each>-rounds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from officeflow.ids import EDGE_TASK_PREFIX
from officeflow.nodes.flow.for_each import AT_ONCE
from officeflow.workflows.models import Definition, Edge, Node

FOR_EACH = "flow.for_each"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Loop:
    """`key` is the `flow.for_each`'s id, `body` are the nodes of a round; `leaves` those of them that nothing
    of the body follows. At most `at_once` rounds of a node run at the same time.
    """

    key: str
    body: tuple[str, ...]
    leaves: tuple[str, ...]
    at_once: int

    @property
    def group(self) -> str:
        """The id of Airflow's task group: no node's id has a hyphen."""
        return f"each-{self.key}"

    @property
    def end(self) -> str:
        """The id of the task behind all rounds."""
        return end_of(self.key)


def end_of(loop: str) -> str:
    return f"{EDGE_TASK_PREFIX}{loop}-rounds"


def each_of(definition: Definition) -> dict[str, str]:
    """Of every node of a loop the `flow.for_each`."""
    return {node.id: node.each for node in definition.nodes if node.each and not node.is_compensation}


def of(definition: Definition) -> tuple[Loop, ...]:
    each = each_of(definition)
    followed = {edge.source for edge in definition.edges if is_inside(edge.source, edge.target, each)}
    return tuple(
        Loop(node.id, body, tuple(key for key in body if key not in followed), _at_once(node))
        for node in definition.nodes
        if (body := tuple(key for key, loop in each.items() if loop == node.id))
    )


def _at_once(node: Node) -> int:
    found = node.params.get("at_once", AT_ONCE)
    return found if isinstance(found, int) else AT_ONCE


def is_inside(source: str, target: str, each: Mapping[str, str]) -> bool:
    """Whether an edge is taken or not in each round of a loop: it leads from the loop's `flow.for_each`, or
    from a node of its body, to one of its body.
    """
    loop = each.get(target)
    return loop is not None and (source == loop or each.get(source) == loop)


def left_by(edge: Edge, each: Mapping[str, str]) -> str | None:
    """The `flow.for_each` of the loop that the edge leaves."""
    if is_inside(edge.source, edge.target, each):
        return None
    return edge.source if edge.source in each.values() else each.get(edge.source)


def implied(edges: Iterable[Pair], each: Mapping[str, str]) -> Iterator[Pair]:
    """What runs before what, where no edge says so: the body behind its `flow.for_each`, and what the loop is
    left for behind all of it.
    """
    pairs = list(edges)
    entered = {target for source, target in pairs if is_inside(source, target, each)}
    yield from ((loop, key) for key, loop in each.items() if key not in entered)
    for source, target in pairs:
        loop = source if source in each.values() else each.get(source)
        if loop is not None and not is_inside(source, target, each):
            yield loop, target
            yield from ((key, target) for key, other in each.items() if other == loop)
