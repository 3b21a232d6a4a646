"""What a user of an organization may be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from officeflow.errors import InvalidInput, did_you_mean

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "admin": "everything within the organization: users, connections, redo and resolve",
        "editor": "draws, validates and publishes workflows",
        "operator": "starts, pauses, cancels and retries runs; answers what runs ask",
        "auditor": "reads everything, the audit log and the ledger too; changes nothing",
        "viewer": "sees workflows and runs",
    }
)
"""Role to what it lets a person do, the strongest first."""


def check(role: str) -> str:
    """`role`, if it is one; otherwise `InvalidInput`."""
    if role not in ROLES:
        raise InvalidInput(
            f"{role!r} is not a role", hint=did_you_mean(role, ROLES) or f"one of {', '.join(ROLES)}"
        )
    return role
