"""Where a workflow may send to: what is refused, however it is spelled."""

from __future__ import annotations

import ipaddress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.connectors.egress import Egress, networks_of, without_query
from officeflow.connectors.publicness import meant
from officeflow.errors import InvalidInput, Rejected, Transient
from officeflow.hosts import hosts_of

ANYWHERE = Egress(hosts=hosts_of("*.acme.example", source=""))


def listed(hosts: str, networks: str = "", within: str | None = None) -> Egress:
    platform = None if within is None else hosts_of(within, source="")
    return Egress(
        hosts=hosts_of(hosts, source=""), networks=networks_of(networks, source=""), within=platform
    )


PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "2606:2800:220:1:248:1893:25c8:1946",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
]
NOT_PUBLIC = [
    *(
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "0.0.0.0",
        "0.1.2.3",
    ),
    *("169.254.1.1", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *(
        "::",
        "::1",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
    ),
    *(
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:7f00:1::",
        "4000::1",
    ),
]
METADATA = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert ANYWHERE.allows(address)


@pytest.mark.parametrize("address", NOT_PUBLIC + METADATA)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not ANYWHERE.allows(address)


@pytest.mark.parametrize("address", METADATA)
def test_a_machines_own_metadata_is_never_allowed(address: str) -> None:
    everything = listed("x.example", "0.0.0.0/0 ::/0")
    assert not everything.allows(address)
    assert everything.allows("10.0.0.1")


@pytest.mark.parametrize(
    ("networks", "address", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("127.0.0.1", "::ffff:127.0.0.1", True),
        ("127.0.0.1", "::1", False),
        ("10.1.0.0/16, fd12::/48", "10.1.2.3", True),
        ("10.1.0.0/16, fd12::/48", "fd12::9", True),
        ("10.1.0.0/16, fd12::/48", "10.2.0.1", False),
        ("224.0.0.0/4", "224.0.0.1", False),
        ("0.0.0.0/8", "0.0.0.0", False),
    ],
)
def test_a_listed_network_opens_itself_alone(networks: str, address: str, allowed: bool) -> None:
    assert listed("x.example", networks).allows(address) is allowed


@given(st.ip_addresses(v=4))
def test_an_address_wrapped_in_another_is_judged_by_itself(address: ipaddress.IPv4Address) -> None:
    plain = ANYWHERE.allows(str(address))
    for wrapped in (
        f"::ffff:{address}",
        str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))),
    ):
        assert ANYWHERE.allows(wrapped) is plain
        assert meant(ipaddress.ip_address(wrapped)) == address


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://api.example/x", "neither http nor https"),
        ("file:///etc/passwd", "neither http nor https"),
        ("gopher://api.example/", "neither http nor https"),
        ("http://api.example@evil.test/", "user name"),
        ("https://ana:geheim@api.example/", "user name"),
        ("http://2130706433/", "disguise"),
        ("http://0x7f000001/", "disguise"),
        ("http://0x7f.1/", "disguise"),
        ("http://127.1/", "disguise"),
        ("http://017700000001/", "disguise"),
        ("https://evil.test/", "not among the hosts of the connection"),
        ("https://api.example.evil.test/", "not among the hosts of the connection"),
        ("https://xapi.example/", "not among the hosts of the connection"),
        ("https://example/", "not among the hosts of the connection"),
        ("https://api.example:8443/", "not among the hosts of the connection"),
        ("http://api.example:443/", "not among the hosts of the connection"),
        ("http://[::1]/", "not among the hosts of the connection"),
        ("http://10.0.0.1/", "not among the hosts of the connection"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused_by_its_spelling(url: str, reason: str) -> None:
    with pytest.raises(Rejected, match=reason) as caught:
        listed("api.example, *.inner.example").check(httpx.URL(url))
    assert "geheim" not in str(caught.value)
    assert not caught.value.maybe_done


@pytest.mark.parametrize(
    "url", ["http://0177.0.0.1/", "http://256.1.1.1/", "http://1.2.3.4.5:x/", "http://exa mple/"]
)
def test_what_is_no_address_is_none(url: str) -> None:
    with pytest.raises((httpx.InvalidURL, Rejected)):
        listed("api.example").check(httpx.URL(url))


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ("api.example", "https://api.example/v1?x=1"),
        ("api.example", "http://API.example:80/"),
        ("api.example", "https://api.example./"),
        ("api.example:8443", "https://api.example:8443/"),
        ("*.api.example", "https://a.b.api.example/"),
        ("[2606:2800::1]", "https://[2606:2800::1]/"),
        ("xn--bcher-kva.example", "https://bücher.example/"),
    ],
)
def test_a_listed_host_may_be_called(hosts: str, url: str) -> None:
    listed(hosts).check(httpx.URL(url))


def test_the_platforms_own_list_limits_that_of_a_connection() -> None:
    both = listed("api.test.example, other.example", within="*.test.example")
    both.check(httpx.URL("https://api.test.example/"))
    with pytest.raises(Rejected, match="this platform allows"):
        listed("api.test.example, evil.test", within="*.test.example").check(httpx.URL("https://evil.test/"))


@pytest.mark.parametrize(
    "text",
    ["https://api.example", "api.example/v1", "a b/c", "*", "*.com", "api.example:http", "user@api.example"],
)
def test_what_is_no_host_is_refused_in_a_list(text: str) -> None:
    with pytest.raises(InvalidInput, match="my connection"):
        hosts_of(text, source="my connection")


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0.1/8", "localhost"])
def test_what_is_no_network_is_refused_in_a_list(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no network"):
        networks_of(text, source="acme.api, networks")


def test_a_name_that_stands_for_this_machine_alone_is_refused_after_it_was_resolved() -> None:
    url = httpx.URL("http://localhost:80/")
    with pytest.raises(Rejected, match="no address that may be called"):
        listed("localhost").addresses(url)
    assert "127.0.0.1" in listed("localhost", "127.0.0.0/8").addresses(url)


def test_a_name_that_nobody_knows_may_be_known_later() -> None:
    with pytest.raises(Transient, match="cannot be resolved"):
        listed("nobody.invalid").addresses(httpx.URL("http://nobody.invalid/"))


def test_what_people_are_shown_of_an_address_has_no_query_and_no_user() -> None:
    assert (
        without_query(httpx.URL("https://ana:geheim@api.example:8443/v1/x?token=geheim#f"))
        == "https://api.example:8443/v1/x"
    )
