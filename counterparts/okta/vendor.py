"""What is Okta's own in every answer: its error bodies, request ids and rate limits."""

from __future__ import annotations

import threading
import uuid

from counterparts.okta import access, errors
from counterparts.vendors.clock import Clock
from counterparts.vendors.description import Seen
from counterparts.vendors.routes import Refused, Request, Response, Route
from counterparts.vendors.store import Store
from counterparts.vendors.tokens import Tokens

MINUTE = 60


class Okta:
    """`limit` is how many requests a route takes in a minute."""

    def __init__(self, store: Store, clock: Clock, tokens: Tokens, *, limit: int = 10_000) -> None:
        self._store = store
        self._clock = clock
        self._tokens = tokens
        self._limit = limit
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, int], int] = {}

    def authorize(self, request: Request) -> None:
        if self._count(request.route.template) > self._limit:
            raise Refused(self.rate_limited(None))
        access.authorize(request, self._store, self._tokens)

    def invalid(self, problems: list[str]) -> Response:
        if problems == ["body: not JSON"]:
            return errors.response("E0000003")
        if problems[0].startswith("header content-type"):
            return errors.response("E0000021")
        return errors.response("E0000001", problems[0].partition(":")[0], problems)

    def not_found(self) -> Response:
        return errors.response("E0000008")

    def wrong_method(self) -> Response:
        return errors.response("E0000022")

    def rate_limited(self, retry_after: float | None) -> Response:
        """Okta says when in its own headers; `retry_after` seconds are what `Retry-After` says besides."""
        response = errors.response("E0000047")
        response.headers["X-Rate-Limit-Limit"] = str(self._limit)
        response.headers["X-Rate-Limit-Remaining"] = "0"
        response.headers["X-Rate-Limit-Reset"] = str(self._ends())
        if retry_after is not None:
            response.headers["Retry-After"] = f"{retry_after:g}"
            response.headers["X-Rate-Limit-Reset"] = str(int(self._clock.seconds() + retry_after))
        return response

    def error(self, status: int, code: str) -> Response:
        return errors.response(code or errors.USUAL.get(status, "E0000009"), status=status)

    def finish(self, request: Seen, route: Route | None, response: Response) -> None:
        del request
        response.headers["X-Okta-Request-Id"] = uuid.uuid4().hex
        if route and not route.public and "X-Rate-Limit-Limit" not in response.headers:
            left = max(0, self._limit - self._counts.get((route.template, self._ends()), 0))
            response.headers["X-Rate-Limit-Limit"] = str(self._limit)
            response.headers["X-Rate-Limit-Remaining"] = str(left)
            response.headers["X-Rate-Limit-Reset"] = str(self._ends())

    def set_limit(self, limit: int) -> None:
        with self._lock:
            self._limit = limit
            self._counts.clear()

    def _ends(self) -> int:
        """When the minute is over, in seconds since the epoch."""
        return (int(self._clock.seconds()) // MINUTE + 1) * MINUTE

    def _count(self, template: str) -> int:
        key = (template, self._ends())
        with self._lock:
            if key not in self._counts:
                self._counts = {old: count for old, count in self._counts.items() if old[1] == key[1]}
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]
