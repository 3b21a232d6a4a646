"""Okta's own description of its interface, where there is one at hand."""

from __future__ import annotations

from typing import Any

from counterparts.vendors.description import folder
from counterparts.vendors.openapi import OpenApi

NULLABLE = (
    ("ApplicationAccessibility", "errorRedirectUrl"),
    ("ApplicationAccessibility", "loginRedirectUrl"),
    ("AppUser", "externalId"),
    ("GroupOwner", "originId"),
    ("OktaUserGroupProfile", "description"),
)
"""What Okta's own examples have null in, and its description does not."""


def description() -> OpenApi | None:
    """The newest one; None if there is none."""
    found = sorted((folder() / "okta").glob("okta-management-*.json"))
    return OpenApi(found[-1], [_patch_takes_any_value, _embed_anything, _take_null]) if found else None


def _patch_takes_any_value(document: dict[str, Any]) -> None:
    """The description has an object there; the priority that it is meant for is a number."""
    document["components"]["schemas"]["JsonPatchOperation"]["properties"]["value"].pop("type")


def _embed_anything(document: dict[str, Any]) -> None:
    """The description has objects alone in an embedded user, whose id and scope are texts."""
    embedded = document["components"]["schemas"]["Application"]["properties"]["_embedded"]
    embedded["properties"]["user"].pop("additionalProperties")


def _take_null(document: dict[str, Any]) -> None:
    for schema, name in NULLABLE:
        document["components"]["schemas"][schema]["properties"][name]["nullable"] = True
