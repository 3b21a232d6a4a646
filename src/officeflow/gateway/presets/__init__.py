"""Sources of the systems that we know, a file each: what is cited, what it is, a delivery to try it with."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from officeflow.errors import NotKnown, did_you_mean
from officeflow.events.webhooks.definition import Definition, parse

THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Preset:
    """`cited` are the pages that say how the system signs, and what its bodies are like. `is_theirs`: the
    system makes the secret, and shows it to who sets it up there.
    """

    name: str
    title: str
    about: str
    cited: tuple[str, ...]
    is_theirs: bool
    document: Mapping[str, Any]
    example_type: str
    example: str

    @property
    def definition(self) -> Definition:
        return parse(self.document)


@functools.cache
def all_presets() -> Mapping[str, Preset]:
    """By name, in order."""
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    return {
        file.name.removesuffix(".json"): _read(file.name.removesuffix(".json"), file.read_text("utf-8"))
        for file in files
        if file.name.endswith(".json")
    }


def preset(name: str) -> Preset:
    """`NotKnown` where there is none of that name."""
    found = all_presets().get(name)
    if found is None:
        hint = did_you_mean(name, all_presets()) or f"known: {', '.join(all_presets())}"
        raise NotKnown(f"there is no preset {name!r}", hint=hint)
    return found


def _read(name: str, text: str) -> Preset:
    told = json.loads(text)
    return Preset(
        name=name,
        title=told["title"],
        about=told["about"],
        cited=tuple(told["cited"]),
        is_theirs=told["secret"] == THEIRS,
        document=told["definition"],
        example_type=told["example"]["content_type"],
        example=told["example"]["body"],
    )
