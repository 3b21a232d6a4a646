"""Where Airflow's api-server finds the route. Every process of Airflow's imports this; only one calls it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from handover.messages import PREFIX

Message = MutableMapping[str, Any]


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    from handover.app import application

    await application(scope, receive, send)


MOUNT: dict[str, Any] = {"app": app, "url_prefix": PREFIX, "name": "OfficeFlow's hand-overs"}
"""One of `AirflowPlugin.fastapi_apps`."""
