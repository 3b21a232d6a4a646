"""Which fields `event.payload` and `employee` can have, so that a name that is never there is found before a
run fails on it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.errors import did_you_mean
from officeflow.program import typed

PAYLOAD, EMPLOYEE = "event.payload", "employee"
NEAR = 0.85
"""How like a known name another one is that is taken for a slip of the pen."""


@dataclass(frozen=True, slots=True)
class PersonFields:
    """`public` and `private` are the fields of the events' schemas, `own` those that a record has beside
    them.

    `renamed` are fields of events that the record keeps under another name. `shown` are those that the
    organization `org` shows beside the public ones; None where it is not known which organization it is.
    """

    public: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    shown: frozenset[str] | None = None
    org: str = ""

    def problem(self, owner: str, name: str, *, literally: bool) -> tuple[str, str] | None:
        """Why `owner` (`event.payload` or `employee`) never has the field, and what to write; None where it
        may have it.

        `literally`: it is written `owner["name"]`, by somebody who means that very name.
        """
        return (
            self._in_payload(name, literally=literally)
            if owner == PAYLOAD
            else self._in_record(name, literally=literally)
        )

    def _in_payload(self, name: str, *, literally: bool) -> tuple[str, str] | None:
        if name in self.public or _among(name, self.public):
            return None
        if _among(name, self.private):
            return f"{PAYLOAD} never has {name!r}: it is sensitive", f"write {EMPLOYEE}.{name}"
        if self.shown is None:
            near = None if literally else _near(name, self.public)
            return _slip(PAYLOAD, name, near)
        if _among(name, self.shown):
            return None
        show = (
            f"write {EMPLOYEE}.{name}, or show it: `{typed('org events')} {self.org} --show {name} --why …`"
        )
        return (
            f"{PAYLOAD} never has {name!r}: no schema names it, and {self.org} does not show it",
            did_you_mean(name, self.public) or show,
        )

    def _in_record(self, name: str, *, literally: bool) -> tuple[str, str] | None:
        if name in self.renamed:
            return f"{EMPLOYEE} never has {name!r}", f"it is kept as {EMPLOYEE}.{self.renamed[name]}"
        known = (self.public | self.private | self.own) - set(self.renamed)
        near = None if literally or name in known or not known else _near(name, known)
        return _slip(EMPLOYEE, name, near)

    def as_json(self) -> dict[str, Any]:
        sets = {"public": self.public, "private": self.private, "own": self.own, "shown": self.shown}
        listed = {name: None if found is None else sorted(found) for name, found in sets.items()}
        return {**listed, "renamed": dict(self.renamed), "org": self.org}

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> PersonFields:
        sets: dict[str, Any] = {name: frozenset(told[name]) for name in ("public", "private", "own")}
        shown = None if told["shown"] is None else frozenset(told["shown"])
        return cls(**sets, shown=shown, renamed=told["renamed"], org=told["org"])


def plain(name: str) -> str:
    """Events are classified by this: `workEmail` and `work_email` are one field."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _among(name: str, known: Iterable[str]) -> bool:
    return plain(name) in set(map(plain, known))


def _near(name: str, known: Iterable[str]) -> str | None:
    if _among(name, known):
        return None
    return next(iter(difflib.get_close_matches(name, sorted(known), n=1, cutoff=NEAR)), None)


def _slip(owner: str, name: str, near: str | None) -> tuple[str, str] | None:
    if near is None:
        return None
    return f"{owner} has no field {name!r}", f'did you mean {near}? {owner}["{name}"] is taken as it stands'
