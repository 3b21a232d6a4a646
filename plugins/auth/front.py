"""What stands before Airflow's own routes, for what its auth manager is not asked or not told."""

from __future__ import annotations

import re

from auth.listed import LISTED, permission_of
from middlewares.bodies import Application, Message, Receive, Send, refuse

BACKFILLS = re.compile(r"/api/v2/backfills/?\Z")


class RightsFront:
    """ASGI middleware."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _names_a_dag_twice(scope):
            await refuse(send, 400, {"detail": "This request is given a body that it does not take."})
            return
        noted = LISTED.set(permission_of(scope.get("path", ""), scope.get("query_string", b"")))
        try:
            await self._app(scope, receive, send)
        finally:
            LISTED.reset(noted)


def _names_a_dag_twice(scope: Message) -> bool:
    """The list of a DAG's backfills is looked up by the address, and allowed by the body where there is
    one.
    """
    if scope["method"] != "GET" or BACKFILLS.search(scope.get("path", "")) is None:
        return False
    headers = {name.lower(): value for name, value in scope.get("headers", ())}
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
