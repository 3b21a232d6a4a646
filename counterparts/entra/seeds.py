"""What the tenant has at the start: two applications that may call Graph, subscriptions, roles, groups, an
application that people sign in to. Every id is the same each time.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from counterparts.entra import permissions
from counterparts.entra.graph import applications, directory, service_principals
from counterparts.entra.graph.user_rules import digest
from counterparts.entra.tenant import GRAPH_APPLICATION, Tenant
from counterparts.vendors.store import Store

CLIENT = "5f0b3c1e-6a0d-4a52-8b8e-3d9f1c2a7e41"
"""The application id that may do everything the fake knows."""
READER = "a1c4e7d2-93b5-4f6a-8c0d-7e2b5f9a1d38"
"""The application id that may read users, and nothing else."""
READER_MAY = ("User.Read.All",)
SUBSCRIPTIONS = (
    ("ENTERPRISEPACK", "6fd2c87f-b296-42f0-b197-1e91e994b900", 25, ("EXCHANGE_S_ENTERPRISE", "TEAMS1")),
    ("EMSPREMIUM", "b05e124f-c7cc-45a0-a6aa-8cf78c946968", 25, ("AAD_PREMIUM_P2", "INTUNE_A")),
    ("POWER_BI_PRO", "f8a1db68-be16-40ed-86d5-cb42ce701560", 1, ("BI_AZURE_P2",)),
)
"""Part number, `skuId`, units, plans."""
ROLES = (
    ("62e90394-69f5-4237-9190-012177145e10", "Global Administrator"),
    ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
    ("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator"),
    ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"),
)
ACTIVATED = "fe930be7-5e62-47db-91af-98c3a49a38b1"
GROUPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Staff", {}),
    ("Engineering", {}),
    ("Sales", {"groupTypes": ["Unified"], "mailEnabled": True, "securityEnabled": False}),
    (
        "Berlin",
        {
            "groupTypes": ["DynamicMembership"],
            "membershipRule": '(user.city -eq "Berlin")',
            "membershipRuleProcessingState": "On",
        },
    ),
    ("Announcements", {"mailEnabled": True, "securityEnabled": False}),
    ("Warehouse", {"onPremisesSyncEnabled": True}),
)
WIKI = "Wiki"


def fixed(name: str) -> str:
    """The id of a thing that is there from the start."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://entra.example/{name}"))


def seeds(store: Store, tenant: Tenant, secret: str) -> None:
    """In a transaction. `secret` is that of both applications."""
    tenant.key.keep(store)
    for part, sku, units, plans in SUBSCRIPTIONS:
        store.put("subscribedSku", f"{tenant.id}_{sku}", _subscription(tenant, part, sku, units, plans))
    for identifier, name in ROLES:
        role = {"id": identifier, "displayName": name, "description": f"The role {name}."}
        store.put("directoryRoleTemplate", identifier, role)
    activated = {"roleTemplateId": ACTIVATED, "displayName": "User Administrator", "description": ""}
    directory.create(
        store, "directoryRole", {**activated, "id": fixed("User Administrator"), "deletedDateTime": None}
    )
    for name, fields in GROUPS:
        directory.create(store, "group", _group(tenant, name, fields))
    graph = _graph(store)
    for identifier, name, may in ((CLIENT, "OfficeFlow", permissions.ALL), (READER, "Reader", READER_MAY)):
        _client(store, tenant, identifier, name, digest(secret))
        _grant(store, tenant, graph, name, may)
    _wiki(store, tenant)


def _subscription(tenant: Tenant, part: str, sku: str, units: int, plans: Iterable[str]) -> dict[str, Any]:
    return {
        "id": f"{tenant.id}_{sku}",
        "accountId": tenant.id,
        "accountName": tenant.name,
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": 0,
        "prepaidUnits": {"enabled": units, "suspended": 0, "warning": 0, "lockedOut": 0},
        "skuId": sku,
        "skuPartNumber": part,
        "subscriptionIds": [fixed(part)],
        "servicePlans": [
            {
                "servicePlanId": fixed(plan),
                "servicePlanName": plan,
                "provisioningStatus": "Success",
                "appliesTo": "User",
            }
            for plan in plans
        ],
    }


