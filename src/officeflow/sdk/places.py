"""Walking a value and its JSON Schema side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TEMPLATE_MARK = "x-template"
"""In the schema of a field whose text is a template, "text", "html" or "url", or a condition."""

CONDITION = "condition"
"""The mark of a field whose text is CEL that gives true or false."""

URL = "url"
"""The mark of a template that gives an address."""

Schema = Mapping[str, Any]
"""JSON Schema (draft 2020-12), or a part of one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a JSON Schema a value stands; `root` holds the `$defs`."""

    schema: Schema
    root: Schema

    def template(self) -> str | None:
        """The field's template mark, or None."""
        return next((choice[TEMPLATE_MARK] for choice in self._choices() if TEMPLATE_MARK in choice), None)

    def is_marked(self, mark: str) -> bool:
        return any(choice.get(mark) for choice in self._choices())

    def field(self, name: str) -> Place:
        for choice in self._choices():
            if name in choice.get("properties", {}):
                return Place(choice["properties"][name], self.root)
            if isinstance(choice.get("additionalProperties"), Mapping):
                return Place(choice["additionalProperties"], self.root)
        return Place({}, self.root)

    def names(self) -> list[str]:
        """The names of the fields that an object may have here, of any of the schema's choices."""
        return [name for choice in self._choices() for name in choice.get("properties", {})]

    def item(self) -> Place:
        items = (choice["items"] for choice in self._choices() if isinstance(choice.get("items"), Mapping))
        return Place(next(items, {}), self.root)

    def texts(self, value: Any, path: str) -> Iterator[tuple[str, str, str | None]]:
        """Every text in `value`: its path, itself, and its template mark."""
        if isinstance(value, str):
            yield path, value, self.template()
        elif isinstance(value, Mapping):
            for name, item in value.items():
                yield from self.field(name).texts(item, f"{path}.{name}")
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                yield from self.item().texts(item, f"{path}[{index}]")

    def _choices(self) -> Iterator[Schema]:
        """The schema itself, and those that it refers to or offers a choice of."""
        pending = [self.schema]
        while pending:
            schema = pending.pop(0)
            yield schema
            if "$ref" in schema:
                pending.append(self.root["$defs"][schema["$ref"].rpartition("/")[2]])
            pending += [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
