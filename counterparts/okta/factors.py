"""`/api/v1/users/{userId}/factors`: what a user signs in with besides the password."""

from __future__ import annotations

from typing import Any

from counterparts.okta import errors, log, people
from counterparts.okta.leaving import FACTOR
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store


def _show(request: Request, document: Document) -> dict[str, Any]:
    own = f"{request.base}/api/v1/users/{document['userId']}/factors/{document['id']}"
    shown = {key: value for key, value in document.items() if key != "userId"}
    return {**shown, "_links": {"self": {"href": own, "hints": {"allow": ["GET", "DELETE"]}}}}


def list_factors(request: Request, store: Store, user_id: str) -> Response:
    user = people.find(request, store, user_id)
    return answer([_show(request, each) for each in store.all(FACTOR) if each["userId"] == user["id"]])


def enroll(request: Request, store: Store, user_id: str) -> Response:
    user, body = people.find(request, store, user_id), request.json
    identity, now = log.new_id("opf"), request.clock.text()
    waits = body["factorType"] != "question" and request.query.get("activate") != "true"
    factor = store.put(
        FACTOR,
        identity,
        {
            "id": identity,
            "userId": user["id"],
            "factorType": body["factorType"],
            "provider": body.get("provider", "OKTA"),
            "vendorName": body.get("provider", "OKTA"),
            "status": "PENDING_ACTIVATION" if waits else "ACTIVE",
            "created": now,
            "lastUpdated": now,
            "profile": {key: value for key, value in body.get("profile", {}).items() if key != "answer"},
        },
    )
    log.note(request, store, "user.mfa.factor.activate", "Activate factor for user", ("User", user))
    return answer(_show(request, factor))


def _find(request: Request, store: Store, user_id: str, factor_id: str) -> Document:
    user = people.find(request, store, user_id)
    factor = store.get(FACTOR, factor_id)
    if factor is None or factor["userId"] != user["id"]:
        raise errors.not_found(factor_id, "UserFactor")
    return factor


def read(request: Request, store: Store, user_id: str, factor_id: str) -> Response:
    return answer(_show(request, _find(request, store, user_id, factor_id)))


def delete(request: Request, store: Store, user_id: str, factor_id: str) -> Response:
    factor = _find(request, store, user_id, factor_id)
    store.remove(FACTOR, factor_id)
    user = people.find(request, store, factor["userId"])
    log.note(request, store, "user.mfa.factor.deactivate", "Reset factor for user", ("User", user))
    return answer(None, 204)
