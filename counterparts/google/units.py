"""Organizational units as documents: each knows its parent, paths follow from that."""

from __future__ import annotations

from typing import Any

from counterparts.vendors.store import Document, Store

KIND = "orgUnits"
ROOT = "id:03ph8a2z0root00"


def path(store: Store, identity: str) -> str:
    names: list[str] = []
    unit = store.get(KIND, identity)
    while unit is not None and unit["id"] != ROOT:
        names.append(unit["name"])
        unit = store.get(KIND, unit["parent"])
    return "/" + "/".join(reversed(names))


def find(store: Store, key: str) -> Document | None:
    """By id (`id:…`) or path, with or without the `/` in front; paths do not tell upper from lower case."""
    if key.startswith("id:"):
        return store.get(KIND, key)
    wanted = "/" + key.strip("/").casefold()
    return next((each for each in store.all(KIND) if path(store, each["id"]).casefold() == wanted), None)


def children(store: Store, identity: str) -> list[Document]:
    return [each for each in store.all(KIND) if each["parent"] == identity]


def below(store: Store, identity: str) -> list[Document]:
    """All of them, each after its parent."""
    found = []
    for each in children(store, identity):
        found += [each, *below(store, each["id"])]
    return found


def view(store: Store, unit: Document) -> dict[str, Any]:
    from counterparts.google import ids

    shown = {
        "kind": "admin#directory#orgUnit",
        "name": unit["name"],
        "description": unit.get("description", ""),
        "orgUnitPath": path(store, unit["id"]),
        "orgUnitId": unit["id"],
        "blockInheritance": unit.get("blockInheritance", False),
    }
    if unit["parent"]:
        shown |= {"parentOrgUnitId": unit["parent"], "parentOrgUnitPath": path(store, unit["parent"])}
    return {**shown, "etag": ids.etag(shown)}
