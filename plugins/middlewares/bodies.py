"""The body of a request, read before the application behind a middleware reads it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


SECONDS = 30.0
"""Within which a body has to be there."""
CLOSE = (b"connection", b"close")


async def whole(receive: Receive, send: Send, *, most: int, called: str) -> bytes | None:
    """The body; None where it was refused: more than `most` bytes (413), or not there in time (408).

    Who went away is not answered. `called` is what people call it.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            while len(body) <= most:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if not message.get("more_body") and len(body) <= most:
                    return bytes(body)
    except TimeoutError:
        await refuse(send, 408, {"detail": f"{called} did not arrive within {SECONDS:g} s"}, [CLOSE])
    else:
        await refuse(send, 413, {"detail": f"this is too large for {called}"}, [CLOSE])
    return None


def again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body, and what comes after it."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return left.pop() if left else await receive()

    return give


async def refuse(
    send: Send, status: int, told: Mapping[str, Any], headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Answer with a JSON object."""
    sent = [(b"content-type", b"application/json"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})
