"""Applications made of a template: https://learn.microsoft.com/graph/api/applicationtemplate-instantiate."""

from __future__ import annotations

from counterparts.entra.errors import not_found
from counterparts.entra.graph import applications, directory, service_principals
from counterparts.entra.graph.call import Call, odata
from counterparts.entra.graph.presenting import selected
from counterparts.entra.schema.application import APPLICATION, SERVICE_PRINCIPAL
from counterparts.vendors.routes import Response

CUSTOM = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
"""The template of everything that is not in the gallery."""
USER_ROLE = "18d14569-c3bd-439b-9a66-3a2aee01d14f"


def instantiate(call: Call, id: str) -> Response:  # noqa: A002
    """An application and its service principal, with a role `User`."""
    if id != CUSTOM:
        raise not_found(id)
    name = call.body["displayName"]
    role = {
        "id": USER_ROLE,
        "displayName": "User",
        "description": "User",
        "value": None,
        "isEnabled": True,
        "allowedMemberTypes": ["User"],
    }
    application = directory.create(
        call.store,
        "application",
        applications.new(call.tenant.now(), displayName=name, appRoles=[role], applicationTemplateId=CUSTOM),
    )
    principal = directory.create(
        call.store,
        "servicePrincipal",
        service_principals.new(
            application,
            call.tenant.id,
            applicationTemplateId=CUSTOM,
            tags=["WindowsAzureActiveDirectoryCustomSingleSignOnApplication"],
            appRoleAssignmentRequired=True,
        ),
    )
    return odata(
        {
            "@odata.context": f"{call.base}/$metadata#microsoft.graph.applicationServicePrincipal",
            "application": selected(application, APPLICATION),
            "servicePrincipal": selected(principal, SERVICE_PRINCIPAL),
        },
        201,
    )
