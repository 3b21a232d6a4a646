"""What happens in the mount and network namespaces of a domain controller, and the way in.

There the Debian packages lie over this machine's `/usr`, so that Samba finds all in the places that it was
built for, and the ports that it demands (389, 636) are nobody else's.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
STARTING_SECONDS = 60.0
QUICK = {**os.environ, "TDB_NO_FSYNC": "1"}
"""What is told need not outlive the machine, only the server."""
TIED = ("setpriv", "--pdeathsig", "KILL")
"""The program ends with whoever started it, in whatever way."""


def unshared(root: Path, *command: str) -> list[str]:
    """The command that runs this one in namespaces of its own: as root, or where the kernel lets other users
    be root of a namespace.
    """
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    inner = (sys.executable, "-m", "counterparts.samba.inside", str(root), *command)
    return ["unshare", *as_root, "--mount", "--net", "--", *inner]


def refusal(root: Path) -> str:
    """Why this user may not have such namespaces here; empty where they may."""
    done = subprocess.run(unshared(root, "true"), capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


def enter(root: Path) -> None:
    """Overlay `/usr`, and give the namespace its loopback.

    The path is relative: commas and colons of an absolute one would be the mount's.
    """
    if root != Path("/"):
        mount = ["mount", "-t", "overlay", "overlay", "-o", "lowerdir=usr:/usr", "/usr"]
        done = subprocess.run(mount, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr.strip() or "the overlay of /usr could not be mounted")
    with socket.socket() as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


async def serve(command: Sequence[str], doors: Mapping[int, int]) -> int:
    """Run the server until it ends or we are told to; its exit status.

    `doors` are descriptors of sockets of the namespace outside, bound and not listening yet, by the port to
    which their connections go. They listen once the server does.
    """
    server = await asyncio.create_subprocess_exec(*TIED, *command, stdin=asyncio.subprocess.PIPE)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.terminate)
    ending = asyncio.ensure_future(server.wait())
    async with asyncio.timeout(STARTING_SECONDS):
        while not ending.done() and not await _all_answer(doors):  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.02)
    listening = [
        await asyncio.start_server(partial(_forward, port), sock=socket.socket(fileno=descriptor))
        for port, descriptor in doors.items()
    ]
    status = await ending
    for each in listening:
        each.close()
    return status


async def _all_answer(ports: Mapping[int, int]) -> bool:
    for port in ports:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
    return True


async def _forward(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Both ways until both sides have ended."""
    try:
        further, back = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.transport.abort()
        return
    await asyncio.gather(_copy(reader, back), _copy(further, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    with suppress(OSError):
        writer.close()
        await writer.wait_closed()


def main(root: Path, command: Sequence[str]) -> None:
    """`inside ROOT PROGRAM ARGUMENT …` becomes the program; with `serve DESCRIPTOR:PORT,… PROGRAM …` it is
    served.
    """
    enter(root)
    if command[0] != "serve":
        os.execvp(command[0], [*command])  # noqa: S606
    pairs = (text.split(":") for text in command[1].split(","))
    doors = {int(port): int(descriptor) for descriptor, port in pairs}
    sys.exit(asyncio.run(serve(command[2:], doors)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
