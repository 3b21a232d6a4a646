"""Where Airflow's api-server finds the page. Every process of Airflow's imports this; only one calls it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from officeflow.people.paths import ANSWER_PATH

Message = MutableMapping[str, Any]


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    from answering.app import application

    await application(scope, receive, send)


MOUNT: dict[str, Any] = {"app": app, "url_prefix": ANSWER_PATH, "name": "OfficeFlow's mailed links"}
"""One of `AirflowPlugin.fastapi_apps`."""
