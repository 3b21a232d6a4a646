"""The API as Airflow's api-server serves it: who has signed in there has signed in here."""

from __future__ import annotations

import functools
import os

from airflow.api_fastapi.core_api.security import resolve_user_from_token
from fastapi import FastAPI, HTTPException

from officeflow.api.app import create
from officeflow.api.context import Context, SignedIn
from officeflow.runtime.collector import spare_what_is_there
from officeflow.settings import load_settings

ADMINS = "Admin"
"""The role of Airflow's that makes an admin of the platform."""


async def ask_airflow(token: str) -> SignedIn | None:
    """Whose token it is, as Airflow's own routes find it."""
    try:
        user = await resolve_user_from_token(token)
    except HTTPException:
        return None
    roles = {role.name for role in getattr(user, "roles", ())}
    return SignedIn(str(user.get_name()), ADMINS in roles)


def application() -> FastAPI:
    return _of_process(os.getpid())


@functools.cache
def _of_process(process: int) -> FastAPI:
    app = create(context_of(process))
    spare_what_is_there()
    return app


@functools.cache
def context_of(process: int) -> Context:
    """One for each process: a connection must not be shared with the one that this was forked from."""
    del process
    return Context(load_settings(), ask_airflow)
