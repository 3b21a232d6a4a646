"""What happened to users and groups, in order: what delta queries are answered from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.vendors.store import Store

KIND = "_changes"
STATE = "_changesState"
TRACKED = frozenset({"user", "group"})


def note(store: Store, kind: str, identifier: str, *, removed: str = "", member: str = "") -> None:
    """`removed` is the reason (`changed`: to the deleted items, `deleted`: for good), of the object, or of
    its `member`.
    """
    if kind not in TRACKED:
        return
    number = last(store) + 1
    change = {"kind": kind, "id": identifier, "removed": removed, "member": member, "number": number}
    store.put(KIND, f"{number:012d}", change)
    store.put(STATE, "state", {**_state(store), "last": number})


def last(store: Store) -> int:
    return int(_state(store).get("last", 0))


def oldest(store: Store) -> int:
    """Tokens from before this change are no longer answered."""
    return int(_state(store).get("oldest", 0))


def forget(store: Store) -> None:
    """Expire every token that was given out until now."""
    number = last(store) + 1
    store.put(STATE, "state", {**_state(store), "last": number, "oldest": number})


def since(store: Store, kind: str, number: int) -> list[Mapping[str, Any]]:
    return [each for each in store.all(KIND) if each["number"] > number and each["kind"] == kind]


def _state(store: Store) -> Mapping[str, Any]:
    return store.get(STATE, "state") or {}
