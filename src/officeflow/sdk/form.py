"""Forms: what people are asked to fill in, as a JSON Schema (draft 2020-12) of one flat object.

What is filled in is held against the form here: Airflow does not look into it.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from officeflow.addresses import address
from officeflow.errors import InvalidInput, Problem, did_you_mean
from officeflow.marks import SENSITIVE_MARK

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

MOST_FIELDS = 100
MOST_BYTES = 64 * 1024
"""Of all that is filled in, as JSON."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,60}\Z")
"""So that expressions read it as `nodes.<id>.output.answers.<name>`."""

KINDS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "format", "enum"}),
    "integer": frozenset({"minimum", "maximum", "enum"}),
    "number": frozenset({"minimum", "maximum", "enum"}),
    "boolean": frozenset(),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
}
"""The types that a field may have, with the keywords that it may have beside `COMMON`."""

COMMON = frozenset({"type", "title", "description", "default", "examples", SENSITIVE_MARK})
ITEM = frozenset({"type", "enum", "maxLength"})
FORMATS = ("date", "date-time", "time", "email", "uri", "multiline")
ORDER = "x-order"
"""In which order the fields are shown: a list of their names. JSON objects have none."""

WHOLE = frozenset(
    {"$schema", "type", "title", "description", "properties", "required", "additionalProperties", ORDER}
)


def schema_problems(schema: Mapping[str, Any], path: str = "form") -> Iterator[Problem]:
    """Everything that is wrong with a form itself."""
    for key in sorted(set(schema) - WHOLE):
        yield Problem(f"{path}.{key}", "a form has no such keyword", f"there are {', '.join(sorted(WHOLE))}")
    if schema.get("type", "object") != "object":
        yield Problem(f"{path}.type", "a form is an object", 'leave it out, or write "object"')
    fields = schema.get("properties")
    if not isinstance(fields, Mapping) or not 0 < len(fields) <= MOST_FIELDS:
        yield Problem(f"{path}.properties", f"a form has 1 to {MOST_FIELDS} fields, each with its schema")
        return
    for name, field in fields.items():
        yield from _field_problems(str(name), field, f"{path}.properties.{name}")
    for key in ("required", ORDER):
        yield from _name_problems(schema.get(key, []), fields, f"{path}.{key}")


