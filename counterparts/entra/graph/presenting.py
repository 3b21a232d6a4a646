"""An object as an answer shows it: the properties asked for, or the type's usual ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from counterparts.entra.graph import directory
from counterparts.entra.odata.expand import Expand
from counterparts.entra.odata.query import Query
from counterparts.entra.schema.types import Kind, ResourceType
from counterparts.vendors.store import Store

Document = Mapping[str, Any]


def presented(store: Store, document: Document, resource: ResourceType, asked: Query) -> dict[str, Any]:
    """With what `$expand` asks for."""
    shown = selected(document, resource, asked.select)
    if asked.expand is not None:
        shown |= _expanded(store, document, asked.expand)
    return shown


def selected(document: Document, resource: ResourceType, names: Iterable[str] = ()) -> dict[str, Any]:
    """The named properties, null or empty where the object has none; without names the usual ones."""
    chosen = [name.partition("/")[0] for name in names]
    if "*" in chosen:
        chosen = sorted(resource.properties)
    return {name: _value(document, name, resource) for name in chosen or resource.default}


def typed(document: Document, names: Iterable[str] = ()) -> dict[str, Any]:
    """An object of any type, and which that is."""
    resource = directory.resource_of(document)
    if resource is None:
        return dict(document)
    return {"@odata.type": f"#{resource.cast}", **selected(document, resource, names)}


def _value(document: Document, name: str, resource: ResourceType) -> Any:
    value = document.get(name)
    if value is None and resource.properties.get(name) in {Kind.TEXTS, Kind.OBJECTS}:
        return []
    if name == "passwordProfile" and value is not None:
        return {**value, "password": None}
    return _public(value)


def _public(value: Any) -> Any:
    """Without what the fake keeps for itself inside of objects."""
    if isinstance(value, Mapping):
        return {name: _public(each) for name, each in value.items() if not name.startswith("_")}
    return [_public(each) for each in value] if isinstance(value, list) else value


def _expanded(store: Store, document: Document, expand: Expand) -> dict[str, Any]:
    if expand.name == "manager":
        manager = _manager(store, document["id"], expand, expand.levels)
        return {} if manager is None else {"manager": manager}
    if expand.name in {"appRoleAssignments", "appRoleAssignedTo"}:
        own = "principalId" if expand.name == "appRoleAssignments" else "resourceId"
        return {expand.name: [a for a in store.all("appRoleAssignment") if a[own] == document["id"]]}
    if expand.name == "extensionProperties":
        return {
            expand.name: [e for e in store.all("extensionProperty") if e["_application"] == document["id"]]
        }
    found = {
        "directReports": lambda: directory.sources(store, directory.MANAGER, document["id"]),
        "memberOf": lambda: directory.sources(store, directory.MEMBER, document["id"]),
        "transitiveMemberOf": lambda: directory.transitive(store, directory.MEMBER, document["id"], up=True),
        "members": lambda: directory.targets(store, directory.MEMBER, document["id"]),
        "owners": lambda: directory.targets(store, directory.OWNER, document["id"]),
    }[expand.name]()
    return {expand.name: [typed(each, expand.select) for each in found[:20]]}


def _manager(store: Store, identifier: str, expand: Expand, levels: int) -> dict[str, Any] | None:
    """Above a manager stands the next one, up to `levels`; a circle ends where it would begin again."""
    seen = {identifier}
    chain: list[dict[str, Any]] = []
    while len(chain) < levels:
        above = directory.targets(store, directory.MANAGER, identifier)
        if not above or above[0]["id"] in seen:
            break
        identifier = above[0]["id"]
        seen.add(identifier)
        chain.append(typed(above[0], expand.select))
    shown: dict[str, Any] | None = None
    for each in reversed(chain):
        shown = each if shown is None else {**each, "manager": shown}
    return shown
