"""Who reports to whom: https://learn.microsoft.com/graph/api/user-post-manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import bad_request, not_found, synced_from_on_premises
from counterparts.entra.graph import changes, directory
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.graph.directory import MANAGER
from counterparts.entra.graph.presenting import typed
from counterparts.entra.schema.user import USER
from counterparts.vendors.routes import Response

Document = Mapping[str, Any]


def read(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.user(call.store, id)
    asked = call.query(USER, single=True)
    found = directory.targets(call.store, MANAGER, document["id"])
    if not found:
        raise not_found("manager")
    shown = typed(found[0], asked.select)
    return odata({"@odata.context": f"{call.base}/$metadata#directoryObjects/$entity", **shown})


def put(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.user(call.store, id)
    if document.get("onPremisesSyncEnabled"):
        raise synced_from_on_premises()
    put_above(call, document, directory.referenced(call.store, call.body, ["user"]))
    return nothing()


def put_above(call: Call, document: Document, manager: Document) -> None:
    """Circles are taken, as the directory takes them; nobody is their own manager."""
    if manager["id"] == document["id"]:
        raise bad_request("A user cannot be their own manager.")
    _clear(call, document)
    directory.link(call.store, MANAGER, document["id"], manager["id"])
    changes.note(call.store, "user", document["id"])


def remove(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.user(call.store, id)
    if document.get("onPremisesSyncEnabled"):
        raise synced_from_on_premises()
    if not _clear(call, document):
        raise not_found("manager")
    changes.note(call.store, "user", document["id"])
    return nothing()


def _clear(call: Call, document: Document) -> bool:
    above = directory.targets(call.store, MANAGER, document["id"])
    for each in above:
        directory.unlink(call.store, MANAGER, document["id"], each["id"])
    return bool(above)


def reports(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.user(call.store, id)
    found = directory.sources(call.store, MANAGER, document["id"])
    return call.many(found, USER, context="directoryObjects", typed=True)
