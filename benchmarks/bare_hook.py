"""What the gateway is compared with: a Starlette route that checks the HMAC of a delivery, and no more."""

from __future__ import annotations

import hmac

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def serve(port: int, secret: str) -> None:
    """Until it is stopped."""

    async def hook(request: Request) -> Response:
        body = await request.body()
        signed = request.headers["x-timestamp"].encode() + b"." + body
        expected = hmac.digest(secret.encode(), signed, "sha256").hex()
        known = hmac.compare_digest(request.headers["x-signature"], expected)
        return Response(status_code=202 if known else 401)

    app = Starlette(routes=[Route("/hooks/{org}/{source}", hook, methods=["POST"])])
    uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
