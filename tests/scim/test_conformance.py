"""What the RFCs ask for, as scim2-tester checks it over a real connection."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server
from starlette.applications import Starlette
from starlette.routing import Mount

from officeflow.api.context import Context
from officeflow.database.tables import Organization
from officeflow.scim.app import create
from officeflow.scim.paths import PATH

pytestmark = pytest.mark.integration


@pytest.fixture
def address(context: Context) -> Iterator[str]:
    @asynccontextmanager
    async def closing(_: Starlette) -> AsyncIterator[None]:
        yield
        await context.close()

    app = Starlette(routes=[Mount(PATH, create(context))], lifespan=closing)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}{PATH}"
    server.should_exit = True
    thread.join()


def test_every_check_passes(address: str, org: Organization, token: Callable[..., str]) -> None:
    with Client(base_url=address, headers={"Authorization": f"Bearer {token(org)}"}) as http:
        results = check_server(SyncSCIMClient(http))
    wrong = [f"{each.title}: {each.reason}" for each in results if each.status != Status.SUCCESS]
    assert wrong == []
    assert {each.resource_type for each in results} >= {"User", "Group"}
