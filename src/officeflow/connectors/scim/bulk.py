"""Many changes in one request (RFC 7644 section 3.7), for servers that say that they take them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import httpx
from pydantic import BeforeValidator, Field

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.scim.discovery import Feature
from officeflow.connectors.scim.errors import refusal
from officeflow.connectors.scim.resources import Resources, model_of
from officeflow.connectors.scim.types import ScimModel
from officeflow.errors import ConnectorError

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
MOST_OPERATIONS = 100
MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Operation:
    """A PATCH of `path`, which begins with a slash."""

    path: str
    body: dict[str, Any]


def _status(value: object) -> object:
    """A text, a number, or in an early draft an object with the code."""
    return value.get("code") if isinstance(value, dict) else value


class _Result(ScimModel):
    status: Annotated[int, BeforeValidator(_status)]
    bulkId: str | None = None  # noqa: N815
    location: str | None = None
    response: Any = None


class _Answer(ScimModel):
    operations: list[_Result] = Field(default_factory=list, alias="Operations")


def sent(
    operations: Sequence[Operation], feature: Feature, resources: Resources, call: Call, *, key: str
) -> list[ConnectorError | None]:
    """What each of them was answered, in order: None for yes.

    Results stand in the order of the operations (section 3.7.3); one that is missing is a contradiction,
    after which all of them may be done.
    """
    found: list[ConnectorError | None] = []
    for part in _parts(operations, feature):
        try:
            response = resources.send("POST", "Bulk", call, body=_body(part), key=key)
        except ConnectorError as error:
            error.maybe_done = error.maybe_done or bool(found)
            raise
        with after_write():
            results = model_of(response, _Answer, call).operations
            if len(results) != len(part):
                raise call.contradiction(f"{len(part)} operations were sent, and it tells of {len(results)}")
        found += [_error_of(each, response, call) for each in results]
    return found


def _error_of(result: _Result, response: httpx.Response, call: Call) -> ConnectorError | None:
    if 200 <= result.status < 300:
        return None
    content = json.dumps(result.response).encode()
    return refusal(httpx.Response(result.status, content=content, request=response.request), call)


def _parts(operations: Sequence[Operation], feature: Feature) -> Iterator[list[Operation]]:
    """As many at once as the server takes."""
    most = min(feature.maxOperations or MOST_OPERATIONS, MOST_OPERATIONS)
    most_bytes = min(feature.maxPayloadSize or MOST_BYTES, MOST_BYTES)
    part: list[Operation] = []
    for operation in operations:
        if part and (len(part) >= most or len(json.dumps(_body([*part, operation]))) > most_bytes):
            yield part
            part = []
        part.append(operation)
    yield part


def _body(operations: Sequence[Operation]) -> dict[str, Any]:
    return {
        "schemas": [BULK],
        "Operations": [
            {"method": "PATCH", "path": operation.path, "data": operation.body} for operation in operations
        ],
    }
