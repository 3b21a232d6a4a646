"""What a resource type is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

EXTENSION = re.compile(r"extension_[0-9a-f]{32}_[A-Za-z][A-Za-z0-9_]*")
"""A directory extension's name: `extension_`, the application's id without hyphens, its own name."""


class Kind(StrEnum):
    TEXT = "text"
    FLAG = "flag"
    NUMBER = "number"
    TIME = "time"
    TEXTS = "texts"
    OBJECT = "object"
    OBJECTS = "objects"

    def accepts(self, value: Any) -> bool:
        """Whether a JSON value is of this kind; null always is."""
        return value is None or _TESTS[self](value)


_TESTS: dict[Kind, Callable[[Any], bool]] = {
    Kind.TEXT: lambda value: isinstance(value, str),
    Kind.TIME: lambda value: isinstance(value, str),
    Kind.FLAG: lambda value: isinstance(value, bool),
    Kind.NUMBER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    Kind.OBJECT: lambda value: isinstance(value, dict),
    Kind.TEXTS: lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
    Kind.OBJECTS: lambda value: isinstance(value, list) and all(isinstance(each, dict) for each in value),
}


@dataclass(frozen=True, slots=True)
class Support:
    """What `$filter` may ask of a property: by default, and with the advanced query parameters."""

    default: frozenset[str] = frozenset()
    advanced: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ResourceType:
    """`name` as messages have it ('User'), `cast` as OData has it ('microsoft.graph.user').

    `read_only` are refused when written, `synced` when the object comes from on-premises, `longest` has the
    most characters of a text, `elsewhere` is kept outside of the directory and cannot be listed.
    """

    name: str
    cast: str
    collection: str
    properties: Mapping[str, Kind]
    default: tuple[str, ...]
    filters: Mapping[str, Support]
    read_only: frozenset[str] = frozenset()
    synced: frozenset[str] = frozenset()
    longest: Mapping[str, int] | None = None
    elsewhere: frozenset[str] = frozenset()
    searchable: frozenset[str] = frozenset({"displayName"})

    @property
    def kind(self) -> str:
        """How the store names its documents."""
        return self.cast.rpartition(".")[2]


def kinds(**names: str) -> dict[str, Kind]:
    """`kinds(text="city country", flag="accountEnabled")`."""
    return {name: Kind(kind) for kind, texts in names.items() for name in texts.split()}


def supports(rows: Mapping[str, tuple[str, str]]) -> dict[str, Support]:
    """Several properties in each key, operators by default and advanced ones in each value."""
    return {
        name: Support(frozenset(default.split()), frozenset(advanced.split()))
        for names, (default, advanced) in rows.items()
        for name in names.split()
    }


def words(*texts: str) -> frozenset[str]:
    return frozenset(_split(texts))


def _split(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        yield from text.split()
