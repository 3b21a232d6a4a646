"""What the guard before Airflow's routes lets through, of which requests."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from middlewares.origins import Addresses, OriginGuard

ADDRESSES = Addresses(("https://flows.example/airflow",), frozenset({"https://intranet.example"}))
COOKIE = {"Cookie": "a=b; _token=x"}
BEARER = {"Authorization": "Bearer x"}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


async def _reached(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.path)


BEHIND = Starlette(routes=[Route("/{path:path}", _reached, methods=METHODS)])


def asked(method: str, path: str = "/api/v2/dags/x", **headers: str) -> int:
    """The status that comes of it."""
    guard = OriginGuard(BEHIND, ["/officeflow/api/v1"], ADDRESSES)

    async def ask() -> int:
        transport = httpx.ASGITransport(app=guard, root_path="/airflow")
        async with httpx.AsyncClient(transport=transport, base_url="http://proxied:8080") as client:
            return (await client.request(method, f"/airflow{path}", headers=headers)).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://flows.example"},
        {"Origin": "http://proxied:8081"},
        {"Origin": "https://proxied:8080"},
        {"Origin": "null"},
    ],
)
def test_another_page_changes_nothing_by_the_cookie(method: str, headers: dict[str, str]) -> None:
    assert asked(method, **COOKIE, **headers) == 403
    assert asked(method, Cookie="session=x", **headers) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://proxied:8080"},
        {"Origin": "https://flows.example"},
        {"Origin": "https://intranet.example"},
        {"Origin": "https://intranet.example", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_airflows_own_and_those_that_airflow_lets_in_change(headers: dict[str, str]) -> None:
    assert asked("PATCH", **COOKIE, **headers) == 200


def test_programs_are_asked_nothing() -> None:
    assert asked("POST", **COOKIE, **BEARER, Origin="https://evil.example") == 200
    assert asked("POST", "/auth/token", Origin="https://evil.example") == 200
    assert asked("POST", Cookie="balancer=x") == 200
    assert asked("POST", "/auth/token", **COOKIE) == 200
    assert asked("POST", "/auth/token/cli/", **COOKIE) == 200
    assert asked("GET", **COOKIE, **{"Sec-Fetch-Site": "cross-site"}) == 200


@pytest.mark.parametrize("value", ["Basic eDp5", "Bearer", "Bearer  ", "x"])
def test_what_is_no_token_in_the_header_leaves_the_cookie_to_decide(value: str) -> None:
    """Browsers add `Basic` by themselves where a proxy asked for it."""
    assert asked("POST", **COOKIE, Authorization=value) == 403


def test_nobody_is_signed_in_by_another_page() -> None:
    for path in ("/auth/login", "/auth/login/"):
        assert asked("POST", path, Origin="https://evil.example") == 403
        assert asked("POST", path) == 403
        assert asked("POST", path, Origin="https://flows.example") == 200


def test_applications_with_a_rule_of_their_own_decide_themselves() -> None:
    assert asked("POST", "/officeflow/api/v1/me", **COOKIE) == 200
    assert asked("POST", "/officeflow/api/v10/me", **COOKIE) == 403


def test_a_token_for_whoever_the_cookie_is_of_is_made_for_our_own_pages_alone() -> None:
    assert asked("POST", "/ui/auth/token", **COOKIE) == 403


def test_a_cookie_is_found_in_each_of_several_headers() -> None:
    messages: list[Any] = []
    headers = [(b"host", b"x"), (b"cookie", b"a=b"), (b"Cookie", b" _token = x")]
    scope = {"type": "http", "method": "POST", "path": "/ui", "scheme": "http", "headers": headers}

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read of it")

    asyncio.run(OriginGuard(BEHIND, (), ADDRESSES)(scope, receive, send))
    assert messages[0]["status"] == 403
