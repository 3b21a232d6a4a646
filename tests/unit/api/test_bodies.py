"""A body that is too large or too slow, as ASGI hands it over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from officeflow.api.bodies import BoundedBodies

KIB = 1024
Receive = Callable[[], Awaitable[Any]]


async def reads_all(scope: Any, receive: Receive, send: Any) -> None:
    del scope
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def asked(receive: Receive, *headers: tuple[bytes, bytes]) -> tuple[int, dict[str, Any], dict[bytes, bytes]]:
    """Status, document and headers of the answer."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": list(headers)}
    bounded = BoundedBodies(reads_all, most_bytes=4 * KIB, seconds=0.05)
    asyncio.run(bounded(scope, receive, send))
    start, *rest = sent
    body = b"".join(each.get("body", b"") for each in rest)
    return start["status"], json.loads(body or b"{}"), dict(start["headers"])


def test_a_stream_is_refused_as_soon_as_it_is_too_large() -> None:
    parts = 0

    async def endless() -> Any:
        nonlocal parts
        parts += 1
        return {"type": "http.request", "body": bytes(KIB), "more_body": True}

    status, told, headers = asked(endless)
    assert (status, told["code"], parts) == (413, "too_large", 5)
    assert headers[b"connection"] == b"close"


@pytest.mark.parametrize("first", [b"", b"{"])
def test_what_does_not_come_is_not_waited_for(first: bytes) -> None:
    left = [first] if first else []

    async def stuck() -> Any:
        if not left:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": left.pop(), "more_body": True}

    status, told, headers = asked(stuck)
    assert (status, told["code"], headers[b"connection"]) == (408, "too_slow", b"close")


def test_nothing_is_read_of_what_announces_too_much() -> None:
    async def never() -> Any:
        raise AssertionError("it was read")

    status, told, _ = asked(never, (b"content-length", b"104857600"))
    assert (status, told["code"]) == (413, "too_large")
    assert "4 KiB" in told["detail"]
