"""Which port each server listens on: the default, or the next free one, remembered for the next start.

Ports that another checkout of the same user has chosen count as taken even before its servers listen, so two
starts at once do not meet: each choice is noted in a file that all checkouts share.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from officeflow.errors import Unavailable
from officeflow.layout import Layout, read_json, write_private
from officeflow.stack import counterparts

SERVERS: Mapping[str, int] = {
    "airflow": 8080,
    "gateway": 8090,
    "postgres": 15432,
    "valkey": 16379,
    "kafka": 19092,
    "kafka_controller": 19093,
}
TRIES = 400
STARTING_SECONDS = 900.0
"""How long a choice counts although nothing runs yet: a first start may download for minutes."""


def defaults(further: Iterable[str] = ()) -> dict[str, int]:
    """Of our servers, of each counterpart that `up` starts, and of those that a demonstration has beside
    it.
    """
    return {**SERVERS, **counterparts.default_ports(further)}


def is_free(port: int) -> bool:
    """Whether a server could listen there now, on loopback and on all addresses."""
    for address in ("127.0.0.1", ""):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def _claims_file() -> Path:
    return Path(tempfile.gettempdir()) / f"officeflow-ports-{os.geteuid()}.json"


@contextlib.contextmanager
def _claims() -> Iterator[dict[int, str]]:
    """Gives port → home of all checkouts of this user that run or are starting; what the block leaves is
    kept. One process at a time.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    with os.fdopen(os.open(_claims_file(), flags, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            noted = json.loads(file.read() or "{}")
        except ValueError:
            noted = {}
        now = time.time()
        fresh = {
            port: (home, at)
            for port, (home, at) in noted.items()
            if now - at < STARTING_SECONDS or _runs(Path(home))
        }
        claims = {int(port): home for port, (home, _) in fresh.items()}
        yield claims
        kept = {
            str(port): fresh[str(port)] if fresh.get(str(port), ("",))[0] == home else (home, now)
            for port, home in claims.items()
        }
        file.seek(0)
        file.truncate()
        json.dump(kept, file)


def _runs(home: Path) -> bool:
    try:
        return Path(f"/proc/{int((home / 'run' / 'supervisord.pid').read_text())}").exists()
    except (OSError, ValueError):
        return False


def wanted(layout: Layout, usual: Mapping[str, int]) -> dict[str, int]:
    """The port that each of these names had at the last start, or will have at the first where nobody has
    it; `usual` is a selection of `defaults`.
    """
    remembered = read_json(layout.home / "ports.json")
    return {name: int(remembered.get(name) or port) for name, port in usual.items()}


def choose(
    layout: Layout,
    names: Iterable[str],
    *,
    in_use: Iterable[str] = (),
    usual: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """A port for each of the names, from the one that is `usual` on.

    `in_use` are the names whose own server is running: they keep their port, taken as it is.
    """
    usual, remembered = usual or defaults(), read_json(layout.home / "ports.json")
    with _claims() as claims:
        chosen = {name: int(remembered[name]) for name in in_use if name in remembered}
        for name in names:
            if name not in chosen:
                foreign = {port for port, home in claims.items() if home != str(layout.home)}
                chosen[name] = _free_port(
                    int(remembered.get(name) or usual[name]), foreign | set(chosen.values())
                )
        for port in chosen.values():
            claims[port] = str(layout.home)
    write_private(layout.home / "ports.json", json.dumps({**remembered, **chosen}, indent=1))
    return chosen


def release(layout: Layout) -> None:
    """Give all ports of this home back to other checkouts."""
    with _claims() as claims:
        for port in [port for port, home in claims.items() if home == str(layout.home)]:
            del claims[port]


def _free_port(wanted: int, avoid: set[int]) -> int:
    for port in range(wanted, min(wanted + TRIES, 65536)):
        if port not in avoid and is_free(port):
            return port
    raise Unavailable(
        f"no free port between {wanted} and {wanted + TRIES}",
        hint="stop what listens there, or set another in ports.json",
    )
