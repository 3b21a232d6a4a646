"""Whose a sensitive value is: under whose key it is written.

A value that is to be written to an encrypting column is given its owner by `owned`, and is otherwise what it
was: a dict stays a dict. What is read back has none.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from officeflow import ids


@dataclass(frozen=True, slots=True)
class Owner:
    """A person of an organization, by `employees.employee_id`; None: the organization itself, where nobody is
    known whom it is about.
    """

    org_id: uuid.UUID
    person: uuid.UUID | None = None


def owner(org_id: uuid.UUID, external_id: str | None) -> Owner:
    """`external_id` is the HR system's identifier of the person; empty where none is known."""
    return Owner(org_id, ids.employee_id(org_id, external_id) if external_id else None)


class OwnedDict(dict[str, Any]):
    """An object with its owner."""

    owner: Owner


class OwnedList(list[Any]):
    """A list with its owner."""

    owner: Owner


class OwnedText(str):
    """A text with its owner."""

    __slots__ = ("owner",)

    owner: Owner


class OwnedBytes(bytes):
    """Bytes with their owner."""

    owner: Owner


T = TypeVar("T")


def owned(owner: Owner, value: T) -> T:
    """The same value, which an encrypting column writes under its owner's key. None stays None."""
    made: OwnedDict | OwnedList | OwnedText | OwnedBytes
    match value:
        case None:
            return value
        case Mapping():
            made = OwnedDict(value)
        case list():
            made = OwnedList(value)
        case str():
            made = OwnedText(value)
        case bytes():
            made = OwnedBytes(value)
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be given an owner")
    made.owner = owner
    return made  # type: ignore[return-value]


def owner_of(value: object) -> Owner | None:
    """None where the value was given none."""
    found = getattr(value, "owner", None)
    return found if isinstance(found, Owner) else None
