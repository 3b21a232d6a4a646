"""The table of servers that are played, each with how it departs from RFC 7644."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """A server that keeps to the RFC, where nothing else is said.

    `tells`: it has the discovery endpoints; otherwise a web page is there. `patch`: `rfc`; `pathless` refuses
    paths with 400; `none` answers 405; `ignored` says 204 and does nothing. `announces_patch` is what its
    configuration says of that. `filters`: otherwise a filter is refused. `bulk` is how many operations it
    takes at once, 0 for none. `cursor`: it pages by cursors alone (RFC 9865), and its second page is empty.
    `pauses`: the second page comes empty once. `pages` are as long. `as_text`: booleans, a manager's and
    roles' values come and are taken as texts, ids as numbers. `errors` is the shape of its errors;
    `in_success` sends them with 200.
    """

    tells: bool = True
    patch: Literal["rfc", "pathless", "none", "ignored"] = "rfc"
    announces_patch: bool = True
    filters: bool = True
    bulk: int = 0
    cursor: bool = False
    pauses: bool = False
    pages: int = 100
    versions: bool = True
    passwords: bool = True
    groups: bool = True
    as_text: bool = False
    errors: Literal["rfc", "wrapped", "list", "page", "in_success"] = "rfc"
    attributes: tuple[str, ...] = ("roles", "entitlements")
    """Of users, beside the plain ones, by its schema."""
    role_values: tuple[str, ...] = ()
    """All roles that there are, where its schema names them."""
    manager: bool = True
    locked: frozenset[str] = field(default_factory=frozenset)
    """Groups whose members it lets nobody change (403)."""


DIALECTS: Mapping[str, Behaviour] = MappingProxyType(
    {
        "plain": Behaviour(),
        "put-only": Behaviour(patch="none", announces_patch=False),
        "untold": Behaviour(tells=False, patch="none", filters=False, versions=False, errors="page"),
        "pathless": Behaviour(patch="pathless", errors="list"),
        "ignoring": Behaviour(patch="ignored"),
        "text": Behaviour(as_text=True, errors="wrapped"),
        "unfiltered": Behaviour(filters=False, pages=2),
        "pausing": Behaviour(pauses=True, pages=2),
        "cursors": Behaviour(cursor=True, pages=2),
        "bulk": Behaviour(bulk=2, locked=frozenset({"Board"})),
        "bare": Behaviour(passwords=False, groups=False, attributes=(), manager=False),
        "named-roles": Behaviour(role_values=("editor", "viewer")),
        "polite": Behaviour(errors="in_success"),
    }
)
