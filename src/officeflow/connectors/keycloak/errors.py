"""Keycloak's refusals as ours: by status, with its own code for what is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from officeflow.connectors.call import Call
from officeflow.connectors.http_errors import status_error
from officeflow.errors import ConnectorError

if TYPE_CHECKING:
    import httpx

CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{2,80}")
"""`error-invalid-length`, `invalidPasswordHistoryMessage`: what Keycloak names a refusal by."""


def refusal(response: httpx.Response, call: Call, *, codes_alone: bool = False) -> ConnectorError:
    """The error for an answer that is not a success. With `codes_alone` it has nothing but Keycloak's codes:
    sentences about a password may hold a part of it.
    """
    return status_error(response, call, detail="; ".join(_reasons(response, codes_alone)))


def _reasons(response: httpx.Response, codes_alone: bool) -> list[str]:
    """A body has `errorMessage` with `field`, a list of those in `errors`, or `error`."""
    try:
        body: Any = response.json()
    except (ValueError, RecursionError):
        return []
    if not isinstance(body, dict):
        return []
    several = body.get("errors")
    bodies = [each for each in several if isinstance(each, dict)] if isinstance(several, list) else [body]
    found = []
    for each in bodies:
        reason, field = str(each.get("errorMessage") or each.get("error") or ""), str(each.get("field") or "")
        if reason and (CODE.fullmatch(reason) or not codes_alone):
            found.append(f"{field}: {reason}" if CODE.fullmatch(field) else reason)
    return found
