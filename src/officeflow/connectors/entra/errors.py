"""Microsoft Graph's refusals (https://learn.microsoft.com/graph/errors) as ours: by status and code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from officeflow.connectors.call import Call
from officeflow.connectors.entra.lenient import Described
from officeflow.connectors.http_errors import status_error
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected, Transient, Unauthorized

if TYPE_CHECKING:
    import httpx

NOT_THERE = frozenset({"Request_ResourceNotFound", "ResourceNotFound", "resourceNotFound", "itemNotFound"})
"""What Graph itself says of an object; another 404 may come from anything on the way."""
BY_CODE: Mapping[str, type[ConnectorError]] = {
    **dict.fromkeys(NOT_THERE, NotFound),
    "ObjectConflict": Conflict,
    "ConflictingObjects": Conflict,
    "Request_MultipleObjectsWithSameKeyValue": Conflict,
    "Directory_ConcurrencyViolation": Transient,
    "Directory_ReplicaUnavailable": Transient,
    "Directory_ExpiredPageToken": Transient,
    "syncStateNotFound": Conflict,
    "syncStateInvalid": Conflict,
    "resyncRequired": Conflict,
    "Directory_ResyncRequired": Conflict,
    "Authorization_RequestDenied": Unauthorized,
    "Authorization_IdentityNotFound": Unauthorized,
    "accessDenied": Unauthorized,
    "InvalidAuthenticationToken": Unauthorized,
}


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Detail(_Read):
    code: Annotated[str | None, Described] = None
    target: Annotated[str | None, Described] = None


class GraphError(_Read):
    code: Annotated[str | None, Described] = None
    message: Annotated[str | None, Described] = None
    details: Annotated[list[Detail] | None, Described] = None

    def codes(self) -> list[str]:
        """The more precise ones first."""
        return [each.code for each in self.details or () if each.code] + ([self.code] if self.code else [])


class ErrorBody(_Read):
    error: Annotated[GraphError | None, Described] = None


class NotGraph(Rejected):
    """What answered does not speak as Microsoft Graph does."""


def refusal(response: httpx.Response, call: Call, *, secret: str = "") -> ConnectorError:
    """The error for an answer that is not a success; `secret` is what no text of it may hold."""
    found = error_of(response)
    codes = found.codes()
    kind = _kind(response.status_code, codes)
    told = ": ".join(filter(None, ("/".join(dict.fromkeys(codes)), found.message or "")))
    return status_error(response, call, detail=told.replace(secret, "…") if secret else told, kind=kind)


def error_of(response: httpx.Response) -> GraphError:
    """Empty where the answer says nothing in Graph's words."""
    try:
        return ErrorBody.model_validate_json(response.content).error or GraphError()
    except ValidationError:
        return GraphError()


def says_not_there(response: httpx.Response) -> bool:
    return response.status_code == 404 and bool(NOT_THERE & set(error_of(response).codes()))


def _kind(status: int, codes: list[str]) -> type[ConnectorError] | None:
    if not 400 <= status < 500 or status == 429:
        return None
    return next((BY_CODE[code] for code in codes if code in BY_CODE), None)


def valid(model: type[Any], data: object, call: Call) -> Any:
    """The model of what came; `NotGraph` where it is none."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"
        raise call.not_in("Microsoft Graph", reason, NotGraph) from error
