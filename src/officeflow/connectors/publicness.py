"""Whether anybody on the internet could reach an address, whatever it is wrapped in."""

from __future__ import annotations

import ipaddress

from officeflow.hosts import Address

MOST_ADDRESSES = 4
"""How many of a host's addresses are tried."""

# Whoever reaches these gets a machine's own credentials, so no list opens them. Azure's is a public address.
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
    )
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All that is assigned to the public in IPv6 (RFC 4291 section 2.4, IANA's registry)."""


def meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address only wraps (RFC 4291 section 2.5.5, RFC 6052, RFC 3056), or the
    address itself.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64 or 0xFFFF < int(address) <= 0xFFFFFFFF:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.sixtofour is not None:
            return address.sixtofour
    return address


def is_never_called(address: Address) -> bool:
    """Whether no list opens it."""
    return address in METADATA or address.is_multicast or address.is_unspecified


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could reach it: not private, loopback, link-local, shared, reserved or
    for documents.
    """
    if isinstance(address, ipaddress.IPv6Address) and (
        address not in GLOBAL_UNICAST or address.teredo is not None
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
