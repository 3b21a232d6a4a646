"""Every route of the fake, and the permissions that each needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from counterparts.entra import permissions as may
from counterparts.entra.graph import (
    app_roles,
    applications,
    batch,
    deleted,
    delta,
    grants,
    groups,
    licences,
    managers,
    members,
    methods,
    organization,
    policies,
    roles,
    service_principals,
    templates,
    users,
)
from counterparts.entra.graph.call import Act, handler
from counterparts.entra.login import discovery, token
from counterparts.entra.tenant import Tenant
from counterparts.entra.undescribed import LOGIN, UNDESCRIBED
from counterparts.vendors.routes import Handler, Request, Response, Route
from counterparts.vendors.store import Store

BASE = "/v1.0"
Row: TypeAlias = tuple[str, str, Act, frozenset[str]]

USERS: list[Row] = [
    ("GET", "/users", users.listed, may.USER_READ),
    ("GET", "/users/$count", users.count, may.USER_READ),
    ("POST", "/users", users.create, may.USER_WRITE),
    ("GET", "/users/delta()", delta.users, may.USER_READ),
    ("GET", "/users/delta", delta.users, may.USER_READ),
    ("GET", "/users/{id}", users.read, may.USER_READ),
    ("PATCH", "/users/{id}", users.update, may.USER_WRITE),
    ("DELETE", "/users/{id}", users.delete, may.USER_WRITE),
    ("POST", "/users/{id}/revokeSignInSessions", users.revoke_sessions, may.SESSIONS),
    ("POST", "/users/{id}/changePassword", users.change_password, may.USER_WRITE),
    ("GET", "/users/{id}/manager", managers.read, may.USER_READ),
    ("PUT", "/users/{id}/manager/$ref", managers.put, may.USER_WRITE),
    ("DELETE", "/users/{id}/manager/$ref", managers.remove, may.USER_WRITE),
    ("GET", "/users/{id}/directReports", managers.reports, may.USER_READ),
    ("GET", "/users/{id}/memberOf", members.of_user, may.MEMBERSHIPS),
    ("GET", "/users/{id}/memberOf/{cast}", members.of_user, may.MEMBERSHIPS),
    ("GET", "/users/{id}/transitiveMemberOf", members.transitive_of_user, may.MEMBERSHIPS),
    ("GET", "/users/{id}/transitiveMemberOf/{cast}", members.transitive_of_user, may.MEMBERSHIPS),
    ("POST", "/users/{id}/assignLicense", licences.assign, may.LICENCE_WRITE),
    ("GET", "/users/{id}/licenseDetails", licences.details, may.USER_READ),
    ("GET", "/users/{id}/appRoleAssignments", app_roles.of_user, may.ASSIGNMENT_READ),
    ("POST", "/users/{id}/appRoleAssignments", app_roles.assign_user, may.ASSIGNMENT_WRITE),
    (
        "DELETE",
        "/users/{id}/appRoleAssignments/{assignment}",
        app_roles.remove_from_user,
        may.ASSIGNMENT_WRITE,
    ),
    ("GET", "/users/{id}/oauth2PermissionGrants", grants.of_user, may.GRANT_READ),
    ("GET", "/users/{id}/authentication/methods", methods.listed, may.METHOD_READ),
    ("GET", "/users/{id}/authentication/{collection}", methods.of_kind, may.METHOD_READ),
    ("DELETE", "/users/{id}/authentication/{collection}/{method}", methods.delete, may.METHOD_WRITE),
    ("POST", "/users/{id}/authentication/phoneMethods", methods.add_phone, may.METHOD_WRITE),
    ("POST", "/users/{id}/authentication/temporaryAccessPassMethods", methods.add_pass, may.METHOD_WRITE),
    ("GET", "/directory/deletedItems/microsoft.graph.{type}", deleted.listed, may.DELETED_READ),
    ("GET", "/directory/deletedItems/{id}", deleted.read, may.DELETED_READ),
    ("POST", "/directory/deletedItems/{id}/restore", deleted.restore, may.DELETED_WRITE),
    ("DELETE", "/directory/deletedItems/{id}", deleted.delete, may.DELETED_WRITE),
]

GROUPS: list[Row] = [
    ("GET", "/groups", groups.listed, may.GROUP_READ),
    ("POST", "/groups", groups.create, may.GROUP_CREATE),
    ("GET", "/groups/delta()", delta.groups, may.GROUP_READ),
    ("GET", "/groups/delta", delta.groups, may.GROUP_READ),
    ("GET", "/groups/{id}", groups.read, may.GROUP_READ),
    ("PATCH", "/groups/{id}", groups.update, may.MEMBER_WRITE),
    ("DELETE", "/groups/{id}", groups.delete, may.GROUP_WRITE),
    ("GET", "/groups/{id}/members", members.of_group, may.GROUP_READ),
    ("GET", "/groups/{id}/members/{cast}", members.of_group, may.GROUP_READ),
    ("POST", "/groups/{id}/members/$ref", members.add, may.MEMBER_WRITE),
    ("DELETE", "/groups/{id}/members/{id_1}/$ref", members.remove, may.MEMBER_WRITE),
    ("GET", "/groups/{id}/transitiveMembers", members.transitive_of_group, may.GROUP_READ),
    ("GET", "/groups/{id}/memberOf", members.of_group_in_groups, may.GROUP_READ),
    ("GET", "/groups/{id}/owners", members.owners, may.GROUP_READ),
    ("POST", "/groups/{id}/owners/$ref", members.add_owner, may.GROUP_WRITE),
    ("DELETE", "/groups/{id}/owners/{id_1}/$ref", members.remove_owner, may.GROUP_WRITE),
    ("POST", "/groups/{id}/assignLicense", licences.assign_to_group, may.GROUP_LICENCE_WRITE),
    ("GET", "/groups/{id}/appRoleAssignments", app_roles.of_group, may.ASSIGNMENT_READ),
    ("POST", "/groups/{id}/appRoleAssignments", app_roles.assign_group, may.ASSIGNMENT_WRITE),
    (
        "DELETE",
        "/groups/{id}/appRoleAssignments/{assignment}",
        app_roles.remove_from_group,
        may.ASSIGNMENT_WRITE,
    ),
    ("GET", "/subscribedSkus", licences.skus, may.SKU_READ),
    ("GET", "/subscribedSkus/{id}", licences.sku, may.SKU_READ),
    ("GET", "/organization", organization.listed, may.ORGANIZATION_READ),
    ("GET", "/directoryObjects/{id}", organization.directory_object, may.DIRECTORY_READ),
]

_APPLICATION = "/applications/{id}"
_PRINCIPAL = "/servicePrincipals/{id}"
_POLICY = "/policies/claimsMappingPolicies"
APPLICATIONS: list[Row] = [
    ("GET", "/applications", applications.listed, may.APPLICATION_READ),
    ("POST", "/applications", applications.create, may.APPLICATION_WRITE),
    ("GET", "/applications(appId='{app_id}')", applications.read_by_app_id, may.APPLICATION_READ),
    ("GET", _APPLICATION, applications.read, may.APPLICATION_READ),
    ("PATCH", _APPLICATION, applications.update, may.APPLICATION_WRITE),
    ("DELETE", _APPLICATION, applications.delete, may.APPLICATION_WRITE),
    ("POST", f"{_APPLICATION}/addPassword", applications.add_password, may.APPLICATION_WRITE),
    ("POST", f"{_APPLICATION}/removePassword", applications.remove_password, may.APPLICATION_WRITE),
    ("GET", f"{_APPLICATION}/extensionProperties", applications.extensions, may.APPLICATION_READ),
    ("POST", f"{_APPLICATION}/extensionProperties", applications.add_extension, may.APPLICATION_WRITE),
    (
        "DELETE",
        f"{_APPLICATION}/extensionProperties/{{extension}}",
        applications.remove_extension,
        may.APPLICATION_WRITE,
    ),
    ("POST", "/applicationTemplates/{id}/instantiate", templates.instantiate, may.APPLICATION_WRITE),
    ("GET", "/servicePrincipals", service_principals.listed, may.APPLICATION_READ),
    ("POST", "/servicePrincipals", service_principals.create, may.APPLICATION_WRITE),
    ("GET", "/servicePrincipals(appId='{app_id}')", service_principals.read_by_app_id, may.APPLICATION_READ),
    ("GET", _PRINCIPAL, service_principals.read, may.APPLICATION_READ),
    ("PATCH", _PRINCIPAL, service_principals.update, may.APPLICATION_WRITE),
    ("DELETE", _PRINCIPAL, service_principals.delete, may.APPLICATION_WRITE),
    (
        "POST",
        f"{_PRINCIPAL}/addTokenSigningCertificate",
        service_principals.add_signing_certificate,
        may.APPLICATION_WRITE,
    ),
    ("GET", f"{_PRINCIPAL}/claimsMappingPolicies", service_principals.policies, may.POLICY_READ),
    ("POST", f"{_PRINCIPAL}/claimsMappingPolicies/$ref", service_principals.add_policy, may.POLICY_WRITE),
    (
        "DELETE",
        f"{_PRINCIPAL}/claimsMappingPolicies/{{policy}}/$ref",
        service_principals.remove_policy,
        may.POLICY_WRITE,
    ),
    ("GET", f"{_PRINCIPAL}/appRoleAssignments", app_roles.of_service_principal, may.ASSIGNMENT_READ),
    ("POST", f"{_PRINCIPAL}/appRoleAssignments", app_roles.assign_service_principal, may.ASSIGNMENT_WRITE),
    (
        "DELETE",
        f"{_PRINCIPAL}/appRoleAssignments/{{assignment}}",
        app_roles.remove_from_service_principal,
        may.ASSIGNMENT_WRITE,
    ),
    ("GET", f"{_PRINCIPAL}/appRoleAssignedTo", app_roles.assigned_to, may.ASSIGNMENT_READ),
    ("POST", f"{_PRINCIPAL}/appRoleAssignedTo", app_roles.assign_to, may.ASSIGNMENT_WRITE),
    (
        "DELETE",
        f"{_PRINCIPAL}/appRoleAssignedTo/{{assignment}}",
        app_roles.remove_assigned_to,
        may.ASSIGNMENT_WRITE,
    ),
    ("GET", _POLICY, policies.listed, may.POLICY_READ),
    ("POST", _POLICY, policies.create, may.POLICY_WRITE),
    ("GET", f"{_POLICY}/{{id}}", policies.read, may.POLICY_READ),
    ("PATCH", f"{_POLICY}/{{id}}", policies.update, may.POLICY_WRITE),
    ("DELETE", f"{_POLICY}/{{id}}", policies.delete, may.POLICY_WRITE),
    ("GET", "/oauth2PermissionGrants", grants.listed, may.GRANT_READ),
    ("POST", "/oauth2PermissionGrants", grants.create, may.GRANT_WRITE),
    ("DELETE", "/oauth2PermissionGrants/{id}", grants.delete, may.GRANT_WRITE),
]

_UNIFIED = "/roleManagement/directory"
ROLES: list[Row] = [
    ("GET", "/directoryRoles", roles.listed, may.ROLE_READ),
    ("POST", "/directoryRoles", roles.activate, may.ROLE_WRITE),
    ("GET", "/directoryRoles/{id}/members", roles.members, may.ROLE_READ),
    ("POST", "/directoryRoles/{id}/members/$ref", roles.add_member, may.ROLE_WRITE),
    ("DELETE", "/directoryRoles/{id}/members/{id_1}/$ref", roles.remove_member, may.ROLE_WRITE),
    ("GET", f"{_UNIFIED}/roleDefinitions", roles.definitions, may.ROLE_READ),
    ("GET", f"{_UNIFIED}/roleDefinitions/{{id}}", roles.definition, may.ROLE_READ),
    ("GET", f"{_UNIFIED}/roleAssignments", roles.assignments, may.ROLE_READ),
    ("POST", f"{_UNIFIED}/roleAssignments", roles.assign, may.ROLE_WRITE),
    ("GET", f"{_UNIFIED}/roleAssignments/{{id}}", roles.assignment, may.ROLE_READ),
    ("DELETE", f"{_UNIFIED}/roleAssignments/{{id}}", roles.unassign, may.ROLE_WRITE),
]


def routes(tenant: Tenant, serve: batch.Serve) -> Iterator[Route]:
    """`serve` asks the fake itself, for the parts of a batch."""
    for method, template, act, needs in (*USERS, *GROUPS, *APPLICATIONS, *ROLES):
        yield Route(
            method,
            BASE + template,
            handler(tenant, act),
            needs=needs,
            undescribed=UNDESCRIBED.get(f"{method} {template}"),
        )
    yield _batch(tenant, serve)
    yield from _login(tenant)


def _batch(tenant: Tenant, serve: batch.Serve) -> Route:
    """Its parts read or write, and are written down as what they do."""

    def act(request: Request, store: Store) -> Response:
        return handler(tenant, lambda call: batch.run(call, serve))(request, store)

    undescribed = UNDESCRIBED["POST /$batch"]
    return Route("POST", f"{BASE}/$batch", act, writes=False, inward=True, undescribed=undescribed)


def _login(tenant: Tenant) -> Iterator[Route]:
    """Asking for a token changes nothing in the directory, and is no reading of it that a delay counts."""
    handlers: list[tuple[str, str, Handler]] = [
        ("POST", "/{tenant}/oauth2/v2.0/token", token.handler(tenant)),
        ("GET", "/{tenant}/v2.0/.well-known/openid-configuration", discovery.configuration(tenant)),
        ("GET", "/{tenant}/discovery/v2.0/keys", discovery.keys(tenant)),
        ("GET", "/common/discovery/instance", discovery.instance(tenant)),
    ]
    for method, template, handle in handlers:
        undescribed = LOGIN[f"{method} {template}"]
        yield Route(method, template, handle, public=True, writes=False, inward=True, undescribed=undescribed)
