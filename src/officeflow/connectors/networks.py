"""Which addresses the connections of organizations may reach: public ones, and what the platform lists beside
them (`OFFICEFLOW_CONNECTION_NETWORKS`).

An organization's admin says where its connections lead, and our processes stand inside the platform's
network: without limits a connection would be a way into that. Whoever connects asks here for the addresses,
and connects to one of those, so that a name which answers differently the next time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from officeflow.connectors.publicness import MOST_ADDRESSES, is_never_called, is_public, meant
from officeflow.errors import Rejected
from officeflow.hosts import Places, places_of
from officeflow.settings import load_settings

VARIABLE = "OFFICEFLOW_CONNECTION_NETWORKS"
HINT = f"only public addresses may be reached, and what the platform lists in {VARIABLE}: ask an admin of it"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an organization's connections may reach; `listed` is what need not be public."""

    listed: Places

    def allow(self, host: str, port: int, address: str) -> bool:
        """Whether this address of the host may be connected to. Port 0: whichever the protocol has."""
        found = meant(ipaddress.ip_address(address))
        if is_never_called(found):
            return False
        return is_public(found) or self.listed.has(found) or self.listed.names(host, port)

    def allowed(self, host: str, port: int, addresses: Sequence[str]) -> list[str]:
        """Those of the host's addresses that may be connected to; never none.

        `Rejected`, which does not tell them, where there are only others.
        """
        found = [each for each in addresses if self.allow(host, port, each)]
        if not found:
            raise Rejected(f"{host} leads to an address that is not public", operation="connect", hint=HINT)
        return found

    def addresses(self, host: str, port: int) -> list[str]:
        """Where to connect to for the host, in the order to try; as `allowed`, and OSError where its name
        cannot be resolved.
        """
        return self.allowed(host, port, resolved(host, port))[:MOST_ADDRESSES]


def limits_of(connection_id: str) -> Limits | None:
    """None for a connection that is no organization's (`<organization>.<name>`): nothing limits it."""
    if "." not in connection_id:
        return None
    return Limits(places_of(load_settings().connection_networks, source=VARIABLE))


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, each once; of an address itself. OSError where there are none."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host} is no name of a host: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(host: str, port: int, timeout: float | None, limits: Limits | None) -> socket.socket:
    """A socket that is connected to the host, at an address that `limits` allow, and sends at once what it is
    given: what waits for an acknowledgement of what was sent before takes 40 ms longer.

    `Rejected` where there is none of those, OSError where none of them can be connected to.
    """
    *first, last = [host] if limits is None else limits.addresses(host, port)
    for address in first:
        try:
            return _connected(address, port, timeout)
        except OSError:
            continue
    return _connected(last, port, timeout)


def _connected(address: str, port: int, timeout: float | None) -> socket.socket:
    found = socket.create_connection((address, port), timeout)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found
