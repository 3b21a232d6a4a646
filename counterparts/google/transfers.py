"""The Data Transfer API: what belongs to one user is given to another, which takes a while.

https://developers.google.com/workspace/admin/data-transfer/v1. A transfer is a step further whenever it has
been read: new, inProgress, completed. It fails where one of the two users is gone by then.
"""

from __future__ import annotations

from typing import Any

from counterparts.google import ids, people
from counterparts.google.customer import require
from counterparts.google.failures import invalid, not_found
from counterparts.google.pages import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
KIND = "transfers"
APPLICATIONS: dict[str, Json] = {
    "55656082996": {
        "name": "Drive and Docs",
        "transferParams": [{"key": "PRIVACY_LEVEL", "value": ["SHARED", "PRIVATE"]}],
    },
    "435070579839": {
        "name": "Calendar",
        "transferParams": [{"key": "RELEASE_RESOURCES", "value": ["TRUE"]}],
    },
    "810260081642": {"name": "Looker Studio", "transferParams": []},
}
"""https://developers.google.com/workspace/admin/data-transfer/v1/parameters"""
NEXT = {"new": "inProgress", "inProgress": "completed"}


def list_applications(request: Request, store: Store) -> Response:
    if customer := request.query.get("customerId"):
        require(store, customer)
    chunk, further = page(request, list(APPLICATIONS), usual=100, most=500)
    shown = [_application(each) for each in chunk]
    return answer({"kind": "admin#datatransfer#applicationsList", "applications": shown, **further})


def get_application(request: Request, store: Store, application_id: str) -> Response:
    del request, store
    if application_id not in APPLICATIONS:
        raise not_found("applicationId")
    return answer(_application(application_id))


def insert(request: Request, store: Store) -> Response:
    given = request.json
    old = _user(store, given.get("oldOwnerUserId"), "oldOwnerUserId")
    new = _user(store, given.get("newOwnerUserId"), "newOwnerUserId")
    wanted = given.get("applicationDataTransfers") or []
    if not wanted or old["id"] == new["id"] or new.get("suspended"):
        raise invalid("data_transfer")
    transfer = {
        "id": ids.opaque(),
        "oldOwnerUserId": old["id"],
        "newOwnerUserId": new["id"],
        "requestTime": request.clock.text(),
        "overallTransferStatusCode": "new",
        "applicationDataTransfers": [_part(each) for each in wanted],
    }
    return answer(_view(store.put(KIND, transfer["id"], transfer)))


def get(request: Request, store: Store, data_transfer_id: str) -> Response:
    del request
    found = store.get(KIND, data_transfer_id)
    if found is None:
        raise not_found("dataTransferId")
    _step(store, found)
    return answer(_view(found))


def list_(request: Request, store: Store) -> Response:
    query = request.query
    if customer := query.get("customerId"):
        require(store, customer)
    found = store.all(KIND)
    for field in ("oldOwnerUserId", "newOwnerUserId"):
        if key := query.get(field):
            found = [each for each in found if each[field] == key]
    if status := query.get("status"):
        found = [each for each in found if each["overallTransferStatusCode"] == status]
    chunk, further = page(request, found, usual=100, most=500)
    shown = [_view(each) for each in chunk]
    for each in chunk:
        _step(store, each)
    listed = {"dataTransfers": shown} if shown else {}
    return answer({"kind": "admin#datatransfer#dataTransfersList", **listed, **further})


def _user(store: Store, identity: Any, parameter: str) -> Document:
    """By id alone."""
    found = store.get(people.KIND, str(identity or ""))
    if found is None:
        raise not_found(parameter)
    return found


def _part(given: Json) -> Json:
    """Parameters are those that the application knows, with values that it knows."""
    identity = str(given.get("applicationId", ""))
    if identity not in APPLICATIONS:
        raise not_found("applicationId")
    known = {each["key"]: set(each["value"]) for each in APPLICATIONS[identity]["transferParams"]}
    parameters = given.get("applicationTransferParams") or []
    for each in parameters:
        if set(each.get("value") or ()) - known.get(each.get("key"), set()) or each.get("key") not in known:
            raise invalid("application_transfer_params")
    return {
        "applicationId": identity,
        "applicationTransferParams": parameters,
        "applicationTransferStatus": "pending",
    }


def _step(store: Store, transfer: Document) -> None:
    """What the next reading finds."""
    state = transfer["overallTransferStatusCode"]
    if state not in NEXT:
        return
    gone = any(
        store.get(people.KIND, transfer[field]) is None for field in ("oldOwnerUserId", "newOwnerUserId")
    )
    new = "failed" if gone else NEXT[state]
    parts = [
        {**each, "applicationTransferStatus": new if new in {"completed", "failed"} else "inProgress"}
        for each in transfer["applicationDataTransfers"]
    ]
    with store.transaction():
        store.change(KIND, transfer["id"], overallTransferStatusCode=new, applicationDataTransfers=parts)


def _application(identity: str) -> Json:
    shown = {"kind": "admin#datatransfer#ApplicationResource", "id": identity, **APPLICATIONS[identity]}
    return {**shown, "etag": ids.etag(shown)}


def _view(transfer: Document) -> Json:
    shown = {"kind": "admin#datatransfer#DataTransfer", **transfer}
    return {**shown, "etag": ids.etag(shown)}
