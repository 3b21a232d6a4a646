"""`/api/v1/users/{userId}/roles`: what administrators may do."""

from __future__ import annotations

from typing import Any

from counterparts.okta import errors, log, people
from counterparts.okta.leaving import ROLE
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

LABELS = {
    "SUPER_ADMIN": "Super Administrator",
    "ORG_ADMIN": "Organization Administrator",
    "APP_ADMIN": "Application Administrator",
    "USER_ADMIN": "Group Administrator",
    "HELP_DESK_ADMIN": "Help Desk Administrator",
    "READ_ONLY_ADMIN": "Read Only Administrator",
    "GROUP_MEMBERSHIP_ADMIN": "Group Membership Administrator",
    "REPORT_ADMIN": "Report Administrator",
    "API_ACCESS_MANAGEMENT_ADMIN": "API Access Management Administrator",
}


CUSTOM_ROLE = "customRole"
RESOURCE_SET = "resourceSet"


def _label(store: Store, identity: str) -> str:
    known = store.get(CUSTOM_ROLE, identity)
    return known["label"] if known else identity


def put_labelled(store: Store, now: str, kind: str, label: str) -> Document:
    """A custom role or a set of resources, without what is in it."""
    identity = log.new_id("cr0" if kind == CUSTOM_ROLE else "iam")
    document = {"id": identity, "label": label, "description": "", "created": now, "lastUpdated": now}
    return store.put(kind, identity, document)


def read_custom(request: Request, store: Store, name: str) -> Response:
    del request
    return answer(_labelled(store, CUSTOM_ROLE, name))


def read_resource_set(request: Request, store: Store, name: str) -> Response:
    del request
    return answer(_labelled(store, RESOURCE_SET, name))


def _labelled(store: Store, kind: str, name: str) -> Document:
    """By id or label."""
    for document in store.all(kind):
        if name in {document["id"], document["label"]}:
            return document
    raise errors.not_found(name, kind)


def _show(request: Request, document: Document) -> dict[str, Any]:
    shown = {key: value for key, value in document.items() if key != "userId"}
    assignee = f"{request.base}/api/v1/users/{document['userId']}"
    return {**shown, "_links": {"assignee": {"href": assignee}}}


def list_roles(request: Request, store: Store, user_id: str) -> Response:
    user = people.find(request, store, user_id)
    return answer([_show(request, role) for role in store.all(ROLE) if role["userId"] == user["id"]])


def assign(request: Request, store: Store, user_id: str) -> Response:
    user, body = people.find(request, store, user_id), request.json
    kind = body["type"]
    same = ("type", "role", "resource-set")
    for role in store.all(ROLE):
        if role["userId"] == user["id"] and all(role.get(name) == body.get(name) for name in same):
            raise errors.refused("E0000090")
    if user["status"] == "DEPROVISIONED":
        raise errors.refused("E0000038")
    identity, now = log.new_id("ra1"), request.clock.text()
    role = store.put(
        ROLE,
        identity,
        {
            "id": identity,
            "userId": user["id"],
            "label": LABELS.get(kind) or _label(store, body.get("role", kind)),
            "type": kind,
            "status": "ACTIVE",
            "created": now,
            "lastUpdated": now,
            "assignmentType": "USER",
            **{name: body[name] for name in ("role", "resource-set") if name in body},
        },
    )
    log.note(request, store, "user.account.privilege.grant", "Grant user privilege", ("User", user))
    return answer(_show(request, role), 201)


def _find(request: Request, store: Store, user_id: str, role_id: str) -> Document:
    user = people.find(request, store, user_id)
    role = store.get(ROLE, role_id)
    if role is None or role["userId"] != user["id"]:
        raise errors.not_found(role_id, "RoleAssignment")
    return role


def read(request: Request, store: Store, user_id: str, role_id: str) -> Response:
    return answer(_show(request, _find(request, store, user_id, role_id)))


def unassign(request: Request, store: Store, user_id: str, role_id: str) -> Response:
    role = _find(request, store, user_id, role_id)
    store.remove(ROLE, role_id)
    user = people.find(request, store, role["userId"])
    log.note(request, store, "user.account.privilege.revoke", "Revoke user privilege", ("User", user))
    return answer(None, 204)
