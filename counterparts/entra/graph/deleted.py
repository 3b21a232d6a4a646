"""Deleted items: https://learn.microsoft.com/graph/api/resources/directory.

Users, Microsoft 365 groups, applications and service principals stay for 30 days and can come back; security
groups are gone at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import denied, malformed, not_found, taken
from counterparts.entra.graph import changes, directory
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.graph.presenting import typed
from counterparts.entra.graph.writing import living
from counterparts.entra.permissions import APPLICATION_READ, GROUP_READ, USER_READ
from counterparts.entra.schema.all import RESOURCES
from counterparts.vendors.routes import Response

Document = Mapping[str, Any]
KIND = "deleted"
KEEPING = 30 * 24 * 3600
NEEDS = {
    "user": ("User.ReadWrite.All", "User.DeleteRestore.All", "Directory.ReadWrite.All"),
    "group": ("Group.ReadWrite.All", "Directory.ReadWrite.All"),
    "application": ("Application.ReadWrite.All", "Directory.ReadWrite.All"),
    "servicePrincipal": ("Application.ReadWrite.All", "Directory.ReadWrite.All"),
}
READS = {
    "user": USER_READ,
    "group": GROUP_READ,
    "application": APPLICATION_READ,
    "servicePrincipal": APPLICATION_READ,
}


def put_away(call: Call, document: Document) -> None:
    """A user's `userPrincipalName` is free again: the deleted one has its id in front of it."""
    away = dict(document) | {"deletedDateTime": call.tenant.now(), "_name": document.get("userPrincipalName")}
    if document[directory.KIND] == "user":
        away["userPrincipalName"] = document["id"].replace("-", "") + document["userPrincipalName"]
    call.store.remove(document[directory.KIND], document["id"])
    call.store.put(KIND, document["id"], away)
    changes.note(call.store, document[directory.KIND], document["id"], removed="changed")


def end(call: Call, document: Document) -> None:
    """Gone for good, with all that hung on it."""
    kind, identifier = document[directory.KIND], document["id"]
    call.store.remove(kind, identifier)
    call.store.remove(KIND, identifier)
    directory.forget(call.store, identifier)
    for each in call.store.all("appRoleAssignment"):
        if identifier in {each["principalId"], each["resourceId"]}:
            call.store.remove("appRoleAssignment", each["id"])
    for each in call.store.all("roleAssignment"):
        if each["principalId"] == identifier:
            call.store.remove("roleAssignment", each["id"])
    changes.note(call.store, kind, identifier, removed="deleted")


def _found(call: Call, identifier: str) -> Document:
    document = call.store.get(KIND, identifier.lower())
    if document is None or call.tenant.passed(document["deletedDateTime"], KEEPING):
        raise not_found(identifier)
    return document


def listed(call: Call, type: str) -> Response:  # noqa: A002 - as the documentation names it
    resource = RESOURCES.get(type)
    if resource is None or resource.kind not in NEEDS:
        raise malformed(f"Type 'microsoft.graph.{type}' has no deleted items.")
    if not call.may(*READS[type]):
        raise denied()
    found = [
        each
        for each in call.store.all(KIND)
        if each[directory.KIND] == resource.kind and not call.tenant.passed(each["deletedDateTime"], KEEPING)
    ]
    return call.many(found, resource, context="directoryObjects")


def read(call: Call, id: str) -> Response:  # noqa: A002
    document = _found(call, id)
    if not call.may(*READS[document[directory.KIND]]):
        raise denied()
    resource = RESOURCES[document[directory.KIND]]
    asked = call.query(resource, single=True)
    shown = typed(document, asked.select)
    return odata({"@odata.context": f"{call.base}/$metadata#directoryObjects/$entity", **shown})


def restore(call: Call, id: str) -> Response:  # noqa: A002
    document = _found(call, id)
    kind = document[directory.KIND]
    _may(call, kind)
    back = {name: value for name, value in document.items() if name not in {"deletedDateTime", "_name"}}
    if kind == "user":
        back["userPrincipalName"] = document["_name"]
        if living(call.store, "user", "userPrincipalName", back["userPrincipalName"]):
            raise taken("userPrincipalName")
    call.store.remove(KIND, document["id"])
    restored = directory.create(call.store, kind, back)
    shown = typed(restored)
    return odata({"@odata.context": f"{call.base}/$metadata#directoryObjects/$entity", **shown})


def delete(call: Call, id: str) -> Response:  # noqa: A002
    document = _found(call, id)
    _may(call, document[directory.KIND])
    end(call, document)
    return nothing()


def _may(call: Call, kind: str) -> None:
    if not call.may(*NEEDS[kind]):
        raise denied()
