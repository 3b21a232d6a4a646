"""The customer's systems of the demonstration, as services (`counterparts/` has the servers)."""

from __future__ import annotations

import os
import socket
from functools import partial

import httpx

from officeflow.layout import ROOT
from officeflow.stack.counterparts import Connection, Counterpart, discover, started_by_up
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.service import Service

PRIORITY = 30
FORGETFUL = "OFFICEFLOW_FORGETFUL_COUNTERPARTS"
"""Where the environment of whoever starts the stack has it, the systems do not keep the identities that we
give to what we make.
"""


def counterpart_services(stack: Stack) -> list[Service]:
    """Each keeps its data and `requests.jsonl` in `data/<name>`."""
    return [_service(stack, each) for each in started_by_up().values()]


def connections(stack: Stack) -> list[Connection]:
    """What connections to all of them are made of (`officeflow.connectors.providers`), secrets too."""
    return [
        Connection(
            name=declared.name,
            provider=declared.provider,
            fields={field: text.format_map(known) for field, text in declared.fields.items()},
        )
        for each in started_by_up().values()
        for secret, folder in [(stack.secrets[each.secret], str(stack.layout.data / each.name))]
        for known in [each.places(stack.ports) | {"secret": secret, "folder": folder}]
        for declared in each.connections
    ]


def connection_fields(stack: Stack) -> dict[str, dict[str, str]]:
    """The same: provider to field to value."""
    return {each.provider: dict(each.fields) for each in connections(stack)}


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
