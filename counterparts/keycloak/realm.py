"""The realm that is there from the start: groups, roles and applications, and nobody who works there.

Its people may have attributes that the realm does not declare (a fresh Keycloak drops them without a word).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CLIENT = "officeflow"
"""The service account that connections use; what it may do stands in `realm.json`."""

ATTRIBUTES: tuple[dict[str, Any], ...] = (
    {"name": "username", "validations": {"length": {"min": 3, "max": 255}}},
    {"name": "email", "validations": {"email": {}, "length": {"max": 255}}},
    {"name": "firstName", "validations": {"length": {"max": 255}}},
    {"name": "lastName", "validations": {"length": {"max": 255}}},
)
"""Of people: the names are Keycloak's own, with the lengths that it allows by default."""

_PERMISSIONS = {"permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}}


def seeds(secret: str) -> dict[str, Any]:
    """The realm as Keycloak's admin API takes it; `secret` is the service account's."""
    realm: dict[str, Any] = json.loads(Path(__file__).with_name("realm.json").read_text())
    for client in realm["clients"]:
        if client["clientId"] == CLIENT:
            client["secret"] = secret
    attributes = [{**attribute, **_PERMISSIONS} for attribute in ATTRIBUTES]
    profile = json.dumps({"attributes": attributes, "unmanagedAttributePolicy": "ADMIN_EDIT"})
    kept = {"providerId": "declarative-user-profile", "config": {"kc.user.profile.config": [profile]}}
    return {**realm, "components": {"org.keycloak.userprofile.UserProfileProvider": [kept]}}
