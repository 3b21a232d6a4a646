"""Our own JSON Schemas of the bodies for which no description is at hand."""

from __future__ import annotations

from typing import Any

from counterparts.entra.schema.application import APPLICATION, SERVICE_PRINCIPAL
from counterparts.entra.schema.types import Kind, ResourceType

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
MAYBE: Json = {"type": ["string", "null"]}
FLAG: Json = {"type": "boolean"}
TEXTS: Json = {"type": "array", "items": TEXT}
MOMENT: Json = {"type": ["string", "null"], "format": "date-time"}
TYPES: dict[Kind, Json] = {
    Kind.TEXT: MAYBE,
    Kind.TIME: MAYBE,
    Kind.FLAG: {"type": ["boolean", "null"]},
    Kind.NUMBER: {"type": ["integer", "null"]},
    Kind.TEXTS: {"type": ["array", "null"], "items": TEXT},
    Kind.OBJECT: {"type": ["object", "null"]},
    Kind.OBJECTS: {"type": ["array", "null"], "items": {"type": "object"}},
}


def closed(*required: str, **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def of(resource: ResourceType, *required: str, **parts: Json) -> Json:
    """The type's own properties; `parts` says more of some."""
    properties = {name: TYPES[kind] for name, kind in resource.properties.items()} | parts
    return closed(*required, **properties)


REDIRECTS = closed(redirectUris=TEXTS)
WEB = closed(
    redirectUris=TEXTS,
    homePageUrl=MAYBE,
    logoutUrl=MAYBE,
    implicitGrantSettings=closed(
        enableIdTokenIssuance=TYPES[Kind.FLAG], enableAccessTokenIssuance=TYPES[Kind.FLAG]
    ),
    redirectUriSettings=TYPES[Kind.OBJECTS],
)
ROLE = closed(
    "id",
    "displayName",
    "allowedMemberTypes",
    allowedMemberTypes={"type": "array", "items": {"enum": ["User", "Application"]}, "minItems": 1},
    description=MAYBE,
    displayName=TEXT,
    id=TEXT,
    isEnabled=FLAG,
    origin=MAYBE,
    value=MAYBE,
)
CLAIM = closed("name", name=TEXT, source=MAYBE, essential=FLAG, additionalProperties=TEXTS)
CLAIMS = {"type": "array", "items": CLAIM}
OPTIONAL_CLAIMS = {
    **closed(idToken=CLAIMS, accessToken=CLAIMS, saml2Token=CLAIMS),
    "type": ["object", "null"],
}
KEY = closed(
    "key",
    key=TEXT,
    type=TEXT,
    usage={"enum": ["Verify", "Sign"]},
    displayName=MAYBE,
    keyId=MAYBE,
    customKeyIdentifier=MAYBE,
    startDateTime=MOMENT,
    endDateTime=MOMENT,
)
APPLICATION_PARTS: dict[str, Json] = {
    "web": WEB,
    "spa": REDIRECTS,
    "publicClient": REDIRECTS,
    "appRoles": {"type": "array", "items": ROLE},
    "optionalClaims": OPTIONAL_CLAIMS,
    "keyCredentials": {"type": "array", "items": KEY},
}
NEW_APPLICATION = of(APPLICATION, "displayName", **APPLICATION_PARTS)
CHANGED_APPLICATION = of(APPLICATION, **APPLICATION_PARTS)
SAML: dict[str, Json] = {"samlSingleSignOnSettings": {**closed(relayState=MAYBE), "type": ["object", "null"]}}
NEW_PRINCIPAL = of(SERVICE_PRINCIPAL, "appId", **SAML)
CHANGED_PRINCIPAL = of(SERVICE_PRINCIPAL, **SAML)
REFERENCE: Json = {
    "type": "object",
    "properties": {"@odata.id": TEXT},
    "required": ["@odata.id"],
    "additionalProperties": False,
}
PASSWORD_CREDENTIAL = closed(
    passwordCredential=closed(displayName=MAYBE, startDateTime=MOMENT, endDateTime=MOMENT)
)
KEY_ID = closed("keyId", keyId=TEXT)
SIGNING_CERTIFICATE = closed("displayName", displayName=TEXT, endDateTime=MOMENT)
EXTENSION = closed(
    "name",
    "dataType",
    "targetObjects",
    name={"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"},
    dataType={"enum": ["Binary", "Boolean", "DateTime", "Integer", "LargeInteger", "String"]},
    targetObjects={
        "type": "array",
        "items": {"enum": ["User", "Group", "Application", "Device", "Organization"]},
        "minItems": 1,
    },
    isMultiValued=FLAG,
)
POLICY: dict[str, Json] = {"definition": TEXTS, "displayName": TEXT, "isOrganizationDefault": FLAG}
NEW_POLICY = closed("definition", "displayName", **POLICY)
CHANGED_POLICY = closed(**POLICY)
TEMPLATE_ROLE = closed("roleTemplateId", roleTemplateId=TEXT)
ROLE_ASSIGNMENT: Json = {
    "type": "object",
    "properties": {
        "@odata.type": TEXT,
        "principalId": TEXT,
        "roleDefinitionId": TEXT,
        "directoryScopeId": TEXT,
    },
    "required": ["principalId", "roleDefinitionId"],
    "additionalProperties": False,
}
PHONE = closed(
    "phoneNumber",
    "phoneType",
    phoneNumber={"type": "string", "pattern": r"^\+[0-9]{1,3} [0-9]{4,14}(x[0-9]+)?$"},
    phoneType={"enum": ["mobile", "alternateMobile", "office"]},
)
TEMPORARY_PASS = closed(
    startDateTime=MOMENT, lifetimeInMinutes={"type": "integer"}, isUsableOnce={"type": "boolean"}
)
ASSIGNMENT = closed(
    "principalId", "resourceId", "appRoleId", principalId=TEXT, resourceId=TEXT, appRoleId=TEXT
)
PERMISSION_GRANT = closed(
    "clientId",
    "consentType",
    "resourceId",
    clientId=TEXT,
    consentType={"enum": ["AllPrincipals", "Principal"]},
    principalId=MAYBE,
    resourceId=TEXT,
    scope=TEXT,
)
INSTANTIATION = closed("displayName", displayName=TEXT)
RESTORATION = closed(autoReconcileProxyConflict=FLAG)
BATCH = closed(
    "requests",
    requests={
        "type": "array",
        "items": closed(
            "id",
            "method",
            "url",
            id=TEXT,
            method={"enum": ["GET", "POST", "PATCH", "PUT", "DELETE"]},
            url=TEXT,
            headers={"type": "object", "additionalProperties": TEXT},
            body={},
            dependsOn=TEXTS,
        ),
    },
)
