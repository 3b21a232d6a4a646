"""What every property that a client writes has to hold, by the resource type alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import bad_request, invalid_property, invalid_value, synced_from_on_premises
from counterparts.entra.graph import directory
from counterparts.entra.schema.types import EXTENSION, Kind, ResourceType
from counterparts.vendors.store import Store

Document = Mapping[str, Any]


def written(
    store: Store, body: Mapping[str, Any], resource: ResourceType, present: Document | None = None
) -> dict[str, Any]:
    """The properties of a body that creates an object, or changes the one that is `present`.

    Annotations (`…@odata.bind`) are left out. Raises the vendor's 400.
    """
    names = [name for name in body if "@odata." not in name]
    for name in names:
        if EXTENSION.fullmatch(name):
            _check_extension(store, name, body[name], resource)
        else:
            _check(name, body[name], resource)
    if present is not None and present.get("onPremisesSyncEnabled") and set(names) & resource.synced:
        raise synced_from_on_premises()
    return {name: body[name] for name in names}


def _check(name: str, value: Any, resource: ResourceType) -> None:
    if name not in resource.properties:
        raise invalid_property(name)
    if name in resource.read_only:
        raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    kind = resource.properties[name]
    if not kind.accepts(value) or (isinstance(value, str) and not _fits(name, value, kind, resource)):
        raise invalid_value(name, resource.name)


def _fits(name: str, value: str, kind: Kind, resource: ResourceType) -> bool:
    if kind is Kind.TIME:
        return _is_time(value)
    return bool(value.strip()) and len(value) <= (resource.longest or {}).get(name, 10_000)


def _is_time(value: str) -> bool:
    try:
        return bool(dt.datetime.fromisoformat(value))
    except ValueError:
        return False


def _check_extension(store: Store, name: str, value: Any, resource: ResourceType) -> None:
    known = next((each for each in store.all("extensionProperty") if each["name"] == name), None)
    if known is None or resource.name not in known["targetObjects"]:
        raise bad_request(f"The following extension properties are not available: {name}.")
    fits = {
        "String": isinstance(value, str) and 0 < len(value) <= 256,
        "Boolean": isinstance(value, bool),
        "Integer": isinstance(value, int) and not isinstance(value, bool),
        "LargeInteger": isinstance(value, int) and not isinstance(value, bool),
        "DateTime": isinstance(value, str) and _is_time(value),
        "Binary": isinstance(value, str),
    }
    if value is not None and not fits[known["dataType"]]:
        raise invalid_value(name, resource.name)


def bound(body: Mapping[str, Any], name: str) -> list[str]:
    """The addresses in `<name>@odata.bind`; at most 20 of them in one request."""
    found = body.get(f"{name}@odata.bind", [])
    addresses = found if isinstance(found, list) else [found]
    if not all(isinstance(each, str) for each in addresses):
        raise invalid_value(f"{name}@odata.bind", "directoryObject")
    if len(addresses) > 20:
        raise bad_request(f"The number of added object references for '{name}' exceeds the limit of 20.")
    return addresses


def merged(present: Document, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Objects inside of an object are written part by part: what is not named stays."""
    return {
        name: {**(present.get(name) or {}), **value} if isinstance(value, dict) else value
        for name, value in fields.items()
    }


def living(store: Store, kind: str, name: str, value: Any, *, apart_from: str = "") -> bool:
    """Whether another living object of the kind has this value, whatever the case."""
    wanted = str(value).casefold()
    return any(
        str(each.get(name) or "").casefold() == wanted
        for each in store.all(kind)
        if each["id"] != apart_from and directory.KIND in each
    )
