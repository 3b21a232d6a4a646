"""Applications of ours that Airflow's api-server serves beside its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from middlewares.bodies import Application, Message, Receive, Send


def mount(application: Callable[[], Application], path: str, name: str) -> dict[str, Any]:
    """One of `AirflowPlugin.fastapi_apps`.

    `application` is called with each request, gives the application of the process that it is called in, and
    imports what that needs: every process of Airflow's imports the mounts, one serves them.
    """

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        await application()(scope, receive, send)

    return {"app": app, "url_prefix": path, "name": name}
