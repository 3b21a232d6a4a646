"""What Microsoft Graph says when it refuses.

https://learn.microsoft.com/graph/errors; codes of the directory (`Request_…`, `Authorization_…`) are those
that its pages and answers show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GraphError(Exception):
    """A refusal: HTTP status, the vendor's code, a message for developers."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details or []
        self.headers = dict(headers or {})

    def body(self, inner: Mapping[str, str]) -> dict[str, Any]:
        """The answer's body; `inner` has the date and the request's ids."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        return {"error": {**error, "innerError": dict(inner)}}


def bad_request(message: str, *, details: list[dict[str, str]] | None = None) -> GraphError:
    return GraphError(400, "Request_BadRequest", message, details=details)


def malformed(message: str) -> GraphError:
    """A query or body that the OData layer cannot read, before the directory sees it."""
    return GraphError(400, "BadRequest", message)


def invalid_property(name: str) -> GraphError:
    return bad_request(f"Invalid property '{name}'.")


def invalid_value(name: str, resource: str) -> GraphError:
    return bad_request(
        f"Invalid value specified for property '{name}' of resource '{resource}'.",
        details=[{"code": "InvalidValue", "message": "Invalid value.", "target": name}],
    )


def required(name: str, resource: str) -> GraphError:
    return bad_request(f"A value is required for property '{name}' of resource '{resource}'.")


def taken(name: str) -> GraphError:
    """Another object has this value, which has to be unique in the tenant."""
    message = f"Another object with the same value for property {name} already exists."
    return bad_request(message, details=[{"code": "ObjectConflict", "message": message, "target": name}])


def not_found(identifier: str) -> GraphError:
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not"
        " present.",
    )


def unsupported_query(message: str = "Unsupported Query.") -> GraphError:
    return GraphError(400, "Request_UnsupportedQuery", message)


def denied() -> GraphError:
    return GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def unauthenticated(message: str) -> GraphError:
    challenge = (
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize",'
        ' client_id="00000003-0000-0000-c000-000000000000"'
    )
    return GraphError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": challenge})


def synced_from_on_premises() -> GraphError:
    return bad_request(
        "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects"
        " currently undergoing migration."
    )
