"""What a JSON Schema has against a value, in texts that name places and demands and never what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

NAMING = frozenset({"required", "additionalProperties", "unevaluatedProperties", "dependentRequired"})
"""Whose messages name properties alone."""
MOST = 10


def texts(validator: Draft202012Validator, value: Any, place: str) -> list[str]:
    try:
        errors = list(_leaves(validator.iter_errors(value)))
    except RecursionError:
        return [f"{place}: too deep"]
    found = [_text(error, place) for error in errors if not _follows(error, errors)]
    return list(dict.fromkeys(found))[:MOST]


def _follows(error: ValidationError, errors: list[ValidationError]) -> bool:
    """Where a part does not fit, its properties count as unknown ones of the whole: that says nothing new."""
    if error.validator != "unevaluatedProperties":
        return False
    place = list(error.absolute_path)
    return any(other is not error and list(other.absolute_path)[: len(place)] == place for other in errors)


def _leaves(errors: Iterator[ValidationError] | list[ValidationError]) -> Iterator[ValidationError]:
    """Of a choice among several only that none fits; of what has to hold together, each."""
    for error in errors:
        if error.context and error.validator == "allOf":
            yield from _leaves(error.context)
        else:
            yield error


def _text(error: ValidationError, place: str) -> str:
    where = "/".join([place, *map(str, error.absolute_path)])
    if error.validator in NAMING:
        return f"{where}: {_named(error)}"
    if error.validator == "anyOf":
        return f"{where}: fits none of what it may be"
    return f"{where}: {error.validator} {str(error.validator_value)[:200]}"


def _named(error: ValidationError) -> str:
    names = re.findall(r"'([^']*)'", error.message)
    if error.validator == "required":
        return f"{names[0]} is missing"
    return f"unknown {', '.join(names)}"
