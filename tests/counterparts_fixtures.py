"""The customer's systems, as fixtures: real servers, one process of each per session, empty at the start of
every test.

`OFFICEFLOW_SERVERS` names the servers' environment (`requirements-servers.txt`) where it is not in the
checkout's home. Counting calls: `scim_server.writes()` is what reached the server since the test began, in
order, by the server's own journal.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from officeflow.layout import ROOT, Layout

UNENCRYPTED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of servers without TLS: reading the authorities that nobody needs takes longer than a call."""
GROUPS = ("Staff", "Engineering", "Sales")
READING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def servers_python() -> str:
    python = Layout.from_environment().servers_python
    if not python.exists():
        pytest.fail(f"there is no {python}: set OFFICEFLOW_SERVERS to the servers' environment")
    return str(python)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Counterpart:
    """A server process that can be killed and started again on the same port and folder."""

    module: str
    secret = "counterpart-secret"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._journal = folder / "requests.jsonl"
        self._began = 0
        self._process: subprocess.Popen[bytes] | None = None

    def arguments(self) -> list[str]:
        return ["--port", str(self.port)]

    def ports(self) -> tuple[int, ...]:
        """All that it listens on; it serves when it does on each."""
        return (self.port,)

    def reset(self) -> None:
        """Empty the server; called at the start of each test."""
        raise NotImplementedError

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        if self.alive:
            return
        command = [
            servers_python(),
            "-m",
            f"counterparts.{self.module}",
            "--folder",
            str(self.folder),
            *self.arguments(),
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "COUNTERPART_SECRET": self.secret}
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + 60
        waiting = set(self.ports())
        while time.monotonic() < deadline and self.alive:
            waiting = {port for port in waiting if not _listens(port)}
            if not waiting:
                return
            time.sleep(0.05)
        pytest.fail(f"{self.module} does not listen:\n{(self.folder / 'output').read_text()}")

    def kill(self) -> None:
        """`kill -9`."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(timeout=120)

    def all_requests(self) -> list[dict[str, Any]]:
        return self._requests_after(0)

    def requests(self) -> list[dict[str, Any]]:
        """Every request since the test began."""
        return self._requests_after(self._began)

    def _requests_after(self, place: int) -> list[dict[str, Any]]:
        """What stands in the journal behind this many bytes; a session's journal is long."""
        if not self._journal.exists():
            return []
        with self._journal.open("rb") as journal:
            journal.seek(place)
            return [json.loads(line) for line in journal]

    def writes(self) -> list[dict[str, Any]]:
        """Every request since the test began that asks for a change, refused ones too."""
        return [request for request in self.requests() if request["method"] not in READING]

    def begin(self) -> None:
        self.start()
        self.reset()
        self._began = self._journal.stat().st_size if self._journal.exists() else 0


class ScimServer(Counterpart):
    """`url` is the SCIM base, `token` the bearer token; the groups `GROUPS` exist and are empty."""

    module = "scim_server"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2"

    @property
    def token(self) -> str:
        return self.secret

    def arguments(self) -> list[str]:
        return [*super().arguments(), *(part for group in GROUPS for part in ("--group", group))]

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, verify=UNENCRYPTED)

    def users(self) -> list[dict[str, Any]]:
        with self.client() as client:
            return list(client.get("/Users").json().get("Resources", []))

    def user(self, login: str) -> dict[str, Any] | None:
        return next((user for user in self.users() if user["userName"] == login), None)

    def groups_of(self, login: str) -> set[str]:
        user = self.user(login)
        return {group["display"] for group in (user or {}).get("groups", [])}

    def reset(self) -> None:
        with self.client() as client:
            for user in client.get("/Users").json().get("Resources", []):
                client.delete(f"/Users/{user['id']}").raise_for_status()
            for group in client.get("/Groups").json()["Resources"]:
                if group["displayName"] not in GROUPS:
                    client.delete(f"/Groups/{group['id']}").raise_for_status()


class ForgetfulScimServer(ScimServer):
    """Says yes to an employee number, and does not keep it."""

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--forgets", "externalId"]


