"""Text that is data: it came from elsewhere while a task ran, and no `${{ }}` or template in it is ever
read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from officeflow.errors import InvalidInput

OPENING = "${{"


class Verbatim(str):
    """A text in parameters that is taken as it is."""

    __slots__ = ()


def escaped(text: str) -> str:
    """For a text that also has expressions: `resolve` gives `text` back."""
    return text.replace(OPENING, f"${OPENING}")


def as_data(value: Any, path: str) -> Any:
    """The value as JSON, with every text in it `Verbatim`.

    `InvalidInput` names the place of what JSON has no form for.
    """
    if isinstance(value, str):
        return Verbatim(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): as_data(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, Sequence | AbstractSet) and not isinstance(value, bytes | bytearray | memoryview):
        return [as_data(item, f"{path}[{index}]") for index, item in enumerate(value)]
    return as_data(_as_json(value, path), path)


def _as_json(value: Any, path: str) -> Any:
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        return to_jsonable_python(value)
    except (PydanticSerializationError, ValueError) as error:
        kind = type(value).__name__
        raise InvalidInput(
            f"{path} is a {kind}, which JSON has no form for", hint="give text, numbers, lists and objects"
        ) from error