def _name_problems(names: Any, fields: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        yield Problem(path, "it is a list of names of fields")
        return
    for index, name in enumerate(names):
        if name not in fields:
            yield Problem(
                f"{path}[{index}]", f"there is no field {name!r}", did_you_mean(name, map(str, fields))
            )


def _field_problems(name: str, field: Any, path: str) -> Iterator[Problem]:
    if not NAME.match(name):
        yield Problem(path, f"{name!r} cannot be a field's name", "a-z, 0-9 and _, a letter first")
    if not isinstance(field, Mapping):
        yield Problem(path, "a field is an object: its schema")
        return
    kind = field.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        hint = did_you_mean(str(kind), KINDS) or f"one of {', '.join(KINDS)}"
        yield Problem(
            f"{path}.type", "is missing" if kind is None else f"{kind!r} is no type of a field", hint
        )
        return
    allowed = COMMON | KINDS[kind]
    for key in sorted(set(field) - allowed):
        yield Problem(
            f"{path}.{key}",
            f"a field of the type {kind} has no such keyword",
            f"there are {', '.join(sorted(allowed))}",
        )
    if field.get("format", FORMATS[0]) not in FORMATS:
        yield Problem(
            f"{path}.format", f"there is no format {field['format']!r}", f"one of {', '.join(FORMATS)}"
        )
    yield from _own_problems(field, kind, path)


def _own_problems(field: Mapping[str, Any], kind: str, path: str) -> Iterator[Problem]:
    from jsonschema import Draft202012Validator, SchemaError

    if kind == "array":
        items = field.get("items")
        if not isinstance(items, Mapping) or items.get("type") != "string" or set(items) - ITEM:
            hint = f'such as {{"type": "string"}}, with {" and ".join(sorted(ITEM - {"type"}))}'
            yield Problem(f"{path}.items", "a list is one of texts", hint)
            return
    try:
        Draft202012Validator.check_schema(dict(field))
    except SchemaError as error:
        where = ".".join([path, *map(str, error.absolute_path)])
        yield Problem(where, error.message)
        return
    if "default" in field:
        for found in _validator(field).iter_errors(field["default"]):
            yield Problem(f"{path}.default", f"does not fit its own field: {_said(found)}")
        if field.get(SENSITIVE_MARK):
            yield Problem(f"{path}.default", "a private field has none")


def fields_in_order(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The fields as people see them: as `x-order` has them, then those that have to be filled in."""
    fields: Mapping[str, Any] = schema.get("properties") or {}
    first = [name for key in (ORDER, "required") for name in schema.get(key) or () if name in fields]
    return {name: fields[name] for name in (*first, *fields)}


def private_fields(schema: Mapping[str, Any]) -> frozenset[str]:
    """The names of the fields that are marked sensitive."""
    fields: Mapping[str, Any] = schema.get("properties") or {}
    return frozenset(
        name for name, field in fields.items() if isinstance(field, Mapping) and field.get(SENSITIVE_MARK)
    )


def filled(schema: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, with what a page gives for an empty field left out."""
    fields, required = schema.get("properties") or {}, schema.get("required") or ()
    kept = {}
    for name, value in values.items():
        is_text = fields.get(name, {}).get("type") == "string"
        if value is None or (value == "" and (not is_text or name not in required)):
            continue
        kept[str(name)] = value
    return kept


def problems(schema: Mapping[str, Any], values: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with what was filled in, each with its field and none with its value."""
    size = len(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace"))
    if size > MOST_BYTES:
        return [Problem("form", f"it is more than {MOST_BYTES // 1024} KiB")]
    closed: dict[str, Any] = {
        "type": "object",
        "properties": schema.get("properties") or {},
        "required": schema.get("required") or [],
        "additionalProperties": False,
    }
    found: list[Problem] = []
    fields = list(closed["properties"])
    for error in _validator(closed).iter_errors(dict(values)):
        found += _worded(error, values, fields)
    return sorted(dict.fromkeys(found), key=lambda problem: problem.path)


def _worded(error: ValidationError, values: Mapping[str, Any], fields: list[str]) -> Iterator[Problem]:
    if error.validator == "required":
        yield from (Problem(f"form.{name}", "is missing") for name in _listed(error) if name not in values)
    elif error.validator == "additionalProperties":
        for name in sorted(set(values) - set(fields)):
            hint = did_you_mean(name, fields) or f"there are {', '.join(fields)}"
            yield Problem(f"form.{name[:61]}", "there is no such field", hint)
    else:
        first, *rest = (str(part) for part in error.absolute_path)
        place = f"form.{first}" + "".join(f"[{part}]" for part in rest)
        yield Problem(place, _said(error))


KIND_WORDS: Mapping[str, str] = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no",
    "array": "a list",
}
WORDS: Mapping[str, str] = {
    "format": "is not of the form {}",
    "minLength": "has fewer than {} characters",
    "maxLength": "has more than {} characters",
    "minimum": "is less than {}",
    "maximum": "is more than {}",
    "minItems": "has fewer than {} entries",
    "maxItems": "has more than {} entries",
    "uniqueItems": "has an entry twice",
}


def _said(error: ValidationError) -> str:
    """In words, without the value: it may be private."""
    limit = error.validator_value
    if error.validator == "type":
        return f"is not {KIND_WORDS.get(str(limit), limit)}"
    if error.validator == "enum":
        return f"is not one of {', '.join(map(str, _listed(error)))}"
    return WORDS.get(str(error.validator), "does not fit").format(limit)


def _listed(error: ValidationError) -> list[Any]:
    """What the keyword that is not kept lists."""
    limit = error.validator_value
    return limit if isinstance(limit, list) else []


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(dict(schema), format_checker=_formats())


def _formats() -> Any:
    """Those of jsonschema that need nothing further, and ours."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    checker.checks("date", raises=ValueError)(_is_date)
    checker.checks("time", raises=ValueError)(_is_time)
    checker.checks("date-time", raises=ValueError)(_is_moment)
    checker.checks("email", raises=ValueError)(_is_address)
    checker.checks("uri", raises=ValueError)(_is_uri)
    return checker


def _is_date(value: object) -> bool:
    """RFC 3339, section 5.6: `full-date`."""
    return not isinstance(value, str) or (
        re.match(r"\d{4}-\d{2}-\d{2}\Z", value) is not None and dt.date.fromisoformat(value) is not None
    )


def _is_time(value: object) -> bool:
    return not isinstance(value, str) or dt.time.fromisoformat(value) is not None


def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or dt.datetime.fromisoformat(value).tzinfo is not None


def _is_address(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return bool(address(value))
    except InvalidInput:
        return False


def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or (
        not re.search(r"\s", value) and bool(urlsplit(value).scheme) and bool(urlsplit(value).netloc)
    )
