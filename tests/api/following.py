"""The API as a server of its own, and a client that follows a stream of events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from officeflow.api.app import create
from officeflow.api.context import Context
from officeflow.api.paths import PATH
from tests.counterparts.process import UNENCRYPTED

SECONDS = 20.0


@contextmanager
def served(context: Context) -> Iterator[str]:
    """Its address."""

    @asynccontextmanager
    async def closing(_: Starlette) -> AsyncIterator[None]:
        yield
        await context.close()

    app = Starlette(routes=[Mount(PATH, create(context))], lifespan=closing)
    config = uvicorn.Config(app, port=0, log_config=None, loop="asyncio", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}{PATH}"
    server.should_exit = True
    thread.join()


@dataclass
class Event:
    kind: str = "message"
    id: str = ""
    data: Any = None


@dataclass
class Followed:
    """Reads events one by one; `position` is what a browser would send to go on."""

    lines: Iterator[str]
    position: str = ""
    seen: list[Event] = field(default_factory=list)

    def next(self, kind: str) -> Event:
        """The next event of this kind; what comes before it is passed over."""
        for event in self:
            if event.kind == kind:
                return event
        raise AssertionError(f"the stream ended without {kind!r}: {self.seen}")

    def __iter__(self) -> Iterator[Event]:
        event = Event()
        for line in self.lines:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                event.kind = value
            elif name == "id":
                event.id = value
            elif name == "data":
                event.data = json.loads(value)
            elif not line and event.data is not None:
                self.position = event.id or self.position
                self.seen.append(event)
                yield event
                event = Event()


@contextmanager
def followed(
    url: str, token: str, *, org: str = "acme", position: str = "", query: str = ""
) -> Iterator[Followed]:
    headers = {"Authorization": f"Bearer {token}"}
    if position:
        headers["Last-Event-ID"] = position
    address = f"{url}/organizations/{org}/changes{query}"
    with httpx.stream("GET", address, headers=headers, timeout=SECONDS, verify=UNENCRYPTED) as response:
        if response.status_code != 200:
            response.read()
        assert response.status_code == 200, response.text
        yield Followed(response.iter_lines())
