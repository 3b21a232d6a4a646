from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What is to be recorded: who (`actor`) did what (`action`) to what or whom (`subject`).

    `details` must be JSON and hold no secret.
    """

    actor: str
    action: str
    subject: str
    details: Mapping[str, Any] = field(default_factory=dict)
    correlation_id: str | None = None
