"""What reads a node's output: nodes, and conditions of edges, by the definition that a run follows."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.database.tables import WorkflowRun, WorkflowVersion

JOIN = "flow.join"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """`place` says where the output is read, and `sees` what becomes of that without it, both for people.
    `node` is the one that does not begin before that is decided; "" where none is kept from it.
    """

    node: str
    place: str
    sees: str


def reads(value: Any, node: str) -> bool:
    """Whether an expression or a template in `value`, at any depth, names the node's output."""
    return any(places(value, node))


def places(value: Any, node: str, path: str = "") -> Iterator[str]:
    """Where in `value`, which stands at `path`, that is: `params.to[0]`."""
    name = re.escape(node)
    named = re.compile(rf"""\bnodes\s*(?:\.\s*{name}\b|\[\s*['"]{name}['"]\s*\])""")
    for place, text in _texts(value, path):
        if named.search(text):
            yield place or "it"


def of_node(session: Session, run_id: uuid.UUID, node: str, *, map_index: int = -1) -> list[Reader]:
    """What reads the node, and what it will see where that is given up; empty where no definition says."""
    run = session.get_one(WorkflowRun, run_id)
    if run.workflow_id is None or run.version is None:
        return []
    version = session.get(WorkflowVersion, (run.workflow_id, run.version))
    return [] if version is None else list(_found(version.definition, node, map_index))


def _found(definition: Mapping[str, Any], node: str, map_index: int) -> Iterator[Reader]:
    nodes: list[Mapping[str, Any]] = list(definition.get("nodes", ()))
    loops = {each["id"]: each.get("each") for each in nodes}

    def sees(reader: str) -> str:
        beside = loops.get(node) is not None and loops.get(reader) == loops.get(node)
        if map_index < 0 or beside:
            return f"it fails: nodes.{node} has no output"
        return f"it goes on with a list nodes.{node} that is one item shorter"

    for edge in definition.get("edges", ()):
        if any(places(edge.get("condition"), node)):
            name = f"the condition of the edge {edge['from']} → {edge['to']}"
            yield Reader(node=edge["to"], place=name, sees=sees(edge["to"]))
    for each in nodes:
        for place in places(each.get("params"), node, "params"):
            yield Reader(node=each["id"], place=f"{each['id']}, {place}", sees=sees(each["id"]))
        if each.get("each") == node:
            yield Reader(node=each["id"], place=f"{each['id']}, each", sees="it has no items to run for")
        if each.get("type") == JOIN and {"from": node, "to": each["id"]} in _ends(definition):
            yield Reader(node="", place=each["id"], sees=f"it goes on, and names {node} under left_out")
    for place in places(definition.get("outputs"), node, "outputs"):
        yield Reader(node="", place=f"the workflow's {place}", sees="the run that has called this one fails")


def _ends(definition: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"from": edge["from"], "to": edge["to"]} for edge in definition.get("edges", ())]


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{index}]")
