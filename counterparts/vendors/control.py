"""What tests ask of a fake beside the vendor's own interface: `/__control/…`, with the counterpart's secret
as the bearer token.

    GET    about            what is validated, what is not described, which faults wait
    GET    state            all documents by kind and id
    PUT    state/KIND/ID    the document in the body, as it is
    GET    faults
    POST   faults           more of them (`faults`)
    DELETE faults
    POST   reset            back to the seeds
    POST   clock            {"ahead": seconds}: the fake's time is that much later
    POST   NAME             what the fake itself adds
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request as Received
from werkzeug.wrappers import Response

from counterparts.vendors import faults
from counterparts.vendors.routes import answer
from counterparts.vendors.store import Store

if TYPE_CHECKING:
    from counterparts.vendors.application import VendorApplication

PREFIX = "/__control/"


class Control:
    def __init__(
        self, application: VendorApplication, secret: str, controls: Mapping[str, Callable[[Any, Store], Any]]
    ) -> None:
        self._application = application
        self._secret = secret
        self._controls = controls

    def answer(self, received: Received) -> Response:
        given = received.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {self._secret}".encode()):
            return answer({"error": "the counterpart's secret is needed"}, 401)
        name = received.path.removeprefix(PREFIX)
        known: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", "about"): lambda _: self._about(),
            ("GET", "state"): lambda _: self._application.store.state(),
            ("GET", "faults"): lambda _: self._waiting(),
            ("POST", "faults"): self._add,
            ("DELETE", "faults"): lambda _: self._application.faults.clear(),
            ("POST", "reset"): lambda _: self._application.reset(),
            ("POST", "clock"): self._set_clock,
        }
        act = known.get((received.method, name)) or self._further(received.method, name)
        if act is None:
            return answer({"error": f"there is no {received.method} {name}"}, 404)
        try:
            return answer(act(received.get_json(silent=True)) or {})
        except (ValueError, KeyError, TypeError) as error:
            return answer({"error": str(error)}, 400)

    def _further(self, method: str, name: str) -> Callable[[Any], Any] | None:
        if method == "PUT" and name.count("/") >= 2 and name.startswith("state/"):
            _, kind, identity = name.split("/", 2)
            return lambda body: self._put(kind, identity, body)
        control = self._controls.get(name) if method == "POST" else None
        return None if control is None else lambda body: self._called(control, body)

    def _called(self, control: Callable[[Any, Store], Any], body: Any) -> Any:
        with self._application.store.transaction():
            return control(body, self._application.store)

    def _put(self, kind: str, identity: str, body: Any) -> Any:
        with self._application.store.transaction():
            return self._application.store.put(kind, identity, body)

    def _add(self, items: Any) -> None:
        self._application.faults.add(faults.read(items))

    def _waiting(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._application.faults.waiting()]

    def _set_clock(self, body: Any) -> None:
        self._application.clock.ahead = float(body["ahead"])

    def _about(self) -> dict[str, Any]:
        routes = self._application.routes
        return {
            "name": self._application.name,
            "validation": self._application.description is not None,
            "routes": [route.name for route in routes],
            "undescribed": [
                {
                    "method": route.method,
                    "route": route.template,
                    "page": route.undescribed.page,
                    "body": route.undescribed.body,
                }
                for route in routes
                if route.undescribed
            ],
            "faults": self._waiting(),
        }
