"""JSON Schemas (draft 2020-12) that tenants write, and values checked against them.

What they may say is what a checker takes no time for and no network: a reference leads to another place of
the same schema, and there are no regular expressions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from officeflow.errors import Problem, path_to

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

REFUSED: Mapping[str, str] = {
    "pattern": "test the text with `matches` in an expression",
    "patternProperties": "name the properties",
    "$dynamicRef": "write a $ref that begins with #",
    "$id": "leave it out",
}
"""Keywords that are not taken, each with what to do instead."""

SHOWN = ("type", "enum", "required", "format", "minimum", "maximum", "minLength", "maxLength", "minItems")
MOST_PROBLEMS = 20
MAX_DEPTH = 32
NAMED = frozenset({"properties", "$defs", "dependentSchemas"})
DATA = frozenset({"enum", "const", "default", "examples"})


def schema_problems(schema: Any, path: str) -> Iterator[Problem]:
    """What is wrong with a schema that stands at `path`."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    refused = list(_refused(schema, path))
    yield from refused
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield Problem(path_to(path, list(error.absolute_path)), f"is no JSON Schema: {error.message[:300]}")
    except RecursionError:
        yield Problem(path, "is nested too deep")


def value_problems(value: Any, schema: Mapping[str, Any], path: str) -> list[Problem]:
    """What of a JSON value does not fit the schema, each with its place; the value itself is never told."""
    try:
        found = [_problem(error, path) for error in _validator(schema).iter_errors(value)]
    except RecursionError:
        return [Problem(path, "its schema refers to itself without an end")]
    except Exception as error:  # noqa: BLE001 - the library raises its own for a reference that leads nowhere
        return [Problem(path, f"its schema cannot be used: {type(error).__name__}")]
    return found[:MOST_PROBLEMS]


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Nothing is fetched: it knows no schema but this one."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    return Draft202012Validator(
        schema, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _problem(error: ValidationError, path: str) -> Problem:
    where, keyword = path_to(path, list(error.absolute_path)), str(error.validator)
    wanted: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    if keyword == "required":
        missing = next((name for name in wanted if name not in instance), "")
        return Problem(path_to(where, [missing]), "is missing")
    if keyword == "additionalProperties":
        known: Any = schema.get("properties", {})
        odd = sorted(name for name in instance if name not in known)
        return Problem(where, f"there is no {', '.join(odd)}"[:200], f"there are {', '.join(known)}"[:200])
    if keyword in SHOWN:
        return Problem(where, f"does not fit: {keyword} is {wanted}"[:300])
    return Problem(where, f"does not fit its schema ({keyword})")


def _refused(schema: Any, path: str, depth: int = 0) -> Iterator[Problem]:
    if depth > MAX_DEPTH:
        return
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from _refused(item, f"{path}[{index}]", depth + 1)
    elif isinstance(schema, Mapping):
        for name, item in schema.items():
            yield from _of_keyword(str(name), item, path_to(path, [str(name)]), depth)


def _of_keyword(name: str, item: Any, path: str, depth: int) -> Iterator[Problem]:
    """What stands in `properties` are names, and no keywords."""
    if name in REFUSED:
        yield Problem(path, f"{name} is not taken here", REFUSED[name])
    elif name == "$ref" and not (isinstance(item, str) and item.startswith("#")):
        yield Problem(path, "leads out of the schema", "write a $ref that begins with #")
    elif name in NAMED and isinstance(item, Mapping):
        for inner, each in item.items():
            yield from _refused(each, path_to(path, [str(inner)]), depth + 2)
    elif name not in DATA:
        yield from _refused(item, path, depth + 1)
