from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.audit.actions import AuditAction, OwnWords
from officeflow.errors import InvalidInput

PEOPLE = frozenset({"airflow", "user"})
"""Kinds of actors that are a person: an Airflow login, and a user without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What is to be recorded: who (`actor`) did what (`action`) to what or whom (`subject`).

    `details` must be JSON and hold no secret.
    """

    actor: str
    action: AuditAction | OwnWords
    subject: str
    details: Mapping[str, Any] = field(default_factory=dict)
    correlation_id: str | None = None


def who(actor: str) -> str:
    """The actor as people call them: a login, or a user's address, by itself."""
    kind, _, name = actor.partition(":")
    return name if kind in PEOPLE and name else actor or "somebody"


def reason(why: str) -> str:
    """What a person gives as the reason of a decision, to be recorded with it; `InvalidInput` where it is
    empty.
    """
    if not why.strip():
        raise InvalidInput("the reason is empty", hint="the audit log needs one")
    return why.strip()
