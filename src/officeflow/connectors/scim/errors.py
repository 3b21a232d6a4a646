"""A SCIM server's refusals (RFC 7644 section 3.12) as ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import ValidationError

from officeflow.connectors.call import Call
from officeflow.connectors.http_errors import status_error
from officeflow.connectors.scim.types import ErrorBody
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected, Transient

if TYPE_CHECKING:
    import httpx

# RFC 7644 table 9: what the server says more precisely than by its status.
BY_SCIM_TYPE: Mapping[str, type[ConnectorError]] = {"uniqueness": Conflict, "noTarget": NotFound}


def refusal(response: httpx.Response, call: Call) -> ConnectorError:
    """The error for an answer that is not a success."""
    body = _error_body(response)
    kind = (
        BY_SCIM_TYPE.get(body.scimType or "")
        if 400 <= response.status_code < 500 and response.status_code != 429
        else None
    )
    return status_error(response, call, detail=body.detail or body.scimType or "", kind=kind)


def _error_body(response: httpx.Response) -> ErrorBody:
    try:
        return ErrorBody.model_validate_json(response.content)
    except ValidationError:
        return ErrorBody()


def is_scim_error(response: httpx.Response) -> bool:
    """Whether the refusal is the SCIM server's own word, and not that of something before it or at a wrong
    address.
    """
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return False
    names = {str(name).casefold() for name in body} if isinstance(body, dict) else set()
    return bool(names & {"schemas", "scimtype"}) and bool(names & {"status", "detail", "scimtype"})


def contradiction(call: Call, reason: str) -> Transient:
    return call.contradiction(
        reason,
        hint=(
            "nothing is concluded from such an answer; where it does not pass, the server's SCIM endpoint is"
            " to be mended"
        ),
    )


class NotScim(Rejected):
    """What answered does not speak SCIM."""


class NoEndpoint(NotScim):
    """The server has no such list of resources at all (RFC 7644 section 3.2: which ones it has is its own
    choice).
    """
