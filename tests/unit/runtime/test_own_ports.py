"""What proves that a server is the stack's own, before anything is sent to it.

The servers here are sockets.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from officeflow.doctor import processes
from officeflow.doctor.finding import Outcome, Subject
from officeflow.layout import Layout, write_private
from officeflow.runtime import holders
from officeflow.stack import up
from officeflow.stack.ports import defaults
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.service import Service

SERVER = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    with server.accept()[0] as connection:
        connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi")
        connection.recv(65536)
"""

CLIENTS = """
import asyncio, json, smtplib, socket, sys
import httpx, redis
from officeflow.runtime.own_ports import guard

port, told = int(sys.argv[1]), {}
guard()

async def stream():
    await asyncio.open_connection("127.0.0.1", port)

asks = {
    "httpx": lambda: httpx.get(f"http://127.0.0.1:{port}", auth=("admin", "secret"), trust_env=False),
    **{host: lambda host=host: socket.socket().connect((host, port))
       for host in ("localhost", "127.1", "0.0.0.0", "")},
    "mapped": lambda: socket.socket(socket.AF_INET6).connect(("::ffff:127.0.0.1", port)),
    "redis": lambda: redis.Redis(port=port, password="secret", retry=None).ping(),
    "smtplib": lambda: smtplib.SMTP("127.0.0.1", port),
    "asyncio": lambda: asyncio.run(stream()),
}
for name in sys.argv[2:]:
    try:
        asks[name]()
        told[name] = "sent"
    except Exception as error:
        told[name] = str(error)
print(json.dumps(told))
"""


IPV6 = ("mapped",) if Path("/proc/net/if_inet6").exists() else ()
"""An address of IPv4 that is written as one of IPv6."""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(home=tmp_path / "home", servers=tmp_path)
    made.prepare()
    return made


