"""The group and the directory role.

https://learn.microsoft.com/graph/api/resources/group
https://learn.microsoft.com/graph/api/resources/directoryrole
"""

from __future__ import annotations

from counterparts.entra.schema.types import ResourceType, kinds, supports, words

_ORDERED = "eq ge le in startswith"

GROUP = ResourceType(
    name="Group",
    cast="microsoft.graph.group",
    collection="groups",
    properties=kinds(
        text="id accessType classification description displayName mail mailNickname membershipRule"
        " membershipRuleProcessingState onPremisesDomainName onPremisesNetBiosName onPremisesSamAccountName"
        " onPremisesSecurityIdentifier organizationId preferredDataLocation preferredLanguage"
        " securityIdentifier theme uniqueName visibility",
        flag="allowExternalSenders autoSubscribeNewMembers hasMembersWithLicenseErrors hideFromAddressLists"
        " hideFromOutlookClients isArchived isAssignableToRole isFavorite isManagementRestricted"
        " isSubscribedByMail mailEnabled onPremisesSyncEnabled securityEnabled welcomeMessageEnabled",
        number="unseenConversationsCount unseenCount unseenMessagesCount",
        time="createdDateTime deletedDateTime expirationDateTime onPremisesLastSyncDateTime renewedDateTime",
        texts="groupTypes infoCatalogs proxyAddresses resourceBehaviorOptions resourceProvisioningOptions",
        object="licenseProcessingState onPremisesExtensionAttributes",
        objects="assignedLabels assignedLicenses onPremisesProvisioningErrors serviceProvisioningErrors",
    ),
    default=(
        "id",
        "deletedDateTime",
        "classification",
        "createdDateTime",
        "description",
        "displayName",
        "expirationDateTime",
        "groupTypes",
        "isAssignableToRole",
        "mail",
        "mailEnabled",
        "mailNickname",
        "membershipRule",
        "membershipRuleProcessingState",
        "onPremisesLastSyncDateTime",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "preferredDataLocation",
        "preferredLanguage",
        "proxyAddresses",
        "renewedDateTime",
        "resourceBehaviorOptions",
        "resourceProvisioningOptions",
        "securityEnabled",
        "securityIdentifier",
        "theme",
        "uniqueName",
        "visibility",
        "onPremisesProvisioningErrors",
    ),
    filters=supports(
        {
            "id": ("eq in", ""),
            "displayName mail mailNickname": (_ORDERED, "null"),
            "description": ("eq ge le startswith", "null"),
            "mailEnabled securityEnabled onPremisesSyncEnabled": ("eq in", "null"),
            "groupTypes": ("eq any", "count"),
            "assignedLicenses proxyAddresses": ("eq any startswith", "count"),
            "createdDateTime deletedDateTime onPremisesLastSyncDateTime renewedDateTime": ("eq ge le in", ""),
            "isAssignableToRole hasMembersWithLicenseErrors": ("eq", ""),
            "classification membershipRule membershipRuleProcessingState": ("", "eq startswith null"),
            "onPremisesSamAccountName preferredLanguage": ("", _ORDERED),
            "onPremisesSecurityIdentifier securityIdentifier uniqueName": ("eq in", ""),
        }
    ),
    read_only=words(
        "id createdDateTime deletedDateTime mail proxyAddresses onPremisesSyncEnabled renewedDateTime",
        "onPremisesLastSyncDateTime onPremisesSamAccountName onPremisesSecurityIdentifier",
        "onPremisesDomainName onPremisesNetBiosName securityIdentifier assignedLicenses expirationDateTime",
        "hasMembersWithLicenseErrors licenseProcessingState isManagementRestricted organizationId",
    ),
    synced=words("displayName description mailEnabled mailNickname securityEnabled"),
    longest={"displayName": 256, "description": 1024, "mailNickname": 64},
    searchable=words("displayName description mailNickname mail"),
)

DIRECTORY_ROLE = ResourceType(
    name="DirectoryRole",
    cast="microsoft.graph.directoryRole",
    collection="directoryRoles",
    properties=kinds(text="id description displayName roleTemplateId", time="deletedDateTime"),
    default=("id", "deletedDateTime", "description", "displayName", "roleTemplateId"),
    filters=supports({"roleTemplateId": ("eq", ""), "displayName": ("", "eq")}),
)
