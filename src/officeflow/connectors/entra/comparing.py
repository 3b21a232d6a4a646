"""What was written of a user against what is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from officeflow.connectors.entra.attributes import FIFTEEN_IN
from officeflow.connectors.entra.settings import EXTENSION
from officeflow.connectors.entra.user import User

CASELESS = frozenset({"mail", "userPrincipalName", "usageLocation", "mailNickname"})
WRITTEN_HERE = frozenset({"usageLocation", "preferredLanguage", "preferredDataLocation", "passwordPolicies"})
"""What may be written of a user who is synchronized, beside directory extensions."""


def flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """What is written, property by property, the fifteen too."""
    inner = body.get(FIFTEEN_IN) or {}
    return {name: value for name, value in body.items() if name != FIFTEEN_IN} | dict(inner)


def different(user: User, body: Mapping[str, Any]) -> list[str]:
    """Names of those that read otherwise than they were written."""
    return sorted(name for name, value in flat(body).items() if not _same(name, user.get(name), value))


def _same(name: str, read: Any, written: Any) -> bool:
    if isinstance(written, str) and isinstance(read, str):
        one, other = read.strip(), written.strip()
        same = one.casefold() == other.casefold() if name in CASELESS else one == other
        return same or (name == "employeeHireDate" and one[:10] == other[:10])
    return (read or None) == (written or None)


def mastered(user: User, body: Mapping[str, Any]) -> list[str]:
    """Names of those that another system writes."""
    if not user.on_premises_sync_enabled:
        return []
    names = set(flat(body)) - WRITTEN_HERE
    return sorted(name for name in names if not EXTENSION.fullmatch(name))
