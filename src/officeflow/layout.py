"""Where the stack keeps its things.

$OFFICEFLOW_HOME          default: .officeflow in the checkout
├── env/                  our environment (made by the launcher)
├── servers/              the servers' environment, the broker's jars, servers out of Debian packages
├── cache/                downloads, and what was made of them; several homes may share one
├── packages/             what the user added, node types for example
├── data/<server>/        what must survive: PostgreSQL, Kafka, accounts, calendars
├── logs/<service>.log    rotated
├── health/               what the listener and the steward say of themselves
├── anchors/              heads of the audit log, outside of the database that they are about
├── run/                  configuration and pids of the running stack; made anew at each start
├── secrets.json          generated, mode 0600
├── ports.json            the ports that were free when they were first wanted
└── stack.json            what the last start made, mode 0600: for `status` and the other commands
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from officeflow.errors import Unavailable

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

HEALTH_FOLDER = "health"
"""In the home: what our processes say of themselves, a file each."""

SOCKET_PATH_LIMIT = 100
"""Linux takes 107 bytes for the path of a unix socket; supervisord appends its pid while it binds."""


@dataclass(frozen=True, slots=True)
class Layout:
    home: Path
    servers: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Layout:
        """`OFFICEFLOW_HOME` moves everything, `OFFICEFLOW_SERVERS` the servers' environment alone (it can be
        shared).
        """
        home = Path(environ.get("OFFICEFLOW_HOME") or ROOT / ".officeflow").absolute()
        return cls(home=home, servers=Path(environ.get("OFFICEFLOW_SERVERS") or home / "servers").absolute())

    @property
    def cache(self) -> Path:
        """Of downloads; where it is a link, several checkouts share it."""
        return self.home / "cache"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def airflow_logs(self) -> Path:
        """Of its tasks and its dag-processor."""
        return self.data / "airflow" / "logs"

    @property
    def anchors(self) -> Path:
        """Of the audit log."""
        return self.home / "anchors"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def health(self) -> Path:
        """What the listeners tell of themselves."""
        return self.home / HEALTH_FOLDER

    @property
    def state_file(self) -> Path:
        return self.home / "stack.json"

    @property
    def python(self) -> Path:
        """The interpreter of our environment."""
        return Path(sys.executable)

    @property
    def servers_python(self) -> Path:
        return self.servers / "bin" / "python"

    @property
    def digest(self) -> str:
        """Eight hex digits that name this home on this machine."""
        return hashlib.sha256(str(self.home).encode()).hexdigest()[:8]

    @property
    def socket(self) -> Path:
        """The control socket of supervisord, in the temporary folder where the home's path is too long for
        one.
        """
        path = self.run / "supervisor.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
            return path
        return Path(tempfile.gettempdir()) / f"officeflow-{os.geteuid()}-{self.digest}" / "supervisor.sock"

    @property
    def check_socket(self) -> Path:
        """Where the process beside the dag-processor listens that checks definitions."""
        return self.socket.with_name("checks.sock")

    def log_file(self, service: str) -> Path:
        return self.logs / f"{service}.log"

    def prepare(self) -> None:
        """Make the folders, for their owner alone, and close what an earlier start left open.

        Where PostgreSQL runs as somebody else, others may pass through the home and `data`, and list neither.
        """
        passage = 0o711 if os.geteuid() == 0 else 0o700
        modes = {
            self.home: passage,
            self.data: passage,
            self.logs: 0o700,
            self.run: 0o700,
            self.socket.parent: 0o700,
        }
        for folder, mode in modes.items():
            folder.mkdir(mode=mode, parents=True, exist_ok=True)
            _close(folder, mode)
        if self.socket.parent != self.run and self.socket.parent.lstat().st_uid != os.geteuid():
            # Whoever made it before us, where all may write, could put a socket of their own in its place.
            raise Unavailable(
                f"{self.socket.parent} belongs to another user",
                hint="have it removed, or set OFFICEFLOW_HOME to a shorter path",
            )
        for folder in (*self.data.iterdir(), self.health):
            if folder.is_dir() and folder.stat().st_uid == os.geteuid():
                folder.chmod(0o700)


def _close(folder: Path, mode: int) -> None:
    try:
        folder.chmod(mode)
    except PermissionError as error:
        raise Unavailable(
            f"{folder} belongs to another user", hint="run officeflow as that user, or set OFFICEFLOW_HOME"
        ) from error


def write_private(path: Path, text: str) -> None:
    """Replace the file by one of mode 0600, whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """The object in the file; empty where there is no file, or a broken one."""
    try:
        value = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
