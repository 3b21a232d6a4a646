"""The customer's systems of the demonstration, as services (`counterparts/` has the servers)."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterable
from functools import partial

import httpx

from officeflow.layout import ROOT, Layout
from officeflow.stack.counterparts import Connection, Counterpart, discover, started_by_up, with_further
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.service import Service

PRIORITY = 30
FORGETFUL = "OFFICEFLOW_FORGETFUL_COUNTERPARTS"
"""Where the environment of whoever starts the stack has it, the systems do not keep the identities that we
give to what we make.
"""


def counterpart_services(stack: Stack) -> list[Service]:
    """Each keeps its data and `requests.jsonl` in `data/<name>`."""
    return [_service(stack, each) for each in with_further(stack.further).values()]


def refusal(layout: Layout, counterpart: Counterpart) -> str:
    """Why it cannot run on this machine; empty where it can."""
    if not counterpart.check:
        return ""
    module = f"counterparts.{counterpart.name}.{counterpart.check}"
    done = subprocess.run(
        [str(layout.servers_python), "-m", module],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip() or "no reason is told" if done.returncode else ""


def connections(stack: Stack, among: Iterable[Counterpart] | None = None) -> list[Connection]:
    """What connections to these are made of (`officeflow.connectors.providers`), secrets too; to all that
    `up` starts where none are named.
    """
    return [
        made
        for each in (started_by_up().values() if among is None else among)
        for known in [each.places(stack.ports) | {"secret": stack.secrets[each.secret]}]
        for made in each.connected(known, stack.layout.data / each.name)
    ]


def connection_fields(stack: Stack, among: Iterable[Counterpart] | None = None) -> dict[str, dict[str, str]]:
    """The same: provider to field to value."""
    return {each.provider: dict(each.fields) for each in connections(stack, among)}


def url(stack: Stack, name: str) -> str:
    """Where the system of this name is."""
    return discover()[name].places(stack.ports)["url"]


def _service(stack: Stack, counterpart: Counterpart) -> Service:
    places = counterpart.places(stack.ports)
    command = (
        str(stack.layout.servers_python),
        "-m",
        f"counterparts.{counterpart.name}",
        "--folder",
        str(stack.layout.data / counterpart.name),
        *(
            text.format_map(places)
            for text in (
                *counterpart.arguments,
                *(counterpart.forgetful if os.environ.get(FORGETFUL) else ()),
            )
        ),
    )
    secret = stack.secrets[counterpart.secret]
    ports = {kind: stack.ports[port.name] for kind, port in counterpart.ports.items()}
    page = counterpart.ready.format_map(places)
    return Service(
        name=counterpart.name,
        command=command,
        environment={"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COUNTERPART_SECRET": secret},
        directory=ROOT,
        ready=partial(_serves, tuple(ports.values()), page, (counterpart.login, secret)),
        priority=PRIORITY,
        start_seconds=120,
        ports=ports,
        urls={counterpart.page: places["url"]} if counterpart.page else {},
    )


def _serves(ports: tuple[int, ...], page: str, account: tuple[str, str]) -> bool:
    return all(map(_listens, ports)) and (not page or _answers(page, account))


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def _answers(page: str, account: tuple[str, str]) -> bool:
    try:
        return httpx.get(page, auth=account, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
