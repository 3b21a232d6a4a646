"""What the names in an expression stand for, so that it can be checked before it ever runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from officeflow.expressions.person_fields import PersonFields

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.descriptor_pool import DescriptorPool

JsonSchema = Mapping[str, Any]

TOP_LEVEL = ("event", "employee", "nodes", "run", "org", "input")
ITEM, ITEM_INDEX = "item", "item_index"
EACH = (ITEM, ITEM_INDEX)
"""Known in the nodes of a loop alone: what this round is about, which may be of any type, and its number,
from 0.
"""
BODY, HEADERS = "body", "headers"
OF_DELIVERIES = (BODY, HEADERS)
"""Known, with those of `EACH`, where a delivery of a webhook is mapped: what came, of any type."""
ALL_NAMES = (*TOP_LEVEL, *EACH, *OF_DELIVERIES)
IN_LOOPS = "only a node of a loop has it: one that names a flow.for_each in each"
TEXT: JsonSchema = {"type": "string"}
OPEN: JsonSchema = {"type": "object"}


def _record(**properties: JsonSchema) -> JsonSchema:
    return {"type": "object", "properties": properties}


KNOWN: Mapping[str, JsonSchema] = {
    "event": _record(id=TEXT, source=TEXT, kind=TEXT, org=TEXT, employee=TEXT, time=TEXT, payload=OPEN),
    "employee": OPEN,
    "run": _record(id=TEXT, dag_id=TEXT, correlation_id=TEXT, workflow=TEXT, version={"type": "integer"}),
    "org": _record(slug=TEXT, name=TEXT, domain=TEXT, settings=OPEN),
}
"""The names beside `nodes` and `input`, with their shapes."""


@dataclass(frozen=True)
class Names:
    """The names that an expression may use.

    `nodes` has, for each node of the workflow, the JSON Schema of its output (that of a list for a node of a
    loop that is read from outside), or None where it is not known; `nodes` itself is unknown where `nodes` is
    None. `visible` are the other top-level names, `person` the fields of `event.payload` and `employee`.
    `given` is the JSON Schema of `input`, what a workflow is called with; None where it declares none, and
    then there is no such name.
    """

    nodes: Mapping[str, JsonSchema | None] | None = field(default_factory=dict)
    visible: frozenset[str] = frozenset(KNOWN)
    person: PersonFields = field(default_factory=PersonFields)
    given: JsonSchema | None = None

    def top_level(self) -> list[str]:
        there = {*self.visible, *(["nodes"] if self.nodes is not None else [])}
        there |= {"input"} if self.given is not None else set()
        return [name for name in ALL_NAMES if name in there]


IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
PACKAGE = "officeflow"
STRUCT, ANY_VALUE = ".google.protobuf.Struct", ".google.protobuf.Value"
MESSAGE_TYPE = 11
SCALARS: Mapping[str, tuple[int, str]] = {
    "string": (9, ".google.protobuf.StringValue"),
    "integer": (3, ".google.protobuf.Int64Value"),
    "number": (1, ".google.protobuf.DoubleValue"),
    "boolean": (8, ".google.protobuf.BoolValue"),
}
"""JSON Schema type to protobuf's field type and, where null is allowed too, to its wrapper."""
MAX_TYPE_DEPTH = 8


