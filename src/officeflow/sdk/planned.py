"""What an act would do, told before it is done."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class Doing(enum.StrEnum):
    """In the words that people read."""

    NO_CHANGE = "no change"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    IRREVERSIBLE = "irreversible"
    """Something leaves that nothing brings back: a mail, a password that is replaced, a session that ends."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of what is created or changed; `before` is None where it holds nothing.

    Values are as the system has them. A `secret` one is never shown; who shows the others masks what comes
    from a sensitive field.
    """

    field: str
    before: Any = None
    after: Any = None
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One thing that an act would do. `what` names it and where: `account ana@acme.example at https://…`.

    `note` says what else people should know; of what is UNKNOWN, why.
    """

    doing: Doing
    what: str
    fields: tuple[FieldChange, ...] = ()
    note: str = ""


def no_change(what: str, note: str = "") -> Planned:
    return Planned(doing=Doing.NO_CHANGE, what=what, note=note)


def creates(what: str, fields: Sequence[FieldChange] = (), note: str = "") -> Planned:
    return Planned(doing=Doing.CREATE, what=what, fields=tuple(fields), note=note)


def changes(what: str, fields: Sequence[FieldChange], note: str = "") -> Planned:
    """`no_change` where every field is as it would be already."""
    different = tuple(each for each in fields if each.secret or each.before != each.after)
    doing = Doing.CHANGE if different else Doing.NO_CHANGE
    return Planned(doing=doing, what=what, fields=different, note=note)


def deletes(what: str, fields: Sequence[FieldChange] = (), note: str = "") -> Planned:
    return Planned(doing=Doing.DELETE, what=what, fields=tuple(fields), note=note)


def irreversible(what: str, fields: Sequence[FieldChange] = (), note: str = "") -> Planned:
    return Planned(doing=Doing.IRREVERSIBLE, what=what, fields=tuple(fields), note=note)


def unknown(what: str, note: str) -> Planned:
    return Planned(doing=Doing.UNKNOWN, what=what, note=note)
