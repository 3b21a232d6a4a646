"""What a server tells of itself (RFC 7643 sections 5 to 7)."""

from __future__ import annotations

from typing import Any

from counterparts.scim_odd.dialects import Behaviour
from counterparts.scim_odd.resources import EXTENSION, GROUP, PLAIN, USER


def known_attributes(behaviour: Behaviour) -> set[str]:
    return PLAIN | set(behaviour.attributes)


def configuration(behaviour: Behaviour) -> dict[str, Any]:
    told: dict[str, Any] = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": behaviour.announces_patch},
        "bulk": {"supported": behaviour.bulk > 0, "maxOperations": behaviour.bulk, "maxPayloadSize": 1048576},
        "filter": {"supported": behaviour.filters, "maxResults": behaviour.pages},
        "changePassword": {"supported": behaviour.passwords},
        "sort": {"supported": False},
        "etag": {"supported": behaviour.versions},
        "authenticationSchemes": [],
    }
    if behaviour.cursor:
        told["pagination"] = {"cursor": True, "index": False}
    return told


def resource_types(behaviour: Behaviour) -> list[dict[str, Any]]:
    kinds = [{"name": "User", "endpoint": "/Users", "schema": USER}]
    return [*kinds, {"name": "Group", "endpoint": "/Groups", "schema": GROUP}] if behaviour.groups else kinds


def schemas(behaviour: Behaviour) -> list[dict[str, Any]]:
    user = [
        _attribute(name) for name in sorted(known_attributes(behaviour) - {EXTENSION, "members", "roles"})
    ]
    if "roles" in behaviour.attributes:
        value: dict[str, Any] = {"name": "value", "type": "string"}
        if behaviour.role_values:
            value["canonicalValues"] = list(behaviour.role_values)
        user.append({**_attribute("roles"), "multiValued": True, "subAttributes": [value]})
    extension = [_attribute(name) for name in ("employeeNumber", "department", "costCenter", "division")]
    extension += [_attribute("manager")] if behaviour.manager else []
    return [
        {"id": USER, "name": "User", "attributes": user},
        {"id": EXTENSION, "name": "EnterpriseUser", "attributes": extension},
    ]


def _attribute(name: str) -> dict[str, Any]:
    read_only = name in {"id", "meta", "groups"}
    return {"name": name, "type": "string", "mutability": "readOnly" if read_only else "readWrite"}
