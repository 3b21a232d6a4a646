"""Attributes beside the named ones: some of a user's own fields, and those of custom schemas.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-schemas
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.google.reading import MOBILE, ORGANIZATION, PLAIN, text_of
from officeflow.connectors.google.types import FieldSpec, Schema
from officeflow.errors import NotFound, Rejected

KNOWN = (*PLAIN, *ORGANIZATION, MOBILE)
WHOLE = re.compile(r"-?[0-9]{1,19}")
SchemaOf = Callable[[str], Schema]


class Custom:
    """`values` is what goes over the wire by schema, `texts` how it will be read."""

    def __init__(self) -> None:
        self.values: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, str] = {}


def custom(attributes: Mapping[str, str], schema_of: SchemaOf, call: Call) -> Custom:
    """The attributes that are not a user's own; `Rejected` names one that there is not.

    `schema_of` raises `NotFound`.
    """
    found = Custom()
    schemas: dict[str, Schema] = {}
    for name, text in attributes.items():
        if name in KNOWN:
            found.texts[name] = text
            continue
        schema, _, field = name.partition(".")
        if schema and field and schema not in schemas:
            schemas[schema] = _known(schema, schema_of)
        spec = _spec(name, schemas.get(schema), call)
        value = _value(name, text, spec, call)
        found.values.setdefault(schema, {})[field] = value
        found.texts[name] = "" if value is None else text_of(value)
    return found


def _known(schema: str, schema_of: SchemaOf) -> Schema:
    """One without fields where there is none of this name."""
    try:
        return schema_of(schema)
    except NotFound:
        return Schema(schemaName=schema)


def _spec(name: str, schema: Schema | None, call: Call) -> FieldSpec:
    field = name.partition(".")[2]
    spec = next((each for each in schema.fields if each.fieldName == field), None) if schema else None
    if spec is None:
        raise call.error(
            Rejected,
            f"Google Workspace has no attribute {name!r}",
            hint=f"one of {', '.join(KNOWN)}, or Schema.field of a custom schema",
        )
    return spec


def _value(name: str, text: str, spec: FieldSpec, call: Call) -> Any:
    """In the field's own type; None for an empty text, which clears it."""
    if not text:
        return None
    value = _single(text, spec.fieldType)
    if value is None:
        raise call.error(Rejected, f"{name} takes {spec.fieldType}, and {text!r} is none")
    return [{"value": value}] if spec.multiValued else value


def _single(text: str, kind: str) -> Any:
    """None where the text is none of the kind."""
    if kind == "BOOL":
        return {"true": True, "false": False}.get(text.strip().lower())
    if kind == "INT64":
        return int(text) if WHOLE.fullmatch(text) else None
    if kind == "DOUBLE":
        try:
            return float(text)
        except ValueError:
            return None
    return text
