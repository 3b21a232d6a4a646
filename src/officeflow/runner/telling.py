"""Which of a person's sensitive values give the person away, and so are masked in what a node tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from officeflow.events.names import names_in, sounds_private
from officeflow.events.payloads import is_sensitive

SHORTEST_UNNAMED = 8
"""Shorter values of fields that are private only because no schema names them, such as a country or a year,
are ordinary words.
"""


def telling(sensitive: Mapping[str, Any], *public: Any) -> list[str]:
    """The texts and numbers in `sensitive` (field to JSON value) to mask.

    Not those that something `public` (JSON values) says as well: a person's number may be repeated in a field
    that no schema names.
    """
    known = {text for value in public for text in _leaves(value)}
    return [
        text
        for name, value in sensitive.items()
        for text in _leaves(value)
        if text not in known and (len(text) >= SHORTEST_UNNAMED or _is_named(name, value))
    ]


def _is_named(name: str, value: Any) -> bool:
    return any(is_sensitive(each) or sounds_private(each) for each in (name, *names_in(value)))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
