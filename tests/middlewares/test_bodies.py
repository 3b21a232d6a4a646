"""Bodies that do not come, come in part, or never end, before Airflow's routes and on the answers' page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from answering import app as page
from middlewares import bodies

Application = Callable[[Any, Any, Any], Coroutine[Any, Any, None]]


async def first_of_airflow(scope: Any, receive: Any, send: Any) -> None:
    del scope
    body = await bodies.whole(receive, send, most=100, called="an answer")
    if body is not None:
        await bodies.refuse(send, 200, {"length": len(body)})


def asked(app: Application, *parts: dict[str, Any]) -> list[Any]:
    """What is sent where nothing comes after `parts`."""
    left, sent = list(parts), []

    async def receive() -> Any:
        if not left:
            await asyncio.Event().wait()
        return {"type": "http.request", **left.pop(0)}

    async def send(message: Any) -> None:
        sent.append(message)

    kind = [(b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "path": "/token", "headers": kind, "query_string": b""}
    asyncio.run(app(scope, receive, send))
    return sent


@pytest.mark.parametrize("app", [first_of_airflow, page.application])
def test_what_trickles_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, app: Application) -> None:
    for module in (bodies, page):
        monkeypatch.setattr(module, "SECONDS", 0.05)
    start, body = asked(app, {"body": b"cho", "more_body": True})
    assert start["status"] == 408
    assert b"did not arrive within 0.05 s" in body["body"]


def test_what_is_too_large_is_refused_while_it_comes() -> None:
    part: dict[str, Any] = {"body": bytes(60), "more_body": True}
    start, body = asked(first_of_airflow, part, part)
    assert (start["status"], dict(start["headers"])[b"connection"]) == (413, b"close")
    assert b"too large for an answer" in body["body"]


def test_what_is_as_large_as_it_may_be_is_taken() -> None:
    start, body = asked(first_of_airflow, {"body": bytes(60), "more_body": True}, {"body": bytes(40)})
    assert (start["status"], body["body"]) == (200, b'{"length": 100}')


def test_the_part_that_somebody_sent_who_went_away_is_not_taken_for_all_of_it() -> None:
    parts: list[dict[str, Any]] = [{"body": b"{}", "more_body": True}, {"type": "http.disconnect"}]
    assert asked(first_of_airflow, *parts) == []
