"""The customer's systems of the demonstration, as services (`counterparts/` has the servers)."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from functools import partial

import httpx

from officeflow.layout import ROOT
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.service import Service

GROUPS = ("Everyone", "Staff", "Engineering", "Sales", "Finance", "People", "IT")
CALENDAR_LOGIN = "people"
INBOX_LOGIN = "people"
CALENDAR = "onboarding"
PRIORITY = 30
FORGETFUL = "OFFICEFLOW_FORGETFUL_COUNTERPARTS"
"""Where the environment of whoever starts the stack has it, the systems do not keep the identities that we
give to what we make.
"""


def counterpart_services(stack: Stack) -> list[Service]:
    """SCIM server, SMTP inbox with its web page, CalDAV server.

    Each keeps its data and `requests.jsonl` in `data/<name>`.
    """
    scim, smtp, inbox, caldav = (stack.ports[name] for name in ("scim", "smtp", "inbox", "caldav"))
    groups = tuple(part for group in GROUPS for part in ("--group", group)) + _where_forgetful(
        "--forgets", "externalId"
    )
    calendar = ("--user", CALENDAR_LOGIN, "--calendar", CALENDAR, *_where_forgetful("--own-uids"))
    return [
        _service(
            stack,
            "scim",
            "scim_server",
            ("--port", str(scim), *groups),
            credential="scim_token",
            ready=partial(_listens, scim),
        ),
        _service(
            stack,
            "inbox",
            "smtp_inbox",
            ("--smtp-port", str(smtp), "--web-port", str(inbox), "--user", INBOX_LOGIN),
            credential="inbox",
            ready=lambda: (
                _listens(smtp) and _answers(inbox_url(stack) + "/messages/", stack.secrets["inbox"])
            ),
            ports={"smtp": smtp, "http": inbox},
            urls={"Inbox": inbox_url(stack)},
        ),
        _service(
            stack,
            "caldav",
            "caldav_server",
            ("--port", str(caldav), *calendar),
            credential="caldav",
            ready=partial(_listens, caldav),
        ),
    ]


def scim_url(stack: Stack) -> str:
    return f"http://127.0.0.1:{stack.ports['scim']}/v2"


def inbox_url(stack: Stack) -> str:
    return f"http://127.0.0.1:{stack.ports['inbox']}"


def calendar_url(stack: Stack) -> str:
    return f"http://127.0.0.1:{stack.ports['caldav']}/{CALENDAR_LOGIN}/{CALENDAR}/"


def connection_fields(stack: Stack) -> Mapping[str, Mapping[str, str]]:
    """What a connection to each counterpart is made of: provider to field to value
    (`officeflow.connectors.providers`), secrets too.
    """
    return {
        "scim": {"url": scim_url(stack), "token": stack.secrets["scim_token"]},
        "smtp": {
            "host": "127.0.0.1",
            "port": str(stack.ports["smtp"]),
            "security": "none",
            "login": INBOX_LOGIN,
            "password": stack.secrets["inbox"],
        },
        "caldav": {
            "url": calendar_url(stack),
            "login": CALENDAR_LOGIN,
            "password": stack.secrets["caldav"],
            "calendar": calendar_url(stack),
        },
    }


def _service(
    stack: Stack,
    name: str,
    module: str,
    arguments: tuple[str, ...],
    *,
    ready: Callable[[], bool],
    credential: str = "",
    ports: Mapping[str, int] | None = None,
    urls: Mapping[str, str] | None = None,
) -> Service:
    command = (
        str(stack.layout.servers_python),
        "-m",
        f"counterparts.{module}",
        "--folder",
        str(stack.layout.data / name),
        *arguments,
    )
    secret = {"COUNTERPART_SECRET": stack.secrets[credential]} if credential else {}
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **secret}
    return Service(
        name=name,
        command=command,
        environment=environment,
        directory=ROOT,
        ready=ready,
        priority=PRIORITY,
        start_seconds=120,
        ports=ports or {"http": stack.ports[name]},
        urls=urls or {},
    )


def _where_forgetful(*arguments: str) -> tuple[str, ...]:
    return arguments if os.environ.get(FORGETFUL) else ()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def _answers(url: str, password: str) -> bool:
    try:
        return httpx.get(url, auth=(INBOX_LOGIN, password), timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False
