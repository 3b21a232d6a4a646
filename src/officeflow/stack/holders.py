"""Who listens on a port, as Linux tells it: a process of the stack, or a stranger.

What a server answers can be copied by whoever takes its port; whose socket it is cannot. The stack's servers listen on loopback, so this is
their proof. Where a socket's process may not be seen (another account's, without CAP_SYS_PTRACE), its account tells.
"""

from __future__ import annotations

import os
import pwd
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from officeflow.stack import processes
from officeflow.stack.layout import Layout, read_json

LISTENING = "0A"
"""As /proc/net/tcp has it (TCP_LISTEN)."""

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Holder:
    """`pid` is None where this account may not see it; `program` is then empty."""

    user: str
    pid: int | None = None
    program: str = ""

    def __str__(self) -> str:
        if self.pid is None:
            return f"a process of the user {self.user}"
        return f"{self.program} (pid {self.pid}, user {self.user})"


@dataclass(frozen=True, slots=True)
class _Socket:
    inode: str
    uid: int


def stranger(layout: Layout, service: str, port: int, host: str = HOST) -> Holder | None:
    """Who takes connections to the port although it is no process of this service; None where that is the service, or nobody."""
    sockets = _listening(port, host)
    if not sockets:
        return None
    own = _own_processes(layout, service)
    foreign = next((each for each in sockets if not any(_holds(pid, each) for pid in own)), None)
    return _holder(foreign) if foreign else None


def anyone(port: int, host: str = HOST) -> Holder | None:
    """Who takes connections to the port; None where nobody does."""
    return next((_holder(each) for each in _listening(port, host)), None)


def services_by_port(layout: Layout) -> dict[int, str]:
    """The ports of the stack that was started last, each with the service that is to listen there."""
    return {port: told["name"] for told in _state(layout).get("services", ()) for port in told["ports"].values()}


def left_ports(layout: Layout) -> dict[int, str]:
    """The ports that services had before the last start: connections of organizations may still name them."""
    return {int(port): service for port, service in _state(layout).get("left_ports", {}).items()}


def _state(layout: Layout) -> dict[str, Any]:
    try:
        return read_json(layout.state_file)
    except OSError:  # somebody else's, whose stack is none of ours
        return {}


def strangers(layout: Layout, ports: Mapping[int, str] | None = None) -> dict[int, Holder]:
    """The ports of the stack that somebody else listens on."""
    known = services_by_port(layout) if ports is None else ports
    return {port: found for port, service in known.items() if (found := stranger(layout, service, port))}


def _listening(port: int, host: str) -> list[_Socket]:
    """The sockets that may get a connection to this address: those bound to it, or else those bound to all addresses."""
    found: dict[str, list[_Socket]] = {}
    for table in ("tcp", "tcp6"):
        for line in _lines(Path("/proc/self/net") / table):
            fields = line.split()
            address, _, number = fields[1].rpartition(":")
            if fields[3] == LISTENING and int(number, 16) == port:
                found.setdefault(address, []).append(_Socket(fields[9], int(fields[7])))
    exact, anywhere = _addresses(host)
    for addresses in (exact, *((each,) for each in anywhere)):
        if bound := [each for address in addresses for each in found.get(address, ())]:
            return bound
    return []


def _addresses(host: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How the kernel writes the address itself, and all addresses, the nearest first."""
    if ":" in host:
        return (_written(socket.AF_INET6, host),), (_written(socket.AF_INET6, "::"),)
    exact = (_written(socket.AF_INET, host), _written(socket.AF_INET6, f"::ffff:{host}"))
    return exact, (_written(socket.AF_INET, "0.0.0.0"), _written(socket.AF_INET6, "::ffff:0.0.0.0"), _written(socket.AF_INET6, "::"))  # noqa: S104 - not to bind it


def _written(family: socket.AddressFamily, host: str) -> str:
    packed = socket.inet_pton(family, host)
    return "".join(f"{int.from_bytes(packed[i : i + 4], sys.byteorder):08X}" for i in range(0, len(packed), 4))


def _lines(table: Path) -> list[str]:
    try:
        return table.read_text().splitlines()[1:]
    except FileNotFoundError:  # a machine without IPv6
        return []


def _own_processes(layout: Layout, service: str) -> Iterator[int]:
    """The service's first process, and, where more are asked for, those of its group."""
    leader, supervisor = _pid_in(layout.run / f"{service}.pid"), _pid_in(layout.run / "supervisord.pid")
    if leader is None:
        return
    if processes.is_alive(leader):
        if processes.parent(leader) != supervisor:
            return  # another program has that number by now
        yield leader
    yield from processes.group(leader)


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None


def _holds(pid: int, wanted: _Socket) -> bool:
    try:
        return f"socket:[{wanted.inode}]" in _open_files(pid)
    except PermissionError:
        return Path(f"/proc/{pid}").stat().st_uid == wanted.uid
    except OSError:
        return False


def _open_files(pid: int) -> set[str]:
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.fspath(entry.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return found


def _holder(found: _Socket) -> Holder:
    user = _user(found.uid)
    for pid in _pids():
        try:
            if f"socket:[{found.inode}]" in _open_files(pid):
                return Holder(user, pid, _program(pid))
        except OSError:
            continue
    return Holder(user)


def _pids() -> Iterable[int]:
    return sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _program(pid: int) -> str:
    """What runs, without its arguments: they may be secret. A script or module is named beside its interpreter."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        name = Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return "a program"
    program = os.fsdecode(words[0]).rpartition("/")[2] if words[0] else name
    if len(words) > 2 and words[1] == b"-m":
        return f"{program} -m {os.fsdecode(words[2])}"
    return f"{program} {os.fsdecode(words[1])}" if len(words) > 1 and words[1].endswith(b".py") else program


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
