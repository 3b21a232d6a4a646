"""Directory roles, the older way (`/directoryRoles`) and the unified one; both show the same assignments.

https://learn.microsoft.com/graph/api/resources/directoryrole
https://learn.microsoft.com/graph/api/resources/unifiedroleassignment
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import bad_request, denied, not_found
from counterparts.entra.graph import directory
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.schema.group import DIRECTORY_ROLE
from counterparts.entra.schema.types import ResourceType, kinds, supports
from counterparts.entra.schema.user import USER
from counterparts.vendors.routes import Response

Document = Mapping[str, Any]
KIND = "roleAssignment"
ASSIGNMENT = ResourceType(
    name="UnifiedRoleAssignment",
    cast="microsoft.graph.unifiedRoleAssignment",
    collection="roleManagement/directory/roleAssignments",
    properties=kinds(text="id principalId roleDefinitionId directoryScopeId appScopeId condition"),
    default=("id", "principalId", "roleDefinitionId", "directoryScopeId"),
    filters=supports({"principalId roleDefinitionId directoryScopeId": ("eq", "")}),
)
DEFINITION = ResourceType(
    name="UnifiedRoleDefinition",
    cast="microsoft.graph.unifiedRoleDefinition",
    collection="roleManagement/directory/roleDefinitions",
    properties=kinds(text="id displayName description templateId version", flag="isBuiltIn isEnabled"),
    default=("id", "description", "displayName", "isBuiltIn", "isEnabled", "templateId", "version"),
    filters=supports({"id displayName templateId": ("eq in", ""), "isBuiltIn": ("eq", "")}),
)


def definitions(call: Call) -> Response:
    return call.many([_definition(each) for each in call.store.all("directoryRoleTemplate")], DEFINITION)


def definition(call: Call, id: str) -> Response:  # noqa: A002
    return call.one(DEFINITION, _definition(_template(call, id)))


def _definition(template: Document) -> dict[str, Any]:
    return {**template, "templateId": template["id"], "isBuiltIn": True, "isEnabled": True, "version": "1"}


def _template(call: Call, identifier: str) -> Document:
    template = call.store.get("directoryRoleTemplate", identifier.lower())
    if template is None:
        raise not_found(identifier)
    return template


def assignments(call: Call) -> Response:
    held = [each for each in call.store.all(KIND) if directory.lives(call.store, each["principalId"])]
    return call.many(held, ASSIGNMENT)


def assignment(call: Call, id: str) -> Response:  # noqa: A002
    return call.one(ASSIGNMENT, _assignment(call, id))


def _assignment(call: Call, identifier: str) -> Document:
    known = call.store.get(KIND, identifier)
    if known is None:
        raise not_found(identifier)
    return known


def assign(call: Call) -> Response:
    body = call.body
    principal = directory.find(call.store, body["principalId"], ["user", "group", "servicePrincipal"])
    if principal[directory.KIND] == "group" and not principal.get("isAssignableToRole"):
        raise bad_request("The group is not one that roles can be assigned to.")
    template = _template(call, body["roleDefinitionId"])
    scope = body.get("directoryScopeId", "/")
    kept = _put(call, principal["id"], template["id"], scope)
    return odata({"@odata.context": f"{call.base}/$metadata#{ASSIGNMENT.collection}/$entity", **kept}, 201)


def _put(call: Call, principal: str, template: str, scope: str = "/") -> Document:
    wanted = (principal, template, scope)
    for each in call.store.all(KIND):
        if (each["principalId"], each["roleDefinitionId"], each["directoryScopeId"]) == wanted:
            raise bad_request(
                "A conflicting object with one or more of the specified property values is present in the"
                " directory."
            )
    identifier = directory.new_id()
    return call.store.put(
        KIND,
        identifier,
        {
            "id": identifier,
            "principalId": principal,
            "roleDefinitionId": template,
            "directoryScopeId": scope,
        },
    )


def unassign(call: Call, id: str) -> Response:  # noqa: A002
    _assignment(call, id)
    call.store.remove(KIND, id)
    return nothing()


def listed(call: Call) -> Response:
    """Those that are activated in the tenant."""
    return call.many(call.store.all("directoryRole"), DIRECTORY_ROLE)


def activate(call: Call) -> Response:
    template = _template(call, call.body["roleTemplateId"])
    if any(each["roleTemplateId"] == template["id"] for each in call.store.all("directoryRole")):
        raise bad_request(
            "A conflicting object with one or more of the specified property values is present."
        )
    role = {
        "id": directory.new_id(),
        "deletedDateTime": None,
        "description": template["description"],
        "displayName": template["displayName"],
        "roleTemplateId": template["id"],
    }
    directory.create(call.store, "directoryRole", role)
    return odata({"@odata.context": f"{call.base}/$metadata#directoryRoles/$entity", **role}, 201)


def _role(call: Call, identifier: str) -> Document:
    return directory.find(call.store, identifier, ["directoryRole"])


def members(call: Call, id: str) -> Response:  # noqa: A002
    role = _role(call, id)
    held = [each for each in call.store.all(KIND) if each["roleDefinitionId"] == role["roleTemplateId"]]
    identifiers = [each["principalId"] for each in held]
    found = [directory.find(call.store, each) for each in identifiers if directory.lives(call.store, each)]
    return call.many(found, USER, context="directoryObjects", typed=True)


def add_member(call: Call, id: str) -> Response:  # noqa: A002
    role = _role(call, id)
    principal = directory.referenced(call.store, call.body, ["user", "group", "servicePrincipal"])
    if principal[directory.KIND] == "group":
        raise denied()
    if _held(call, role, principal["id"]):
        raise bad_request(
            "One or more added object references already exist for the following modified properties:"
            " 'members'."
        )
    _put(call, principal["id"], role["roleTemplateId"])
    return nothing()


def remove_member(call: Call, id: str, id_1: str) -> Response:  # noqa: A002
    role = _role(call, id)
    held = _held(call, role, id_1)
    if not held:
        raise not_found(id_1)
    for each in held:
        call.store.remove(KIND, each["id"])
    return nothing()


def _held(call: Call, role: Document, principal: str) -> list[Document]:
    return [
        each
        for each in call.store.all(KIND)
        if each["principalId"] == principal.lower() and each["roleDefinitionId"] == role["roleTemplateId"]
    ]
