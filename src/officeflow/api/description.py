"""The API's description (OpenAPI 3.1), without a server to ask."""

from __future__ import annotations

from typing import Any

from officeflow.api.app import create
from officeflow.api.context import Context, SignedIn
from officeflow.settings import Settings


async def _nobody(token: str) -> SignedIn | None:
    del token
    return None


def described() -> dict[str, Any]:
    """The document that `/openapi.json` answers."""
    return create(Context(Settings(), _nobody)).openapi()
