"""Where a workflow may send requests: hosts that somebody has listed, at public addresses, or in networks
that somebody has listed.

The address that is checked is the one that is connected to (`addresses` gives it, and nobody asks the name
server again), so a name that answers differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from officeflow.connectors.networks import Limits
from officeflow.connectors.publicness import MOST_ADDRESSES, is_never_called, is_public, meant
from officeflow.errors import InvalidInput, Rejected, Transient
from officeflow.hosts import PORTS, Host, Network

if TYPE_CHECKING:
    import httpx

SLASH = r"/|\\|%2f|%5c"
DOT_SEGMENT = re.compile(rf"(?:^|{SLASH})(?:\.|%2e){{1,2}}(?={SLASH}|[;?#]|$)", re.IGNORECASE)
"""RFC 3986 section 5.2.4, also as servers read it that decode first, or that cut off path parameters first.
"""
NUMBER = re.compile(r"0x[0-9a-f]*|\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """Where one connection may send to.

    `within` are the hosts that the platform has for all connections, `limits` the addresses that it has for
    an organization's: None where it sets none.
    """

    hosts: tuple[Host, ...]
    networks: tuple[Network, ...] = ()
    within: tuple[Host, ...] | None = None
    limits: Limits | None = None

    def check(self, url: httpx.URL) -> None:
        """`Rejected` unless the address is http or https, has no user in it and names a listed host."""
        shown = without_query(url)
        if url.scheme not in PORTS:
            raise refused(f"{shown} is neither http nor https")
        if url.userinfo:
            raise refused(
                f"the address of {url.host} holds a user name or password",
                "credentials belong into the connection",
            )
        host, port = name_of(url), port_of(url)
        if is_disguised(host):
            raise refused(f"{host} is an address in disguise", "write it as four decimal numbers")
        if not any(listed.takes(host, port, url.scheme) for listed in self.hosts):
            raise refused(
                f"{host}:{port} is not among the hosts of the connection",
                "add it to the connection's allowed_hosts",
            )
        if self.within is not None and not any(
            listed.takes(host, port, url.scheme) for listed in self.within
        ):
            raise refused(
                f"{host}:{port} is not among the hosts that this platform allows",
                "OFFICEFLOW_HTTP_ALLOWED_HOSTS lists them",
            )

    def addresses(self, url: httpx.URL) -> list[str]:
        """The addresses that may be connected to for it, in the order to try them; never none.

        `Rejected` where it has only addresses that are not allowed, `Transient` where its name cannot be
        resolved now.
        """
        host = url.raw_host.decode("ascii")
        try:
            found = socket.getaddrinfo(host, port_of(url), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Transient(f"the name {host} cannot be resolved: {error}", operation="request") from error
        resolved = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if self.limits is not None:
            resolved = self.limits.allowed(host, port_of(url), resolved)
        allowed = [text for text in resolved if self.allows(text)]
        if not allowed:
            raise refused(
                f"{host} has no address that may be called: {', '.join(resolved)}",
                "an address that is not public must lie in one of the connection's networks",
            )
        return allowed[:MOST_ADDRESSES]

    def allows(self, text: str) -> bool:
        """Whether this address may be connected to."""
        address = meant(ipaddress.ip_address(text))
        if is_never_called(address):
            return False
        return is_public(address) or any(address in network for network in self.networks)


def is_disguised(host: str) -> bool:
    """Whether a host ends in a number, so that resolvers read it as IPv4, and is not plainly that:
    `2130706433`, `0177.0.0.1`, `127.1`.
    """
    if not NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return False
    try:
        return str(ipaddress.IPv4Address(host)) != host
    except ValueError:
        return True


def name_of(url: httpx.URL) -> str:
    """The host as it goes over the wire: ASCII, lower case, an IPv6 address in brackets, without the root's
    dot.
    """
    host = url.raw_host.decode("ascii").lower().rstrip(".")
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def port_of(url: httpx.URL) -> int:
    return url.port or PORTS[url.scheme]


def origin_of(url: httpx.URL) -> tuple[str, str, int]:
    """RFC 6454. Another scheme than http and https has no port of its own here."""
    return url.scheme, name_of(url), url.port or PORTS.get(url.scheme, 0)


def without_query(url: httpx.URL) -> str:
    """For people: without user, query and fragment, any of which may hold what nobody should read."""
    return str(url.copy_with(username=None, password=None, query=None, fragment=None))


def networks_of(text: str, *, source: str) -> tuple[Network, ...]:
    """A list of networks, such as `10.1.0.0/16, fd12::/48`.

    `InvalidInput` names `source` and the entry that is none.
    """
    return tuple(_networks(re.split(r"[,\s]+", text.strip()), source))


def _networks(parts: Iterable[str], source: str) -> Iterable[Network]:
    for part in parts:
        if part:
            try:
                yield ipaddress.ip_network(part)
            except ValueError as error:
                raise InvalidInput(
                    f"{source}: {part!r} is no network: {error}", hint="write 10.1.0.0/16 or 10.1.2.3"
                ) from error


def refused(text: str, hint: str = "") -> Rejected:
    """Nothing was sent."""
    return Rejected(text, operation="request", hint=hint)
