"""Objects of the directory and how they hang together, over the store.

Objects are documents under their kind (`user`, `group` …); a relation is a document of its own, so that a
group of thousands costs one row for each that comes or goes. What is deleted moves to `deleted` with `_kind`;
its relations stay, and are looked through only by who is alive.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from counterparts.entra.errors import malformed, not_found
from counterparts.entra.graph import changes
from counterparts.entra.schema.all import RESOURCES
from counterparts.entra.schema.types import ResourceType
from counterparts.vendors.store import Store

Document = Mapping[str, Any]
MEMBER = "member"
OWNER = "owner"
MANAGER = "manager"
KIND = "_kind"


def new_id() -> str:
    return str(uuid.uuid4())


def resource_of(document: Document) -> ResourceType | None:
    return RESOURCES.get(document.get(KIND, ""))


def find(store: Store, identifier: str, kinds: Iterable[str] = RESOURCES) -> Document:
    """The living object with this id; 404 otherwise."""
    for kind in kinds:
        document = store.get(kind, identifier.lower())
        if document is not None:
            return document
    raise not_found(identifier)


def user(store: Store, identifier: str) -> Document:
    """By id or `userPrincipalName`."""
    found = store.get("user", identifier.lower())
    if found is None and "@" in identifier:
        name = identifier.casefold()
        users = store.all("user")
        found = next((each for each in users if each["userPrincipalName"].casefold() == name), None)
    if found is None:
        raise not_found(identifier)
    return found


def lives(store: Store, identifier: str) -> bool:
    return any(store.get(kind, identifier) is not None for kind in RESOURCES)


def referenced(store: Store, body: Mapping[str, Any], kinds: Iterable[str] = RESOURCES) -> Document:
    """The object that a body's `@odata.id` names."""
    return by_address(store, str(body.get("@odata.id", "")), kinds)


def by_address(store: Store, address: str, kinds: Iterable[str] = RESOURCES) -> Document:
    """The object at an address such as `https://graph.microsoft.com/v1.0/directoryObjects/{id}`."""
    parts = address.rstrip("/").split("/")
    if len(parts) < 2 or "://" not in address:
        raise malformed(f"Invalid value '{address}' specified for '@odata.id'.")
    collection, identifier = parts[-2], parts[-1]
    if collection == "users":
        return user(store, identifier)
    named = {each.collection: [each.kind] for each in RESOURCES.values()}
    if collection != "directoryObjects" and collection not in named:
        raise malformed(f"The reference '{address}' is not valid.")
    return find(store, identifier, named.get(collection, kinds))


def create(store: Store, kind: str, document: Document) -> Document:
    kept = store.put(kind, document["id"], {**document, KIND: kind})
    changes.note(store, kind, document["id"])
    return kept


def change(store: Store, document: Document, **fields: Any) -> Document:
    """The living object with these properties."""
    kind = document[KIND]
    kept = store.put(kind, document["id"], {**(store.get(kind, document["id"]) or document), **fields})
    changes.note(store, kind, document["id"])
    return kept


def link(store: Store, relation: str, source: str, target: str, **fields: Any) -> None:
    store.put(relation, f"{source}/{target}", {"source": source, "target": target, **fields})


def linked(store: Store, relation: str, source: str, target: str) -> bool:
    return store.get(relation, f"{source}/{target}") is not None


def unlink(store: Store, relation: str, source: str, target: str) -> bool:
    return store.remove(relation, f"{source}/{target}")


def targets(store: Store, relation: str, source: str) -> list[Document]:
    """The living objects that this one is linked to, in the order in which they came."""
    return list(_living(store, (e["target"] for e in store.all(relation) if e["source"] == source)))


def sources(store: Store, relation: str, target: str) -> list[Document]:
    return list(_living(store, (e["source"] for e in store.all(relation) if e["target"] == target)))


def transitive(store: Store, relation: str, start: str, *, up: bool) -> list[Document]:
    """All that is reached over the relation, each once, also where it goes in a circle."""
    step = sources if up else targets
    seen: dict[str, Document] = {}
    waiting = step(store, relation, start)
    while waiting:
        each = waiting.pop(0)
        if each["id"] not in seen and each["id"] != start:
            seen[each["id"]] = each
            waiting += step(store, relation, each["id"])
    return list(seen.values())


def forget(store: Store, identifier: str) -> None:
    """Remove every relation of an object that is gone for good."""
    for relation in (MEMBER, OWNER, MANAGER):
        for edge in store.all(relation):
            if identifier in {edge["source"], edge["target"]}:
                unlink(store, relation, edge["source"], edge["target"])


def _living(store: Store, identifiers: Iterable[str]) -> Iterator[Document]:
    for identifier in identifiers:
        for kind in RESOURCES:
            if (document := store.get(kind, identifier)) is not None:
                yield document
                break
