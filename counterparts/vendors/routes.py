"""A route of a fake, and what comes in and goes out through it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from counterparts.vendors.clock import Clock
from counterparts.vendors.description import Seen
from counterparts.vendors.failures import texts
from counterparts.vendors.store import Store
from counterparts.vendors.tokens import Principal

READING = frozenset({"GET", "HEAD", "OPTIONS"})


NOT_JSON = "body: not JSON"


class Unreadable(Exception):
    """A body that is not what a route takes; the text is a problem as descriptions tell them."""


@dataclass
class Request:
    """What a route is called with. `base` is the fake's own address; `told` are the faults that the route
    itself follows; `principal` is who calls, None where the route needs nobody.
    """

    seen: Seen
    route: Route
    base: str
    clock: Clock
    told: frozenset[str] = frozenset()
    principal: Principal | None = None

    @property
    def query(self) -> MultiDict[str, str]:
        return MultiDict(self.seen.query)

    @property
    def json(self) -> Any:
        """The body, an object; an empty one where there is none. `Unreadable` where it is something else,
        which nobody has looked at where no description is at hand.
        """
        return self._read({})

    @property
    def json_list(self) -> Any:
        """The body, a list, in the same way."""
        return self._read([])

    def _read(self, empty: Any) -> Any:
        if not self.seen.body:
            return empty
        try:
            found = json.loads(self.seen.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable(NOT_JSON) from error
        if not isinstance(found, type(empty)):
            raise Unreadable(f"body: type {'object' if isinstance(empty, dict) else 'array'}")
        return found


Handler = Callable[..., Response]
"""`(request, store, **path)`."""


@dataclass(frozen=True)
class Undescribed:
    """What is accepted where no description is at hand: `page` is the address of the vendor's documentation,
    `body` a JSON Schema (None: no body), `query` the parameters that there are.
    """

    page: str
    body: Mapping[str, Any] | None = None
    body_required: bool = False
    query: frozenset[str] = frozenset()
    media_type: str = "application/json"

    def problems(self, request: Seen) -> list[str]:
        names = dict.fromkeys(name for name, _ in request.query)
        found = [f"query {name}: unknown" for name in names if name not in self.query]
        if not request.body:
            return [*found, "body: missing"] if self.body_required else found
        if self.body is None:
            return [*found, "body: none is taken"]
        if request.media_type != self.media_type:
            return [*found, f"header content-type: not {self.media_type}"]
        if self.media_type != "application/json":
            return found
        try:
            value = json.loads(request.body)
        except (ValueError, RecursionError):
            return [*found, NOT_JSON]
        return found + texts(Draft202012Validator(self.body), value, "body")


@dataclass(frozen=True)
class Route:
    """`template` is the description's, as `/users/{id}`; `rule` werkzeug's for it where braces do not say it.

    `needs` is what the vendor's `authorize` asks of who calls: any one of them is enough. `writes` is by the
    method where it is not said. An `inward` one asks the fake itself, and leaves the store to what it asks. A
    route with `undescribed` is looked at by that, and not by the description.
    """

    method: str
    template: str
    handler: Handler
    needs: frozenset[str] = frozenset()
    public: bool = False
    writes: bool | None = None
    rule: str | None = None
    inward: bool = False
    undescribed: Undescribed | None = field(default=None, compare=False)

    @property
    def effect(self) -> str:
        writes = self.method not in READING if self.writes is None else self.writes
        return "writes" if writes else "reads"

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


class Refused(Exception):
    """Ends a request with this answer; what it has changed is taken back."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; without a body where `value` is None."""
    if value is None:
        return Response(status=status, headers=headers)
    body = json.dumps(value, ensure_ascii=False)
    return Response(body, status=status, headers=headers, mimetype="application/json")


__all__ = [
    "Handler",
    "Refused",
    "Request",
    "Response",
    "Route",
    "Store",
    "Undescribed",
    "Unreadable",
    "answer",
]
