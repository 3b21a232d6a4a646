"""Descriptions in Google's discovery format: those of the package google-api-python-client.

https://developers.google.com/discovery/v1/reference/apis. What an operation demands is put together when it
is asked for first.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from counterparts.vendors import fields
from counterparts.vendors.description import Operation, Parameter, Seen, Shape

Json = dict[str, Any]
DEEPEST = 5
NOT_NULL: Json = {"not": {"type": "null"}}
NUMBERS = frozenset({"int64", "uint64"})
"""Formats of strings that may be sent as numbers too."""


def documents() -> Path | None:
    """The folder of the package's documents; None where the package is not installed."""
    found = importlib.util.find_spec("googleapiclient")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "discovery_cache" / "documents"


@dataclass(frozen=True)
class Method:
    """A method of a document. `template` has a place for each segment; `pattern` matches whole paths."""

    document: Json
    declared: Json
    template: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]

    @property
    def verb(self) -> str:
        return str(self.declared["httpMethod"])

    @property
    def parameters(self) -> Mapping[str, Json]:
        """Those of the method and of every method, by name."""
        return {**self.document.get("parameters", {}), **self.declared.get("parameters", {})}

    def schema(self, role: str) -> Json | None:
        """Of `request` or `response`; None where there is none."""
        name = self.declared.get(role, {}).get("$ref")
        return None if name is None else {"$ref": name}


