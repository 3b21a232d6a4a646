"""`flow.set`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from officeflow.errors import InvalidParameters, Problem
from officeflow.expressions.params import has_expression
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
Kind = Literal["text", "integer", "number", "boolean", "list", "object", "date", "moment"]

RESERVED = frozenset({"changed", "in", "true", "false", "null"})
SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array"},
    "object": {"type": "object"},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
}
"""JSON Schema of each kind: expressions that read the value are checked against it when a workflow is
validated.
"""


class Params(NodeParams):
    """The values, and of which kind they are."""

    values: dict[Name, Any] = Field(
        description="Name to value: later nodes read it as nodes.<id>.output.<name>.",
        examples=[{"buddy": "${{ event.payload.manager_email }}", "days": 14}],
        min_length=1,
        max_length=100,
    )
    types: dict[str, Kind] = Field(
        default_factory=dict,
        description=(
            "Of which kind values are. One that turns out otherwise is an error here, not somewhere behind."
        ),
        examples=[{"buddy": "text"}],
    )

    @field_validator("values")
    @classmethod
    def _can_be_read(cls, values: dict[str, Any]) -> dict[str, Any]:
        taken = sorted(RESERVED & set(values))
        if taken:
            raise ValueError(f"{taken[0]!r} cannot be the name of a value: choose another")
        return values

    @model_validator(mode="after")
    def _types_are_of_values(self) -> Params:
        for name in self.types:
            if name not in self.values:
                raise ValueError(f"types: there is no value {name!r}")
        return self


class Result(NodeOutput):
    """The values, each under its name."""

    model_config = ConfigDict(extra="allow", frozen=True)

    changed: bool = Field(False, description="Always False: naming values changes nothing.")


class Set(Node[Params, None, Result]):
    """Compute values once and give them names for later nodes.

    They stay as they were computed for the rest of the run.
    """

    spec = NodeSpec(
        type="flow.set",
        title="Set values",
        group="Flow",
        effect=Effect.PURE,
        evidence="The values are recorded as the node's output.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        problems = [
            problem
            for name, kind in params.types.items()
            for problem in _wrong(name, params.values[name], kind)
        ]
        if problems:
            raise InvalidParameters("a value is not of its kind", problems=problems)
        act.note(f"sets {', '.join(params.values)}")
        return Result(
            **{name: _whole(value, params.types.get(name)) for name, value in params.values.items()}
        )

    @classmethod
    def output_of(cls, params: Mapping[str, Any]) -> Mapping[str, Any]:
        values, types = params.get("values"), params.get("types")
        kinds = types if isinstance(types, Mapping) else {}
        own = (
            {name: _schema(value, kinds.get(name)) for name, value in values.items()}
            if isinstance(values, Mapping)
            else {}
        )
        schema = cls.schema().output
        return {**schema, "properties": {**schema["properties"], **own}}


def _schema(value: Any, kind: object) -> Mapping[str, Any]:
    """Of a declared kind, of what is written out, or of anything."""
    if isinstance(kind, str) and kind in SCHEMAS:
        return SCHEMAS[kind]
    if has_expression(value):
        return {}
    known = {str: "text", bool: "boolean", int: "integer", float: "number"}
    return SCHEMAS[known[type(value)]] if type(value) in known else {}


def _wrong(name: str, value: Any, kind: Kind) -> list[Problem]:
    return (
        []
        if _is(value, kind)
        else [Problem(f"params.values.{name}", f"is {_named(value)}, not of the kind {kind}")]
    )


def _is(value: Any, kind: Kind) -> bool:
    match kind:
        case "date":
            return isinstance(value, str) and _parses(dt.date.fromisoformat, value)
        case "moment":
            return isinstance(value, str) and _parses(_aware, value)
        case "integer":
            return not isinstance(value, bool) and isinstance(value, int | float) and value == value // 1
        case "number":
            return not isinstance(value, bool) and isinstance(value, int | float)
    return isinstance(value, {"text": str, "boolean": bool, "list": list, "object": dict}[kind])


def _parses(read: Any, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _aware(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("it names no zone")
    return moment


def _whole(value: Any, kind: Kind | None) -> Any:
    """A number in JSON may be 3.0 and mean 3."""
    return int(value) if kind == "integer" else value


def _named(value: Any) -> str:
    """The kind of a JSON value: never the value, which may be personal."""
    kinds = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return kinds.get(type(value), "null")
