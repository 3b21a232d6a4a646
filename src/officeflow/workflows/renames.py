"""Which nodes of a version are nodes of the versions before it, and under which id the ledger has their acts.

A run may be moved to the newest version. A node that was renamed meanwhile must not act there once more, and
a new one must not be taken for one that has acted. An id says which it is, unless ids vanish and appear in
one publish: then the definition has to say.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import WorkflowNode
from officeflow.errors import Problem, did_you_mean
from officeflow.workflows import store
from officeflow.workflows.models import Definition, Node


@dataclass(frozen=True, slots=True)
class Known:
    """A node of a published version. `act_key` is the id under which the ledger has its acts."""

    version: int
    key: str
    act_key: str
    type: str


@dataclass(frozen=True, slots=True)
class History:
    """What was published of a workflow: its nodes in all versions, the newest last, and the newest definition
    as it is kept.
    """

    nodes: Sequence[Known] = ()
    newest: Mapping[str, Mapping[str, Any]] | None = None

    @property
    def last(self) -> dict[str, Known]:
        """Of each id that there ever was, the newest node."""
        return {node.key: node for node in self.nodes}

    def of_newest(self, key: str) -> Mapping[str, Any] | None:
        return (self.newest or {}).get(key)

    def vanished(self, definition: Definition) -> list[Mapping[str, Any]]:
        kept = {node.id for node in definition.nodes}
        return [node for key, node in (self.newest or {}).items() if key not in kept]


def history(session: Session, org_id: uuid.UUID, slug: str) -> History:
    """Empty where nothing was published under the slug."""
    found = store.newest(session, org_id, slug)
    if found is None:
        return History()
    workflow, version = found
    query = select(WorkflowNode.version, WorkflowNode.key, WorkflowNode.act_key, WorkflowNode.type)
    rows = session.execute(
        query.where(WorkflowNode.workflow_id == workflow.workflow_id).order_by(WorkflowNode.version)
    )
    nodes = [Known(number, key, act_key or key, kind) for number, key, act_key, kind in rows]
    return History(nodes, {node["id"]: node for node in version.definition["nodes"]})


def check(past: History, definition: Definition) -> Iterator[Problem]:
    """What the definition has to say of its nodes' past, and what it says wrongly."""
    if past.newest is None:
        return
    told = [node.renamed_from for node in definition.nodes if node.renamed_from and _is_news(past, node)]
    gone = [node for node in past.vanished(definition) if node["id"] not in told]
    for index, node in enumerate(definition.nodes):
        path = f"nodes[{index}].renamedFrom"
        if node.renamed_from and node.new:
            yield Problem(path, f"{node.id!r} cannot be both renamed and new", "say one of the two")
        elif node.renamed_from and _is_news(past, node):
            yield from _renamed(past, node, path, told)
        elif past.of_newest(node.id) is None and not node.new and not node.renamed_from:
            yield from _unsaid(node, path, gone)


def act_keys(past: History, definition: Definition, version: int) -> dict[str, str]:
    """Node id to the id under which the ledger has its acts, in the version that `definition` becomes."""
    keys: dict[str, str] = {}
    for node in definition.nodes:
        origin = node.renamed_from if node.renamed_from and _is_news(past, node) else node.id
        began = node.new and not (past.of_newest(node.id) or {}).get("new")
        if origin in past.last and not began and (origin != node.id or past.of_newest(node.id) is not None):
            keys[node.id] = past.last[origin].act_key
    used = {node.act_key for node in past.nodes}
    for node in definition.nodes:
        if node.id in keys:
            continue
        comes_back = not node.new and node.id in past.last and past.last[node.id].act_key not in keys.values()
        if comes_back:
            keys[node.id] = past.last[node.id].act_key
        else:
            keys[node.id] = f"{node.id}@{version}" if node.id in used else node.id
    return keys


def _is_news(past: History, node: Node) -> bool:
    """Whether `renamedFrom` is said for the first time: it stays in later definitions, where it tells of an
    earlier publish.
    """
    before = past.of_newest(node.id)
    return before is None or before.get("renamedFrom") != node.renamed_from


def _renamed(past: History, node: Node, path: str, told: Sequence[str]) -> Iterator[Problem]:
    origin = past.last.get(node.renamed_from or "")
    if origin is None:
        yield Problem(
            path,
            f"no version has had a node {node.renamed_from!r}",
            did_you_mean(node.renamed_from or "", past.last),
        )
    elif origin.type != node.type:
        yield Problem(
            path,
            f"{origin.key!r} was of type {origin.type}: a node of another type is another act",
            'say "new": true',
        )
    elif told.count(origin.key) > 1:
        yield Problem(
            path,
            f"two nodes say that they were {origin.key!r}",
            'one of them may be; the other is "new": true',
        )


def _unsaid(node: Node, path: str, gone: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    candidates = [old for old in gone if old["type"] == node.type]
    if not candidates:
        return
    best = max(candidates, key=lambda old: _likeness(node, old))["id"]
    names = ", ".join(repr(old["id"]) for old in candidates)
    yield Problem(
        path,
        f"{node.id!r} appears and {names} is gone, of the same type: whether it is the same act has to be"
        " said",
        f'"renamedFrom": "{best}" where it is: what was done under that id is not done again; "new": true'
        " where it is another act",
    )


def _likeness(node: Node, old: Mapping[str, Any]) -> int:
    """How much of the two is the same."""
    same_params = sum(bool(node.params.get(name) == value) for name, value in old.get("params", {}).items())
    same = [
        bool(node.name is not None and node.name == old.get("name")),
        bool(node.connection == old.get("connection")),
    ]
    return int(same_params) + sum(same)
