"""supervisord: its configuration, its start and end, and the calls that control it.

It runs in the servers' environment and listens on a unix socket that only its owner can open. Every service
is started by name, in order, by `officeflow up`; what ends by itself or by `kill -9` is started again.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from officeflow.errors import Unavailable
from officeflow.layout import Layout, write_private
from officeflow.program import typed
from officeflow.runtime import processes
from officeflow.stack.progress import Progress
from officeflow.stack.supervision import child
from officeflow.stack.supervision.service import Service
from officeflow.stack.supervision.states import ProcessState

PASSED_ON = (
    "PATH",
    "HOME",
    "TMPDIR",
    "TZ",
    "LANG",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "COVERAGE_PROCESS_CONFIG",
)
"""What every process of the stack, servers too, gets from the environment of the person who starts it (more:
`stack.calling`).
"""

PATHS = frozenset({"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"})
"""Of these, the ones that are meant from where that person is; the processes are elsewhere."""

SHUTDOWN_STATE, BAD_NAME, NOT_RUNNING = 6, 10, 70
"""supervisord's fault codes: it is ending itself; it knows no such service; the service does not run."""

ENDED = frozenset({ProcessState.STOPPED, ProcessState.FATAL, ProcessState.UNKNOWN})
"""States of a service that will not be started again by itself."""

CONFIGURATION = """\
[supervisord]
logfile={logs}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=2
pidfile={run}/supervisord.pid
childlogdir={logs}
identifier=officeflow-{digest}
{user}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[unix_http_server]
file={socket}
chmod=0600
"""

PROGRAM = """
[program:{name}]
command={command}
priority={priority}
autostart=false
autorestart=true
startsecs=1
startretries=200
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
stopasgroup={as_group}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


_END_AT_ONCE = {"INT": "INT"}
"""What a process gets when supervisord dies, by its stop signal.

