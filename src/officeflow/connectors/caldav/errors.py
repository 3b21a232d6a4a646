"""A CalDAV server's refusals as ours: by their status, and by the precondition that the body names (RFC 4918
section 16).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from officeflow.connectors.caldav.types import parse_xml
from officeflow.connectors.call import Call
from officeflow.connectors.http_errors import status_error
from officeflow.errors import Conflict, ConnectorError, Rejected

if TYPE_CHECKING:
    import httpx

# RFC 4791 section 5.3.2.1. A refused object comes as 403 or 409 with its reason, and is not a matter of
# credentials.
BY_PRECONDITION: Mapping[str, type[ConnectorError]] = {"no-uid-conflict": Conflict}

PROMISES = frozenset({423, 507})
"""RFC 4918 sections 11.3 and 11.5: the resource is locked, or its new state cannot be stored, so the method
was not performed.
"""


def refusal(response: httpx.Response, call: Call) -> ConnectorError:
    """The error for an answer that is not a success."""
    reason = _precondition(response) if response.status_code in {403, 409, 412} else ""
    kind = BY_PRECONDITION.get(reason) or (Rejected if reason and response.status_code == 403 else None)
    return status_error(response, call, detail=reason, kind=kind, promises=PROMISES)


def _precondition(response: httpx.Response) -> str:
    """The first element in a `DAV:error` body, without its namespace; "" where there is none."""
    try:
        root = parse_xml(response.content)
    except ValueError:
        return ""
    if root.tag != "{DAV:}error" or not len(root):
        return ""
    reason = str(root[0].tag).rpartition("}")[2]
    return "" if reason == "need-privileges" else reason


def unreadable(call: Call, reason: str) -> Rejected:
    """The error for an event that is there and makes no sense (RFC 5545)."""
    return call.error(
        Rejected,
        f"a calendar object that {call.operation} needs cannot be read: {reason}",
        maybe_done=call.writes,
        hint="mend or remove it in the calendar",
    )
