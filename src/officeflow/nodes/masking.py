"""Keeps what is sensitive out of logs, stories, messages and errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from officeflow.nodes.base import Log
from officeflow.nodes.fields import SENSITIVE_MARK

MASK = "***"
SHORTEST = 4
"""Shorter values would mask parts of ordinary words."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Replaces every occurrence of the `values` by `***`."""

    values: tuple[str, ...] = ()

    def text(self, text: str) -> str:
        for value in self.values:
            text = text.replace(value, MASK)
        return text

    def value(self, value: Any) -> Any:
        """A JSON value with the texts in it masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value


def mask_of(*sensitive: Any) -> Mask:
    """The mask of all texts and numbers in these JSON values, the longest first: one may be part of another."""
    found = {text for value in sensitive for text in _leaves(value) if len(text) >= SHORTEST}
    return Mask(tuple(sorted(found, key=lambda text: (-len(text), text))))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, BaseModel):
        yield from _leaves(value.model_dump())
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def sensitive_values(model: BaseModel) -> list[Any]:
    """The values of the model's fields that are marked `Sensitive`, in nested models too."""
    found: list[Any] = []
    for name, info in type(model).model_fields.items():
        value, extra = getattr(model, name), info.json_schema_extra
        if isinstance(extra, dict) and extra.get(SENSITIVE_MARK):
            found.append(value)
        elif isinstance(value, BaseModel):
            found += sensitive_values(value)
        elif isinstance(value, list | tuple):
            found += [inner for item in value if isinstance(item, BaseModel) for inner in sensitive_values(item)]
    return found


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
