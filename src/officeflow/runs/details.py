"""What the ledger keeps in `error_details`: the error that an attempt ended with, or what an act waits
for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from officeflow.errors import AnswerNeeded, ConnectorError, NotYet, OfficeFlowError


def details_of(error: Exception, mask: Callable[[str], str] = str) -> dict[str, Any]:
    """The error as `error_details` keeps it: `{"code", "type", "message"}`, and what a connector knows."""
    code = error.code if isinstance(error, OfficeFlowError) else "unexpected"
    details: dict[str, Any] = {"code": code, "type": type(error).__name__, "message": mask(str(error))}
    if isinstance(error, ConnectorError):
        known = {
            "provider": error.provider,
            "operation": error.operation,
            "status": error.status,
            "maybe_done": error.maybe_done,
        }
        details |= {name: value for name, value in known.items() if value}
    return details


def waiting_for(
    wait: NotYet | AnswerNeeded, *, now: dt.datetime, mask: Callable[[str], str] = str
) -> dict[str, Any]:
    """What a row that waits keeps in `error_details`: `{"code", "type", "message"}`, and where it ends by
    itself, `until`.
    """
    asked: dict[str, Any] = {}
    until: dt.datetime | None
    if isinstance(wait, NotYet):
        until = wait.until
    else:
        subject, timeout = getattr(wait.question, "subject", ""), getattr(wait.question, "timeout", None)
        asked, until = {"message": mask(subject)} if subject else {}, timeout and now + timeout
    return {
        **details_of(wait, mask),
        **asked,
        **({} if until is None else {"until": until.isoformat(timespec="seconds")}),
    }
