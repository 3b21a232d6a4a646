"""Okta's own description of its interface, where there is one at hand."""

from __future__ import annotations

from typing import Any

from counterparts.vendors.description import folder
from counterparts.vendors.openapi import OpenApi


def description() -> OpenApi | None:
    """The newest one; None if there is none."""
    found = sorted((folder() / "okta").glob("okta-management-*.json"))
    return OpenApi(found[-1], [_patch_takes_any_value]) if found else None


def _patch_takes_any_value(document: dict[str, Any]) -> None:
    """The description has an object there; the priority that it is meant for is a number."""
    document["components"]["schemas"]["JsonPatchOperation"]["properties"]["value"].pop("type")