@dataclass
class Types:
    """JSON Schemas turned into protobuf messages, which is what CEL's checker knows objects by."""

    file: FileDescriptorProto
    described: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Message name to what it stands for (`nodes.create_account.output`) and its fields."""

    def add(self, path: str, schema: JsonSchema) -> str:
        """The protobuf type name of the object that `schema` describes; the open Struct where it does not say
        what is in it.
        """
        return self._object(path, schema, schema, 0) or STRUCT

    def add_fields(self, path: str, fields: Mapping[str, str]) -> str:
        """A message whose fields have the given message types."""
        message = self._message(path, tuple(fields))
        for number, (name, type_name) in enumerate(fields.items(), 1):
            message.field.add(name=name, number=number, label=1, type=MESSAGE_TYPE, type_name=type_name)
        return f".{PACKAGE}.{message.name}"

    def add_output(self, path: str, schema: JsonSchema) -> str:
        """The record of a node, `{"output": …}`; its output may be a list."""
        if schema.get("type") == "array":
            record = self._object(path, _record(output=schema), schema, 0)
            if record is not None:
                return record
        return self.add_fields(path, {"output": self.add(f"{path}.output", schema)})

    def _message(self, path: str, fields: tuple[str, ...]) -> Any:
        name = f"T{len(self.described)}"
        self.described[f"{PACKAGE}.{name}"] = (path, fields)
        return self.file.message_type.add(name=name)

    def _object(self, path: str, schema: JsonSchema, root: JsonSchema, depth: int) -> str | None:
        properties = schema.get("properties")
        if not isinstance(properties, Mapping) or not properties or depth > MAX_TYPE_DEPTH:
            return None
        if not all(isinstance(name, str) and IDENTIFIER.match(name) for name in properties):
            return None
        message = self._message(path, tuple(properties))
        for number, (name, part) in enumerate(properties.items(), 1):
            self._field(
                message.field.add(name=name, number=number, label=1), f"{path}.{name}", part, root, depth + 1
            )
        return f".{PACKAGE}.{message.name}"

    def _field(self, target: Any, path: str, schema: Any, root: JsonSchema, depth: int) -> None:
        plain, nullable = resolve(schema, root)
        kind = str(plain.get("type"))
        if kind == "array" and not nullable:
            target.label = 3
            plain, nullable = resolve(plain.get("items"), root)
            kind = str(plain.get("type"))
        if kind in SCALARS and not nullable:
            target.type = SCALARS[kind][0]
            return
        target.type = MESSAGE_TYPE
        if kind in SCALARS:
            target.type_name = SCALARS[kind][1]
        elif kind == "object":
            target.type_name = self._object(path, plain, root, depth) or (ANY_VALUE if nullable else STRUCT)
        else:
            target.type_name = ANY_VALUE


def resolve(schema: Any, root: JsonSchema) -> tuple[JsonSchema, bool]:
    """The schema behind `$ref` and `anyOf [X, null]`, and whether null is allowed."""
    nullable = False
    for _ in range(MAX_TYPE_DEPTH):
        if not isinstance(schema, Mapping):
            break
        reference, options = schema.get("$ref"), schema.get("anyOf")
        if isinstance(reference, str) and reference.startswith("#/$defs/"):
            schema = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"))
        elif isinstance(options, list):
            rest = [option for option in options if option != {"type": "null"}]
            nullable = nullable or len(rest) < len(options)
            schema = rest[0] if len(rest) == 1 else None
        else:
            return schema, nullable
    return {}, nullable


def build_types(names: Names) -> tuple[DescriptorPool, dict[str, str], Types]:
    """A pool with the messages, the protobuf type of each top-level name, and what the messages stand for."""
    from google.protobuf import descriptor_pb2, descriptor_pool, struct_pb2, wrappers_pb2

    pool = descriptor_pool.DescriptorPool()
    for module in (struct_pb2, wrappers_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(
        name="officeflow.proto",
        package=PACKAGE,
        syntax="proto3",
        dependency=[struct_pb2.DESCRIPTOR.name, wrappers_pb2.DESCRIPTOR.name],
    )
    types = Types(file)
    variables = {name: types.add(name, KNOWN[name]) for name in KNOWN if name in names.visible}
    if names.nodes is not None:
        records = {
            key: types.add_output(f"nodes.{key}", schema or OPEN) for key, schema in names.nodes.items()
        }
        variables["nodes"] = types.add_fields("nodes", records)
    if names.given is not None:
        variables["input"] = types.add("input", names.given)
    pool.AddSerializedFile(file.SerializeToString())
    return pool, variables, types
