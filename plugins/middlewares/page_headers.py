"""What browsers are told to keep Airflow's pages to: Airflow itself tells them nothing.

Its own pages load from Airflow alone, and from where a plugin of its says that its pages, scripts and icons
are. Pages of other applications in the api-server, and those that show Airflow's API (`/docs`, `/redoc`,
whose scripts another host has), get what holds for all. What an application sets itself stays as it is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from middlewares.bodies import Application, Message, Receive, Send
from officeflow.origins import origin_of

OF_ALL: Mapping[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"SAMEORIGIN",
    b"referrer-policy": b"same-origin",
}
"""`same-origin`: Flask-AppBuilder's forms over https are taken only where they tell the page's address."""

POLICY = b"content-security-policy"
HELD: Mapping[str, str] = {"object-src": "'none'", "base-uri": "'self'", "frame-ancestors": "'self'"}
"""What every page is held to; the page itself has a `base`."""

OWN: Mapping[str, str] = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "frame-src": "'self'",
    "form-action": "'self'",
    **HELD,
}
"""The page makes its styles as it goes."""

SIGN_IN = "/auth"
OF_SIGN_IN: Mapping[str, str] = {**OWN, "script-src": "'self' 'unsafe-inline'"}
"""Flask-AppBuilder's pages have scripts in them."""

API_SHOWN = ("/docs", "/redoc")
NO_PAGES_OF_OTHERS = (SIGN_IN, "/static")


class PageHeaders:
    """ASGI middleware."""

    def __init__(self, app: Application, elsewhere: Mapping[str, Iterable[str]] | None = None) -> None:
        """`elsewhere`: origins that a directive lets in besides, those of Airflow's plugins by default."""
        self._app = app
        self._elsewhere = elsewhere

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # What is mounted writes into the scope.
        app, path = scope.get("app"), scope["path"].removeprefix(scope.get("root_path", ""))

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _added(message.get("headers", ()), partial(self._policy, app, path))
            await send(message)

        await self._app(scope, receive, told)

    def _policy(self, app: object, path: str) -> bytes:
        if _is_at(path, (*API_SHOWN, *_mounted(app))):
            return _written(HELD, {})
        elsewhere = _of_plugins() if self._elsewhere is None else self._elsewhere
        return _written(OF_SIGN_IN if _is_at(path, (SIGN_IN,)) else OWN, elsewhere)


def _is_at(path: str, places: Iterable[str]) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in places)


def _mounted(app: object) -> list[str]:
    """Where other applications are."""
    from starlette.routing import Mount

    routes = getattr(app, "routes", ())
    return [each.path for each in routes if isinstance(each, Mount) and each.path not in NO_PAGES_OF_OTHERS]


def _added(headers: Iterable[tuple[bytes, bytes]], policy: Callable[[], bytes]) -> list[tuple[bytes, bytes]]:
    """The `policy` is a page's."""
    given = list(headers)
    names = {name.lower(): value for name, value in given}
    is_page = names.get(b"content-type", b"").lower().startswith(b"text/html")
    wanted = {**OF_ALL, POLICY: policy()} if is_page else OF_ALL
    return given + [(name, value) for name, value in wanted.items() if name not in names]


def _written(policy: Mapping[str, str], elsewhere: Mapping[str, Iterable[str]]) -> bytes:
    parts = (" ".join([name, sources, *elsewhere.get(name, ())]) for name, sources in policy.items())
    return "; ".join(parts).encode()


@functools.cache
def _of_plugins() -> Mapping[str, Iterable[str]]:
    """By directive: pages that they show in a frame, their applications' scripts, and icons."""
    from airflow.plugins_manager import get_plugin_info

    plugins = get_plugin_info(["external_views", "react_apps", "appbuilder_menu_items"])
    views = [view for each in plugins for view in (*each["external_views"], *each["appbuilder_menu_items"])]
    apps = [app for each in plugins for app in each["react_apps"]]
    return {
        "frame-src": _origins(views, "href"),
        "script-src": _origins(apps, "bundle_url"),
        "img-src": _origins([*views, *apps], "icon", "icon_dark_mode"),
    }


def _origins(entries: Iterable[Mapping[str, Any]], *fields: str) -> list[str]:
    found = {origin_of(str(entry.get(field) or "")) for entry in entries for field in fields}
    return sorted(found - {""})
