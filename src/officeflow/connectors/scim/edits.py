"""What is to be different about a resource, as a PATCH that names it alone or inside the whole resource."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from officeflow.connectors.scim.reading import USER
from officeflow.connectors.scim.types import PATCH

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Edit:
    """The attribute is to hold `value`, which is what goes over the wire; None takes away what it holds.

    `path` is one name, or that of a complex attribute and one inside it.
    """

    path: tuple[str, ...]
    value: Any = field(repr=False)
    schema: str = USER

    @property
    def operation(self) -> Members:
        name = ".".join(self.path)
        path = name if self.schema == USER else f"{self.schema}:{name}"
        if self.value is None:
            return {"op": "remove", "path": path}
        return {"op": "replace", "path": path, "value": self.value}


def patch(edits: Sequence[Edit], *, value_only: bool) -> Members:
    """RFC 7644 section 3.5.2; `value_only` for servers that take no paths."""
    if not value_only:
        return {"schemas": [PATCH], "Operations": [edit.operation for edit in edits]}
    value: Members = {}
    for edit in edits:
        _put(value if edit.schema == USER else value.setdefault(edit.schema, {}), edit.path, edit.value)
    return {"schemas": [PATCH], "Operations": [{"op": "replace", "value": value}]}


def applied(edits: Sequence[Edit], resource: Mapping[str, Any]) -> Members:
    """The whole resource as it was read, with what is to be different."""
    whole = copy.deepcopy(dict(resource))
    for edit in edits:
        in_full = key_of(whole, f"{edit.schema}:{edit.path[0]}")
        if in_full in whole:
            _put(whole, (in_full, *edit.path[1:]), edit.value, without=True)
        elif edit.schema == USER:
            _put(whole, edit.path, edit.value, without=True)
        else:
            _put(_extension(whole, edit.schema), edit.path, edit.value, without=True)
    return whole


def held(resource: Mapping[str, Any], schema: str, name: str) -> Any:
    """What the attribute holds in a resource as it was read; None for nothing."""
    if (in_full := resource.get(key_of(resource, f"{schema}:{name}"))) is not None:
        return in_full
    place = resource if schema == USER else resource.get(key_of(resource, schema))
    return place.get(key_of(place, name)) if isinstance(place, Mapping) else None


def key_of(members: Mapping[str, Any], name: str) -> str:
    """The name as it is written there: attributes' names ignore case (RFC 7643 section 2.1)."""
    return next((key for key in members if key.casefold() == name.casefold()), name)


def _extension(whole: Members, schema: str) -> Members:
    key = key_of(whole, schema)
    if not isinstance(whole.get(key), dict):
        whole[key] = {}
    urns = whole.setdefault(key_of(whole, "schemas"), [USER])
    if isinstance(urns, list) and schema.casefold() not in {str(each).casefold() for each in urns}:
        urns.append(schema)
    extension: Members = whole[key]
    return extension


def _put(members: Members, path: Sequence[str], value: Any, *, without: bool = False) -> None:
    """`without` is whether an attribute that holds nothing is left out, rather than null."""
    first, *inner = path
    key = key_of(members, first)
    if inner:
        if not isinstance(members.get(key), dict):
            members[key] = {}
        _put(members[key], inner, value, without=without)
    elif value is None and without:
        members.pop(key, None)
    else:
        members[key] = value
