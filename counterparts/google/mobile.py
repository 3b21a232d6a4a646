"""`mobiledevices` of the Directory API. Devices come by the control `mobile_device`: users bring them."""

from __future__ import annotations

from typing import Any

from counterparts.google import ids, people
from counterparts.google.customer import require
from counterparts.google.failures import invalid, not_found
from counterparts.google.pages import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

KIND = "mobileDevices"
STATES = {
    "admin_account_wipe": "ACCOUNT_WIPED",
    "admin_remote_wipe": "WIPED",
    "approve": "APPROVED",
    "block": "BLOCKED",
    "cancel_remote_wipe_then_activate": "APPROVED",
    "cancel_remote_wipe_then_block": "BLOCKED",
}
"""What a device is after each action."""


def list_(request: Request, store: Store, customer_id: str) -> Response:
    require(store, customer_id)
    found = store.all(KIND)
    if query := request.query.get("query"):
        field, colon, value = query.partition(":")
        if field not in {"email", "status", "type"} or not colon:
            raise invalid("query")
        found = [each for each in found if _has(each, field, value.strip("'\"").casefold())]
    chunk, further = page(request, found, usual=100, most=100)
    devices = {"mobiledevices": [_view(each) for each in chunk]} if chunk else {}
    return answer({"kind": "admin#directory#mobiledevices", **devices, **further})


def get(request: Request, store: Store, customer_id: str, resource_id: str) -> Response:
    del request
    return answer(_view(_the(store, customer_id, resource_id)))


def act(request: Request, store: Store, customer_id: str, resource_id: str) -> Response:
    device = _the(store, customer_id, resource_id)
    action = request.json.get("action")
    if action not in STATES:
        raise invalid("action")
    store.change(KIND, device["resourceId"], status=STATES[action])
    return answer(None, 204)


def delete(request: Request, store: Store, customer_id: str, resource_id: str) -> Response:
    del request
    store.remove(KIND, _the(store, customer_id, resource_id)["resourceId"])
    return answer(None, 204)


def bring(body: Any, store: Store) -> Any:
    """The control `mobile_device`: {"user", "model"?, "type"?} gives {"resource_id"}."""
    user = people.the(store, body["user"])
    identity = ids.opaque()
    device = {
        "resourceId": identity,
        "deviceId": ids.opaque(),
        "email": [user["primaryEmail"]],
        "name": [f"{user['name']['givenName']} {user['name']['familyName']}"],
        "model": body.get("model", "Pixel 9"),
        "type": body.get("type", "ANDROID"),
        "status": "APPROVED",
    }
    store.put(KIND, identity, device)
    return {"resourceId": identity}


def _has(device: Document, field: str, value: str) -> bool:
    known = device[field] if isinstance(device[field], list) else [device[field]]
    return any(value in str(each).casefold() for each in known)


def _the(store: Store, customer: str, identity: str) -> Document:
    require(store, customer)
    found = store.get(KIND, identity)
    if found is None:
        raise not_found("resourceId")
    return found


def _view(device: Document) -> dict[str, Any]:
    shown = {"kind": "admin#directory#mobiledevice", **device}
    return {**shown, "etag": ids.etag(shown)}
