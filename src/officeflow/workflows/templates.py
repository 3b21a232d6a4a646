"""Workflows to begin with: the examples that come with OfficeFlow, in `docs/examples`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from officeflow.errors import NotKnown, Unavailable, did_you_mean
from officeflow.layout import ROOT
from officeflow.workflows import models, validation

FOLDER = ROOT / "docs" / "examples"
MARK = "example"
"""A tag of theirs that says nothing to whoever looks for one."""


@dataclass(frozen=True, slots=True)
class Template:
    """A definition that can be published as it is, once its connections exist."""

    name: str
    definition: Mapping[str, Any]
    connections: tuple[str, ...]
    """Names of the connections that its nodes use."""
    node_types: tuple[str, ...]

    @property
    def tags(self) -> list[str]:
        return [tag for tag in self.definition["tags"] if tag != MARK]


def find(name: str) -> Template:
    """`NotKnown` where there is none, with a suggestion where one is close."""
    known = every()
    if name not in known:
        raise NotKnown(f"there is no template {name[:60]!r}", hint=did_you_mean(name, known))
    return known[name]


@functools.cache
def every() -> Mapping[str, Template]:
    """By name, in order. `Unavailable` where the installation has none."""
    files = sorted(FOLDER.glob("*.json"))
    if not files:
        raise Unavailable("the templates are not installed", hint="they are docs/examples of OfficeFlow")
    return MappingProxyType({file.stem: _read(file.stem, file.read_text("utf-8")) for file in files})


def _read(name: str, text: str) -> Template:
    definition = validation.parse(validation.from_text(text))
    return Template(
        name=name,
        definition=models.to_json(definition),
        connections=tuple(sorted({node.connection for node in definition.nodes if node.connection})),
        node_types=tuple(sorted({node.type for node in definition.nodes})),
    )
