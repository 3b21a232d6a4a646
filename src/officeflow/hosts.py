"""Lists of hosts, as settings and connections have them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from officeflow.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SUCH_AS_PLACE = "write 10.1.0.0/16, 10.1.2.3, ad.example.com or *.corp.example.com:636"
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
        return self.is_of(host)

    def is_of(self, host: str) -> bool:
        """Whether it names this host, whatever the port."""
        return host.endswith(self.name[1:]) if self.name.startswith("*.") else host == self.name


@dataclass(frozen=True, slots=True)
class Places:
    """A list of networks, addresses and hosts; a host's entry without a port is for all of its ports."""

    networks: tuple[Network, ...] = ()
    hosts: tuple[Host, ...] = ()

    def has(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def names(self, host: str, port: int) -> bool:
        """Port 0: whichever it may be."""
        name = host.lower().rstrip(".")
        return any(
            each.is_of(name) and (not (each.port and port) or each.port == port) for each in self.hosts
        )


def places_of(text: str, *, source: str) -> Places:
    """Such a list as it is written: separated by commas or spaces.

    `InvalidInput` names `source` and the entry that is none.
    """
    read = dict(_places(text))
    if wrong := [part for part, place in read.items() if place is None]:
        raise InvalidInput(f"{source}: {wrong[0]!r} is neither a network nor a host", hint=SUCH_AS_PLACE)
    found = list(read.values())
    return Places(
        networks=tuple(each for each in found if isinstance(each, Network)),
        hosts=tuple(each for each in found if isinstance(each, Host)),
    )


def no_places_of(text: str) -> list[str]:
    """The entries of such a list that are neither networks nor hosts."""
    return [part for part, place in _places(text) if place is None]


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


def _places(text: str) -> Iterator[tuple[str, Network | Host | None]]:
    for part in filter(None, re.split(r"[,\s]+", text.strip().lower())):
        try:
            yield part, ipaddress.ip_network(part, strict=False)
        except ValueError:
            yield from _read(part)


def _read(text: str) -> Iterator[tuple[str, Host | None]]:
    for part in filter(None, re.split(r"[,\s]+", text.strip().lower())):
        match = LISTED.fullmatch(part)
        if match is None or (match["host"].startswith("*.") and "." not in match["host"][2:]):
            yield part, None
        else:
            yield part, Host(match["host"], int(match["port"]) if match["port"] else None)
