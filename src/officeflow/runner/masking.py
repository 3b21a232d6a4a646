"""Keeps what is sensitive out of logs, stories, messages and errors."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from officeflow.addresses import mailbox
from officeflow.errors import InvalidInput
from officeflow.marks import is_sensitive
from officeflow.runs.acts import MASK, veiled
from officeflow.sdk import Log

__all__ = ["MASK", "Mask", "MaskedLog", "mask_of", "sensitive_values", "shown"]

SHORTEST = 4
"""Shorter values would mask parts of ordinary words."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Replaces every occurrence of the `values` by `***`. An address is one in upper or lower case."""

    values: tuple[str, ...] = ()

    def text(self, text: str) -> str:
        return _pattern(self.values).sub(MASK, text) if self.values else text

    def value(self, value: Any) -> Any:
        """A JSON value with the texts, names and numbers in it masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return _apart([(self.text(str(key)), self.value(item)) for key, item in value.items()])
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return MASK if _is_number(value) and str(value) in self.values else value

    def found_in(self, value: Any) -> list[str]:
        """Those texts in a JSON value that it masks."""
        told = {text for text in _leaves(value, names=True) if text in self.values}
        if self.values:
            told.update(
                text for leaf in _leaves(value, names=True) for text in _pattern(self.values).findall(leaf)
            )
        return sorted(told)


def mask_of(*sensitive: Any) -> Mask:
    """The mask of all texts and numbers in these JSON values, the longest first: one may be part of another.

    An address is masked as it is written, and as it goes over the wire.
    """
    found = {text for value in sensitive for text in _leaves(value) if len(text) >= SHORTEST}
    for text in [text for text in found if "@" in text]:
        with suppress(InvalidInput):
            found.add(mailbox(text).address)
    return Mask(tuple(sorted(found, key=lambda text: (-len(text), text))))


@functools.lru_cache(maxsize=64)
def _pattern(values: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        "|".join(f"(?i:{re.escape(value)})" if "@" in value else re.escape(value) for value in values)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _apart(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of these; names that became one are numbered."""
    made: dict[str, Any] = {}
    for name, item in items:
        free = name
        while free in made:
            free = f"{name} {len(made) + 1}"
        made[free] = item
    return made


def _leaves(value: Any, *, names: bool = False) -> Iterator[str]:
    """Its texts and numbers; with `names` also those of objects' members."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if names:
                yield str(name)
            yield from _leaves(item, names=names)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _leaves(item, names=names)
    elif isinstance(value, BaseModel):
        yield from _leaves(value.model_dump(), names=names)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def sensitive_values(model: BaseModel) -> list[Any]:
    """The values of the model's fields that are marked `Sensitive`, in nested models too."""
    found: list[Any] = []
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if is_sensitive(info):
            found += _leaves(value, names=True)
        elif isinstance(value, BaseModel):
            found += sensitive_values(value)
        elif isinstance(value, list | tuple):
            found += [
                inner for item in value if isinstance(item, BaseModel) for inner in sensitive_values(item)
            ]
    return found


def shown(model: BaseModel, told: Mapping[str, Any]) -> dict[str, Any]:
    """What the model's JSON is without its fields that are marked `Sensitive`, however short: their values
    are `***`.
    """
    result = dict(told)
    for name, info in type(model).model_fields.items():
        value, there = getattr(model, name), told.get(name)
        if is_sensitive(info):
            result[name] = veiled(there)
        elif isinstance(value, BaseModel) and isinstance(there, Mapping):
            result[name] = shown(value, there)
        elif isinstance(value, list | tuple) and isinstance(there, list) and len(value) == len(there):
            result[name] = [
                shown(item, each) if isinstance(item, BaseModel) and isinstance(each, Mapping) else each
                for item, each in zip(value, there, strict=True)
            ]
    return result


@dataclass(frozen=True, slots=True)
class MaskedLog:
    """A log that masks what it is told."""

    log: Log
    mask: Mask

    def info(self, event: str, **values: Any) -> Any:
        return self.log.info(self.mask.text(event), **self._masked(values))

    def warning(self, event: str, **values: Any) -> Any:
        return self.log.warning(self.mask.text(event), **self._masked(values))

    def error(self, event: str, **values: Any) -> Any:
        return self.log.error(self.mask.text(event), **self._masked(values))

    def _masked(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self.mask.value(value) for name, value in values.items()}
