"""Keycloak, as `keycloak.lock` pins it, made ready to start quickly.

What takes long is done once and kept in the cache of the launcher whose servers these are, which several
checkouts may share: the archive (160 MB), the server that is built of it (190 MB) and a database that has
Keycloak's tables and its realm `master` already. A database of that kind has one client that may do
everything, whose secret stands beside it; whoever starts a server on a copy changes that secret before
anything else (`counterparts.keycloak`).

The servers' environment gets `share/keycloak.json`: how to start it and where the database is.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from officeflow.errors import Unavailable
from officeflow.layout import Layout, write_private
from officeflow.stack.progress import Step
from officeflow.stack.servers import fetch_jars, kafka, maven

LOCK = Path(__file__).with_name("keycloak.lock")
BUILT_FOR = ("--db=dev-file",)
OPERATOR = "operator"
"""The client of `master` that is in the database from its beginning."""

DATABASE = "keycloakdb.mv.db"

HOME = "{home}"
"""Stands in the command for the folder of a server of its own: `lib` in it leads to the built one."""

JAVA_OPTIONS = (
    "-Xms192m",
    "-Xmn96m",
    "-Xmx400m",
    "-XX:MetaspaceSize=160m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dfile.encoding=UTF-8",
    "-Duser.language=en",
    "-Duser.country=US",
    "-Djava.awt.headless=true",
)
"""Compiled lightly and with room from the start: half of the processor's time until it serves is saved."""

THREADS = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
NEEDED_BY_KEYCLOAK = (
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.security=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={THREADS}",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Dpicocli.disable.closures=true",
    f"-Dkc.home.dir={HOME}",
    f"-Djboss.server.config.dir={HOME}/conf",
)
"""What its own `kc.sh` says too."""

MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint"


def place_file(layout: Layout) -> Path:
    return layout.servers / "share" / "keycloak.json"


def prepare(layout: Layout, step: Step) -> None:
    """Have it fetched and built, and `place_file` say so; the first call for a cache takes a minute and the
    network. `Unavailable` says what is missing.

    Safe for several processes at once.
    """
    java = kafka.java(layout)
    cache = (layout.servers.parent / "cache").resolve() / "keycloak"
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    built = cache / _key()
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            _make(layout, java, cache, built, step)
    told = {
        "command": _command(java, built / "server"),
        "server": str(built / "server"),
        "database": str(built / DATABASE),
        "operator": OPERATOR,
        "secret_file": str(built / "secret"),
    }
    place_file(layout).parent.mkdir(parents=True, exist_ok=True)
    write_private(place_file(layout), json.dumps(told, indent=1))


def _key() -> str:
    """Names what is built: another archive or other options are another folder."""
    told = json.dumps([LOCK.read_text(), BUILT_FOR, OPERATOR, DATABASE])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _make(layout: Layout, java: str, cache: Path, built: Path, step: Step) -> None:
    """The folder appears whole or not at all."""
    maven.fetch(layout, LOCK, cache, step, what="Keycloak")
    partial = built.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    ((coordinate, _),) = fetch_jars.read_lock(LOCK)
    step.say("unpacked")
    with zipfile.ZipFile(cache / fetch_jars.jar_name(coordinate)) as archive:
        archive.extractall(partial)
    (unpacked,) = partial.iterdir()
    server = unpacked.rename(partial / "server")
    step.say("built")
    _run(java, server, server, ["build", *BUILT_FOR])
    step.say("its database")
    _make_database(java, partial, server)
    partial.rename(built)


def _make_database(java: str, partial: Path, server: Path) -> None:
    home, secret = partial / "home", secrets.token_urlsafe(32)
    home.mkdir()
    (home / "lib").symlink_to(server / "lib")
    made = ["bootstrap-admin", "service", "--optimized", "--no-prompt", f"--client-id={OPERATOR}"]
    _run(java, server, home, [*made, "--client-secret:env=OPERATOR_SECRET"], {"OPERATOR_SECRET": secret})
    (home / "data" / "h2" / DATABASE).rename(partial / DATABASE)
    shutil.rmtree(home)
    write_private(partial / "secret", secret)


def _command(java: str, server: Path) -> list[str]:
    """Up to Keycloak's own arguments."""
    return [java, *JAVA_OPTIONS, *NEEDED_BY_KEYCLOAK, "-cp", str(server / "lib" / "quarkus-run.jar"), MAIN]


def _run(
    java: str,
    server: Path,
    home: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str] | None = None,
) -> None:
    command = [part.replace(HOME, str(home)) for part in _command(java, server)]
    environment = {"PATH": os.environ.get("PATH", os.defpath), **(environment or {})}
    done = subprocess.run(
        [*command, *arguments],
        env=environment,
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
    )
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Unavailable(f"Keycloak's `{arguments[0]}` failed: {' '.join(lines[-5:])}")
