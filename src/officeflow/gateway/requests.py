"""What a request says of itself: its headers, each once, and where it comes from."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from officeflow.gateway.problems import Refused

FORWARDED = "x-forwarded-for"
ONCE = frozenset(
    {"authorization", "content-type", "content-encoding", "content-length", "transfer-encoding", "host"}
)
"""What two readers would read differently if it was there twice."""
ONCE_PREFIXES = ("ce-", "webhook-", "x-")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Networks:
    """A list of networks, empty or not."""

    all: tuple[Network, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Networks:
        return cls(tuple(ipaddress.ip_network(text, strict=False) for text in texts))

    def has(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self.all)


def headers_of(raw: Sequence[tuple[bytes, bytes]], once: Collection[str]) -> dict[str, str]:
    """By lower-case name. `Refused` where one that counts once (`once` among them) is there twice."""
    found: dict[str, str] = {}
    for name_bytes, value_bytes in raw:
        name = name_bytes.decode("latin-1")
        if name in found:
            if name != FORWARDED and (name in ONCE or name in once or name.startswith(ONCE_PREFIXES)):
                raise Refused(400, "header_twice", f"the header {name[:60]} is there twice")
            found[name] += f", {value_bytes.decode('latin-1')}"
        else:
            found[name] = value_bytes.decode("latin-1")
    return found


def client_address(peer: str, forwarded: str | None, trusted: Networks) -> tuple[Address | None, bool]:
    """Where the request comes from, and whether it came by a trusted proxy.

    Of X-Forwarded-For, the last address that is no trusted proxy's: what stands before it anybody can write.
    """
    address = _address(peer)
    if not trusted.has(address):
        return address, False
    for text in reversed((forwarded or "").split(",")):
        if not text.strip():
            continue
        address = _address(text.strip())
        if not trusted.has(address):
            return address, True
    return address, True


def _address(text: str) -> Address | None:
    """None for what is none, such as the peer of a Unix socket."""
    try:
        found = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
