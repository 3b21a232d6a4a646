"""A vendor's fake as a WSGI application: every request is looked at, let in, acted on and written down."""

from __future__ import annotations

import json
import socket
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request as Received
from werkzeug.wrappers import Response

from counterparts.journal import Journal
from counterparts.vendors.clock import Clock
from counterparts.vendors.control import PREFIX, Control
from counterparts.vendors.description import Description, Seen
from counterparts.vendors.faults import BESIDES, TOLD, Fault, Faults
from counterparts.vendors.routes import Refused, Request, Route, Unreadable
from counterparts.vendors.store import Store, Undone, Veil

SECRET_PARAMETERS = frozenset(
    {"access_token", "assertion", "client_assertion", "client_secret", "code", "key"}
)
CONNECTION = "vendors.connection"
"""Where the environment of a request has the socket that it came by."""
SILENCE = 60.0
"""Seconds; longer than who waits for an answer waits."""


class Vendor(Protocol):
    """What is the vendor's own in an answer."""

    def authorize(self, request: Request) -> None:
        """Sets `request.principal`; raises `Refused` with the vendor's 401 or 403. Not called
        where a route is public.
        """
        ...

    def invalid(self, problems: list[str]) -> Response: ...

    def not_found(self) -> Response: ...

    def wrong_method(self) -> Response: ...

    def rate_limited(self, retry_after: float | None) -> Response: ...

    def error(self, status: int, code: str) -> Response:
        """The vendor's body for a status; `code` is the vendor's, or empty for the usual one."""
        ...

    def finish(self, request: Seen, route: Route | None, response: Response) -> None:
        """Adds the headers that the vendor sends with every answer."""
        ...


@dataclass(frozen=True)
class Outcome:
    """`drops` says that the connection ends without the answer, `silence` after how many seconds."""

    response: Response
    route: Route | None = None
    problems: tuple[str, ...] = ()
    drops: bool = False
    silence: float = 0.0