class SmtpInbox(Counterpart):
    """SMTP on `host`, `port`, without sign-in; its web page and REST at `url`."""

    module = "smtp_inbox"
    host = "127.0.0.1"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.web_port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def ports(self) -> tuple[int, ...]:
        return (self.port, self.web_port)

    def arguments(self) -> list[str]:
        return ["--smtp-port", str(self.port), "--web-port", str(self.web_port)]

    def _get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, trust_env=False, verify=UNENCRYPTED).raise_for_status()

    def messages(self) -> list[dict[str, Any]]:
        """Every mail in the inbox: id, sender, recipients {to, cc, bcc}, subject, size."""
        return list(self._get("/messages/").json()["messages"])

    def source(self, number: int) -> str:
        """The mail as it came over SMTP."""
        return self._get(f"/messages/{number}.source").text

    def reset(self) -> None:
        httpx.delete(self.url + "/messages/", trust_env=False, verify=UNENCRYPTED).raise_for_status()


class CaldavServer(Counterpart):
    """`url` is the server's root; `user` with `password` owns the calendar at `calendar_url`."""

    module = "caldav_server"
    user = "people"
    calendar = "onboarding"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def calendar_url(self) -> str:
        return f"{self.url}{self.user}/{self.calendar}/"

    @property
    def password(self) -> str:
        return self.secret

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--user", self.user, "--calendar", self.calendar]

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, auth=(self.user, self.password), trust_env=False, verify=UNENCRYPTED
        )

    def events(self) -> str:
        """Every event of the calendar, as one iCalendar text."""
        with self.client() as client:
            return client.get(self.calendar_url).raise_for_status().text

    def reset(self) -> None:
        with self.client() as client:
            client.delete(self.calendar_url).raise_for_status()
            client.request("MKCALENDAR", self.calendar_url).raise_for_status()


def _session(kind: type[Counterpart], factory: pytest.TempPathFactory) -> Iterator[Any]:
    counterpart = kind(factory.mktemp(kind.module))
    yield counterpart
    counterpart.stop()


@pytest.fixture(scope="session")
def _scim_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    yield from _session(ScimServer, tmp_path_factory)


@pytest.fixture(scope="session")
def _forgetful_scim_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForgetfulScimServer]:
    yield from _session(ForgetfulScimServer, tmp_path_factory)


@pytest.fixture(scope="session")
def _smtp_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpInbox]:
    yield from _session(SmtpInbox, tmp_path_factory)


@pytest.fixture(scope="session")
def _caldav_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaldavServer]:
    yield from _session(CaldavServer, tmp_path_factory)


class OwnUidCalendar(CaldavServer):
    """Gives every new event a UID and an address of its own."""

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--own-uids"]


@pytest.fixture(scope="session")
def _own_uid_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnUidCalendar]:
    yield from _session(OwnUidCalendar, tmp_path_factory)


@pytest.fixture
def own_uid_calendar(_own_uid_process: OwnUidCalendar) -> OwnUidCalendar:
    """A CalDAV server that does not keep the identity of what it is given, with one empty calendar."""
    _own_uid_process.begin()
    return _own_uid_process


@pytest.fixture
def scim_server(_scim_process: ScimServer) -> ScimServer:
    """A SCIM 2.0 server without users."""
    _scim_process.begin()
    return _scim_process


@pytest.fixture
def forgetful_scim_server(_forgetful_scim_process: ForgetfulScimServer) -> ForgetfulScimServer:
    """A SCIM 2.0 server without users that loses every `externalId`."""
    _forgetful_scim_process.begin()
    return _forgetful_scim_process


@pytest.fixture
def smtp_inbox(_smtp_process: SmtpInbox) -> SmtpInbox:
    """An SMTP server that takes every mail, with an empty inbox."""
    _smtp_process.begin()
    return _smtp_process


@pytest.fixture
def caldav_server(_caldav_process: CaldavServer) -> CaldavServer:
    """A CalDAV server with one empty calendar."""
    _caldav_process.begin()
    return _caldav_process
