"""Delegated permissions that were consented to: https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant."""

from __future__ import annotations

from counterparts.entra.errors import bad_request, not_found
from counterparts.entra.graph import directory
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.schema.types import ResourceType, kinds, supports
from counterparts.vendors.routes import Response

KIND = "oauth2PermissionGrant"
GRANT = ResourceType(
    name="OAuth2PermissionGrant",
    cast="microsoft.graph.oAuth2PermissionGrant",
    collection="oauth2PermissionGrants",
    properties=kinds(text="id clientId consentType principalId resourceId scope"),
    default=("clientId", "consentType", "id", "principalId", "resourceId", "scope"),
    filters=supports({"clientId consentType principalId resourceId": ("eq", "")}),
)


def listed(call: Call) -> Response:
    return call.many(call.store.all(KIND), GRANT)


def of_user(call: Call, id: str) -> Response:  # noqa: A002
    user = directory.user(call.store, id)
    return call.many([each for each in call.store.all(KIND) if each["principalId"] == user["id"]], GRANT)


def create(call: Call) -> Response:
    body = call.body
    if (body["consentType"] == "Principal") != bool(body.get("principalId")):
        raise bad_request("principalId goes with the consentType Principal.")
    for name in ("clientId", "resourceId"):
        directory.find(call.store, body[name], ["servicePrincipal"])
    wanted = (body["clientId"], body.get("principalId"), body["resourceId"])
    if any((e["clientId"], e["principalId"], e["resourceId"]) == wanted for e in call.store.all(KIND)):
        raise bad_request("Permission entry already exists.")
    identifier = directory.new_id()
    kept = {"principalId": None, **body, "id": identifier}
    call.store.put(KIND, identifier, kept)
    return odata({"@odata.context": f"{call.base}/$metadata#oauth2PermissionGrants/$entity", **kept}, 201)


def delete(call: Call, id: str) -> Response:  # noqa: A002
    if not call.store.remove(KIND, id):
        raise not_found(id)
    return nothing()
