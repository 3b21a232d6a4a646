"""What an organization's connection may reach, by which name and however its name server answers."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from officeflow.connectors import destinations, fields, networks
from officeflow.connectors.networks import Limits, limits_of
from officeflow.connectors.opening import open_provider
from officeflow.connectors.scim.client import ScimProvider
from officeflow.errors import InvalidInput, Rejected
from officeflow.hosts import places_of
from tests.counterparts.process import free_port

LISTED = "10.1.0.0/16, fd12::/48, ad.corp.example, *.lan.example:636"


@pytest.mark.parametrize(
    ("host", "port", "address", "may"),
    [
        ("any.example", 443, "93.184.216.34", True),
        ("any.example", 443, "2606:2800:220:1:248:1893:25c8:1946", True),
        ("any.example", 443, "10.1.2.3", True),
        ("any.example", 443, "::ffff:10.1.2.3", True),
        ("any.example", 443, "fd12::7", True),
        ("any.example", 443, "10.2.0.1", False),
        ("any.example", 443, "127.0.0.1", False),
        ("any.example", 443, "::1", False),
        ("any.example", 443, "fe80::1%1", False),
        ("AD.corp.example.", 389, "192.168.7.7", True),
        ("sub.ad.corp.example", 389, "192.168.7.7", False),
        ("ldap.lan.example", 636, "192.168.7.7", True),
        ("ldap.lan.example", 0, "192.168.7.7", True),
        ("ldap.lan.example", 389, "192.168.7.7", False),
        ("ad.corp.example", 80, "169.254.169.254", False),
        ("ad.corp.example", 80, "0.0.0.0", False),
    ],
)
def test_public_addresses_may_be_reached_and_what_is_listed_but_never_what_hands_out_credentials(
    host: str, port: int, address: str, *, may: bool
) -> None:
    assert Limits(places_of(LISTED, source="")).allow(host, port, address) is may


def test_a_listed_network_does_not_open_what_hands_out_a_machines_credentials() -> None:
    everything = Limits(places_of("0.0.0.0/0, ::/0", source=""))
    assert everything.allow("x.example", 80, "127.0.0.1")
    assert not everything.allow("x.example", 80, "169.254.169.254")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What a name server answers each time, the last answer again and again."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def answered(host: str, port: Any, *arguments: Any, **options: Any) -> Any:
        if host not in known:
            return real(host, port, *arguments, **options)
        answers = known[host]
        now = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in now]

    monkeypatch.setattr(socket, "getaddrinfo", answered)
    return known


class TestConnecting:
    def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
        self, names: dict[str, list[list[str]]]
    ) -> None:
        names["rebound.example"] = [["127.0.0.1"], ["127.0.0.2"]]
        limits = Limits(places_of("127.0.0.1", source=""))
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with networks.connect("rebound.example", port, 5, limits) as made:
                assert made.getpeername() == ("127.0.0.1", port)
            with pytest.raises(Rejected):
                networks.connect("rebound.example", port, 5, limits)

    def test_addresses_that_are_not_allowed_are_passed_over_and_others_tried_in_turn(
        self, names: dict[str, list[list[str]]]
    ) -> None:
        names["several.example"] = [["127.0.0.9", "127.0.0.2", "127.0.0.1"]]
        limits = Limits(places_of("127.0.0.2, 127.0.0.1", source=""))
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            networks.connect("several.example", server.getsockname()[1], 5, limits) as made,
        ):
            assert made.getpeername()[0] == "127.0.0.1"

    def test_what_a_refusal_says_tells_nothing_of_the_inner_name_server(
        self, names: dict[str, list[list[str]]]
    ) -> None:
        names["inner.example"] = [["10.7.7.7"]]
        with pytest.raises(Rejected) as refused:
            networks.connect("inner.example", 25, 5, Limits(places_of("", source="")))
        assert "inner.example" in str(refused.value)
        assert "10.7.7.7" not in str(refused.value)


class TestFields:
    @pytest.mark.parametrize(
        ("provider", "values", "fields_"),
        [
            ("scim", {"url": "http://127.0.0.1:8080/v2", "token": "t"}, ["url"]),
            ("scim", {"url": "https://8.8.8.8", "token": "t", "proxy": "http://[::1]:3128"}, ["proxy"]),
            ("scim", {"url": "http://169.254.169.254", "token": "t"}, ["url"]),
            ("smtp", {"host": "192.168.0.1", "sender": "a@acme.example"}, ["host"]),
            ("smtp", {"host": "localhost", "sender": "a@acme.example"}, ["host"]),
            ("smtp", {"host": "8.8.8.8", "sender": "a@acme.example"}, []),
            ("caldav", {"url": "http://[::ffff:10.0.0.1]/c", "login": "a", "password": "p"}, ["url"]),
            ("http", {"url": "http://10.0.0.1", "networks": "10.0.0.0/8"}, ["url"]),
        ],
    )
    def test_each_field_that_leads_to_where_it_may_not_is_a_problem(
        self, monkeypatch: pytest.MonkeyPatch, provider: str, values: dict[str, str], fields_: list[str]
    ) -> None:
        monkeypatch.setenv("OFFICEFLOW_CONNECTION_NETWORKS", "")
        made = fields.assemble("acme.system", provider, values)
        assert [each.path for each in destinations.problems_of(made)] == fields_
        assert destinations.problems_of(fields.assemble("system", provider, values)) == []
        assert limits_of("system") is None

    def test_a_name_that_cannot_be_resolved_now_is_left_to_whoever_connects(self) -> None:
        made = fields.assemble("acme.mail", "smtp", {"host": "not.there.invalid", "sender": "a@acme.example"})
        assert destinations.problems_of(made) == []

    def test_a_connector_that_does_not_check_what_it_connects_to_is_checked_when_it_is_opened(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ScimProvider, "checks_addresses", False)
        monkeypatch.setenv("OFFICEFLOW_CONNECTION_NETWORKS", "")
        url = f"http://127.0.0.1:{free_port()}"
        made = fields.assemble("acme.directory", "scim", {"url": url, "token": "t"})
        with pytest.raises(InvalidInput) as refused:
            open_provider(made, correlation_id="c", family="identity")
        assert [each.path for each in refused.value.problems] == ["url"]
