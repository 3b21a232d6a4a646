"""A definition as it was written, right or wrong: what validation can still look at when parts of it are not
valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DraftNode:
    """`path` is its place (`nodes[3]`); what has the wrong type is as if left out."""

    path: str
    key: str
    type: str
    connection: str | None
    params: Mapping[str, Any]
    compensates_for: tuple[str, ...]
    compensation_type: str | None
    undo: str | None = None


@dataclass(frozen=True, slots=True)
class DraftEdge:
    path: str
    source: str
    target: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    nodes: tuple[DraftNode, ...]
    edges: tuple[DraftEdge, ...]
    events: tuple[str, ...]
    filter: str | None
    undoes: bool = False
    """Whether a run that fails is undone."""

    @property
    def flow(self) -> dict[str, DraftNode]:
        """The nodes of the ordinary flow by id; of several with one id, the first."""
        return {node.key: node for node in reversed(self.nodes) if node.key and not node.compensates_for}

    @property
    def by_key(self) -> dict[str, DraftNode]:
        return {node.key: node for node in reversed(self.nodes) if node.key}


def read(raw: Mapping[str, Any]) -> Draft:
    trigger = _mapping(raw.get("trigger"))
    return Draft(
        nodes=tuple(_node(f"nodes[{index}]", item) for index, item in _objects(raw.get("nodes"))),
        edges=tuple(_edge(f"edges[{index}]", item) for index, item in _objects(raw.get("edges"))),
        events=_texts(trigger.get("events")),
        filter=_text_or_none(trigger.get("filter")),
        undoes=raw.get("onFailure") == "undo",
    )


def _node(path: str, raw: Mapping[str, Any]) -> DraftNode:
    return DraftNode(
        path=path,
        key=_text(raw.get("id")),
        type=_text(raw.get("type")),
        connection=_text_or_none(raw.get("connection")),
        params=_mapping(raw.get("params")),
        compensates_for=_texts(raw.get("compensatesFor")),
        compensation_type=_text_or_none(raw.get("compensationType")),
        undo=_text_or_none(raw.get("undo")),
    )


def _edge(path: str, raw: Mapping[str, Any]) -> DraftEdge:
    return DraftEdge(path, _text(raw.get("from")), _text(raw.get("to")), _text_or_none(raw.get("condition")))


def _objects(value: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for index, item in enumerate(value if isinstance(value, list) else []):
        if isinstance(item, Mapping):
            yield index, item


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
