"""What a vendor says of its requests, whatever it is written in (`openapi`)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[2]


def folder() -> Path:
    """Where the vendors' descriptions are: OFFICEFLOW_VENDOR_SPECS, or beside the checkout."""
    named = os.environ.get("OFFICEFLOW_VENDOR_SPECS")
    return Path(named) if named else ROOT.parent / "shared" / "specs"


@dataclass(frozen=True)
class Seen:
    """A request as it came. `path` is decoded and without the query; `headers` have lower-case names."""

    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Shape:
    """What a value has to be, as far as `mutations` has to know it.

    `type` is JSON Schema's, or empty where there are several. `open` objects may have properties that nobody
    names. `ignored` is what only the vendor sets: it takes anything from others.
    """

    type: str = ""
    enum: tuple[object, ...] = ()
    nullable: bool = False
    required: frozenset[str] = frozenset()
    properties: Mapping[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    open: bool = False
    ignored: bool = False


@dataclass(frozen=True)
class Parameter:
    """`where` is `path`, `query` or `header`."""

    name: str
    where: str
    required: bool
    shape: Shape


@dataclass(frozen=True)
class Operation:
    """`body` is None where none is taken; `scopes` are those of the description, any of which is enough."""

    method: str
    template: str
    parameters: tuple[Parameter, ...] = ()
    body: Shape | None = None
    body_required: bool = False
    media_types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


class Description(Protocol):
    def problems(self, request: Seen) -> list[str]:
        """Why the request does not fit, one text each, without any value that was sent; empty if it does.

        A request whose method and path are not described has none.
        """
        ...

    def template(self, method: str, path: str) -> str | None:
        """The path's template; None if method and path are not described."""
        ...

    def operations(self) -> Iterable[Operation]: ...
