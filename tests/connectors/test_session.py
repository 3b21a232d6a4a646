"""What holds for every request of every connector: where credentials go, and how much may come back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.http import HttpSession, Request
from officeflow.errors import ConnectorError, InvalidInput, Rejected
from tests.connectors.http_faults import Fault, FaultProxy

CALL = Call(provider="caldav", operation="discover")


@contextmanager
def session(url: str, **extra: str) -> Iterator[HttpSession]:
    given = Connection(id="acme.x", provider="caldav", host=url, login="ana", password="geheim", extra=extra)
    opened = HttpSession(given, correlation_id="c-1")
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize(
    ("base", "trusted", "reference", "address"),
    [
        ("https://example.co.uk/dav", "", "/cal/1/", "https://example.co.uk/cal/1/"),
        ("https://example.co.uk/dav", "", "cal/1/", "https://example.co.uk/dav/cal/1/"),
        ("https://example.co.uk/dav", "", "https://example.co.uk:443/cal/", "https://example.co.uk/cal/"),
        ("https://example.co.uk", "", "https://EXAMPLE.co.uk./cal/", "https://example.co.uk./cal/"),
        (
            "https://caldav.icloud.com",
            "*.icloud.com",
            "https://p42-caldav.icloud.com/x",
            "https://p42-caldav.icloud.com/x",
        ),
        (
            "https://caldav.icloud.com",
            "p42-caldav.icloud.com",
            "//p42-caldav.icloud.com/x",
            "https://p42-caldav.icloud.com/x",
        ),
        ("http://10.0.0.1", "10.0.0.2", "http://10.0.0.2/x", "http://10.0.0.2/x"),
        (
            "http://acme.example",
            "cal.acme.example",
            "https://cal.acme.example/x",
            "https://cal.acme.example/x",
        ),
    ],
)
def test_a_reference_within_the_origin_or_the_list_is_followed(
    base: str, trusted: str, reference: str, address: str
) -> None:
    with session(base, trusted_hosts=trusted) as http:
        assert http.resolve(reference, CALL) == address


@pytest.mark.parametrize(
    ("base", "trusted", "reference"),
    [
        ("https://example.co.uk", "", "https://evil.co.uk/x"),
        ("http://example.co.uk", "", "http://evil.co.uk/x"),
        ("https://caldav.icloud.com", "", "https://p42-caldav.icloud.com/x"),
        ("https://caldav.icloud.com", "*.icloud.com", "https://evil-icloud.com/x"),
        ("https://caldav.icloud.com", "*.icloud.com", "https://p42-caldav.icloud.com:8443/x"),
        ("https://caldav.icloud.com", "*.icloud.com, caldav.icloud.com", "http://caldav.icloud.com/x"),
        ("https://caldav.icloud.com", "", "http://caldav.icloud.com/x"),
        ("https://caldav.icloud.com", "", "http://caldav.icloud.com:443/x"),
        ("http://127.0.0.1:1", "", "http://127.0.0.1:2/x"),
        ("https://acme.example", "", "https://acme.example@evil.example/x"),
        ("https://acme.example", "", "https://evil.example\\@acme.example/x"),
        ("https://acme.example", "", "//evil.example/x"),
        ("https://acme.example", "", "https://ana:geheim@acme.example/x"),
        ("https://acme.example", "", "ftp://acme.example/x"),
        ("https://acme.example/dav", "", "../admin"),
        ("https://acme.example/dav", "", "/dav/ana/%2e%2E/bob"),
        ("https://acme.example/dav", "", "/dav/ana/..%2fbob"),
    ],
)
def test_any_other_is_refused_by_its_name(base: str, trusted: str, reference: str) -> None:
    with session(base, trusted_hosts=trusted) as http:
        with pytest.raises(Rejected) as caught:
            http.resolve(reference, CALL)
        assert not caught.value.maybe_done
        assert "geheim" not in str(caught.value)


def test_a_request_elsewhere_is_refused_before_anything_is_sent() -> None:
    """Whoever made the address: the session asks of every request."""
    with (
        FaultProxy("http://127.0.0.1:1").running() as own,
        FaultProxy("http://127.0.0.1:1").running() as other,
    ):
        other.fault(Fault(kind="answer", methods=("GET",)))
        with session(own.origin) as http, pytest.raises(Rejected, match="trusted_hosts"):
            http.send(Request(method="GET", url=f"{other.origin}/x"), CALL)
        assert other.seen == []
        with session(own.origin, trusted_hosts=other.origin.removeprefix("http://")) as http:
            http.send(Request(method="GET", url=f"{other.origin}/x"), CALL)
        assert other.seen[0][2]["Authorization"].startswith("Basic ")


def test_credentials_in_an_address_are_refused_where_it_is_given() -> None:
    with pytest.raises(InvalidInput) as caught, session("https://ana:geheim@acme.example"):
        pass
    assert "geheim" not in str(caught.value)


def test_a_server_without_encryption_lends_no_trust_to_a_listed_one_that_has_it() -> None:
    """The certificate of a listed host is checked, though the connection's own address needs none."""
    with (
        session("http://127.0.0.1:1", trusted_hosts="127.0.0.1:2", timeout="1") as http,
        pytest.raises(ConnectorError),
    ):
        http.send(Request(method="GET", url="https://127.0.0.1:2/"), CALL)


def test_pages_without_end_end_at_a_limit_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is small enough."""
    monkeypatch.setenv("OFFICEFLOW_HTTP_MAX_ANSWER_MIB", "1")
    with FaultProxy("http://127.0.0.1:1").running() as server, session(server.origin) as http:
        server.fault(Fault(kind="answer", methods=("GET",), body=b" " * 1_000_000, times=99))
        page = Request(method="GET", url=server.origin)
        for _ in range(8):
            http.send(page, CALL)
        with pytest.raises(Rejected, match="more than 8 MiB in all"):
            http.send(page, CALL)


def test_a_header_that_is_no_ascii_does_no_harm() -> None:
    with FaultProxy("http://127.0.0.1:1").running() as proxy, session(proxy.url) as http:
        proxy.fault(Fault(kind="answer", methods=("GET",), headers={"X-Owner": "ñandú"}, body=b"hello"))
        answer = http.send(Request(method="GET", url="/x"), CALL)
        assert (answer.headers["X-Owner"], answer.content) == ("ñandú", b"hello")
