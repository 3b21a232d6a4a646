"""What is to be different about an entry, in the words of `ldap3`: by attribute, what is done with values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Operation = Literal["MODIFY_ADD", "MODIFY_DELETE", "MODIFY_REPLACE"]
Change = tuple[Operation, list[str] | list[bytes]]
Changes = dict[str, list[Change]]


def put(value: str | bytes | None) -> list[Change]:
    """Only this value from now on; None or an empty text takes away what there is."""
    if value is None or not value:
        return [("MODIFY_REPLACE", [])]
    values: list[str] | list[bytes] = [value] if isinstance(value, str) else [bytes(value)]
    return [("MODIFY_REPLACE", values)]


def exchange(old: str | None, new: str | None) -> list[Change]:
    """The one value for the other, at once: refused where the old one is not there any more."""
    found: list[Change] = []
    if old is not None:
        found.append(("MODIFY_DELETE", [old]))
    if new is not None:
        found.append(("MODIFY_ADD", [new]))
    return found


def add(values: Sequence[str]) -> list[Change]:
    return [("MODIFY_ADD", list(values))]


def take(values: Sequence[str]) -> list[Change]:
    return [("MODIFY_DELETE", list(values))]