@pytest.fixture
def server() -> Iterator[tuple[int, int]]:
    """A process that listens: its pid and port."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", SERVER], stdout=subprocess.PIPE, text=True, process_group=0
    ) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
        process.kill()


def started(layout: Layout, port: int, pid: int, *, supervisor: int | None = None) -> None:
    """As a start leaves it: `airflow-api` with this pid is to listen on the port."""
    write_private(
        layout.state_file, json.dumps({"services": [{"name": "airflow-api", "ports": {"http": port}}]})
    )
    write_private(layout.run / "airflow-api.pid", str(pid))
    write_private(layout.run / "supervisord.pid", str(supervisor or os.getpid()))


def ask(layout: Layout, port: int, *clients: str) -> dict[str, str]:
    environment = {**os.environ, "OFFICEFLOW_HOME": str(layout.home)}
    done = subprocess.run(
        [sys.executable, "-c", CLIENTS, str(port), *clients],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, str] = json.loads(done.stdout)
    return told


def test_whatever_client_asks_a_stranger_on_our_port_is_sent_nothing(layout: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        started(layout, port, pid=1)
        clients = ("httpx", "redis", "smtplib", "asyncio", *IPV6, "localhost", "127.1", "0.0.0.0", "")
        answers = ask(layout, port, *clients)
        held = f"port {port} of airflow-api is held by "
        assert {
            name: held in answer and f"(pid {os.getpid()}, user " in answer
            for name, answer in answers.items()
        } == dict.fromkeys(clients, True)
        stranger.settimeout(0)
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_our_own_server_is_reached_and_so_is_any_that_is_not_the_stacks(
    layout: Layout, server: tuple[int, int]
) -> None:
    pid, port = server
    started(layout, port, pid)
    assert ask(layout, port, "httpx") == {"httpx": "sent"}
    started(layout, 1, pid=1)
    assert ask(layout, port, "httpx") == {"httpx": "sent"}


def test_a_port_that_the_stack_has_just_left_is_still_no_place_for_secrets(
    layout: Layout, server: tuple[int, int]
) -> None:
    pid, port = server
    write_private(layout.state_file, json.dumps({"services": [], "left_ports": {str(port): "scim"}}))
    assert f"port {port} of scim is held by" in ask(layout, port, "httpx")["httpx"]
    assert f"(pid {pid}," in ask(layout, port, "httpx")["httpx"]


def test_a_start_asks_nobody_but_its_own_process_whether_it_is_ready_and_says_who_is_there_instead(
    layout: Layout, server: tuple[int, int]
) -> None:
    """To ask may take a password."""
    pid, port = server
    asked: list[int] = []

    def ready() -> bool:
        asked.append(port)
        return True

    service = Service(name="scim", command=("scim",), ports={"http": port}, ready=ready)
    started(layout, port, pid=1)
    assert not up._is_ready(layout, service)
    assert asked == []
    assert f"port {port} of scim is held by" in up._did_not_come(layout, service, "BACKOFF").message
    write_private(layout.run / "scim.pid", str(pid))
    assert up._is_ready(layout, service)


def test_a_stranger_on_a_port_of_a_stack_that_does_not_run_is_a_warning(
    layout: Layout, server: tuple[int, int]
) -> None:
    pid, port = server
    started(layout, port, pid=1)
    (found,) = processes.ports(Subject(layout=layout, environ={}, settings=None, state={}))
    assert (found.outcome, f"(pid {pid}," in found.says, "./officeflow up" in found.do) == (
        Outcome.WARNING,
        True,
        True,
    )


def test_who_takes_the_port_when_our_server_has_gone_is_seen_at_the_next_look(
    layout: Layout, server: tuple[int, int]
) -> None:
    pid, port = server
    started(layout, port, pid)
    assert holders.stranger(layout, "airflow-api", port) is None
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    with socket.create_server(("127.0.0.1", port)):
        found = holders.stranger(layout, "airflow-api", port)
    assert found is not None
    assert found.pid == os.getpid()


def test_a_process_that_got_our_servers_number_is_a_stranger(layout: Layout, server: tuple[int, int]) -> None:
    pid, port = server
    started(layout, port, pid, supervisor=1)
    assert str(holders.stranger(layout, "airflow-api", port)).startswith(Path(sys.executable).name)


def test_a_child_of_our_server_that_still_listens_is_ours(layout: Layout, server: tuple[int, int]) -> None:
    """The process that was started is gone, those of its group go on with its socket."""
    pid, port = server
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", SERVER], stdout=subprocess.PIPE, text=True, process_group=pid
    )
    try:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        started(layout, port, pid)
        assert holders.stranger(layout, "airflow-api", port) is None
    finally:
        child.kill()
        child.communicate()


def test_a_stranger_on_all_addresses_is_seen_where_nobody_of_ours_listens(layout: Layout) -> None:
    with socket.create_server(("", 0)) as stranger:
        port = stranger.getsockname()[1]
        assert holders.stranger(layout, "airflow-api", port) is not None
    assert holders.stranger(layout, "airflow-api", port) is None


def test_who_listens_on_another_address_beside_our_server_is_no_stranger(
    layout: Layout, server: tuple[int, int]
) -> None:
    pid, port = server
    started(layout, port, pid)
    with socket.create_server(("127.0.0.2", port)):
        assert holders.stranger(layout, "airflow-api", port) is None


def test_a_holder_is_named_without_its_arguments(layout: Layout, tmp_path: Path) -> None:
    script = tmp_path / "serve.py"
    script.write_text(SERVER)
    with subprocess.Popen(
        [sys.executable, script, "--password=hush"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        found = str(holders.anyone(int(process.stdout.readline())))
        process.kill()
    assert "serve.py" in found
    assert "hush" not in found


def test_a_database_server_that_asks_for_the_password_is_not_told_it(layout: Layout) -> None:
    """It answers as a PostgreSQL that wants it as it is: AuthenticationCleartextPassword of the protocol."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as stranger:

        def serve() -> None:
            connection, _ = stranger.accept()
            with connection:
                while message := connection.recv(65536):
                    heard.append(message)
                    first = message[4:8] in {
                        bytes.fromhex("04d2162f"),
                        bytes.fromhex("04d21630"),
                    }  # SSLRequest, GSSENCRequest
                    connection.sendall(b"N" if first else b"R" + bytes.fromhex("0000000800000003"))

        thread = threading.Thread(target=serve)
        thread.start()
        stack = Stack(layout, {**defaults(), "postgres": stranger.getsockname()[1]})
        with pytest.raises(psycopg.OperationalError, match="scram-sha-256"):
            psycopg.connect(stack.database_url)
        thread.join()
    assert heard
    assert stack.secrets["postgres_officeflow"].encode() not in b"".join(heard)
