"""What is wrong with how a workflow is undone, and what is right and worth knowing before it is published."""

from __future__ import annotations

from collections.abc import Iterator

from officeflow.errors import Problem, did_you_mean
from officeflow.sdk import KEEP
from officeflow.workflows import undoing
from officeflow.workflows.draft import Draft, DraftNode
from officeflow.workflows.models import Definition

NOT_COMPENSATING = ("flow.", "human.")
"""Families of node types that steer a run, wait, or ask: while a run is undone nothing waits for them."""


def check(draft: Draft) -> Iterator[Problem]:
    for node in draft.nodes:
        if node.undo is not None:
            yield from _way(node)
        if node.compensates_for and node.type.startswith(NOT_COMPENSATING):
            yield Problem(
                f"{node.path}.type",
                f"{node.type} steers, waits or asks: it cannot undo what another node did",
                "use a node type that acts",
            )
    if draft.undoes and not any(map(_has_something, draft.nodes)):
        yield Problem(
            "onFailure",
            "there is nothing to undo: no node type here knows a way, and no node compensates for another",
            "leave it out, or draw a node with compensatesFor",
        )


def _way(node: DraftNode) -> Iterator[Problem]:
    path, spec = f"{node.path}.undo", undoing.spec_of(node.type)
    if node.compensates_for:
        yield Problem(path, f"{node.key!r} undoes other nodes: it is not undone itself", "leave it out")
    elif spec is not None and node.undo != KEEP and node.type != undoing.CALL:
        names = [way.name for way in spec.ways]
        if not names:
            yield Problem(path, f"{node.type} knows no way to undo what it did", _instead(node))
        elif node.undo not in names:
            offer = f"one of {', '.join([*names, KEEP])}"
            yield Problem(
                path,
                f"{node.type} knows no way {node.undo!r}",
                did_you_mean(str(node.undo), [*names, KEEP]) or offer,
            )


def _instead(node: DraftNode) -> str:
    return f"leave it out, or draw a node with compensatesFor: {node.key}"


def _has_something(node: DraftNode) -> bool:
    spec = undoing.spec_of(node.type)
    ways = spec is not None and bool(spec.ways)
    return bool(node.compensates_for) or (node.undo != KEEP and (ways or node.type == undoing.CALL))


def notes(definition: Definition) -> Iterator[Problem]:
    """What cannot be taken back, of a definition that is valid: nothing is wrong with it."""
    for index, node in enumerate(definition.nodes):
        spec = undoing.spec_of(node.type)
        if spec is None or not spec.irreversible or node.is_compensation:
            continue
        if undoing.compensators(definition, node.id):
            continue
        path = f"nodes[{index}]"
        yield Problem(path, f"{node.id!r} cannot be undone: {node.type} is irreversible")
