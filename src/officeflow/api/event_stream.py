"""Server-sent events as a response; it says when it is over, however it ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from sse_starlette import EventSourceResponse
from starlette.types import Receive, Scope, Send


class EventStream(EventSourceResponse):
    """`leave` is called once the client is gone, the stream has ended, or the server shuts down."""

    def __init__(
        self, events: AsyncIterator[dict[str, Any]], *, ping: float, leave: Callable[[], None]
    ) -> None:
        super().__init__(events, ping=ping)
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()
