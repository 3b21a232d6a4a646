"""Lists of hosts, as settings and connections have them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from officeflow.errors import InvalidInput

SUCH_AS = "write api.example.com, *.example.com or api.example.com:8443"
PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
LISTED = re.compile(rf"(?P<host>{HOST.pattern})(?::(?P<port>\d{{1,5}}))?")


@dataclass(frozen=True, slots=True)
class Host:
    """An entry of a list: `api.example.com`, `*.example.com` (what lies below it), `[2001:db8::1]`, each
    perhaps with `:port`.

    Without a port it is the scheme's own.
    """

    name: str
    port: int | None = None

    def takes(self, host: str, port: int, scheme: str) -> bool:
        if port != (self.port or PORTS[scheme]):
            return False
        return host.endswith(self.name[1:]) if self.name.startswith("*.") else host == self.name


def hosts_of(text: str, *, source: str) -> tuple[Host, ...]:
    """A list of hosts as it is written: separated by commas or spaces.

    `InvalidInput` names `source` and the entry that is none.
    """
    read = dict(_read(text))
    if wrong := [part for part, host in read.items() if host is None]:
        raise InvalidInput(f"{source}: {wrong[0]!r} is no host", hint=SUCH_AS)
    return tuple(filter(None, read.values()))


def no_hosts_of(text: str) -> list[str]:
    """The entries of such a list that are no hosts."""
    return [part for part, host in _read(text) if host is None]


def _read(text: str) -> Iterator[tuple[str, Host | None]]:
    for part in filter(None, re.split(r"[,\s]+", text.strip().lower())):
        match = LISTED.fullmatch(part)
        if match is None or (match["host"].startswith("*.") and "." not in match["host"][2:]):
            yield part, None
        else:
            yield part, Host(match["host"], int(match["port"]) if match["port"] else None)
