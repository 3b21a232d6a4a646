"""The API's description (OpenAPI 3.1), without a server to ask."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from officeflow.api.app import create
from officeflow.api.context import Context, SignedIn
from officeflow.settings import Settings


async def _nobody(token: str) -> SignedIn | None:
    del token
    return None


def described_app() -> FastAPI:
    """The application, to be looked at and not to be asked."""
    return create(Context(Settings(), _nobody))


def described() -> dict[str, Any]:
    """The document that `/openapi.json` answers."""
    return described_app().openapi()
