"""What is Google's own in an answer, and who is let in."""

from __future__ import annotations

import json
from typing import Any

from counterparts.google import failures, holdings, roles
from counterparts.google.failures import failure
from counterparts.google.partial import Selected
from counterparts.vendors import fields
from counterparts.vendors.clock import Clock
from counterparts.vendors.description import Seen
from counterparts.vendors.routes import Refused, Request, Response, Route
from counterparts.vendors.store import Store
from counterparts.vendors.tokens import Principal, Tokens

TOKEN = "/token"  # noqa: S105 - a path
REMOTE = "/v1/"
"""What Cloud Identity's paths begin with."""
MAY: dict[str, tuple[str, ...]] = {
    "91447453000000002": ("/admin/directory/v1/groups", "/groups/v1/groups"),
    "91447453000000003": ("/admin/directory/v1/users",),
}
"""What the paths begin with that an administrator of a system role may call; a super administrator any."""
PAGE = b"<!DOCTYPE html>\n<html lang=en>\n  <title>Error 404 (Not Found)!!1</title>\n"


class Google:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._tokens = Tokens(store, clock)

    def authorize(self, request: Request) -> None:
        scheme, _, token = request.seen.headers.get("authorization", "").partition(" ")
        with self._store.transaction():
            principal = self._tokens.principal(token) if scheme.lower() == "bearer" else None
            if principal is None:
                raise Refused(_unauthenticated())
            if not principal.scopes & request.route.needs:
                raise Refused(_insufficient(request.route))
            if not self._may(principal, request.route):
                raise Refused(failure(403))
        request.principal = principal

    def _may(self, principal: Principal, route: Route) -> bool:
        """Whom the account acts for is an administrator of it, and can still sign in."""
        user = self._store.get("users", principal.on_behalf_of)
        if user is None or user.get("suspended") or user.get("archived"):
            return False
        held = {
            each["roleId"]
            for each in self._store.all(holdings.ROLE_ASSIGNMENTS)
            if each["assignedTo"] == user["id"]
        }
        return roles.SUPER_ADMIN in held or any(route.template.startswith(MAY.get(role, ())) for role in held)

    def invalid(self, problems: list[str]) -> Response:
        missing = all(problem.endswith("missing") for problem in problems)
        return failure(400, "required" if missing else "invalid", "; ".join(problems))

    def not_found(self) -> Response:
        return Response(PAGE, status=404, mimetype="text/html")

    def wrong_method(self) -> Response:
        return self.not_found()

    def rate_limited(self, retry_after: float | None) -> Response:
        response = failure(429)
        if retry_after is not None:
            response.headers["Retry-After"] = str(int(retry_after))
        return response

    def error(self, status: int, code: str) -> Response:
        return failure(status, code)

    def finish(self, request: Seen, route: Route | None, response: Response) -> None:
        """The parts of the answer that `fields` selects; refusals in the shape of the API in question."""
        del route
        response.headers["Vary"] = "Origin, X-Origin, Referer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if response.mimetype != "application/json":
            return
        is_cut = not isinstance(response, Selected) and any(name == "fields" for name, _ in request.query)
        if response.status_code >= 400 or is_cut:
            value = json.loads(response.get_data() or b"null")
            response.set_data(json.dumps(_finished(request, value), ensure_ascii=False))
        response.headers["Content-Type"] = "application/json; charset=UTF-8"


def _finished(request: Seen, value: Any) -> Any:
    failed = isinstance(value, dict) and isinstance(value.get("error"), dict) and "errors" in value["error"]
    if failed and request.path == TOKEN:
        entry = value["error"]["errors"][0]
        error = "internal_failure" if value["error"]["code"] >= 500 else entry["reason"]
        return {"error": error, "error_description": entry["message"]}
    if failed:
        return failures.remote(value) if request.path.startswith(REMOTE) else value
    mask = next((text for name, text in request.query if name == "fields"), "")
    try:
        return fields.select(value, fields.parse(mask)) if mask else value
    except fields.WrongMask:  # said already, where requests are validated
        return value


def _unauthenticated() -> Response:
    response = failure(401)
    response.headers["WWW-Authenticate"] = (
        'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    )
    return response


def _insufficient(route: Route) -> Response:
    response = failure(403, "insufficientPermissions")
    scopes = " ".join(sorted(route.needs))
    response.headers["WWW-Authenticate"] = (
        f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{scopes}"'
    )
    return response