class VendorApplication:
    """`seeds` fills an empty store, in a transaction. `controls` are further `POST /__control/<name>`: each
    takes the JSON body and the store, in a transaction, and gives what is answered.
    """

    def __init__(
        self,
        name: str,
        *,
        description: Description | None,
        routes: Iterable[Route],
        store: Store,
        vendor: Vendor,
        journal: Journal,
        secret: str,
        seeds: Callable[[Store], None],
        clock: Clock | None = None,
        standing: Iterable[Fault] = (),
        controls: Mapping[str, Callable[[Any, Store], Any]] | None = None,
    ) -> None:
        self.name = name
        self.description = description
        self.routes = tuple(routes)
        self.store = store
        self.clock = clock or Clock()
        self.faults = Faults(standing)
        self._vendor = vendor
        self._journal = journal
        self._seeds = seeds
        self._map = Map(
            [Rule(_rule(route), methods=[route.method], endpoint=route) for route in self.routes],
            merge_slashes=False,
        )
        self._control = Control(self, secret, controls or {})
        if store.empty:
            self.reset()

    def reset(self) -> None:
        self.faults.clear()
        self.clock.ahead = 0.0
        self.store.clear()
        with self.store.transaction():
            self._seeds(self.store)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        received = Received(environ)
        received.get_data(cache=True)
        if received.path.startswith(PREFIX):
            return self._control.answer(received)(environ, start_response)
        seen = _seen(received)
        outcome = self._outcome(seen, self._map.bind_to_environ(environ), received.host_url.rstrip("/"))
        self._vendor.finish(seen, outcome.route, outcome.response)
        self._write_down(seen, outcome)
        self.faults.wait(outcome.silence)
        if outcome.drops:
            _drop(environ)
        return outcome.response(environ, start_response)

    def _outcome(self, seen: Seen, adapter: MapAdapter, base: str) -> Outcome:
        try:
            route, path = adapter.match(path_info=None, method=seen.method)
        except MethodNotAllowed:
            return Outcome(self._vendor.wrong_method(), problems=("method: not one of this path's",))
        except NotFound:
            return Outcome(self._vendor.not_found(), problems=("path: unknown",))
        taken = self.faults.taken(seen.method, route.template)
        told = frozenset(fault.hook for fault in taken if fault.hook in TOLD)
        request = Request(seen, route, base, self.clock, told)
        fault = next((fault for fault in taken if fault.hook not in BESIDES), None)
        lags = [fault for fault in taken if fault.hook == "lag"]
        return (fault and self._instead(fault, route)) or self._answered(request, path, fault, lags)

    def _answered(
        self, request: Request, path: Mapping[str, Any], fault: Fault | None, lags: Iterable[Fault]
    ) -> Outcome:
        route = request.route
        problems: list[str] = []
        try:
            problems = self._problems(request.seen, route)
            if not route.public:
                self._vendor.authorize(request)
            if problems:
                return Outcome(self._vendor.invalid(problems), route, tuple(problems))
            response = self._acted(request, path, fault, lags)
        except Refused as refused:
            return Outcome(refused.response, route, tuple(problems))
        except Unreadable as unreadable:
            problems = [str(unreadable)]
            return Outcome(self._vendor.invalid(problems), route, tuple(problems))
        except Exception as error:  # noqa: BLE001 - the fake's own fault: journal and output tell of it
            traceback.print_exc()
            return Outcome(self._vendor.error(500, ""), route, (f"the fake: {type(error).__name__}",))
        return self._afterwards(fault, response, route) if fault else Outcome(response, route)

    def _instead(self, fault: Fault, route: Route) -> Outcome | None:
        """The outcome of a fault with which nothing is done; a slow one is waited for here."""
        match fault.hook:
            case "answer":
                return Outcome(self._wrong_answer(fault), route)
            case "rate_limit":
                return Outcome(self._vendor.rate_limited(fault.retry_after), route)
            case "silent":
                return Outcome(Response(), route, drops=True, silence=fault.seconds or SILENCE)
            case "drop":
                return Outcome(Response(), route, drops=True)
            case "slow":
                self.faults.wait(fault.seconds or 1.0)
        return None

    def _afterwards(self, fault: Fault, response: Response, route: Route) -> Outcome:
        match fault.hook:
            case "act_then_answer":
                return Outcome(self._wrong_answer(fault), route)
            case "act_then_silent":
                return Outcome(response, route, drops=True, silence=fault.seconds or SILENCE)
            case "act_then_drop":
                return Outcome(response, route, drops=True)
        return Outcome(response, route)

    def _wrong_answer(self, fault: Fault) -> Response:
        if fault.body is None:
            response = self._vendor.error(fault.status, fault.code)
        elif isinstance(fault.body, str):
            response = Response(fault.body, status=fault.status, mimetype="text/plain")
        else:
            response = self._vendor.error(fault.status, fault.code)
            response.set_data(json.dumps(fault.body))
        for name, value in fault.headers.items():
            response.headers[name] = value
        return response

    def _problems(self, seen: Seen, route: Route) -> list[str]:
        if route.undescribed:
            return route.undescribed.problems(seen)
        if self.description is None:
            return []
        if self.description.template(seen.method, seen.path) is None:
            raise LookupError(f"{route.name} is neither described nor listed as undescribed")
        return self.description.problems(seen)

    def _acted(
        self, request: Request, path: Mapping[str, Any], fault: Fault | None, lags: Iterable[Fault]
    ) -> Response:
        if request.route.inward:
            return request.route.handler(request, self.store, **path)
        if request.route.effect == "reads":
            with self.store.reading(request.route.name):
                return request.route.handler(request, self.store, **path)
        response = Response(status=500)
        with self.store.transaction() as changed:
            response = request.route.handler(request, self.store, **path)
            if fault and fault.hook == "nothing":
                raise Undone
            for lag in lags:
                until = None if lag.seconds is None else time.monotonic() + lag.seconds
                self.store.hide(Veil(dict(changed), frozenset(lag.seen_by), lag.reads, until))
        return response

    def _write_down(self, seen: Seen, outcome: Outcome) -> None:
        shown = [f"{name}={'…' if name in SECRET_PARAMETERS else value}" for name, value in seen.query]
        self._journal.write(
            method=seen.method,
            path=seen.path,
            query="&".join(shown) or None,
            route=outcome.route.template if outcome.route else None,
            status=None if outcome.drops else outcome.response.status_code,
            effect=outcome.route.effect if outcome.route else None,
            correlation_id=seen.headers.get("x-correlation-id"),
            traceparent=seen.headers.get("traceparent"),
            problems=list(outcome.problems) or None,
        )


def _rule(route: Route) -> str:
    return route.rule or route.template.replace("{", "<").replace("}", ">")


def _seen(received: Received) -> Seen:
    return Seen(
        method=received.method,
        path=received.path,
        query=list(received.args.items(multi=True)),
        headers={name.lower(): value for name, value in received.headers.items()},
        body=received.get_data(cache=True),
    )


def _drop(environ: WSGIEnvironment) -> None:
    """End the connection; raises what the server takes for a client that has gone."""
    connection = environ.get(CONNECTION)
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError
