"""What a user of an organization may be, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from officeflow.errors import InvalidInput, did_you_mean
from officeflow.rights.permissions import Role

ROLES: Mapping[str, str] = MappingProxyType(
    {
        Role.ADMIN: "everything within the organization: users, connections, redo and resolve",
        Role.EDITOR: "draws, validates and publishes workflows",
        Role.OPERATOR: "starts, pauses, cancels and retries runs; answers what runs ask",
        Role.APPROVER: "sees workflows and runs; answers what runs ask",
        Role.AUDITOR: "reads everything, the audit log and the ledger too; changes nothing",
        Role.VIEWER: "sees workflows and runs",
    }
)
"""Role to what it lets a person do, the strongest first; in full: `rights.permissions.GRANTS`."""


def check(role: str) -> Role:
    """`role`, if it is one; otherwise `InvalidInput`."""
    if role not in ROLES:
        raise InvalidInput(
            f"{role!r} is not a role", hint=did_you_mean(role, ROLES) or f"one of {', '.join(ROLES)}"
        )
    return Role(role)
