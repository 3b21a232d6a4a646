"""What differs between two definitions, for people who decide about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Change:
    """`path` names nodes by id and edges by their ends: `nodes.welcome.params.subject`, `edges.a → b`."""

    kind: Literal["added", "removed", "changed"]
    path: str
    before: Any = None
    after: Any = None


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """All differences of two definitions in JSON; that nodes or edges only stand in another order is none."""
    return list(_compare("", _by_name(before), _by_name(after)))


def _by_name(definition: Mapping[str, Any]) -> dict[str, Any]:
    nodes = {node["id"]: node for node in definition["nodes"]}
    edges = {f"{edge['from']} → {edge['to']}": edge for edge in definition.get("edges", [])}
    return {**definition, "nodes": nodes, "edges": edges}


def _compare(path: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _compare_field(f"{path}.{key}" if path else key, key, before, after)
    elif before != after:
        yield Change("changed", path, before, after)


def _compare_field(
    path: str, key: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    if key not in after:
        yield Change("removed", path, before=before[key])
    elif key not in before:
        yield Change("added", path, after=after[key])
    else:
        yield from _compare(path, before[key], after[key])
