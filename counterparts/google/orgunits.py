"""`orgunits` of the Directory API.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-org-units
"""

from __future__ import annotations

from typing import Any

from counterparts.google import ids, units
from counterparts.google.customer import require
from counterparts.google.failures import invalid, not_found, refused, unmet
from counterparts.google.merging import merged, without_nulls
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]


def list_(request: Request, store: Store, customer_id: str) -> Response:
    require(store, customer_id)
    key = request.query.get("orgUnitPath") or "/"
    top = units.find(store, key)
    if top is None:
        raise not_found("orgUnitPath")
    kind = request.query.get("type", "children")
    found = units.children(store, top["id"]) if kind == "children" else units.below(store, top["id"])
    if kind == "allIncludingParent":
        found = [top, *found]
    shown = [units.view(store, each) for each in found]
    listed = {"organizationUnits": shown} if shown else {}
    return answer({"kind": "admin#directory#orgUnits", "etag": ids.etag(listed), **listed})


def get(request: Request, store: Store, customer_id: str, orgunits_id: str) -> Response:
    del request
    return answer(units.view(store, _the(store, customer_id, orgunits_id)))


def insert(request: Request, store: Store, customer_id: str) -> Response:
    require(store, customer_id)
    given = without_nulls(request.json)
    parent = _parent(store, given)
    if parent is None:
        raise refused(400, "required", "Required parameter: [parentOrgUnitPath]")
    unit = {
        "id": ids.unit_id(),
        "name": given["name"],
        "description": given.get("description", ""),
        "blockInheritance": given.get("blockInheritance", False),
        "parent": parent["id"],
    }
    _check(store, unit)
    return answer(units.view(store, store.put(units.KIND, unit["id"], unit)))


def patch(request: Request, store: Store, customer_id: str, orgunits_id: str) -> Response:
    """With `parentOrgUnitPath` or `parentOrgUnitId` the unit moves, with all below it and its users."""
    unit = _the(store, customer_id, orgunits_id)
    if not unit["parent"]:
        raise invalid("INVALID_OU_ID")
    given = without_nulls(request.json)
    taken: Json = {name: given[name] for name in ("name", "description", "blockInheritance") if name in given}
    new = merged(unit, taken)
    if (parent := _parent(store, given)) is not None:
        if parent["id"] in {unit["id"], *(each["id"] for each in units.below(store, unit["id"]))}:
            raise invalid("INVALID_OU_ID")
        new["parent"] = parent["id"]
    _check(store, new)
    return answer(units.view(store, store.put(units.KIND, unit["id"], new)))


def delete(request: Request, store: Store, customer_id: str, orgunits_id: str) -> Response:
    del request
    unit = _the(store, customer_id, orgunits_id)
    if not unit["parent"] or units.children(store, unit["id"]):
        raise unmet("The organizational unit has children.")
    if any(user["orgUnitId"] == unit["id"] for user in store.all("users")):
        raise unmet("The organizational unit has users.")
    store.remove(units.KIND, unit["id"])
    return answer(None, 204)


def _the(store: Store, customer: str, key: str) -> Document:
    require(store, customer)
    found = units.find(store, key)
    if found is None:
        raise refused(404, "notFound", "Org unit not found")
    return found


def _parent(store: Store, given: Json) -> Document | None:
    key = given.get("parentOrgUnitId") or given.get("parentOrgUnitPath")
    if not key:
        return None
    found = units.find(store, key)
    if found is None:
        raise refused(400, "invalid", "Invalid Parent Orgunit Id")
    return found


def _check(store: Store, unit: Json) -> None:
    """Names are single segments of paths, and each is there once below its parent."""
    if not unit["name"] or "/" in unit["name"] or len(unit["name"]) > 128:
        raise invalid("name")
    for each in units.children(store, unit["parent"]):
        if each["id"] != unit["id"] and each["name"].casefold() == unit["name"].casefold():
            raise refused(400, "invalid", "Invalid Ou Id")
