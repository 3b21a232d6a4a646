"""The tenant itself: https://learn.microsoft.com/graph/api/resources/organization."""

from __future__ import annotations

from counterparts.entra.graph.call import Call, odata
from counterparts.vendors.routes import Response


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
