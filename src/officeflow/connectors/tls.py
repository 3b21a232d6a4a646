"""Whom a connection over TLS trusts: the machine's authorities, and those of the connection."""

from __future__ import annotations

import functools
import ssl
from enum import StrEnum
from pathlib import Path

from officeflow.connectors.connection import Connection
from officeflow.errors import InvalidInput

KEPT = 64
"""Contexts of a process: one for each protocol and each file of authorities that connections name."""

Look = tuple[int, int, int] | None
"""What changes when a file does; None where there is none."""


class Spoken(StrEnum):
    """The protocol inside. Libraries set a context to theirs, so each has contexts of its own."""

    HTTP = "http"
    LDAP = "ldap"
    SMTP = "smtp"


def tls_context(connection: Connection, spoken: Spoken) -> ssl.SSLContext:
    """Verifies against the machine's authorities, and against the connection's extra `ca_file` where it is
    given. `InvalidInput` where that cannot be read.

    Reading the authorities takes longer than most calls, so a context is made once for a process, and anew
    when a file of authorities has changed. It belongs to all who speak the protocol: nobody changes it.
    """
    ca_file = str(connection.extra.get("ca_file") or "")
    try:
        return _made(spoken, ca_file, _look(ca_file), _machine())
    except (OSError, ssl.SSLError) as error:
        raise InvalidInput(f"connection {connection.id}: extra ca_file cannot be read: {ca_file}") from error


@functools.lru_cache(maxsize=KEPT)
def _made(spoken: Spoken, ca_file: str, look: Look, machine: tuple[Look, ...]) -> ssl.SSLContext:
    del spoken, look, machine
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def _machine() -> tuple[Look, ...]:
    """Of the machine's authorities: OpenSSL's file and folder, or those that the environment names."""
    paths = ssl.get_default_verify_paths()
    return _look(paths.cafile or ""), _look(paths.capath or "")


def _look(path: str) -> Look:
    try:
        found = Path(path).stat() if path else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