class Discovery:
    """Several documents as one description; `paths` are their files."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._documents: list[Json] = [json.loads(path.read_bytes()) for path in paths]
        self._checks: dict[str, _Checks] = {}
        self._answers: dict[str, Any] = {}

    def template(self, method: str, path: str) -> str | None:
        found = self._found(method, path)
        return None if found is None else found[0].template

    def problems(self, request: Seen) -> list[str]:
        found = self._found(request.method, request.path)
        if found is None:
            return []
        method, values = found
        name = f"{method.verb} {method.template}"
        if name not in self._checks:
            self._checks[name] = _Checks(method)
        return self._checks[name].problems(request, values)

    def answer_problems(self, method: str, path: str, status: int, value: Any) -> list[str]:
        """Why an answer does not fit; empty where nothing is said of it, as of all errors. `value` is the
        body, None without.
        """
        from jsonschema import Draft202012Validator

        from counterparts.vendors.failures import texts

        found = self._found(method, path)
        schema = None if found is None else found[0].schema("response")
        if found is None or schema is None or status >= 400:
            return []
        name = f"{found[0].document['id']} {schema['$ref']}"
        if name not in self._answers:
            converted = _Converted(found[0], answered=True)
            self._answers[name] = Draft202012Validator(converted.whole(schema))
        return texts(self._answers[name], value, "answer")

    def operations(self) -> Iterator[Operation]:
        return (_operation(method) for method in self._methods)

    @cached_property
    def _methods(self) -> list[Method]:
        """Those with the most literal text first: `/users/watch` before `/users/{userKey}`."""
        found = [_method(document, each) for document in self._documents for each in _declared(document)]
        return sorted(found, key=lambda each: [part[:1] == "{" for part in each.template.split("/")])

    def _found(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        for method in self._methods:
            if method.verb == verb and (match := method.pattern.fullmatch(path)):
                return method, dict(zip(method.names, match.groups(), strict=True))
        return None


class _Checks:
    """What one method demands."""

    def __init__(self, method: Method) -> None:
        from jsonschema import Draft202012Validator

        self._method = method
        converted = _Converted(method)
        self._parameters = {
            name: Draft202012Validator(_parameter_schema(each)) for name, each in method.parameters.items()
        }
        schema = method.schema("request")
        self._body = None if schema is None else Draft202012Validator(converted.whole(schema))

    def problems(self, request: Seen, path: Mapping[str, str]) -> list[str]:
        found = [problem for name, value in path.items() for problem in self._value("path", name, [value])]
        queried: dict[str, list[str]] = {}
        for name, value in request.query:
            queried.setdefault(name, []).append(value)
        for name, values in queried.items():
            found += self._queried(name, values)
        found += [
            f"query {name}: missing"
            for name, each in self._method.parameters.items()
            if each["location"] == "query" and each.get("required") and name not in queried
        ]
        return found + self._fields(queried.get("fields", [])) + self._body_problems(request)

    def _queried(self, name: str, values: list[str]) -> list[str]:
        declared = self._method.parameters.get(name)
        if declared is None or declared["location"] != "query":
            return [f"query {name}: unknown"]
        if len(values) > 1 and not declared.get("repeated"):
            return [f"query {name}: more than once"]
        return self._value("query", name, values)

    def _value(self, where: str, name: str, values: list[str]) -> list[str]:
        from counterparts.vendors.failures import texts

        if name not in self._parameters:
            return []
        kind = self._method.parameters[name].get("type", "string")
        return [
            problem
            for value in values
            for problem in texts(self._parameters[name], _read(value, kind), f"{where} {name}")
        ]

    def _fields(self, masks: list[str]) -> list[str]:
        try:
            return [problem for mask in masks for problem in self._unknown(fields.parse(mask))]
        except fields.WrongMask:
            return ["query fields: cannot be read"]

    def _unknown(self, mask: fields.Mask) -> list[str]:
        schema = self._method.schema("response")
        names = [] if schema is None else _unselected(self._method.document["schemas"], schema, mask)
        return [f"query fields: unknown {name}" for name in names]

    def _body_problems(self, request: Seen) -> list[str]:
        from counterparts.vendors.failures import texts

        if self._body is None:
            return ["body: none is taken"] if request.body else []
        if request.body and request.media_type != "application/json":
            return ["header content-type: not application/json"]
        try:
            value = json.loads(request.body or b"{}")
        except (ValueError, RecursionError):
            return ["body: not JSON"]
        return texts(self._body, value, "body")


class _Converted:
    """A document's schemas as JSON Schemas for one method's requests: what nobody names is refused, null
    clears, and what only Google sets takes anything, so that a client may send back what it has read. With
    `answered` for its answers, of which nothing is required.
    """

    def __init__(self, method: Method, *, answered: bool = False) -> None:
        self._schemas: Json = method.document["schemas"]
        self._answered = answered
        self._id = method.declared["id"]

    def whole(self, schema: Json) -> Json:
        definitions: Json = {}
        converted = self._convert(schema, definitions)
        return {"allOf": [converted], "type": "object", "$defs": definitions}

    def _convert(self, schema: Json, definitions: Json) -> Json:
        if "$ref" in schema:
            name = schema["$ref"]
            if name not in definitions:
                definitions[name] = {}
                definitions[name].update(self._convert(self._schemas[name], definitions))
            return {"$ref": f"#/$defs/{name}"}
        if schema.get("type") == "any" or (schema.get("readOnly") and not self._answered):
            return {}
        found = _scalar(schema)
        if "items" in schema:
            found["items"] = self._convert(schema["items"], definitions)
        if "object" in found["type"]:
            found |= self._object(schema, definitions)
        return found

    def _object(self, schema: Json, definitions: Json) -> Json:
        properties = schema.get("properties", {})
        more = schema.get("additionalProperties")
        required = [
            name
            for name, each in properties.items()
            if self._id in each.get("annotations", {}).get("required", ())
        ]
        converted = {name: self._convert(each, definitions) for name, each in properties.items()}
        if not self._answered:
            converted |= {name: {"allOf": [converted[name], NOT_NULL]} for name in required}
        return {
            "properties": converted,
            "additionalProperties": False if more is None else self._convert(more, definitions),
            "required": [] if self._answered else required,
        }


def _scalar(schema: Json) -> Json:
    kind = schema.get("type", "object")
    types = [kind, "null"]
    if kind == "string" and schema.get("format") in NUMBERS:
        types.append("integer")
    found: Json = {"type": types}
    if "enum" in schema:
        found["enum"] = [*schema["enum"], None]
    for bound in ("minimum", "maximum"):
        if bound in schema:
            found[bound] = float(schema[bound])
    return found


def _parameter_schema(declared: Json) -> Json:
    found = _scalar(declared)
    found["type"] = declared.get("type", "string")
    if "pattern" in declared:
        found["pattern"] = declared["pattern"]
    if declared.get("type") == "string":
        found.pop("minimum", None)
        found.pop("maximum", None)
    return found


def _read(value: str, kind: str) -> object:
    """The value that a parameter's text stands for; the text itself if it stands for none."""
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    if kind in {"integer", "number"} and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return int(value) if kind == "integer" and "." not in value else float(value)
    return value


