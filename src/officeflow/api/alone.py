"""The API as a process of its own: `officeflow api serve`.

For those who keep Airflow inside. Whose a token of Airflow's is, it asks the API that is mounted there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from officeflow.api import problems
from officeflow.api.app import create
from officeflow.api.context import Context, SignedIn
from officeflow.api.paths import PATH
from officeflow.errors import Unavailable
from officeflow.settings import Settings

SECONDS = 10.0


class AirflowTokens:
    """Asks Airflow's side whose a token is."""

    def __init__(self, airflow_url: str) -> None:
        self._url = f"{airflow_url}{PATH}/me"
        self._client = httpx.AsyncClient(timeout=SECONDS)

    async def __call__(self, token: str) -> SignedIn | None:
        try:
            answer = await self._client.get(self._url, headers={"Authorization": f"Bearer {token}"})
        except httpx.HTTPError as error:
            raise Unavailable(f"Airflow did not say whose the token is: {type(error).__name__}") from error
        except (UnicodeEncodeError, ValueError):
            return None  # it cannot even be sent
        if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return None
        if answer.status_code != HTTPStatus.OK:
            raise Unavailable(f"Airflow did not say whose the token is: it answered {answer.status_code}")
        told = answer.json()
        return SignedIn(told["login"], told["is_platform_admin"])


Beside = tuple[str, Callable[[Context], ASGIApp]]
"""A path, and what makes the application that is there."""


def application(settings: Settings, beside: Sequence[Beside] = ()) -> Starlette:
    """The API at its path, what is `beside` it at theirs, and nothing else."""
    context = Context(settings, AirflowTokens(settings.airflow_url))
    made: FastAPI = create(context)

    @asynccontextmanager
    async def closing(_: Starlette) -> AsyncIterator[None]:
        yield
        await context.close()

    others = [Mount(path, make(context)) for path, make in beside]
    return Starlette(
        routes=[Mount(PATH, made), *others],
        lifespan=closing,
        exception_handlers={404: problems.nothing_there},
    )
