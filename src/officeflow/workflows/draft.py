"""A definition as it was written, right or wrong: what validation can still look at when parts of it are not
valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.workflows.loops import FOR_EACH


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
    join: str | None = None
    each: str | None = None

    @property
    def join_mode(self) -> str:
        """As `flow.join_mode`."""
        own = self.params.get("mode") if self.type == "flow.join" else None
        return own if isinstance(own, str) else self.join or "taken"


@dataclass(frozen=True, slots=True)
class DraftEdge:
    path: str
    source: str
    target: str
    condition: str | None
    default: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    nodes: tuple[DraftNode, ...]
    edges: tuple[DraftEdge, ...]
    events: tuple[str, ...]
    filter: str | None
    slug: str = ""
    inputs: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    undoes: bool = False
    """Whether a run that fails is undone."""

    @property
    def flow(self) -> dict[str, DraftNode]:
        """The nodes of the ordinary flow by id; of several with one id, the first."""
        return {node.key: node for node in reversed(self.nodes) if node.key and not node.compensates_for}

    @property
    def by_key(self) -> dict[str, DraftNode]:
        return {node.key: node for node in reversed(self.nodes) if node.key}

    @property
    def loops(self) -> dict[str, str]:
        """Of every node of a loop the `flow.for_each`; only where each is one."""
        flow = self.flow
        begins = {key for key, node in flow.items() if node.type == FOR_EACH}
        return {key: node.each for key, node in flow.items() if node.each in begins and key not in begins}


def read(raw: Mapping[str, Any]) -> Draft:
    trigger = _mapping(raw.get("trigger"))
    return Draft(
        nodes=tuple(_node(f"nodes[{index}]", item) for index, item in _objects(raw.get("nodes"))),
        edges=tuple(_edge(f"edges[{index}]", item) for index, item in _objects(raw.get("edges"))),
        events=_texts(trigger.get("events")),
        filter=_text_or_none(trigger.get("filter")),
        slug=_text(raw.get("slug")),
        inputs=raw["inputs"] if isinstance(raw.get("inputs"), Mapping) else None,
        outputs=_mapping(raw.get("outputs")),
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
        join=_text_or_none(raw.get("join")),
        each=_text_or_none(raw.get("each")),
        undo=_text_or_none(raw.get("undo")),
    )


def _edge(path: str, raw: Mapping[str, Any]) -> DraftEdge:
    return DraftEdge(
        path,
        _text(raw.get("from")),
        _text(raw.get("to")),
        _text_or_none(raw.get("condition")),
        raw.get("default") is True,
    )


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