def _declared(resource: Json) -> Iterator[Json]:
    yield from resource.get("methods", {}).values()
    for each in resource.get("resources", {}).values():
        yield from _declared(each)


def _method(document: Json, declared: Json) -> Method:
    path = "/" + document.get("servicePath", "") + declared["path"]
    flat = "/" + document.get("servicePath", "") + declared.get("flatPath", declared["path"])
    names: list[str] = []
    pattern = ""
    for part in re.split(r"({[^}]+})", path):
        if part[:1] != "{":
            pattern += re.escape(part)
            continue
        name = part.strip("{+}")
        names.append(name)
        pattern += f"({_segments(declared, name) if part[1] == '+' else '[^/]+'})"
    return Method(document, declared, flat, re.compile(pattern, re.DOTALL), tuple(names))


def _segments(declared: Json, name: str) -> str:
    """What a parameter of several segments matches."""
    return str(declared["parameters"][name].get("pattern", ".+")).removeprefix("^").removesuffix("$")


def _operation(method: Method) -> Operation:
    schemas, declared = method.document["schemas"], method.declared
    in_path = re.findall(r"{([^}]+)}", method.template)
    body = method.schema("request")
    return Operation(
        method=method.verb,
        template=method.template,
        parameters=(
            *(Parameter(name, "path", required=True, shape=Shape(type="string")) for name in in_path),
            *(
                Parameter(name, "query", bool(each.get("required")), _shape(each, schemas, declared["id"]))
                for name, each in declared.get("parameters", {}).items()
                if each["location"] == "query"
            ),
        ),
        body=None if body is None else _shape(body, schemas, declared["id"]),
        body_required=False,
        media_types=() if body is None else ("application/json",),
        scopes=tuple(declared.get("scopes", ())),
    )


def _shape(schema: Json, schemas: Json, method: str, depth: int = 0) -> Shape:
    nullable = depth > 0
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    if depth > DEEPEST or schema.get("type") == "any":
        return Shape(open=True)
    properties = schema.get("properties", {})
    kind = schema.get("type", "object")
    required = [
        name for name, each in properties.items() if method in each.get("annotations", {}).get("required", ())
    ]
    return Shape(
        type="" if schema.get("format") in NUMBERS else kind,
        enum=tuple(schema.get("enum", ())),
        nullable=nullable,
        required=frozenset(required),
        properties={name: _shape(each, schemas, method, depth + 1) for name, each in properties.items()},
        items=_shape(schema["items"], schemas, method, depth + 1) if "items" in schema else None,
        open=kind == "object" and "additionalProperties" in schema,
        ignored=bool(schema.get("readOnly")),
    )


def _unselected(schemas: Json, schema: Json, mask: fields.Mask) -> list[str]:
    """What the mask names and the schema does not."""
    while "$ref" in schema or "items" in schema:
        schema = schemas[schema["$ref"]] if "$ref" in schema else schema["items"]
    if schema.get("type", "object") != "object" or "additionalProperties" in schema:
        return []
    properties = schema.get("properties", {})
    found = []
    for name, below in mask.items():
        if name == "*":
            continue
        if name in properties:
            found += _unselected(schemas, properties[name], below)
        else:
            found.append(name)
    return found
