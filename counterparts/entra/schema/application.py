"""The application (a registration) and the service principal (its presence in this tenant).

https://learn.microsoft.com/graph/api/resources/application
https://learn.microsoft.com/graph/api/resources/serviceprincipal
"""

from __future__ import annotations

from counterparts.entra.schema.types import ResourceType, kinds, supports, words

_APPLICATION = kinds(
    text="id appId applicationTemplateId createdByAppId defaultRedirectUri description"
    " disabledByMicrosoftStatus displayName groupMembershipClaims nativeAuthenticationApisEnabled notes"
    " publisherDomain samlMetadataUrl serviceManagementReference signInAudience tokenEncryptionKeyId"
    " uniqueName",
    flag="isDeviceOnlyAuthSupported isDisabled isFallbackPublicClient oauth2RequirePostResponse",
    time="createdDateTime deletedDateTime",
    texts="identifierUris tags",
    object="api authenticationBehaviors certification info optionalClaims parentalControlSettings"
    " publicClient requestSignatureVerification servicePrincipalLockConfiguration spa verifiedPublisher web",
    objects="addIns appRoles keyCredentials passwordCredentials requiredResourceAccess",
)

APPLICATION = ResourceType(
    name="Application",
    cast="microsoft.graph.application",
    collection="applications",
    properties=_APPLICATION,
    default=tuple(sorted(_APPLICATION)),
    filters=supports(
        {
            "id appId": ("eq in", ""),
            "displayName": ("eq ge le in startswith", "null"),
            "identifierUris": ("eq any startswith", "count"),
            "createdDateTime": ("eq ge le in", ""),
            "publisherDomain": ("", "eq ge le in startswith null"),
            "signInAudience": ("eq", ""),
            "tags": ("eq any startswith", ""),
            "uniqueName": ("eq", ""),
        }
    ),
    read_only=words(
        "id appId createdDateTime deletedDateTime publisherDomain applicationTemplateId createdByAppId",
        "passwordCredentials certification disabledByMicrosoftStatus verifiedPublisher",
    ),
    longest={"displayName": 256, "description": 1024},
)

_SERVICE_PRINCIPAL = kinds(
    text="id appDescription appDisplayName appId applicationTemplateId appOwnerOrganizationId createdByAppId"
    " description disabledByMicrosoftStatus displayName homepage loginUrl logoutUrl notes"
    " preferredSingleSignOnMode preferredTokenSigningKeyThumbprint servicePrincipalType signInAudience"
    " tokenEncryptionKeyId",
    flag="accountEnabled appRoleAssignmentRequired isDisabled",
    time="deletedDateTime preferredTokenSigningKeyEndDateTime",
    texts="alternativeNames notificationEmailAddresses replyUrls servicePrincipalNames tags",
    object="customSecurityAttributes info samlSingleSignOnSettings verifiedPublisher",
    objects="addIns appRoles keyCredentials oauth2PermissionScopes passwordCredentials"
    " resourceSpecificApplicationPermissions",
)

SERVICE_PRINCIPAL = ResourceType(
    name="ServicePrincipal",
    cast="microsoft.graph.servicePrincipal",
    collection="servicePrincipals",
    properties=_SERVICE_PRINCIPAL,
    default=tuple(sorted(set(_SERVICE_PRINCIPAL) - {"customSecurityAttributes"})),
    filters=supports(
        {
            "id appId": ("eq in", ""),
            "displayName": ("eq ge le in startswith", "null"),
            "accountEnabled": ("eq in", ""),
            "servicePrincipalType": ("eq in", ""),
            "servicePrincipalNames tags alternativeNames": ("eq any startswith", "count"),
            "appDisplayName appOwnerOrganizationId preferredSingleSignOnMode": ("", "eq ge le in startswith"),
        }
    ),
    read_only=words(
        "id deletedDateTime appDisplayName appDescription appOwnerOrganizationId applicationTemplateId",
        "signInAudience oauth2PermissionScopes passwordCredentials disabledByMicrosoftStatus createdByAppId",
        "verifiedPublisher resourceSpecificApplicationPermissions preferredTokenSigningKeyEndDateTime",
    ),
    longest={"displayName": 256, "notes": 1024},
)
