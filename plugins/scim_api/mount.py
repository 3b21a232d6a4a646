"""Where Airflow's api-server finds SCIM. Every process of Airflow's imports this; only one calls it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
PATH = "/officeflow/scim/v2"


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    from scim_api.app import application

    await application()(scope, receive, send)


MOUNT: dict[str, Any] = {"app": app, "url_prefix": PATH, "name": "OfficeFlow's SCIM"}
"""One of `AirflowPlugin.fastapi_apps`."""
