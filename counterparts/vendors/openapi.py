"""A description in OpenAPI 3.0. Each operation's validators are made when it is asked for first."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from counterparts.vendors.description import Operation, Parameter, Seen
from counterparts.vendors.failures import texts
from counterparts.vendors.schemas import Schemas

METHODS = ("get", "post", "put", "patch", "delete", "head")
HOME = "urn:description"
ANSWERS = "urn:description:answers"
FORMATS = FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(dt.datetime.fromisoformat(value))


class OpenApi:
    """`corrections` change the document in place before it is used: known bugs of the vendor's.

    `base` is what the paths of requests have before those of the description, such as `/v1.0`.
    """

    def __init__(
        self, path: Path, corrections: Iterable[Callable[[dict[str, Any]], None]] = (), *, base: str = ""
    ) -> None:
        self._document: dict[str, Any] = json.loads(path.read_bytes())
        for correct in corrections:
            correct(self._document)
        self._base = base
        self._components: dict[str, Any] = self._document.get("components", {})
        self._schemas = Schemas(self._components.get("schemas", {}))
        self._answers = Schemas(self._components.get("schemas", {}), answers=True)
        self._checks: dict[tuple[str, str], _Checks] = {}

    def template(self, method: str, path: str) -> str | None:
        found = self._found(method, path)
        return found[0] if found else None

    def problems(self, request: Seen) -> list[str]:
        found = self._found(request.method, request.path)
        if found is None:
            return []
        template, values = found
        return self._checked(request.method, template).problems(request, values)

    def operations(self) -> Iterator[Operation]:
        for template, item in self._document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._operation(method.upper(), template)

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Those with the most literal text first: `/groups/rules` before `/groups/{groupId}`."""
        templates = sorted(self._document["paths"], key=lambda each: [s[:1] == "{" for s in each.split("/")])
        return [(_pattern(self._base + template), template) for template in templates]

    def _found(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        for pattern, template in self._patterns:
            match = pattern.fullmatch(path)
            if match and method.lower() in self._document["paths"][template]:
                names = re.findall(r"{([^}]+)}", template)
                return template, dict(zip(names, match.groups(), strict=True))
        return None

    def _parts(self, method: str, template: str) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
        item = self._document["paths"][template]
        operation = item[method.lower()]
        parameters: dict[tuple[str, str], Mapping[str, Any]] = {}
        for each in [*item.get("parameters", ()), *operation.get("parameters", ())]:
            one = self._components["parameters"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
            parameters[one["in"], one["name"]] = one
        return operation, list(parameters.values())

    def _operation(self, method: str, template: str) -> Operation:
        operation, parameters = self._parts(method, template)
        body = operation.get("requestBody", {})
        content: dict[str, Any] = body.get("content", {})
        schema = next((each.get("schema") for each in content.values()), None)
        security = [each.get("oauth2", ()) for each in operation.get("security", ())]
        return Operation(
            method=method,
            template=self._base + template,
            parameters=tuple(
                Parameter(
                    each["name"],
                    each["in"],
                    each.get("required", False),
                    self._schemas.shape(each.get("schema", {})),
                )
                for each in parameters
            ),
            body=None if schema is None else self._schemas.shape(schema),
            body_required=body.get("required", False),
            media_types=tuple(content),
            scopes=tuple(scope for scopes in security for scope in scopes),
        )

    @cached_property
    def _registry(self) -> Registry[Any]:
        registry: Registry[Any] = Registry()
        for home, schemas in ((HOME, self._schemas), (ANSWERS, self._answers)):
            resource = DRAFT202012.create_resource({"$id": home, "$defs": schemas.definitions()})
            registry = registry.with_resource(home, resource)
        return registry

    def validator(self, schema: Mapping[str, Any], *, answers: bool = False) -> Draft202012Validator:
        home, schemas = (ANSWERS, self._answers) if answers else (HOME, self._schemas)
        converted = _at(home, schemas.converted(schema))
        return Draft202012Validator(converted, registry=self._registry, format_checker=FORMATS)

    def answer_problems(self, method: str, path: str, status: int, value: Any) -> list[str]:
        """Why an answer does not fit; empty where nothing is said of it, as of most errors. `value` is the
        body, None without.
        """
        found = self._found(method, path)
        if found is None:
            return []
        responses = self._parts(method, found[0])[0].get("responses", {})
        if str(status) not in responses:
            return [] if status >= 400 else [f"status: not one of {', '.join(responses)}"]
        described = self._resolved_answer(responses[str(status)])
        schema = next((each.get("schema") for each in described.get("content", {}).values()), None)
        return [] if schema is None else texts(self.validator(schema, answers=True), value, "answer")

    def _resolved_answer(self, described: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in described:
            return described
        named: Mapping[str, Any] = self._components["responses"][described["$ref"].rpartition("/")[2]]
        return named

    def _checked(self, method: str, template: str) -> _Checks:
        key = (method, template)
        if key not in self._checks:
            self._checks[key] = _Checks(self, *self._parts(method, template))
        return self._checks[key]


class _Checks:
    """What one operation demands."""

    def __init__(
        self, home: OpenApi, operation: Mapping[str, Any], parameters: list[Mapping[str, Any]]
    ) -> None:
        self._parameters = [(each, home.validator(each.get("schema", {}))) for each in parameters]
        self._body = operation.get("requestBody")
        self._contents = {
            media_type: home.validator(content.get("schema", {}))
            for media_type, content in (self._body or {}).get("content", {}).items()
        }

    def problems(self, request: Seen, path: Mapping[str, str]) -> list[str]:
        given: dict[str, Mapping[str, list[str]]] = {
            "path": {name: [value] for name, value in path.items()},
            "header": {name: [value] for name, value in request.headers.items()},
            "query": _grouped(request.query),
        }
        known = {each["name"] for each, _ in self._parameters if each["in"] == "query"}
        found = [f"query {name}: unknown" for name in given["query"] if name not in known]
        for parameter, validator in self._parameters:
            found += _parameter_problems(parameter, validator, given.get(parameter["in"], {}))
        return found + self._body_problems(request)

    def _body_problems(self, request: Seen) -> list[str]:
        if not request.body:
            return ["body: missing"] if self._body and self._body.get("required") else []
        if self._body is None:
            return ["body: none is taken"]
        validator = self._contents.get(request.media_type)
        if validator is None:
            return [f"header content-type: not one of {', '.join(self._contents)}"]
        if request.media_type.rpartition("+")[2].rpartition("/")[2] != "json":
            return []
        try:
            value = json.loads(request.body)
        except (ValueError, RecursionError):
            return ["body: not JSON"]
        return texts(validator, value, "body")


def _parameter_problems(
    parameter: Mapping[str, Any], validator: Draft202012Validator, given: Mapping[str, list[str]]
) -> list[str]:
    name, where = parameter["name"], parameter["in"]
    values = given.get(name.lower() if where == "header" else name)
    if values is None:
        return [f"{where} {name}: missing"] if parameter.get("required") else []
    schema = parameter.get("schema", {})
    if schema.get("type") == "array":
        if not parameter.get("explode", True):
            values = [part for value in values for part in value.split(",")]
        kind = schema.get("items", {}).get("type", "string")
        return texts(validator, [_read(value, kind) for value in values], f"{where} {name}")
    if len(values) > 1:
        return [f"{where} {name}: more than once"]
    return texts(validator, _read(values[0], schema.get("type", "string")), f"{where} {name}")


def _read(value: str, kind: str) -> object:
    """The value that a parameter's text stands for; the text itself if it stands for none."""
    if kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    try:
        if kind == "integer":
            return int(value)
        if kind == "number":
            return float(value)
    except ValueError:
        pass
    return value


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"({[^}]+})", template)
    return re.compile("".join("([^/]+)" if part[:1] == "{" else re.escape(part) for part in parts))


def _at(home: str, schema: Any) -> Any:
    """The schema with its references to the components' made absolute."""
    if isinstance(schema, list):
        return [_at(home, each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: home + value if key == "$ref" and isinstance(value, str) else _at(home, value)
        for key, value in schema.items()
    }
