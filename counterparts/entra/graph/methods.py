"""What people sign in with: https://learn.microsoft.com/graph/api/resources/authenticationmethods-overview."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import GraphError, not_found
from counterparts.entra.graph import directory
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.graph.user_rules import digest
from counterparts.entra.tenant import Tenant
from counterparts.vendors.routes import Response
from counterparts.vendors.store import Store

Document = Mapping[str, Any]
KIND = "authenticationMethod"
PASS = "temporaryAccessPass"  # noqa: S105 - a kind of method, not a secret
PASSWORD = "28c10230-6103-485e-b985-444c60001490"  # noqa: S105
"""The id of every password method."""
DELETABLE = {
    "phoneMethods": "phone",
    "emailMethods": "email",
    "fido2Methods": "fido2",
    "microsoftAuthenticatorMethods": "microsoftAuthenticator",
    "softwareOathMethods": "softwareOath",
    "windowsHelloForBusinessMethods": "windowsHelloForBusiness",
    "platformCredentialMethods": "platformCredential",
}
"""The collections whose methods an administrator deletes, and the kind of each."""
SHORTEST, USUAL, LONGEST = 10, 60, 43200
"""Minutes, as the tenant's policy has them."""


def listed(call: Call, id: str) -> Response:  # noqa: A002
    user = directory.user(call.store, id)
    found = [_password(user), *(_shown(call, each) for each in _of(call, user))]
    return odata({"@odata.context": _context(call, user, "methods"), "value": found})


def of_kind(call: Call, id: str, collection: str) -> Response:  # noqa: A002
    user = directory.user(call.store, id)
    if collection == "passwordMethods":
        found = [_password(user)]
    else:
        kind = _kind(collection)
        found = [_shown(call, each) for each in _of(call, user) if each["_method"] == kind]
    return odata({"@odata.context": _context(call, user, collection), "value": found})


def _password(user: Document) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.passwordAuthenticationMethod",
        "id": PASSWORD,
        "password": None,
        "createdDateTime": user["lastPasswordChangeDateTime"],
    }


def delete(call: Call, id: str, collection: str, method: str) -> Response:  # noqa: A002
    kind = _kind(collection)
    user = directory.user(call.store, id)
    known = call.store.get(KIND, method)
    if known is None or known["_user"] != user["id"] or known["_method"] != kind:
        raise not_found(method)
    if known.get("_isDefault") and len(_of(call, user)) > 1:
        raise GraphError(
            400,
            "badRequest",
            "The default authentication method can only be deleted when it is the last one left.",
        )
    call.store.remove(KIND, method)
    return nothing()


def add_phone(call: Call, id: str) -> Response:  # noqa: A002
    """One of each type; numbers have a country's code: `+1 2065550100`."""
    user = directory.user(call.store, id)
    body = call.body
    if any(e["_method"] == "phone" and e["phoneType"] == body["phoneType"] for e in _of(call, user)):
        raise GraphError(400, "invalidPhoneType", "A phone of this type is registered already.")
    kept = put(
        call.tenant, call.store, user, "phone", phoneNumber=body["phoneNumber"], phoneType=body["phoneType"]
    )
    return odata({"@odata.context": _context(call, user, "phoneMethods/$entity"), **_shown(call, kept)}, 201)


def add_pass(call: Call, id: str) -> Response:  # noqa: A002
    """The pass is told this once. A new one takes the place of the one that is there."""
    user = directory.user(call.store, id)
    body = call.body
    minutes = body.get("lifetimeInMinutes", USUAL)
    if not SHORTEST <= minutes <= LONGEST:
        raise GraphError(
            400, "badRequest", f"lifetimeInMinutes must be between {SHORTEST} and {LONGEST} minutes."
        )
    if user.get("userType") == "Guest":
        raise GraphError(400, "badRequest", "Temporary Access Pass cannot be added to an external user.")
    for each in _of(call, user):
        if each["_method"] == PASS:
            call.store.remove(KIND, each["id"])
    secret = secrets.token_urlsafe(9)[:8]
    kept = put(
        call.tenant,
        call.store,
        user,
        PASS,
        temporaryAccessPass=None,
        startDateTime=body.get("startDateTime") or call.tenant.now(),
        lifetimeInMinutes=minutes,
        isUsableOnce=body.get("isUsableOnce", False),
        _digest=digest(secret),
    )
    context = _context(call, user, "temporaryAccessPassMethods/$entity")
    shown = {"@odata.context": context, **_shown(call, kept), "temporaryAccessPass": secret}
    return odata(shown, 201)


def put(tenant: Tenant, store: Store, user: Document, kind: str, **fields: Any) -> Document:
    identifier = directory.new_id()
    document = {
        "id": identifier,
        "createdDateTime": tenant.now(),
        **fields,
        "_user": user["id"],
        "_method": kind,
    }
    return store.put(KIND, identifier, document)


def usable(tenant: Tenant, method: Document) -> str:
    """Why a pass cannot be used, or `EnabledByPolicy` where it can."""
    seconds = 60 * method["lifetimeInMinutes"]
    if not tenant.passed(method["startDateTime"]):
        return "NotYetValid"
    if tenant.passed(method["startDateTime"], seconds):
        return "Expired"
    return "OneTimeUsed" if method.get("_used") else "EnabledByPolicy"


def _of(call: Call, user: Document) -> list[Document]:
    return [each for each in call.store.all(KIND) if each["_user"] == user["id"]]


def _kind(collection: str) -> str:
    if collection == "temporaryAccessPassMethods":
        return PASS
    if collection not in DELETABLE:
        raise not_found(collection)
    return DELETABLE[collection]


def _shown(call: Call, method: Document) -> dict[str, Any]:
    shown = {name: value for name, value in method.items() if not name.startswith("_")}
    if method["_method"] == PASS:
        reason = usable(call.tenant, method)
        shown |= {"isUsable": reason == "EnabledByPolicy", "methodUsabilityReason": reason}
    return {"@odata.type": f"#microsoft.graph.{method['_method']}AuthenticationMethod", **shown}


def _context(call: Call, user: Document, place: str) -> str:
    return f"{call.base}/$metadata#users('{user['id']}')/authentication/{place}"
