"""What pages are held to, by whose they are."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from middlewares.page_headers import OF_ALL, PageHeaders

ELSEWHERE = {"frame-src": ["https://wiki.example"]}
POLICY = "content-security-policy"


async def _page(request: Request) -> Response:
    return HTMLResponse("page")


async def _data(request: Request) -> Response:
    return JSONResponse({})


async def _own_rules(request: Request) -> Response:
    return HTMLResponse(
        "page", headers={"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "DENY"}
    )


PAGE = Route("/{path:path}", _page)
APP = Starlette(
    routes=[
        Mount("/auth", routes=[PAGE]),
        Mount("/tool", routes=[Route("/own", _own_rules), PAGE]),
        Route("/api/v2/dags", _data),
        PAGE,
    ],
    middleware=[Middleware(PageHeaders, elsewhere=ELSEWHERE)],
)


def headers(path: str) -> httpx.Headers:
    async def ask() -> httpx.Headers:
        transport = httpx.ASGITransport(app=APP)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            return (await client.get(path)).headers

    return asyncio.run(ask())


@pytest.mark.parametrize("path", ["/", "/dags/x", "/auth/login/", "/tool/page", "/docs", "/api/v2/dags"])
def test_every_answer_says_what_holds_for_all(path: str) -> None:
    told = headers(path)
    assert {name: told[name.decode()].encode() for name in OF_ALL} == OF_ALL


def test_pages_of_airflows_load_from_airflow_and_where_plugins_say_alone() -> None:
    policy = headers("/dags/x")[POLICY].split("; ")
    assert {"default-src 'self'", "script-src 'self'", "object-src 'none'", "frame-ancestors 'self'"} < {
        *policy
    }
    assert "frame-src 'self' https://wiki.example" in policy


def test_scripts_within_the_page_run_where_people_sign_in_alone() -> None:
    for path, runs in (("/", False), ("/authors", False), ("/auth", True), ("/auth/login/", True)):
        assert ("script-src 'self' 'unsafe-inline'" in headers(path)[POLICY]) is runs


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/tool/page"])
def test_pages_of_others_are_held_to_what_breaks_nothing(path: str) -> None:
    assert headers(path)[POLICY] == "object-src 'none'; base-uri 'self'; frame-ancestors 'self'"


def test_what_an_application_sets_itself_stays() -> None:
    told = headers("/tool/own")
    assert (told.get_list(POLICY), told["X-Frame-Options"]) == (["default-src 'none'"], "DENY")
    assert told["Referrer-Policy"] == "same-origin"


def test_data_is_no_page() -> None:
    assert POLICY not in headers("/api/v2/dags")
