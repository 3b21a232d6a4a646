"""The gateway's routes: `POST /hooks/<organization>/<source>`, and how it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from officeflow.errors import Unavailable
from officeflow.gateway import bodies, challenges, problems
from officeflow.gateway.counters import NOBODY, Counters, Fate
from officeflow.gateway.problems import Refused
from officeflow.gateway.requests import FORWARDED, Networks, client_address, headers_of
from officeflow.gateway.sources import Source, Sources
from officeflow.gateway.taking import RETRY_SECONDS, Arrived, Taken, Taking

JSON_TYPE = (b"content-type", b"application/json")
NO_BODY = (b"content-length", b"0")
EVENT_HEADER = b"officeflow-event"
"""The id of a delivery's one event: an answer without a body is written at once."""
PLAIN = {"x-content-type-options": "nosniff", "cache-control": "no-store"}
NOT_THERE = "there is no such source, or no such organization"

log = structlog.get_logger(__name__)


class Hooks:
    """Answers requests to `/hooks/…`."""

    def __init__(
        self, sources: Sources, taking: Taking, counters: Counters, *, trusted: Networks, body_seconds: float
    ) -> None:
        self._sources, self._taking, self._counters = sources, taking, counters
        self._trusted, self._body_seconds = trusted, body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path_params"]
        org, slug = path["org"], path["source"]
        source = self._sources.get(org, slug)
        try:
            if source is None:
                source = await self._found(org, slug)
            if scope["method"] != "POST":
                await self._other(scope, source)(scope, receive, send)
                return
            taken = await self._taking.take(source, await self._arrived(scope, receive, source))
        except Refused as refused:
            self._count(source, refused)
            await _send(send, *problems.answer(refused))
        except bodies.Gone:
            self._counters.count(source.key if source else NOBODY, Fate.REFUSED, "gone")
        except Exception:
            log.exception("a delivery failed", source=f"{org[:41]}/{slug[:41]}")
            failed = Refused(500, "failed", "it may not be kept: send it again", retry_after=RETRY_SECONDS)
            self._count(source, failed)
            await _send(send, *problems.answer(failed))
        else:
            await _send(send, *_answer(taken))

    async def _found(self, org: str, slug: str) -> Source:
        try:
            found = await self._sources.find(org, slug)
        except Unavailable as error:
            raise Refused(503, "sources", str(error), retry_after=RETRY_SECONDS) from error
        if found is None:
            raise Refused(404, "no_source", NOT_THERE)
        return found

    async def _arrived(self, scope: Scope, receive: Receive, source: Source) -> Arrived:
        headers, address, by_proxy = self._heading(scope, source)
        most = source.definition.max_bytes
        raw = await bodies.read(receive, headers, most=most, seconds=self._body_seconds)
        return Arrived(headers, raw, address, by_proxy)

    def _heading(self, scope: Scope, source: Source) -> tuple[dict[str, str], str, bool]:
        """`Refused` where it comes from where nothing is taken from."""
        headers = headers_of(scope["headers"], source.proving)
        peer = (scope["client"] or ("",))[0]
        if not source.networks.all and not self._trusted.all:
            return headers, peer, False
        address, by_proxy = client_address(peer, headers.get(FORWARDED), self._trusted)
        if source.networks.all and not source.networks.has(address):
            raise Refused(403, "address", f"{address or 'this address'} is in none of the source's networks")
        return headers, str(address), by_proxy

    def _other(self, scope: Scope, source: Source) -> Response:
        headers, _, _ = self._heading(scope, source)
        asked = source.definition.challenge
        if scope["method"] == "OPTIONS":
            found = challenges.by_options(asked, headers, source.definition.per_minute)
            self._counters.count(source.key, Fate.CHALLENGED)
            return Response(headers={**found, "allow": "POST"})
        if scope["method"] not in {"GET", "HEAD"}:
            raise Refused(405, "method", "a delivery is a POST")
        text = challenges.by_query(asked, scope["query_string"])
        self._counters.count(source.key, Fate.CHALLENGED)
        return PlainTextResponse(text, headers=PLAIN)

    def _count(self, source: Source | None, refused: Refused) -> None:
        fate = Fate.UNAVAILABLE if refused.status == 503 else Fate.REFUSED
        self._counters.count(source.key if source else NOBODY, fate, refused.reason)


def _answer(taken: Taken) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    if taken.is_plain:
        return 202, [NO_BODY, (EVENT_HEADER, taken.events[0].encode())], b""
    if taken.text is not None:
        body, status = taken.text.encode(), 200
        kind = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
    else:
        events = ", ".join(map(encode_basestring_ascii, taken.events))
        told = f'{{"events": [{events}], "ignored": {taken.ignored}, "quarantined": {taken.quarantined}}}'
        body, status, kind = told.encode(), 202, [JSON_TYPE]
    return status, [*kind, (b"content-length", str(len(body)).encode())], body


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def make_app(
    hooks: Hooks,
    counters: Counters,
    health: Callable[[], Mapping[str, Any]],
) -> Starlette:
    """`health` gives what is told at `/health`; its `ready` decides about 200 or 503."""

    async def told(_: Request) -> Response:
        facts = dict(health())
        return JSONResponse(facts, status_code=200 if facts["ready"] else 503)

    async def metrics(_: Request) -> Response:
        return PlainTextResponse("\n".join([*counters.prometheus(), ""]), headers=PLAIN)

    async def nothing(_: Request, __: Exception) -> Response:
        status, headers, body = problems.answer(Refused(404, "no_route", "hooks are at /hooks/ORG/SOURCE"))
        return Response(body, status, {name.decode(): value.decode() for name, value in headers})

    app = Starlette(
        routes=[
            Route("/hooks/{org}/{source}", hooks),
            Route("/health", told),
            Route("/metrics", metrics),
        ],
        exception_handlers={404: nothing},
    )
    app.router.redirect_slashes = False  # a redirect names the host that the sender has named
    return app
