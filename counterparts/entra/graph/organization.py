"""The tenant itself, and what is in it whatever it is: https://learn.microsoft.com/graph/api/resources/organization."""

from __future__ import annotations

from counterparts.entra.graph import directory
from counterparts.entra.graph.call import Call, odata
from counterparts.entra.graph.presenting import typed
from counterparts.entra.schema.all import RESOURCES
from counterparts.vendors.routes import Response


def directory_object(call: Call, id: str) -> Response:  # noqa: A002
    """An object of any type, by its id alone: https://learn.microsoft.com/graph/api/directoryobject-get."""
    document = directory.find(call.store, id)
    resource = RESOURCES[document[directory.KIND]]
    shown = typed(document, call.query(resource, single=True).select)
    return odata({"@odata.context": f"{call.base}/$metadata#directoryObjects/$entity", **shown})


def listed(call: Call) -> Response:
    tenant = call.tenant
    verified = [
        {
            "capabilities": "Email, OfficeCommunicationsOnline",
            "isDefault": place == 0,
            "isInitial": place == len(tenant.domains) - 1,
            "name": name,
            "type": "Managed",
        }
        for place, name in enumerate(tenant.domains)
    ]
    one = {"id": tenant.id, "displayName": tenant.name, "tenantType": "AAD", "verifiedDomains": verified}
    return odata({"@odata.context": f"{call.base}/$metadata#organization", "value": [one]})
