"""A Keycloak: `python -m counterparts.keycloak --port 8080 --folder DIR`.

It has the realm `acme` (`realm.json`). The secret of its client `officeflow`, a service account, is in the
environment, COUNTERPART_SECRET. The client `operator` of the realm `master` may do everything; its secret is
in `DIR/operator`, made at the first start. DIR gets the database too. What was asked for is in Keycloak's own
admin events.

The server itself is what `officeflow.stack.servers.keycloak` prepared in the environment of this Python.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from counterparts import web
from counterparts.keycloak.admin import Admin, Refused
from counterparts.keycloak.realm import CLIENT, seeds

PREPARED = Path(sys.prefix) / "share" / "keycloak.json"
PR_SET_PDEATHSIG = 1
START_SECONDS = 600
END_SECONDS = 60
"""Within which a server that was killed has left its port and its database."""

DATABASE_SETTINGS = ";WRITE_DELAY=0;TRACE_LEVEL_FILE=0"
"""On the disk before it is answered."""


def make_home(folder: Path, prepared: Mapping[str, str]) -> Path:
    """The server's own folder: a copy of the prepared database, which appears whole or not at all."""
    home = folder / "home"
    database = home / "data" / "h2" / Path(prepared["database"]).name
    database.parent.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        partial = database.with_suffix(".partial")
        shutil.copyfile(prepared["database"], partial)
        partial.rename(database)
    for name in ("conf", "providers", "themes"):
        (home / name).mkdir(exist_ok=True)
    library = home / "lib"
    library.unlink(missing_ok=True)
    library.symlink_to(Path(prepared["server"]) / "lib")
    return home


def own_secret(path: Path) -> str:
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        partial.rename(path)
    return path.read_text()


def start(home: Path, port: int, command: list[str]) -> subprocess.Popen[bytes]:
    """It dies with this process, however that ends, and is not told the secret."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    arguments = [
        "start",
        "--optimized",
        "--cache=local",
        "--http-enabled=true",
        "--hostname-strict=false",
        f"--http-host={web.HOST}",
        f"--http-port={port}",
        f"--db-url-properties={DATABASE_SETTINGS}",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "COUNTERPART_SECRET"}
    return subprocess.Popen(
        [*(part.replace("{home}", str(home)) for part in command), *arguments],
        cwd=home,
        env=environment,
        preexec_fn=lambda: prctl(  # noqa: PLW1509 - there are no threads yet
            PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0
        ),
    )


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for_the_former(port: int, seconds: float = END_SECONDS) -> None:
    """The server of one of us who was killed dies a moment after it; until then it answers on the port, and
    what it is told is lost.
    """
    deadline = time.monotonic() + seconds
    while listens(port):
        if time.monotonic() > deadline:
            sys.exit(f"Keycloak's port {port} has been in use for {seconds:g} s: end who listens there")
        time.sleep(0.05)


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if listens(port):
            return
        time.sleep(0.05)
    raise SystemExit("Keycloak does not listen")


def seed(url: str, own: str, secret: str, prepared: Mapping[str, str]) -> None:
    """Safe to repeat. The secret that every copy of the prepared database has goes first."""
    operator = prepared["operator"]
    try:
        admin = Admin(url, operator, own)
    except Refused:
        everybodys = Path(prepared["secret_file"]).read_text()
        Admin(url, operator, everybodys).set_secret("master", operator, own)
        admin = Admin(url, operator, own)
    realm = seeds(secret)
    if realm["realm"] in {each["realm"] for each in admin.call("GET", "?briefRepresentation=true")}:
        admin.set_secret(realm["realm"], CLIENT, secret)
    else:
        admin.call("POST", "", realm)


def main() -> None:
    parser = argparse.ArgumentParser(prog="counterparts.keycloak", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    secret = web.secret("COUNTERPART_SECRET")
    if not PREPARED.exists():
        sys.exit(f"there is no {PREPARED}: Keycloak was not prepared")
    os.umask(0o077)
    prepared = json.loads(PREPARED.read_text())
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    own = own_secret(folder / "operator")
    wait_for_the_former(options.port)
    process = start(make_home(folder, prepared), options.port, prepared["command"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: process.send_signal(number))
    wait_until_it_listens(process, options.port)
    try:
        seed(f"http://127.0.0.1:{options.port}", own, secret, prepared)
    except (Refused, OSError) as error:
        process.terminate()
        process.wait()
        sys.exit(f"Keycloak could not be given its realm: {error}")
    sys.exit(process.wait())


if __name__ == "__main__":
    main()
