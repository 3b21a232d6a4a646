"""What is Microsoft's own in every answer: who may call, error bodies, request ids."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

import jwt
from werkzeug.datastructures import Headers

from counterparts.entra.errors import (
    GraphError,
    bad_request,
    denied,
    invalid_property,
    malformed,
    unauthenticated,
)
from counterparts.entra.graph.call import refusal
from counterparts.entra.login.refusals import LoginError
from counterparts.entra.tenant import Tenant
from counterparts.vendors.description import Seen
from counterparts.vendors.routes import Refused, Request, Response, Route, answer
from counterparts.vendors.tokens import Principal

AUDIENCE = "https://graph.microsoft.com"
UNKNOWN_PROPERTY = re.compile(r"body[^:]*: unknown ([^,]+)")
METHODS = "/authentication/"
"""Routes of this part say `accessDenied` where the directory says `Authorization_RequestDenied`."""
CODES: Mapping[int, tuple[str, str]] = {
    400: ("BadRequest", "The request is malformed or incorrect."),
    401: ("InvalidAuthenticationToken", "Access token validation failure."),
    403: ("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
    404: ("Request_ResourceNotFound", "The resource does not exist."),
    409: ("Request_Conflict", "The request conflicts with another one."),
    410: ("syncStateNotFound", "The sync state generation is not found."),
    412: ("PreconditionFailed", "The resource has changed."),
    429: ("TooManyRequests", "Too many requests."),
    500: ("InternalServerError", "There was an internal server error while processing the request."),
    502: ("BadGateway", "The upstream server gave no valid answer."),
    503: ("serviceNotAvailable", "The service is temporarily unavailable."),
    504: ("GatewayTimeout", "The upstream server gave no answer in time."),
}


class Microsoft:
    """The `Vendor` of this tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def authorize(self, request: Request) -> None:
        claims = self._claims(request.seen.headers.get("authorization", ""))
        request.principal = Principal(str(claims["appid"]), frozenset(claims["roles"]))
        if request.route.needs and not request.route.needs & request.principal.scopes:
            if METHODS in request.route.template:
                raise Refused(refusal(GraphError(403, "accessDenied", "Request Authorization failed")))
            raise Refused(refusal(denied()))

    def _claims(self, given: str) -> Mapping[str, Any]:
        kind, _, token = given.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused(refusal(unauthenticated("Access token is empty.")))
        try:
            claims = self._tenant.key.claims(token, AUDIENCE)
        except jwt.PyJWTError as error:
            raise Refused(refusal(unauthenticated("Access token validation failure."))) from error
        if claims["exp"] <= self._tenant.clock.seconds():
            message = "Lifetime validation failed, the token is expired."
            raise Refused(refusal(unauthenticated(message)))
        return claims

    def invalid(self, problems: list[str]) -> Response:
        return refusal(_invalid(problems))

    def not_found(self) -> Response:
        return refusal(malformed("Resource not found for the segment."))

    def wrong_method(self) -> Response:
        message = "Specified HTTP method is not allowed for the request target."
        return refusal(GraphError(405, "Request_BadRequest", message))

    def rate_limited(self, retry_after: float | None) -> Response:
        response = self.error(429, "")
        response.headers["x-ms-throttle-scope"] = "Tenant_Application/ReadWrite"
        if retry_after is not None:
            response.headers["Retry-After"] = f"{retry_after:g}"
        return response

    def error(self, status: int, code: str) -> Response:
        if code.startswith("AADSTS"):
            word = "temporarily_unavailable" if status >= 500 else "invalid_client"
            error = LoginError(int(code.removeprefix("AADSTS")), word, "The request was refused.")
            return answer(error.body(self._tenant, str(uuid.uuid4())), status)
        usual, message = CODES.get(status, ("UnknownError", ""))
        return refusal(GraphError(status, code or usual, message))

    def finish(self, request: Seen, route: Route | None, response: Response) -> None:
        del route
        identifier = str(uuid.uuid4())
        client = request.headers.get("client-request-id", identifier)
        headers: Headers = response.headers
        if not request.path.startswith("/v1.0"):
            headers["x-ms-request-id"] = identifier
            return
        headers["request-id"] = identifier
        headers["client-request-id"] = client
        headers["x-ms-ags-diagnostic"] = json.dumps({"ServerInfo": {"DataCenter": "Fake", "Ring": "5"}})
        headers["Cache-Control"] = "no-cache"
        if response.status_code < 300:
            headers["x-ms-resource-unit"] = "1"
        elif response.is_json or "json" in (response.content_type or ""):
            self._fill_in(response, identifier, client)

    def _fill_in(self, response: Response, identifier: str, client: str) -> None:
        try:
            body = json.loads(response.get_data())
        except ValueError:
            return
        error = body.get("error") if isinstance(body, dict) else None
        if isinstance(error, dict) and error.get("innerError") == {}:
            error["innerError"] = {
                "date": f"{self._tenant.clock.now():%Y-%m-%dT%H:%M:%S}",
                "request-id": identifier,
                "client-request-id": client,
            }
            response.set_data(json.dumps(body))


def _invalid(problems: list[str]) -> GraphError:
    for problem in problems:
        if match := UNKNOWN_PROPERTY.match(problem):
            return invalid_property(match[1])
        if problem.startswith("header content-type"):
            return GraphError(415, "UnsupportedMediaType", "The content type is not supported.")
        if problem == "body: missing":
            return malformed("Empty Payload. JSON content expected.")
        if problem == "body: not JSON":
            return malformed("Unable to read JSON request payload. Please ensure that it is valid JSON.")
        if problem.startswith("query"):
            return malformed(f"The query is not valid: {problem}.")
    return bad_request(f"One or more property values specified are invalid: {problems[0]}.")
