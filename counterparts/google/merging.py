"""Google's patch semantics: what is named is replaced, null clears, objects are merged, lists replaced.

https://developers.google.com/workspace/admin/directory/v1/guides/performance#patch
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> Json:
    result: Json = dict(old)
    for name, value in new.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(result.get(name), Mapping):
            result[name] = merged(result[name], value)
        else:
            result[name] = value
    return result


def without_nulls(value: Mapping[str, Any]) -> Json:
    return {name: each for name, each in value.items() if each is not None}


def masked(old: Mapping[str, Any], new: Mapping[str, Any], update_mask: str) -> Json:
    """What the fields of the mask (`a,b.c`) are in `new`, and all else in `old`; without a mask what `new`
    names (https://google.aip.dev/134).
    """
    if not update_mask or update_mask == "*":
        return merged(old, new)
    result: Json = dict(old)
    for path in update_mask.split(","):
        result = _taken(result, new, [_camel(part) for part in path.strip().split(".")])
    return result


def _taken(old: Mapping[str, Any], new: Mapping[str, Any], path: list[str]) -> Json:
    name, below = path[0], path[1:]
    if below:
        inner = _taken(old.get(name) or {}, new.get(name) or {}, below)
        return {**old, name: inner}
    if name in new:
        return {**old, name: new[name]}
    return {key: value for key, value in old.items() if key != name}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
