"""How much a request may have, and how long it may take to arrive. ASGI, before everything else.

What is packed is not taken: a body says by its own size what it costs to read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.responses import Response

from officeflow.api import problems
from officeflow.errors.requests import TooLarge, UnsupportedContent

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class _Refused(Exception):
    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class BoundedBodies:
    """Answers 413, 408 and 415 itself, also where the application would not have read the body.

    `refuse` makes the answer of a status, a code and what is said; it is a problem document by default.
    """

    def __init__(
        self,
        app: Application,
        *,
        most_bytes: int,
        seconds: float,
        refuse: Callable[[int, str, str], Response] = problems.answer,
    ) -> None:
        self._app = app
        self._most = most_bytes
        self._seconds = seconds
        self._refuse = refuse

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _announced(scope) > self._most:
            await _closing(self._too_large())(scope, receive, send)
            return
        if coding := _coding(scope):
            said = f"a body that is packed ({coding[:40]}) is not taken: send it without Content-Encoding"
            await _closing(self._refuse(415, UnsupportedContent.code, said))(scope, receive, send)
            return
        has_begun = False

        async def sent(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, self._bounded(receive), sent)
        except _Refused as refused:
            if has_begun:
                raise
            await _closing(refused.response)(scope, receive, send)

    def _bounded(self, receive: Receive) -> Receive:
        length, is_whole, until = 0, False, time.monotonic() + self._seconds

        async def bounded() -> Message:
            nonlocal length, is_whole
            if is_whole:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, until - time.monotonic()))
            except TimeoutError:
                raise _Refused(
                    self._refuse(408, "too_slow", f"it did not arrive within {self._seconds:g} s")
                ) from None
            length += len(message.get("body", b""))
            if length > self._most:
                raise _Refused(self._too_large())
            is_whole = not message.get("more_body")
            return message

        return bounded

    def _too_large(self) -> Response:
        return self._refuse(413, TooLarge.code, f"a request may have {self._most // 1024} KiB at most")


def _announced(scope: Message) -> int:
    text = _header(scope, b"content-length")
    return int(text) if text.isdecimal() else 0


def _coding(scope: Message) -> str:
    """Empty for a body that is as it is."""
    text = _header(scope, b"content-encoding").strip().lower()
    return "" if text == "identity" else text


def _header(scope: Message, wanted: bytes) -> str:
    return ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == wanted)


def _closing(response: Response) -> Response:
    """What is left of the request is not waited for."""
    response.headers["Connection"] = "close"
    return response