All bear `kill -9`; PostgreSQL (INT) ends its own processes quickly.
"""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(os.fspath(self._path))
        except OSError:
            self.sock.close()
            raise


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = _Connection(self._path)
        self._connection = (host, connection)  # what `close` of the base class closes
        return connection


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


class Supervisor:
    """The supervisord of one home. Calls raise `Unavailable` where it does not run.

    A `tied` one ends, with all its services, when the process that launched it ends in whatever way.
    """

    def __init__(self, layout: Layout, *, tied: bool = False) -> None:
        self.layout = layout
        self.tied = tied

    # Its own life

    def is_running(self) -> bool:
        try:
            self._call("getState")
        except Unavailable:
            return False
        return True

    def launch(self) -> None:
        """Start supervisord, which starts nothing by itself, and wait until it answers."""
        if not self.layout.servers_python.exists():
            raise Unavailable(
                f"there is no {self.layout.servers_python}",
                hint=f"`{typed('up')}` makes the servers' environment",
            )
        self.layout.socket.unlink(missing_ok=True)
        command = (
            str(self.layout.servers_python),
            "-m",
            "supervisor.supervisord",
            "-c",
            str(self._configuration_file),
            "--nodaemon",
        )
        service = Service(name="supervisord", command=command)
        log = self.layout.log_file("supervisord.start")
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
            process = subprocess.Popen(
                self._as_child(service, outlives=not self.tied),
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + 20
        while not self.is_running():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"supervisord did not start: {log.read_text().strip()}")
            time.sleep(0.05)
        process.returncode = 0  # it is nobody's to wait for: it goes on when this process ends

    def shutdown(self, *, seconds: float = 90, progress: Progress | None = None) -> None:
        """Stop every service, in the opposite order of their start, and supervisord; returns when all are
        gone.
        """
        pid = self.pid()
        for priority in sorted({p["priority"] for p in self._priorities()}, reverse=True):
            names = [p["name"] for p in self._priorities() if p["priority"] == priority]
            with progress.step(f"Stopping {', '.join(names)}") if progress else contextlib.nullcontext():
                self.stop(names)
        self._call("shutdown")
        deadline = time.monotonic() + seconds
        while processes.is_alive(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)

    def pid(self) -> int:
        return int(self._call("getPID"))

    # Its services

    def configure(self, services: Iterable[Service]) -> list[str]:
        """Make these the services, known to a running supervisord too.

        Services that changed or went are stopped.

        Returns the names of those that changed.
        """
        listed = sorted(services, key=lambda s: (s.priority, s.name))
        text = CONFIGURATION.format(
            logs=_escaped(self.layout.logs),
            run=_escaped(self.layout.run),
            socket=_escaped(self.layout.socket),
            digest=self.layout.digest,
            user="user=root\n" if os.geteuid() == 0 else "",
        )
        write_private(self._configuration_file, text + "".join(self._program(s) for s in listed))
        write_private(
            self._priorities_file, json.dumps([{"name": s.name, "priority": s.priority} for s in listed])
        )
        if self.is_running():
            return self._reload()
        self.launch()
        return []

    def states(self) -> dict[str, dict[str, Any]]:
        """What supervisord knows of each service (`statename`, `pid`, `start`, `now`, `spawnerr` …), by
        name.
        """
        listed: list[dict[str, Any]] = self._call("getAllProcessInfo")
        return {info["name"]: info for info in listed}

    def start(self, names: Iterable[str]) -> None:
        """Start those that do not run; one that waits after failing starts now. Returns at once.

        `Unavailable` for one that is in no configuration.
        """
        states = self.states()
        for name in names:
            if name not in states:
                self._add(name)
            state = states.get(name, {}).get("statename")
            if state == ProcessState.BACKOFF:
                self.stop([name])
            if state not in {ProcessState.STARTING, ProcessState.RUNNING}:
                self._call("startProcess", name, False)

    def stop(self, names: Iterable[str]) -> None:
        """Stop these together; returns when they have ended, and will not be started again by themselves.

        One that supervisord does not know, since a start was interrupted, does not run.
        """
        waiting = list(names)
        while waiting:
            # Again each time: who ended by itself a moment ago cannot be told before supervisord has started
            # it again.
            for name in waiting:
                self._tell_to_stop(name)
            states = self.states()
            if waiting := [
                name for name in waiting if name in states and states[name]["statename"] not in ENDED
            ]:
                time.sleep(0.05)

    def _tell_to_stop(self, name: str) -> None:
        """Changes nothing where it does not run, is stopping already or is not known."""
        try:
            self._call("stopProcess", name, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode not in {BAD_NAME, NOT_RUNNING}:
                raise

    def _add(self, name: str) -> None:
        """Make it known, as the configuration has it that was read last."""
        try:
            self._call("addProcessGroup", name)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != BAD_NAME:
                raise
            raise Unavailable(
                f"supervisord knows no service {name}", hint=f"`{typed('up')}` makes it known"
            ) from fault

    # How

    @property
    def _configuration_file(self) -> Path:
        return self.layout.run / "supervisord.conf"

    @property
    def _priorities_file(self) -> Path:
        return self.layout.run / "priorities.json"

    def _priorities(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = json.loads(self._priorities_file.read_text())
        return listed

    def _as_child(self, service: Service, *, outlives: bool = False) -> list[str]:
        """Write the service's specification; the command that becomes the service."""
        specification = {
            "command": list(service.command),
            "environment": {**base_environment(), **service.environment},
            "directory": str(service.directory or self.layout.home),
            "user": service.user,
            "parent_death_signal": None if outlives else _END_AT_ONCE.get(service.stop_signal, "KILL"),
        }
        text = json.dumps(specification, indent=1, sort_keys=True)
        path = self.layout.run / f"{service.name}.json"
        write_private(path, text)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        return [str(self.layout.python), "-I", "-S", child.__file__, str(path), digest]

    def _program(self, service: Service) -> str:
        return PROGRAM.format(
            name=service.name,
            command=_escaped(shlex.join(self._as_child(service))),
            priority=service.priority,
            stop_signal=service.stop_signal,
            stop_seconds=service.stop_seconds,
            as_group="true" if service.stop_signal == "TERM" and not service.stops_its_own else "false",
            log=_escaped(self.layout.log_file(service.name)),
        )

    def _reload(self) -> list[str]:
        """Apply the configuration file to the supervisord that runs, as `supervisorctl update` does; who
        started last stops first, and who started together stops together.
        """
        ((added, changed, removed),) = self._call("reloadConfig")
        order = {program["name"]: program["priority"] for program in self._priorities()}
        together: dict[int, list[str]] = {}
        for name in changed:
            together.setdefault(order[name], []).append(name)
        for names in [removed, *(together[priority] for priority in sorted(together, reverse=True))]:
            self.stop(names)
            for name in names:
                self._call("removeProcessGroup", name)
        for name in [*added, *changed]:
            self._call("addProcessGroup", name)
        return sorted(changed)

    def _call(self, method: str, *arguments: object) -> Any:
        try:
            with xmlrpc.client.ServerProxy(
                "http://localhost", transport=_Transport(self.layout.socket)
            ) as server:
                return getattr(server.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != SHUTDOWN_STATE:
                raise
            raise Unavailable(
                "the stack is just being stopped", hint=f"`{typed('up')}` starts it again"
            ) from fault
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable("the stack does not run", hint=f"`{typed('up')}` starts it") from error


def base_environment() -> dict[str, str]:
    """The part of the caller's environment that processes of the stack may see."""
    given = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return (
        {"LANG": "C.UTF-8", "PATH": os.defpath}
        | given
        | {name: str(Path(given[name]).absolute()) for name in PATHS if given.get(name)}
    )
