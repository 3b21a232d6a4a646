"""Another user of the same machine, as tests see one."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOOKING = """
import os, sys
for place, folders, files in os.walk(sys.argv[1]):
    print(place)
    for name in files:
        try:
            open(os.path.join(place, name), "rb").close()
        except OSError:
            continue
        print(os.path.join(place, name))
for path in sys.argv[2:]:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
    except OSError:
        continue
    print(path)
"""


def seen_by_another_user(home: Path) -> set[Path]:
    """What `daemon` can list or read in `home`, also by names that it was told. To be called by root."""
    everything = [str(path) for path in home.rglob("*") if not path.is_symlink()]
    assert len(everything) > 20
    told = ""
    for first in range(0, len(everything), 1000):
        command = [_python(), "-I", "-S", "-c", LOOKING, str(home), *everything[first : first + 1000]]
        told += subprocess.run(
            command,
            user="daemon",
            group="daemon",
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return {Path(line) for line in told.splitlines()} - {home}


def _python() -> str:
    """One that everybody may run."""
    return next(path for path in ("/usr/bin/python3", sys.executable) if os.access(path, os.X_OK))


def open_to_others(home: Path) -> set[Path]:
    """By their modes: for those who are not root."""
    modes = {path: path.stat().st_mode for path in home.rglob("*") if not path.is_symlink()}
    assert len(modes) > 20
    return {path for path, mode in modes.items() if mode & 0o077}


def answer(port: int, said: bytes) -> bytes:
    """The first bytes that a server answers to somebody who says this."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(said)
        return connection.recv(4096)


IMPOSTOR = """
import http.server, sys

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with open(sys.argv[2], "ab") as heard:
            heard.write(self.requestline.encode() + b"\\n" + bytes(self.headers) + body + b"\\n")
        answer = b'{"metadatabase": {"status": "healthy"}, "access_token": "x", "connections": []}'
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_PROPFIND = do_REPORT = do_GET

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


@dataclass(frozen=True)
class Impostor:
    """Another program on a port of ours, which answers as the server would."""

    pid: int
    file: Path

    def heard(self) -> bytes:
        return self.file.read_bytes() if self.file.exists() else b""


@contextlib.contextmanager
def impostor(port: int, folder: Path) -> Iterator[Impostor]:
    """It listens when the block begins."""
    heard = folder / f"heard.{port}"
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", IMPOSTOR, str(port), str(heard)]) as process:
        try:
            while not _listens(port):
                assert process.poll() is None, "somebody else has the port"
                time.sleep(0.05)
            yield Impostor(process.pid, heard)
        finally:
            process.kill()


def _listens(port: int) -> bool:
    """Without a connection, which a process that guards its stack's ports refuses to make."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
