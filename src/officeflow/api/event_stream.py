"""Server-sent events as a response; it says when it is over, however it ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
from sse_starlette import EventSourceResponse
from starlette.types import Receive, Scope, Send

GRACE_SECONDS = 3.0
"""Within which a stream ends by itself when the server shuts down."""


class EventStream(EventSourceResponse):
    """`leave` is called once the client is gone, the stream has ended, or the server shuts down; `events` is
    given what says whether that is to be.
    """

    def __init__(
        self,
        events: Callable[[Callable[[], bool]], AsyncIterator[dict[str, Any]]],
        *,
        ping: float,
        leave: Callable[[], None],
    ) -> None:
        stopping = anyio.Event()
        super().__init__(
            events(stopping.is_set), ping=ping, shutdown_event=stopping, shutdown_grace_period=GRACE_SECONDS
        )
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()
