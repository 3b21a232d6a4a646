"""Which address belongs to whom: an address is one user's or one group's, as its own or as an alias."""

from __future__ import annotations

import re

from counterparts.google.failures import duplicate, invalid, refused
from counterparts.vendors.store import Document, Store

KIND = "addresses"
USERS = "users"
GROUPS = "groups"
SHAPE = re.compile(r"[^\s@]{1,64}@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+")
"""Anybody's."""
LOCAL = re.compile(r"[a-z0-9._'+-]+")
"""What stands before the @ of an address of the customer's own; https://support.google.com/a/answer/9193374"""


def owner(store: Store, key: str) -> tuple[str, Document] | None:
    """The kind (`users`, `groups`) and the document of whom an id or address names."""
    for kind in (USERS, GROUPS):
        if found := store.get(kind, key):
            return kind, found
    entry = store.get(KIND, key.lower())
    if entry is None or (found := store.get(entry["kind"], entry["id"])) is None:
        return None
    return entry["kind"], found


def find(store: Store, kind: str, key: str) -> Document | None:
    found = owner(store, key)
    return found[1] if found and found[0] == kind else None


def is_own(store: Store, address: str) -> bool:
    """Whether the address is in one of the customer's domains."""
    return store.get("domains", address.rpartition("@")[2].lower()) is not None


def claimed(store: Store, address: str, kind: str, identity: str, *, what: str) -> str:
    """The address in lower case, from now on of this user or group. Raises `Refused`: 400 where it is none,
    404 where its domain is not the customer's, 409 where it is somebody's already.
    """
    address = address.lower()
    local, _, domain = address.rpartition("@")
    if not LOCAL.fullmatch(local) or len(local) > 64 or ".." in local or not domain:
        raise invalid(what)
    if not is_own(store, address):
        raise refused(404, "notFound", "Domain not found.")
    if store.get(KIND, address):
        raise duplicate()
    store.put(KIND, address, {"kind": kind, "id": identity})
    return address


def free(store: Store, address: str) -> None:
    store.remove(KIND, address.lower())
