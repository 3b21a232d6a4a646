"""Protocol mappers: what puts something about an account into a token or an assertion.

A source is `groups`, `roles` (of the realm), or the name of something of the account: a field that Keycloak
has for everybody, or an attribute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from officeflow.connectors.keycloak.types import Mapper

FIELDS = frozenset({"id", "username", "email", "firstName", "lastName", "emailVerified"})
GROUPS, ROLES = "groups", "roles"
OIDC, SAML = "openid-connect", "saml"
KINDS: Mapping[str, Mapping[str, str]] = {
    OIDC: {
        "field": "oidc-usermodel-property-mapper",
        "attribute": "oidc-usermodel-attribute-mapper",
        GROUPS: "oidc-group-membership-mapper",
        ROLES: "oidc-usermodel-realm-role-mapper",
    },
    SAML: {
        "field": "saml-user-property-mapper",
        "attribute": "saml-user-attribute-mapper",
        GROUPS: "saml-group-membership-mapper",
        ROLES: "saml-role-list-mapper",
    },
}
NAME_ID = "saml-user-attribute-nameid-mapper"
FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:"
IN_TOKENS = {"id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true"}


def mapper(protocol: str, name: str, source: str) -> dict[str, Any]:
    """For the claim or attribute of this name, as Keycloak takes it."""
    kind = source if source in {GROUPS, ROLES} else "field" if source in FIELDS else "attribute"
    config: dict[str, str] = {} if kind in {GROUPS, ROLES} else {"user.attribute": source}
    if protocol == OIDC:
        config |= {"claim.name": name.replace(".", "\\."), **IN_TOKENS}
        config |= {"jsonType.label": "String"} if kind != GROUPS else {}
        config |= {"multivalued": "true"} if kind == ROLES else {}
    else:
        config |= {"attribute.name": name, "attribute.nameformat": "Basic"}
        config |= {"single": "true"} if kind in {GROUPS, ROLES} else {}
    config |= {"full.path": "true"} if kind == GROUPS else {}
    return {
        "name": name,
        "protocol": protocol,
        "protocolMapper": KINDS[protocol][kind],
        "config": config,
    }


def name_id(source: str) -> dict[str, Any]:
    """For a subject that is something of the account, whatever the client's format of it says."""
    kind = "emailAddress" if source == "email" else "unspecified"
    config = {"mapper.nameid.format": FORMAT + kind, "user.attribute": source}
    return {"name": "name id", "protocol": SAML, "protocolMapper": NAME_ID, "config": config}


def sources(protocol: str, mappers: list[Mapper]) -> dict[str, str]:
    """Of the mappers that are of a kind known here: names of claims or attributes, each with its source."""
    kinds = {theirs: ours for ours, theirs in KINDS[protocol].items()}
    found = {}
    for each in mappers:
        kind = kinds.get(each.protocol_mapper)
        name = named(each)
        if kind and name:
            found[name] = kind if kind in {GROUPS, ROLES} else str(each.config.get("user.attribute", ""))
    return found


def named(each: Mapper) -> str:
    """The claim or attribute that it makes."""
    claim = str(each.config.get("claim.name", "")).replace("\\.", ".")
    return claim or str(each.config.get("attribute.name", ""))
