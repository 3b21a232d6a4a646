"""The user: https://learn.microsoft.com/graph/api/resources/user, filters as
https://learn.microsoft.com/graph/aad-advanced-queries has them.
"""

from __future__ import annotations

from counterparts.entra.schema.types import ResourceType, kinds, supports, words

PROFILE = words("aboutMe birthday hireDate interests mySite pastProjects preferredName responsibilities")
PROFILE |= words("schools skills")

PROPERTIES = kinds(
    text="id aboutMe ageGroup city companyName consentProvidedForMinor country creationType department"
    " displayName employeeId employeeType externalUserState faxNumber givenName identityParentId jobTitle"
    " legalAgeGroupClassification mail mailNickname mobilePhone mySite officeLocation"
    " onPremisesDistinguishedName onPremisesDomainName onPremisesImmutableId onPremisesSamAccountName"
    " onPremisesSecurityIdentifier onPremisesUserPrincipalName passwordPolicies postalCode"
    " preferredDataLocation preferredLanguage preferredName securityIdentifier state streetAddress surname"
    " usageLocation userPrincipalName userType",
    flag="accountEnabled isManagementRestricted isResourceAccount onPremisesSyncEnabled showInAddressList",
    number="deviceEnrollmentLimit",
    time="birthday createdDateTime deletedDateTime employeeHireDate employeeLeaveDateTime"
    " externalUserStateChangeDateTime hireDate lastPasswordChangeDateTime onPremisesLastSyncDateTime"
    " signInSessionsValidFromDateTime",
    texts="businessPhones imAddresses interests otherMails pastProjects proxyAddresses responsibilities"
    " schools skills",
    object="authorizationInfo customSecurityAttributes employeeOrgData mailboxSettings"
    " onPremisesExtensionAttributes passwordProfile print signInActivity",
    objects="assignedLicenses assignedPlans identities licenseAssignmentStates onPremisesProvisioningErrors"
    " provisionedPlans serviceProvisioningErrors",
)

_ORDERED = "eq ge le in startswith"

FILTERS = supports(
    {
        "accountEnabled": ("eq in", "ge le"),
        "ageGroup consentProvidedForMinor creationType": ("eq in", ""),
        "assignedLicenses assignedPlans businessPhones identities": ("eq any", "count"),
        "city": ("eq ge in startswith", "null"),
        "country department givenName mailNickname state surname": (_ORDERED, "null"),
        "companyName mobilePhone officeLocation postalCode preferredLanguage streetAddress": (
            "",
            f"{_ORDERED} null",
        ),
        "createdDateTime deletedDateTime": ("eq ge le", "in"),
        "displayName": (_ORDERED, "null"),
        "employeeHireDate onPremisesImmutableId onPremisesLastSyncDateTime showInAddressList": (
            "",
            "eq ge le in",
        ),
        "onPremisesExtensionAttributes": ("", "eq ge le in null"),
        "employeeId": ("eq in startswith", "le null"),
        "employeeType": ("", _ORDERED),
        "id": ("eq in", ""),
        "imAddresses": ("eq any ge le startswith", "count"),
        "isResourceAccount": ("eq", ""),
        "jobTitle": (_ORDERED, "null"),
        "mail userPrincipalName": (_ORDERED, "endswith null"),
        "onPremisesSamAccountName": ("", _ORDERED),
        "onPremisesSecurityIdentifier userType": ("eq in", "null"),
        "onPremisesSyncEnabled": ("eq in", "ge le null"),
        "onPremisesUserPrincipalName usageLocation": (_ORDERED, ""),
        "otherMails": ("eq any ge le in startswith", "endswith count"),
        "passwordPolicies": ("", "eq null"),
        "proxyAddresses": ("eq any ge le startswith", "endswith count"),
        "signInActivity": ("eq ge le", ""),
    }
)

USER = ResourceType(
    name="User",
    cast="microsoft.graph.user",
    collection="users",
    properties=PROPERTIES,
    default=(
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ),
    filters=FILTERS,
    read_only=words(
        "id createdDateTime deletedDateTime assignedLicenses assignedPlans provisionedPlans imAddresses",
        "licenseAssignmentStates creationType externalUserStateChangeDateTime lastPasswordChangeDateTime",
        "legalAgeGroupClassification onPremisesDistinguishedName onPremisesDomainName",
        "onPremisesLastSyncDateTime onPremisesSamAccountName onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled onPremisesUserPrincipalName proxyAddresses securityIdentifier",
        "signInActivity signInSessionsValidFromDateTime isManagementRestricted serviceProvisioningErrors",
        "identityParentId mailboxSettings authorizationInfo print",
    ),
    synced=words(
        "accountEnabled businessPhones city companyName country department displayName employeeId",
        "employeeType faxNumber givenName jobTitle mail mailNickname mobilePhone officeLocation",
        "onPremisesExtensionAttributes onPremisesImmutableId passwordProfile postalCode state streetAddress",
        "surname userPrincipalName employeeHireDate employeeLeaveDateTime employeeOrgData",
    ),
    longest={
        "city": 128,
        "companyName": 64,
        "country": 128,
        "department": 64,
        "displayName": 256,
        "employeeId": 16,
        "givenName": 64,
        "jobTitle": 128,
        "mailNickname": 64,
        "mobilePhone": 64,
        "officeLocation": 128,
        "postalCode": 40,
        "state": 128,
        "streetAddress": 1024,
        "surname": 64,
        "userPrincipalName": 113,
    },
    elsewhere=PROFILE,
    searchable=words(
        "displayName mail userPrincipalName givenName surname department jobTitle mailNickname"
        " employeeId companyName city"
    ),
)
