"""Who listens on a port, as Linux tells it: a process of the stack, or a stranger.

What a server answers can be copied by whoever takes its port; whose socket it is cannot. The stack's servers
listen on loopback, so this is their proof. Where a socket's process may not be seen (another account's,
without CAP_SYS_PTRACE), its account tells.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from officeflow.layout import Layout, read_json
from officeflow.runtime import processes

TABLES = {"tcp": 8, "tcp6": 32}
"""The kernel's tables of sockets (proc(5), /proc/net/tcp), each with the length of its addresses."""

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

    @property
    def link(self) -> str:
        """As a process's open files have it."""
        return f"socket:[{self.inode}]"


@dataclass(frozen=True, slots=True)
class _Proof:
    """One of the process's open files, and which socket it was.

    Empty where the account alone tells: that is looked at each time.
    """

    path: str = ""
    link: str = ""

    def still_holds(self) -> bool:
        """Whether the very socket is still open there, and so still has its port: nobody else has this number
        as long as it is.
        """
        try:
            return bool(self.path) and os.readlink(self.path) == self.link  # noqa: PTH115 - pathlib takes several times as long
        except OSError:
            return False


_proofs: dict[tuple[Path, str, int, str], _Proof] = {}
"""What was seen last: to find it anew the kernel lists all connections, which takes it ten milliseconds."""


def stranger(layout: Layout, service: str, port: int, host: str = HOST) -> Holder | None:
    """Who takes connections to the port although it is no process of this service; None where that is the
    service, or nobody.
    """
    key = (layout.run, service, port, host)
    if key in _proofs and _proofs[key].still_holds():
        return None
    for each in _listening(port, host):
        found = next((proof for pid in _own_processes(layout, service) if (proof := _proof(pid, each))), None)
        if found is None:
            return _holder(each)
        _proofs[key] = found
    return None


def anyone(port: int, host: str = HOST) -> Holder | None:
    """Who takes connections to the port; None where nobody does."""
    return next((_holder(each) for each in _listening(port, host)), None)


def services_by_port(layout: Layout) -> dict[int, str]:
    """The ports of the stack that was started last, each with the service that is to listen there."""
    return {
        port: told["name"] for told in _state(layout).get("services", ()) for port in told["ports"].values()
    }


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
    """The sockets that may get a connection to this address: those bound to it, or else those bound to all
    addresses.
    """
    found: dict[str, list[_Socket]] = {}
    for table, length in TABLES.items():
        listens_there = f":{port:04X} {'0' * length}:0000 0A ".encode()  # no peer, TCP_LISTEN
        for line in _table(table).splitlines():  # thousands, most of them of connections that have ended
            if listens_there in line:
                fields = line.decode().split()
                found.setdefault(fields[1].partition(":")[0], []).append(_Socket(fields[9], int(fields[7])))
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
    return exact, (
        _written(socket.AF_INET, "0.0.0.0"),  # noqa: S104 - not to bind it
        _written(socket.AF_INET6, "::ffff:0.0.0.0"),
        _written(socket.AF_INET6, "::"),
    )


def _written(family: socket.AddressFamily, host: str) -> str:
    packed = socket.inet_pton(family, host)
    return "".join(
        f"{int.from_bytes(packed[i : i + 4], sys.byteorder):08X}" for i in range(0, len(packed), 4)
    )


def _table(name: str) -> bytes:
    try:
        return Path(f"/proc/self/net/{name}").read_bytes()
    except FileNotFoundError:  # a machine without IPv6
        return b""


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


def _proof(pid: int, wanted: _Socket) -> _Proof | None:
    """That the process holds the socket; None where it does not."""
    try:
        return next((_Proof(path, link) for path, link in _open_files(pid) if link == wanted.link), None)
    except PermissionError:
        return _Proof() if Path(f"/proc/{pid}").stat().st_uid == wanted.uid else None
    except OSError:
        return None


def _open_files(pid: int) -> Iterator[tuple[str, str]]:
    """Path and target of each; what is closed meanwhile is left out."""
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):  # noqa: PTH208 - pathlib takes several times as long
        with contextlib.suppress(FileNotFoundError):
            yield f"{folder}/{name}", os.readlink(f"{folder}/{name}")  # noqa: PTH115 - see above


def _holder(found: _Socket) -> Holder:
    user = _user(found.uid)
    for pid in _pids():
        try:
            if any(link == found.link for _, link in _open_files(pid)):
                return Holder(user, pid, _program(pid))
        except OSError:
            continue
    return Holder(user)


def _pids() -> Iterable[int]:
    return sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _program(pid: int) -> str:
    """What runs, without its arguments: they may be secret.

    A script or module is named beside its interpreter.
    """
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
