"""The routes for which no description is at hand: where the vendor documents them, and what is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.entra import bodies
from counterparts.vendors.routes import Undescribed

API = "https://learn.microsoft.com/graph/api/"
PLATFORM = "https://learn.microsoft.com/entra/identity-platform/"
LIST = frozenset({"$select", "$filter", "$top", "$count", "$search", "$expand", "$orderby", "$skiptoken"})
ONE = frozenset({"$select", "$expand"})
ROUND = frozenset({"$select", "$filter", "$expand", "$top", "$deltatoken", "$skiptoken"})


def _list(page: str) -> Undescribed:
    return Undescribed(API + page, query=LIST)


def _one(page: str) -> Undescribed:
    return Undescribed(API + page, query=ONE)


def _plain(page: str) -> Undescribed:
    return Undescribed(API + page)


def _body(page: str, body: Mapping[str, Any]) -> Undescribed:
    return Undescribed(API + page, body=body, body_required=True)


def _optional(page: str, body: Mapping[str, Any]) -> Undescribed:
    return Undescribed(API + page, body=body)


LOGIN: dict[str, Undescribed] = {
    "POST /{tenant}/oauth2/v2.0/token": Undescribed(
        PLATFORM + "v2-oauth2-client-creds-grant-flow",
        body={},
        body_required=True,
        media_type="application/x-www-form-urlencoded",
    ),
    "GET /{tenant}/v2.0/.well-known/openid-configuration": Undescribed(PLATFORM + "v2-protocols-oidc"),
    "GET /{tenant}/discovery/v2.0/keys": Undescribed(PLATFORM + "access-tokens"),
    "GET /common/discovery/instance": Undescribed(
        PLATFORM + "msal-client-application-configuration",
        query=frozenset({"api-version", "authorization_endpoint"}),
    ),
}

PEOPLE: dict[str, Undescribed] = {
    "GET /users/$count": Undescribed(API + "user-list", query=frozenset({"$filter", "$search"})),
    "GET /users/delta": Undescribed(API + "user-delta", query=ROUND),
    "GET /groups/delta": Undescribed(API + "group-delta", query=ROUND),
    "GET /users/{id}/memberOf/{cast}": _list("user-list-memberof"),
    "GET /users/{id}/transitiveMemberOf/{cast}": _list("user-list-transitivememberof"),
    "GET /users/{id}/oauth2PermissionGrants": _list("user-list-oauth2permissiongrants"),
    "DELETE /users/{id}/appRoleAssignments/{assignment}": _plain("user-delete-approleassignments"),
    "GET /directory/deletedItems/{id}": _one("directory-deleteditems-get"),
    "GET /directory/deletedItems/microsoft.graph.{type}": _list("directory-deleteditems-list"),
    "POST /directory/deletedItems/{id}/restore": _optional(
        "directory-deleteditems-restore", bodies.RESTORATION
    ),
    "DELETE /directory/deletedItems/{id}": _plain("directory-deleteditems-delete"),
    "GET /users/{id}/authentication/methods": _list("authentication-list-methods"),
    "GET /users/{id}/authentication/{collection}": _list("authentication-list-methods"),
    "DELETE /users/{id}/authentication/{collection}/{method}": _plain("phoneauthenticationmethod-delete"),
    "POST /users/{id}/authentication/phoneMethods": _body("authentication-post-phonemethods", bodies.PHONE),
    "POST /users/{id}/authentication/temporaryAccessPassMethods": _body(
        "authentication-post-temporaryaccesspassmethods", bodies.TEMPORARY_PASS
    ),
}

GROUPS: dict[str, Undescribed] = {
    "GET /directoryObjects/{id}": _one("directoryobject-get"),
    "GET /groups/{id}/members/{cast}": _list("group-list-members"),
    "GET /groups/{id}/memberOf": _list("group-list-memberof"),
    "POST /groups/{id}/owners/$ref": _body("group-post-owners", bodies.REFERENCE),
    "DELETE /groups/{id}/owners/{id_1}/$ref": _plain("group-delete-owners"),
    "GET /groups/{id}/appRoleAssignments": _list("group-list-approleassignments"),
    "POST /groups/{id}/appRoleAssignments": _body("group-post-approleassignments", bodies.ASSIGNMENT),
    "DELETE /groups/{id}/appRoleAssignments/{assignment}": _plain("group-delete-approleassignments"),
}

APPLICATIONS: dict[str, Undescribed] = {
    "GET /applications": _list("application-list"),
    "POST /applications": _body("application-post-applications", bodies.NEW_APPLICATION),
    "GET /applications(appId='{app_id}')": _one("application-get"),
    "GET /applications/{id}": _one("application-get"),
    "PATCH /applications/{id}": _body("application-update", bodies.CHANGED_APPLICATION),
    "DELETE /applications/{id}": _plain("application-delete"),
    "POST /applications/{id}/addPassword": _body("application-addpassword", bodies.PASSWORD_CREDENTIAL),
    "POST /applications/{id}/removePassword": _body("application-removepassword", bodies.KEY_ID),
    "GET /applications/{id}/extensionProperties": _list("application-list-extensionproperty"),
    "POST /applications/{id}/extensionProperties": _body(
        "application-post-extensionproperty", bodies.EXTENSION
    ),
    "DELETE /applications/{id}/extensionProperties/{extension}": _plain("extensionproperty-delete"),
    "POST /applicationTemplates/{id}/instantiate": _body(
        "applicationtemplate-instantiate", bodies.INSTANTIATION
    ),
    "GET /servicePrincipals": _list("serviceprincipal-list"),
    "POST /servicePrincipals": _body("serviceprincipal-post-serviceprincipals", bodies.NEW_PRINCIPAL),
    "GET /servicePrincipals(appId='{app_id}')": _one("serviceprincipal-get"),
    "GET /servicePrincipals/{id}": _one("serviceprincipal-get"),
    "PATCH /servicePrincipals/{id}": _body("serviceprincipal-update", bodies.CHANGED_PRINCIPAL),
    "DELETE /servicePrincipals/{id}": _plain("serviceprincipal-delete"),
    "POST /servicePrincipals/{id}/addTokenSigningCertificate": _body(
        "serviceprincipal-addtokensigningcertificate", bodies.SIGNING_CERTIFICATE
    ),
    "GET /servicePrincipals/{id}/claimsMappingPolicies": _list("serviceprincipal-list-claimsmappingpolicies"),
    "POST /servicePrincipals/{id}/claimsMappingPolicies/$ref": _body(
        "serviceprincipal-post-claimsmappingpolicies", bodies.REFERENCE
    ),
    "DELETE /servicePrincipals/{id}/claimsMappingPolicies/{policy}/$ref": _plain(
        "serviceprincipal-delete-claimsmappingpolicies"
    ),
    "GET /servicePrincipals/{id}/appRoleAssignments": _list("serviceprincipal-list-approleassignments"),
    "POST /servicePrincipals/{id}/appRoleAssignments": _body(
        "serviceprincipal-post-approleassignments", bodies.ASSIGNMENT
    ),
    "DELETE /servicePrincipals/{id}/appRoleAssignments/{assignment}": _plain(
        "serviceprincipal-delete-approleassignments"
    ),
    "GET /servicePrincipals/{id}/appRoleAssignedTo": _list("serviceprincipal-list-approleassignedto"),
    "POST /servicePrincipals/{id}/appRoleAssignedTo": _body(
        "serviceprincipal-post-approleassignedto", bodies.ASSIGNMENT
    ),
    "DELETE /servicePrincipals/{id}/appRoleAssignedTo/{assignment}": _plain(
        "serviceprincipal-delete-approleassignedto"
    ),
    "GET /policies/claimsMappingPolicies": _list("claimsmappingpolicy-list"),
    "POST /policies/claimsMappingPolicies": _body(
        "claimsmappingpolicy-post-claimsmappingpolicies", bodies.NEW_POLICY
    ),
    "GET /policies/claimsMappingPolicies/{id}": _one("claimsmappingpolicy-get"),
    "PATCH /policies/claimsMappingPolicies/{id}": _body("claimsmappingpolicy-update", bodies.CHANGED_POLICY),
    "DELETE /policies/claimsMappingPolicies/{id}": _plain("claimsmappingpolicy-delete"),
    "GET /oauth2PermissionGrants": _list("oauth2permissiongrant-list"),
    "POST /oauth2PermissionGrants": _body("oauth2permissiongrant-post", bodies.PERMISSION_GRANT),
    "DELETE /oauth2PermissionGrants/{id}": _plain("oauth2permissiongrant-delete"),
}

ROLES: dict[str, Undescribed] = {
    "GET /directoryRoles": _list("directoryrole-list"),
    "POST /directoryRoles": _body("directoryrole-post-directoryroles", bodies.TEMPLATE_ROLE),
    "GET /directoryRoles/{id}/members": _list("directoryrole-list-members"),
    "POST /directoryRoles/{id}/members/$ref": _body("directoryrole-post-members", bodies.REFERENCE),
    "DELETE /directoryRoles/{id}/members/{id_1}/$ref": _plain("directoryrole-delete-member"),
    "GET /roleManagement/directory/roleDefinitions": _list("rbacapplication-list-roledefinitions"),
    "GET /roleManagement/directory/roleDefinitions/{id}": _one("unifiedroledefinition-get"),
    "GET /roleManagement/directory/roleAssignments": _list("rbacapplication-list-roleassignments"),
    "POST /roleManagement/directory/roleAssignments": _body(
        "rbacapplication-post-roleassignments", bodies.ROLE_ASSIGNMENT
    ),
    "GET /roleManagement/directory/roleAssignments/{id}": _one("unifiedroleassignment-get"),
    "DELETE /roleManagement/directory/roleAssignments/{id}": _plain("unifiedroleassignment-delete"),
    "POST /$batch": Undescribed(
        "https://learn.microsoft.com/graph/json-batching", body=bodies.BATCH, body_required=True
    ),
}

UNDESCRIBED: dict[str, Undescribed] = PEOPLE | GROUPS | APPLICATIONS | ROLES
"""By method and template below `/v1.0`."""
