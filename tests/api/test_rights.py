"""Each route says which permission it needs, and the description tells it."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from officeflow.api.app import create
from officeflow.api.context import Context, SignedIn
from officeflow.api.routing import permissions_of
from officeflow.settings import Settings

OPEN = {"/health"}
"""Whoever asks is answered."""


async def _nobody(token: str) -> SignedIn | None:
    return None


def routes() -> list[APIRoute]:
    app: FastAPI = create(Context(Settings(), _nobody))
    return [route for route in app.routes if isinstance(route, APIRoute)]


@pytest.mark.parametrize("route", routes(), ids=lambda route: f"{min(route.methods)} {route.path}")
def test_a_route_says_what_it_needs(route: APIRoute) -> None:
    needed = list(permissions_of(route.dependant))
    assert len(needed) == (route.path not in OPEN)
