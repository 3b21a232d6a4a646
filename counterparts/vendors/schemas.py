"""OpenAPI 3.0's schemas as JSON Schemas of requests, in which what nobody names is refused.

A schema has two forms: open, as a part of others (`allOf`), and closed, as the whole of a value. What only
the vendor sets (`readOnly`) is neither required nor looked at: a client may send back what it has read. As
schemas of answers, all are open, and everything is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.vendors.description import Shape

Json = dict[str, Any]
COPIED = (
    "enum", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minimum", "maximum",
    "multipleOf", "minProperties", "maxProperties", "format",
)  # fmt: skip
PARTS = ("allOf", "anyOf", "oneOf")
DEEPEST = 5


class Schemas:
    """`components` are the description's schemas by name; `answers` says what the schemas are for."""

    def __init__(self, components: Mapping[str, Any], *, answers: bool = False) -> None:
        self._components = components
        self._answers = answers

    def definitions(self) -> Json:
        """Both forms of all components, under the names that `converted` refers to."""
        found: Json = {}
        for name, schema in self._components.items():
            found[name] = self.converted(schema, closed=False)
            found[f"{name}!"] = _closed({"$ref": f"#/$defs/{name}"}, closes=self._has_parts(schema))
        return found

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        seen = 0
        while "$ref" in schema and seen < DEEPEST:
            schema, seen = self._components[schema["$ref"].rpartition("/")[2]], seen + 1
        return schema

    def _has_parts(self, schema: Mapping[str, Any]) -> bool:
        """Whether the schema names properties; one that names none takes any."""
        if self._answers:
            return False
        schema = self.resolved(schema)
        return bool(schema.get("properties")) or any(
            self._has_parts(part) for keyword in PARTS for part in schema.get(keyword, ())
        )

    def converted(self, schema: Mapping[str, Any], *, closed: bool = True) -> Json:
        if "$ref" in schema:
            return {"$ref": f"#/$defs/{schema['$ref'].rpartition('/')[2]}{'!' if closed else ''}"}
        found: Json = {keyword: schema[keyword] for keyword in COPIED if keyword in schema}
        self._take_bounds(schema, found)
        self._take_type(schema, found)
        self._take_object(schema, found)
        self._take_parts(schema, found)
        if "items" in schema:
            found["items"] = self.converted(schema["items"])
        return _closed(found, closes=closed and self._has_parts(schema))

    @staticmethod
    def _take_bounds(schema: Mapping[str, Any], found: Json) -> None:
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if schema.get(exclusive) is True:
                found[exclusive] = found.pop(bound)

    @staticmethod
    def _take_type(schema: Mapping[str, Any], found: Json) -> None:
        if "type" in schema:
            found["type"] = [schema["type"], "null"] if schema.get("nullable") else schema["type"]
        if "enum" in found and schema.get("nullable") and None not in found["enum"]:
            found["enum"] = [*found["enum"], None]

    def _take_object(self, schema: Mapping[str, Any], found: Json) -> None:
        properties = schema.get("properties", {})
        skipped = "writeOnly" if self._answers else "readOnly"
        ignored = {name for name, each in properties.items() if self.resolved(each).get(skipped)}
        if properties:
            found["properties"] = {
                name: {} if name in ignored else self.converted(each) for name, each in properties.items()
            }
        if required := [name for name in schema.get("required", ()) if name not in ignored]:
            found["required"] = required
        more = schema.get("additionalProperties")
        if more is not None:
            found["additionalProperties"] = more if isinstance(more, bool) else self.converted(more)

    def _take_parts(self, schema: Mapping[str, Any], found: Json) -> None:
        if "allOf" in schema:
            found["allOf"] = [self.converted(part, closed=False) for part in schema["allOf"]]
        choices = schema.get("oneOf") or schema.get("anyOf")
        if not choices:
            return
        if "discriminator" in schema:
            found.setdefault("allOf", []).extend(self._discriminated(schema["discriminator"], choices))
        else:
            found["anyOf"] = [_null_or(part) or self.converted(part, closed=False) for part in choices]

    def _discriminated(self, discriminator: Mapping[str, Any], choices: list[Json]) -> list[Json]:
        """The choice that the value itself names; where it has to name one, and does not, it is refused."""
        name = discriminator["propertyName"]
        mapping: dict[str, str] = discriminator.get("mapping") or {
            part["$ref"].rpartition("/")[2]: part["$ref"] for part in choices
        }
        named = [
            {
                "if": {"properties": {name: {"const": value}}, "required": [name]},
                "then": self.converted({"$ref": reference}, closed=False),
            }
            for value, reference in mapping.items()
        ]
        return [{"properties": {name: {"enum": list(mapping)}}, "required": [name]}, *named]

    def shape(self, schema: Mapping[str, Any], depth: int = 0) -> Shape:
        schema = self.resolved(schema)
        if depth > DEEPEST:
            return Shape(open=True)
        properties = {
            name: self.shape(each, depth + 1) for name, each in schema.get("properties", {}).items()
        }
        required = {name for name in schema.get("required", ()) if not properties.get(name, Shape()).ignored}
        kind, enum = schema.get("type", ""), tuple(schema.get("enum", ()))
        opened = bool(schema.get("additionalProperties")) or not self._has_parts(schema)
        for part in (self.shape(each, depth + 1) for each in schema.get("allOf", ())):
            kind, enum = kind or part.type, enum or part.enum
            properties = {**part.properties, **properties}
            required |= part.required
            opened = opened or (part.open and part.type == "object" and bool(part.properties))
        choices = [self.shape(each, depth + 1) for each in schema.get("oneOf") or schema.get("anyOf") or ()]
        if choices:
            kinds = {each.type for each in choices}
            kind = kind or (kinds.pop() if len(kinds) == 1 else "")
            opened = opened or any(each.open for each in choices)
            properties = {**_common(choices), **properties}
        return Shape(
            type=kind,
            enum=enum,
            nullable=bool(schema.get("nullable")),
            required=frozenset(required),
            properties=properties,
            items=self.shape(schema["items"], depth + 1) if "items" in schema else None,
            open=opened,
            ignored=bool(schema.get("readOnly")),
        )


def _common(choices: list[Shape]) -> dict[str, Shape]:
    """The properties that every choice has in the same shape; of the others nothing is known."""
    names = {name for each in choices for name in each.properties}
    found = {}
    for name in names:
        shapes = [each.properties.get(name, Shape()) for each in choices]
        found[name] = shapes[0] if all(shape == shapes[0] for shape in shapes) else Shape(open=True)
    return found


def _null_or(part: Mapping[str, Any]) -> Json | None:
    """A nullable object that says nothing else stands for null beside the other choices."""
    return {"type": "null"} if dict(part) == {"type": "object", "nullable": True} else None


def _closed(schema: Json, *, closes: bool) -> Json:
    return {**schema, "unevaluatedProperties": False} if closes else schema
