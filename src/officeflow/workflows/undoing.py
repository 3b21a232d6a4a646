"""What a workflow has to undo, and where its graph has the two tasks that see to it.

`undo` is a teardown task, which Airflow runs at the end of every run, also of one that is cancelled or marked
failed. `verdict` is a task that does nothing: its state says how the rest of the run ended, and keeps the
run's own state honest, which a teardown alone would not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from officeflow import ids
from officeflow.catalog import registry
from officeflow.sdk import KEEP, Effect, NodeSpec, RetryPolicy, UndoWay
from officeflow.workflows.models import Definition, Node

VERDICT, UNDO, UNDO_PREFIX = ids.VERDICT, ids.UNDO, ids.UNDO_PREFIX

RETRY = RetryPolicy()
TIMEOUT_MS = 3_600_000
"""Of one try of `undo`: it may have hundreds of acts to take back, each with a time of its own."""

CALL = "flow.call"
"""The node type whose act is a run of another workflow, which has acts of its own to undo."""

TAKES_BACK = frozenset({"rollback", "cleanup"})
"""The types of compensation that take the place of what the node type itself would do."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The tasks right before `verdict`, and those before `undo`: when they have ended, all have."""

    verdict_after: tuple[str, ...]
    undo_after: tuple[str, ...]


def task_of(node: str) -> str:
    """The task of an act in the ledger: those that take others back are all one task's."""
    return UNDO if node.startswith(UNDO_PREFIX) else node


def has_something(definition: Definition) -> bool:
    """Whether a run of it may have something to undo."""
    return any(node.is_compensation or is_undoable(node) for node in definition.nodes)


def is_undoable(node: Node) -> bool:
    """Whether the platform may take back what the node did, without another node's help."""
    return own_way(node) is not None or (node.type == CALL and node.undo != KEEP)


def own_way(node: Node) -> UndoWay | None:
    """How its type takes back what it did; None where that knows no way, or it is to stay."""
    spec = spec_of(node.type)
    return spec.way(node.undo) if spec is not None and node.undo != KEEP else None


def spec_of(node_type: str) -> NodeSpec | None:
    """None of a type that this installation does not have."""
    return registry.node_type(node_type).spec if registry.is_known(node_type) else None


def compensators(definition: Definition, key: str) -> list[Node]:
    """The nodes that take back what the node did, in its type's place."""
    return [
        node
        for node in definition.nodes
        if key in node.compensates_for and node.compensation_type in TAKES_BACK
    ]


def undone_by(node: Node, spec: NodeSpec) -> str:
    """How what a node did is taken back, for people."""
    if (way := own_way(node)) is not None:
        return way.told
    if node.type == CALL and node.undo != KEEP:
        return "What the run that it called did is taken back."
    if spec.ways:
        return "nothing: it is kept"
    if spec.irreversible:
        return "nothing: it is irreversible"
    return "nothing by itself" if spec.effect is not Effect.PURE else "nothing: it changes nothing"


def told(definition: Definition, order: Iterable[str]) -> Iterator[str]:
    """A line for each node of the flow whose act changes anything, the last first: how it is taken back."""
    for key in reversed(list(order)):
        node, spec = definition.node(key), spec_of(definition.node(key).type)
        by = [f"`{each.id}` ({each.compensation_type})" for each in compensators(definition, key)]
        if by:
            yield f"- `{key}`: {', '.join(by)}"
        elif spec is not None and spec.effect is not Effect.PURE:
            yield f"- `{key}`: {undone_by(node, spec)}"
    for node in definition.nodes:
        if node.compensation_type == "notification":
            yield f"- `{node.id}` tells of it, in the end, where {', '.join(node.compensates_for)} was done"


def ending(tasks: Collection[str], dependencies: Iterable[tuple[str, str]]) -> Ending:
    """For tasks that follow each other so (upstream, downstream).

    A task with several before it may end while one of them runs: another one has failed. So `undo` also
    waits for those.
    """
    pairs = list(dict.fromkeys(dependencies))
    with_followers = {upstream for upstream, _ in pairs}
    leaves = [task for task in tasks if task not in with_followers]
    sources = Counter(downstream for _, downstream in pairs)
    before_joins = {upstream for upstream, downstream in pairs if sources[downstream] > 1}
    return Ending(tuple(leaves), (*leaves, *(task for task in tasks if task in before_joins)))
