"""A SCIM server's refusals (RFC 7644 section 3.12) as ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from officeflow.connectors.call import Call
from officeflow.connectors.http_errors import status_error
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected, Transient

if TYPE_CHECKING:
    import httpx

# RFC 7644 table 9: what the server says more precisely than by its status.
BY_SCIM_TYPE: Mapping[str, type[ConnectorError]] = {"uniqueness": Conflict, "noTarget": NotFound}


ERROR = "urn:ietf:params:scim:api:messages:2.0:error"
DETAILS = ("detail", "description", "message", "error_description", "title", "error")
"""Where servers say why, the RFC's own name first."""
NESTED = frozenset({"errors", "error", ERROR})
"""What some wrap their errors in: an object, or a list of them."""


def refusal(response: httpx.Response, call: Call) -> ConnectorError:
    """The error for an answer that is not a success.

    501 in SCIM's own words says that the server has not done it (RFC 7644 table 8).
    """
    found = list(_error_objects(_json(response)))
    scim_type = next((str(each["scimtype"]) for each in found if each.get("scimtype")), "")
    details = (each[name] for name in DETAILS for each in found if isinstance(each.get(name), str))
    kind = (
        BY_SCIM_TYPE.get(scim_type)
        if 400 <= response.status_code < 500 and response.status_code != 429
        else None
    )
    promises = {501} if is_scim_error(response) else set()
    return status_error(response, call, detail=next(details, scim_type), kind=kind, promises=promises)


def status_inside(response: httpx.Response) -> int | None:
    """The status of an error that comes in an answer of success; None for what is no error."""
    body = _json(response) if ERROR.encode() in response.content.lower() else None
    if not isinstance(body, dict):
        return None
    named = {str(key).casefold(): value for key, value in body.items()}
    schemas = named.get("schemas")
    if not (isinstance(schemas, list) and ERROR in {str(each).casefold() for each in schemas}):
        return None
    status = str(named.get("status", ""))
    return int(status) if status.isascii() and status.isdigit() and 400 <= int(status) <= 599 else 500


def is_scim_error(response: httpx.Response) -> bool:
    """Whether the refusal is the SCIM server's own word, and not that of something before it or at a wrong
    address.
    """
    body = _json(response)
    names = {str(name).casefold() for name in body} if isinstance(body, dict) else set()
    return bool(names & {"schemas", "scimtype"}) and bool(names & {"status", "detail", "scimtype"})


def _error_objects(body: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The error and those inside it, names in lower case."""
    if depth > 4:
        return
    if isinstance(body, list):
        for each in body[:10]:
            yield from _error_objects(each, depth + 1)
    if not isinstance(body, dict):
        return
    named = {str(name).casefold(): value for name, value in body.items()}
    yield named
    for name in NESTED & named.keys():
        yield from _error_objects(named[name], depth + 1)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


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
