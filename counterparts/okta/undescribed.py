"""Routes for which there is no description at hand: Okta's documentation says what they take."""

from __future__ import annotations

from counterparts.vendors.routes import Undescribed

REFERENCE = "https://developer.okta.com/docs/api/openapi"
MANAGEMENT = f"{REFERENCE}/okta-management/management/tag"
USER = "/api/v1/users/{userId}"
APP = "/api/v1/apps/{appId}"
PAGED = frozenset({"expand", "after", "limit"})

UNDESCRIBED: dict[tuple[str, str], Undescribed] = {
    ("GET", f"{USER}/roles/{{roleAssignmentId}}"): Undescribed(f"{MANAGEMENT}/RoleAssignmentAUser/"),
    ("DELETE", f"{USER}/roles/{{roleAssignmentId}}"): Undescribed(f"{MANAGEMENT}/RoleAssignmentAUser/"),
    ("GET", "/api/v1/iam/roles/{roleIdOrLabel}"): Undescribed(f"{MANAGEMENT}/RoleECustom/"),
    ("GET", "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}"): Undescribed(
        f"{MANAGEMENT}/RoleCResourceSet/"
    ),
    ("GET", f"{USER}/grants"): Undescribed(f"{MANAGEMENT}/UserGrant/", query=PAGED | {"scopeId"}),
    ("DELETE", f"{USER}/grants"): Undescribed(f"{MANAGEMENT}/UserGrant/"),
    ("DELETE", f"{USER}/grants/{{grantId}}"): Undescribed(f"{MANAGEMENT}/UserGrant/"),
    ("GET", f"{USER}/clients"): Undescribed(f"{MANAGEMENT}/UserResources/"),
    ("GET", f"{USER}/clients/{{clientId}}/grants"): Undescribed(f"{MANAGEMENT}/UserGrant/", query=PAGED),
    ("DELETE", f"{USER}/clients/{{clientId}}/grants"): Undescribed(f"{MANAGEMENT}/UserGrant/"),
    ("GET", f"{USER}/clients/{{clientId}}/tokens"): Undescribed(f"{MANAGEMENT}/UserOAuth/", query=PAGED),
    ("DELETE", f"{USER}/clients/{{clientId}}/tokens"): Undescribed(f"{MANAGEMENT}/UserOAuth/"),
    ("GET", f"{USER}/factors/{{factorId}}"): Undescribed(f"{MANAGEMENT}/UserFactor/"),
    ("DELETE", f"{USER}/factors/{{factorId}}"): Undescribed(
        f"{MANAGEMENT}/UserFactor/", query=frozenset({"removeRecoveryEnrollment"})
    ),
    ("POST", f"{APP}/lifecycle/activate"): Undescribed(f"{MANAGEMENT}/Application/"),
    ("POST", f"{APP}/lifecycle/deactivate"): Undescribed(f"{MANAGEMENT}/Application/"),
    ("GET", "/api/v1/meta/schemas/user/default"): Undescribed(f"{MANAGEMENT}/Schema/"),
    ("POST", "/oauth2/v1/token"): Undescribed(
        f"{REFERENCE}/okta-oauth/oauth/tag/OrgAS/",
        body={"type": "object"},
        body_required=True,
        media_type="application/x-www-form-urlencoded",
    ),
}
