"""Who has which role of which application.

https://learn.microsoft.com/graph/api/user-post-approleassignments
https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import bad_request, not_found, required
from counterparts.entra.graph import directory
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.schema.types import ResourceType, kinds, supports
from counterparts.vendors.routes import Response

Document = Mapping[str, Any]
KIND = "appRoleAssignment"
NO_ROLE = "00000000-0000-0000-0000-000000000000"
"""The default access to an application that has no roles."""
_TEXTS = "id appRoleId principalDisplayName principalId principalType resourceDisplayName resourceId"
ASSIGNMENT = ResourceType(
    name="AppRoleAssignment",
    cast="microsoft.graph.appRoleAssignment",
    collection="appRoleAssignments",
    properties=kinds(text=_TEXTS, time="createdDateTime deletedDateTime"),
    default=("id", "deletedDateTime", "appRoleId", "createdDateTime", *_TEXTS.split()[2:]),
    filters=supports({"resourceId principalId appRoleId": ("eq", "")}),
)


def of_user(call: Call, id: str) -> Response:  # noqa: A002
    """Those of the groups that the user is directly in too: so
    https://learn.microsoft.com/graph/api/user-list-approleassignments has it.
    """
    user = directory.user(call.store, id)
    groups = directory.sources(call.store, directory.MEMBER, user["id"])
    return _of(call, "principalId", user, *groups)


def of_group(call: Call, id: str) -> Response:  # noqa: A002
    return _of(call, "principalId", directory.find(call.store, id, ["group"]))


def of_service_principal(call: Call, id: str) -> Response:  # noqa: A002
    return _of(call, "principalId", directory.find(call.store, id, ["servicePrincipal"]))


def assigned_to(call: Call, id: str) -> Response:  # noqa: A002
    """Who is assigned to this application."""
    return _of(call, "resourceId", directory.find(call.store, id, ["servicePrincipal"]))


def _of(call: Call, end: str, *documents: Document) -> Response:
    """Without those whose other end is among the deleted items."""
    other = "resourceId" if end == "principalId" else "principalId"
    identifiers = {each["id"] for each in documents}
    found = [each for each in call.store.all(KIND) if each[end] in identifiers]
    living = [each for each in found if directory.lives(call.store, each[other])]
    return call.many(living, ASSIGNMENT)


def assign_user(call: Call, id: str) -> Response:  # noqa: A002
    return _assign(call, directory.user(call.store, id), end="principalId")


def assign_group(call: Call, id: str) -> Response:  # noqa: A002
    return _assign(call, directory.find(call.store, id, ["group"]), end="principalId")


def assign_service_principal(call: Call, id: str) -> Response:  # noqa: A002
    return _assign(call, directory.find(call.store, id, ["servicePrincipal"]), end="principalId")


def assign_to(call: Call, id: str) -> Response:  # noqa: A002
    return _assign(call, directory.find(call.store, id, ["servicePrincipal"]), end="resourceId")


def _assign(call: Call, document: Document, *, end: str) -> Response:
    body = call.body
    for name in ("principalId", "resourceId", "appRoleId"):
        if not body.get(name):
            raise required(name, "AppRoleAssignment")
    if body[end].lower() != document["id"]:
        raise bad_request(f"The '{end}' of the body is not the object of the address.")
    principal = directory.find(call.store, body["principalId"], ["user", "group", "servicePrincipal"])
    resource = directory.find(call.store, body["resourceId"], ["servicePrincipal"])
    role = body["appRoleId"].lower()
    _check_role(principal, resource, role)
    if any(_same(each, principal, resource, role) for each in call.store.all(KIND)):
        raise bad_request("Permission being assigned already exists on the object.")
    identifier = directory.new_id()
    kept = call.store.put(
        KIND,
        identifier,
        {
            "id": identifier,
            "deletedDateTime": None,
            "appRoleId": role,
            "createdDateTime": call.tenant.now(),
            "principalDisplayName": principal["displayName"],
            "principalId": principal["id"],
            "principalType": principal[directory.KIND][:1].upper() + principal[directory.KIND][1:],
            "resourceDisplayName": resource["displayName"],
            "resourceId": resource["id"],
        },
    )
    return odata({"@odata.context": f"{call.base}/$metadata#appRoleAssignments/$entity", **kept}, 201)


def _check_role(principal: Document, resource: Document, role: str) -> None:
    roles = resource.get("appRoles") or []
    if role == NO_ROLE:
        if any(each.get("isEnabled") for each in roles) and principal[directory.KIND] != "servicePrincipal":
            raise bad_request(
                f"Permission being assigned was not found on application '{resource['appId']}'."
            )
        return
    known = next((each for each in roles if each["id"] == role), None)
    wanted = "Application" if principal[directory.KIND] == "servicePrincipal" else "User"
    if known is None or not known.get("isEnabled") or wanted not in known["allowedMemberTypes"]:
        raise bad_request(f"Permission being assigned was not found on application '{resource['appId']}'.")


def _same(each: Document, principal: Document, resource: Document, role: str) -> bool:
    return (each["principalId"], each["resourceId"], each["appRoleId"]) == (
        principal["id"],
        resource["id"],
        role,
    )


def remove_from_user(call: Call, id: str, assignment: str) -> Response:  # noqa: A002
    return _remove(call, "principalId", directory.user(call.store, id), assignment)


def remove_from_group(call: Call, id: str, assignment: str) -> Response:  # noqa: A002
    return _remove(call, "principalId", directory.find(call.store, id, ["group"]), assignment)


def remove_assigned_to(call: Call, id: str, assignment: str) -> Response:  # noqa: A002
    return _remove(call, "resourceId", directory.find(call.store, id, ["servicePrincipal"]), assignment)


def remove_from_service_principal(call: Call, id: str, assignment: str) -> Response:  # noqa: A002
    return _remove(call, "principalId", directory.find(call.store, id, ["servicePrincipal"]), assignment)


def _remove(call: Call, end: str, document: Document, assignment: str) -> Response:
    known = call.store.get(KIND, assignment)
    if known is None or known[end] != document["id"]:
        raise not_found(assignment)
    call.store.remove(KIND, assignment)
    return nothing()
