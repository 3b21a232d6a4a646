"""Airflow's api-server without a server: one process that has its application, and is told what to ask it.

Each line of standard input is an object with one of `seed` (owners), `accounts` (login to roles at Airflow),
`page` (a login that signs in at the page), `openid` (a login that does so at the OpenID provider), `visits`,
`deleted` (a login whose account goes) and `calls`; each gets one line in answer. A login's password is
itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

ROUTED = "http://127.0.0.1"
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def application() -> Any:
    from airflow.api_fastapi.app import create_app

    return create_app("core")


def routes(app: Any) -> list[str]:
    """`GET /api/v2/dags` for each that FastAPI serves, those that are in no OpenAPI document too."""
    from fastapi.routing import APIRoute
    from starlette.routing import Mount

    found = []
    for route in app.routes:
        if isinstance(route, APIRoute):
            found += [f"{method} {route.path}" for method in route.methods]
        elif isinstance(route, Mount) and route.path == "/auth":
            found += [line.replace(" ", " /auth", 1) for line in routes(route.app)]
    return sorted(found)


def documented(app: Any) -> list[str]:
    """What Airflow's own OpenAPI document names."""
    paths = app.openapi()["paths"]
    return sorted(f"{method.upper()} {path}" for path, methods in paths.items() for method in methods)


def seeded(owners: list[str]) -> dict[str, Any]:
    from airflow.utils.session import create_session

    from tests.airflow.rights.seeding import seed

    folder = Path(os.environ["AIRFLOW_HOME"], "rights")
    folder.mkdir()
    with create_session() as session:
        return seed(session, owners, folder)


def accounts(wanted: dict[str, list[str]]) -> dict[str, str]:
    """A token of each; an account that is missing is made."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.providers.fab.auth_manager.models import Role, User
    from airflow.utils.session import create_session
    from sqlalchemy import select
    from werkzeug.security import generate_password_hash

    tokens = {}
    with create_session() as session:
        for login, roles in wanted.items():
            user = session.scalars(select(User).where(User.username == login)).unique().one_or_none()
            if user is None:
                user = User(
                    username=login, email=f"{login}@x.example", first_name="A", last_name="B", active=True
                )
                user.password = generate_password_hash(login, method="pbkdf2:sha256:1")
                user.roles = list(session.scalars(select(Role).where(Role.name.in_(roles))).unique())
                session.add(user)
                session.flush()
            tokens[login] = get_auth_manager().generate_jwt(user)
    return tokens


def deleted(login: str) -> str:
    """Its account at Airflow is no more."""
    from airflow.providers.fab.auth_manager.models import User
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        session.delete(session.scalars(select(User).where(User.username == login)).unique().one())
    return login


async def signed_in(app: Any, login: str) -> str:
    """The cookies, as a header, of whoever has signed in at the page."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=ROUTED, timeout=60) as client:
        (csrf, *_) = CSRF.findall((await client.get("/auth/login/")).text)
        form = {"csrf_token": csrf, "username": login, "password": login}
        answer = await client.post("/auth/login/", data=form, headers={"Origin": ROUTED})
        assert answer.status_code == 302
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


async def signed_in_elsewhere(app: Any, login: str) -> str:
    """The cookies, as a header, of whoever comes back from the OpenID provider."""
    transport = httpx.ASGITransport(app=app)
    async with (
        httpx.AsyncClient(transport=transport, base_url=ROUTED, timeout=60) as client,
        httpx.AsyncClient(trust_env=False) as outside,
    ):
        sent = (await client.get("/auth/login/openid")).headers["Location"]
        back = (await outside.get(f"{sent}&{urlencode({'login': login})}")).headers["Location"]
        await client.get(back)
        await client.get("/auth/login/")  # gives whoever has a session Airflow's cookie
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)


async def visited(app: Any, places: list[str], cookies: dict[str, str]) -> dict[str, Any]:
    """What a browser with these cookies has after it asked for each in order: where the last answer sends it,
    and its cookies.
    """
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=ROUTED, timeout=60) as client:
        for name, value in cookies.items():
            client.cookies.set(name, value, domain=urlsplit(ROUTED).hostname or "")
        for place in places:
            answer = await client.get(place)
        held = {cookie.name: cookie.value for cookie in client.cookies.jar}
    return {"location": answer.headers.get("Location", ""), "cookies": held}


async def answers(app: Any, calls: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Status and text of each, in order. Redirections are answers."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ROUTED, timeout=60) as client:
        return [await _answer(client, call) for call in calls]


async def _answer(client: httpx.AsyncClient, call: dict[str, Any]) -> tuple[int, str]:
    headers = dict(call.get("headers") or {})
    if call.get("token"):
        headers["Authorization"] = f"Bearer {call['token']}"
    client.cookies.clear()
    answer = await client.request(
        call["method"], call["path"], params=call.get("params"), json=call.get("json"), headers=headers
    )
    return answer.status_code, answer.text


async def main() -> None:
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Airflow prints is no answer
    app = application()
    async with app.router.lifespan_context(app):
        print(json.dumps({"routes": routes(app), "documented": documented(app)}), file=told, flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            order = json.loads(line)
            if "seed" in order:
                done: Any = seeded(order["seed"])
            elif "accounts" in order:
                done = accounts(order["accounts"])
            elif "page" in order:
                done = await signed_in(app, order["page"])
            elif "openid" in order:
                done = await signed_in_elsewhere(app, order["openid"])
            elif "visits" in order:
                done = await visited(app, order["visits"], order["cookies"])
            elif "deleted" in order:
                done = deleted(order["deleted"])
            else:
                done = await answers(app, order["calls"])
            print(json.dumps(done), file=told, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
