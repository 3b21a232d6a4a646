"""SCIM is where Airflow's api-server looks for it."""

from __future__ import annotations

import os

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.scim.paths import PATH
from scim_api.mount import MOUNT

pytestmark = pytest.mark.integration


def test_it_is_served_on_the_connections_that_the_api_has(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scim_api import app

    asked: list[int] = []

    def context_of(process: int) -> Context:
        asked.append(process)
        return context

    monkeypatch.setattr(app, "context_of", context_of)
    mounted = Starlette(routes=[Mount(MOUNT["url_prefix"], MOUNT["app"])])
    answer = TestClient(mounted).get(f"{PATH}/Users")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/scim+json")
    assert asked == [os.getpid()]