def _group(tenant: Tenant, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    mail = f"{name.lower()}@{tenant.domains[0]}" if fields.get("mailEnabled") else None
    return {
        "displayName": name,
        "mailNickname": name.lower(),
        "mailEnabled": False,
        "securityEnabled": True,
        "groupTypes": [],
        **fields,
        "id": fixed(name),
        "mail": mail,
        "proxyAddresses": [f"SMTP:{mail}"] if mail else [],
        "createdDateTime": tenant.now(),
        "renewedDateTime": tenant.now(),
    }


def _graph(store: Store) -> dict[str, Any]:
    """Microsoft Graph's own service principal, whose roles are the permissions."""
    graph = {
        "id": fixed("Microsoft Graph"),
        "appId": GRAPH_APPLICATION,
        "displayName": "Microsoft Graph",
        "appDisplayName": "Microsoft Graph",
        "accountEnabled": True,
        "appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
        "appRoleAssignmentRequired": False,
        "servicePrincipalType": "Application",
        "servicePrincipalNames": [GRAPH_APPLICATION, "https://graph.microsoft.com"],
        "appRoles": [
            {
                "id": fixed(f"permission {name}"),
                "value": name,
                "displayName": name,
                "description": name,
                "isEnabled": True,
                "allowedMemberTypes": ["Application"],
            }
            for name in sorted(permissions.ALL)
        ],
    }
    directory.create(store, "servicePrincipal", graph)
    return graph


def _client(store: Store, tenant: Tenant, identifier: str, name: str, kept: str) -> None:
    credential = {
        "keyId": fixed(f"{name} secret"),
        "displayName": "initial",
        "startDateTime": tenant.now(),
        "endDateTime": tenant.after(applications.TWO_YEARS),
        "customKeyIdentifier": None,
        "hint": None,
        "secretText": None,
        "_digest": kept,
    }
    application = applications.new(
        tenant.now(), displayName=name, appId=identifier, passwordCredentials=[credential]
    )
    directory.create(store, "application", {**application, "id": fixed(f"{name} application")})
    principal = service_principals.new(application, tenant.id)
    directory.create(store, "servicePrincipal", {**principal, "id": fixed(f"{name} principal")})


def _grant(store: Store, tenant: Tenant, graph: dict[str, Any], name: str, may: Iterable[str]) -> None:
    for permission in sorted(may):
        identifier = fixed(f"{name} may {permission}")
        store.put(
            "appRoleAssignment",
            identifier,
            {
                "id": identifier,
                "deletedDateTime": None,
                "appRoleId": fixed(f"permission {permission}"),
                "createdDateTime": tenant.now(),
                "principalDisplayName": name,
                "principalId": fixed(f"{name} principal"),
                "principalType": "ServicePrincipal",
                "resourceDisplayName": "Microsoft Graph",
                "resourceId": graph["id"],
            },
        )


def _wiki(store: Store, tenant: Tenant) -> None:
    """An application with two roles."""
    roles = [
        {
            "id": fixed(f"{WIKI} {name}"),
            "value": name.lower(),
            "displayName": name,
            "description": name,
            "isEnabled": True,
            "allowedMemberTypes": ["User"],
        }
        for name in ("Editor", "Reader")
    ]
    application = applications.new(
        tenant.now(), displayName=WIKI, appId=fixed(f"{WIKI} appId"), appRoles=roles
    )
    directory.create(store, "application", {**application, "id": fixed(f"{WIKI} application")})
    principal = service_principals.new(application, tenant.id, appRoleAssignmentRequired=True)
    directory.create(store, "servicePrincipal", {**principal, "id": fixed(f"{WIKI} principal")})
