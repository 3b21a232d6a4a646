"""Fields that people type become a connection, and everything wrong with them is said at once."""

from __future__ import annotations

import json
from functools import cache

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from officeflow.connectors.connection import Connection
from officeflow.connectors.fields import SHOWN_SECRET, assemble, shown
from officeflow.connectors.google.key import CUSTOMER_ID
from officeflow.connectors.providers import providers
from officeflow.errors import InvalidInput, NotKnown


def test_each_field_goes_where_airflow_keeps_it() -> None:
    values = {
        "host": "mail.example",
        "port": "2525",
        "login": "hr",
        "password": "geheim",
        "sender": "hr@acme.example",
        "timeout": "5",
    }
    assert assemble("acme.mail", "smtp", values) == Connection(
        id="acme.mail",
        provider="smtp",
        host="mail.example",
        port=2525,
        login="hr",
        password="geheim",
        extra={"sender": "hr@acme.example", "timeout": "5"},
    )


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        assemble("acme.mail", "smtp", {"hots": "x", "port": "smtp", "security": "ssl", "timeout": "soon"})
    assert sorted(problem.path for problem in caught.value.problems) == [
        "host",
        "hots",
        "port",
        "security",
        "sender",
        "timeout",
    ]
    assert "did you mean host" in str(caught.value)


def test_lists_of_hosts_and_networks_are_read_when_they_are_given() -> None:
    values = {
        "url": "https://api.example",
        "allowed_hosts": "files.example https://x",
        "networks": "10.0.0.0/33",
        "idempotency_key": "maybe",
    }
    with pytest.raises(InvalidInput) as caught:
        assemble("acme.api", "http", values)
    assert sorted(problem.path for problem in caught.value.problems) == [
        "allowed_hosts",
        "idempotency_key",
        "networks",
    ]
    assert "'https://x' is no host" in str(caught.value)
    assert assemble("acme.api", "http", {"url": "https://api.example", "networks": "10.0.0.0/8"}).extra == {
        "networks": "10.0.0.0/8"
    }


@pytest.mark.parametrize(
    ("provider", "values"),
    [
        ("smtp", {"host": "mail.example", "sender": "Smith, John <j@acme.example>"}),
        ("smtp", {"host": "mail.example", "sender": "a@b.example, c@d.example"}),
        (
            "caldav",
            {
                "url": "https://dav.example",
                "login": "x",
                "password": "x",
                "organizer": "HR <hr@acme.example>",
            },
        ),
    ],
)
def test_an_address_in_a_connection_is_read_as_strictly_as_any_other(
    provider: str, values: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        assemble("acme.x", provider, values)
    assert [problem.path for problem in caught.value.problems] == [list(values)[-1]]


@pytest.mark.parametrize("port", ["0", "65536", "-1", "1e3", "²"])
def test_a_port_is_a_number_that_ports_have(port: str) -> None:
    with pytest.raises(InvalidInput, match="port"):
        assemble("acme.mail", "smtp", {"host": "mail.example", "sender": "hr@acme.example", "port": port})


def test_a_provider_that_does_not_exist_is_not_known() -> None:
    with pytest.raises(NotKnown, match="scim"):
        assemble("acme.x", "scmi", {})


@pytest.mark.parametrize(
    ("provider", "field", "value", "reason"),
    [
        *(
            (name, "proxy", "socks5://proxy:1080", "no address of a proxy")
            for name in ("scim", "caldav", "http")
        ),
        *(
            (name, "proxy", "proxy.example:3128", "no address of a proxy")
            for name in ("scim", "caldav", "http")
        ),
        ("caldav", "trusted_hosts", "*.com", "no host"),
        ("http", "not_done_statuses", "429, later", "no status of a refusal"),
        ("http", "not_done_statuses", "200", "no status of a refusal"),
    ],
)
def test_what_a_field_cannot_hold_is_named(provider: str, field: str, value: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        assemble("acme.x", provider, {"url": "https://x.example", field: value})
    assert [(problem.path, reason in problem.reason) for problem in caught.value.problems] == [(field, True)]


def test_an_empty_field_is_not_given() -> None:
    with pytest.raises(InvalidInput, match="url"):
        assemble("acme.scim", "scim", {"url": ""})


TENANT = "7d5f4a9e-0c1b-4d8e-9a63-2f1e6b7c8d90"


@cache
def private_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(serialization.Encoding.PEM, *plain).decode()


@given(secret=st.text("0123456789abcdef", min_size=12))
def test_no_secret_is_ever_shown(secret: str) -> None:
    for name, provider in providers().items():
        mail = dict.fromkeys(("email_address", "mailbox"), "hr@acme.example")
        by_kind = {"url": "https://x.example", "uuid": TENANT, **mail}
        account = {"type": "service_account", "client_email": "x@y.example", "private_key_id": secret}
        hidden = {
            "proxy": f"http://us:{secret}@proxy.example",
            "private_key": private_key(),
            "service_account_key": json.dumps({**account, "private_key": private_key()}),
        }
        values = {
            field.name: hidden.get(field.kind.name, secret)
            if field.secret
            else by_kind.get(field.kind.name, "x")
            for field in provider.fields
            if field.required or field.secret
        }
        secrets = {field.name for field in provider.fields if field.secret}
        connection = assemble("acme.x", name, values)
        for text in (secret, private_key().splitlines()[1]):
            assert text not in repr(shown(connection))
            assert text not in repr(connection)
        assert dict.fromkeys(secrets, SHOWN_SECRET).items() <= shown(connection).items()


def test_a_connection_of_somebody_elses_type_has_no_fields_of_ours() -> None:
    assert shown(Connection(id="acme.aws", provider="aws", host="x")) == {}


@pytest.mark.parametrize(
    ("provider", "field", "value", "reason", "suggestion"),
    [
        *(
            (name, "url", "id.example.com/v2", "has no scheme", "write https://id.example.com/v2")
            for name in ("scim", "caldav", "http")
        ),
        ("scim", "url", "127.0.0.1:18880", "has no scheme", "http://"),
        ("entra", "tenant", "acme.example", "no UUID", "such as 7d5f4a9e"),
        ("entra", "private_key", "-----BEGIN", "no private key", "BEGIN PRIVATE KEY"),
        ("entra", "certificate", "-----BEGIN", "no certificate", "BEGIN CERTIFICATE"),
        ("scim", "url", "ftp://id.example.com", "neither http:// nor https://", ""),
        ("scim", "url", "https://", "no host", "such as"),
        ("scim", "url", "https:///v2", "no host", "such as"),
        ("scim", "url", "https://id.example.com:99999/v2", "no address", "1 to 65535"),
        ("scim", "url", "https://id.example.com:abc", "no address", "1 to 65535"),
        ("scim", "url", "https://id.example.com:/v2", "no port", "1 to 65535"),
        ("scim", "url", "https://id.example.com:0", "no port", "1 to 65535"),
        (
            "scim",
            "url",
            "https://us:geheim@id.example.com/v2",
            "user name or password",
            "fields of their own",
        ),
        ("scim", "url", "us:geheim@id.example.com/v2", "user name or password", "fields of their own"),
        ("scim", "url", "https://id.example.com/v2?key=geheim", "a query", "leave out"),
        ("scim", "url", "https://id.example.com/a b", "a blank", ""),
        ("scim", "url", "https://id.example.com/v2\nX: y", "control character", "one line"),
        ("scim", "url", "https://id.example.com/a/../b", "a . or .. between", ""),
        ("scim", "url", "https://id_example..com", "no host's name", "such as"),
        ("scim", "url", "https://127.1/v2", "no host's name", "such as"),
        ("scim", "url", "https://[::g]/v2", "no", ""),
        ("scim", "mark", "acme:", "no mark", "such as acme"),
        ("scim", "token", "geheim\n", "control character", ""),
        ("scim", "login", "us:geheim", "a colon", "a field of its own"),
        ("smtp", "host", "smtp://mail.example.com", "a host's name alone", ""),
        ("smtp", "host", "mail.example.com:587", "has a port", "host=mail.example.com and port=587"),
        ("smtp", "host", "hr@mail.example.com", "an @", ""),
        ("smtp", "host", "mail example", "no host's name", ""),
        ("smtp", "sender", "hr at acme", "not an e-mail address", ""),
        ("caldav", "organizer", "hr", "not an e-mail address", ""),
        ("google", "key", "geheim", "no key of a service account", "--from-file"),
        ("google", "key", '{"type": "service_account", "private_key": "geheim"}', "is missing", "JSON"),
        ("http", "ca_file", "authority.pem", "no absolute path", "/authority.pem"),
        ("http", "ca_file", "/no/such/authority.pem", "cannot be read", "on this machine"),
        ("http", "ca_file", __file__, "holds no certificates", "PEM"),
    ],
)
def test_each_field_has_its_form_and_no_secret_is_told(
    provider: str, field: str, value: str, reason: str, suggestion: str
) -> None:
    whole = {
        "scim": {"url": "https://x.example", "login": "people", "token": "x"},
        "smtp": {"host": "mail.example", "sender": "hr@acme.example"},
        "entra": {"tenant": TENANT, "client_id": TENANT},
        "google": {"admin": "admin@acme.example"},
    }.get(provider, {"url": "https://x.example"})
    with pytest.raises(InvalidInput) as caught:
        assemble("acme.x", provider, {**whole, field: value})
    (problem,) = caught.value.problems
    assert (problem.path, reason in problem.reason, suggestion in problem.suggestion) == (
        field,
        True,
        True,
    ), str(problem)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://id.example.com",
            "http://127.0.0.1:18880/v2",
            "HTTPS://ID.example.com/scim/v2/",
            "https://[2001:db8::1]:8443/v2",
        ),
        *("https://müller.example/scim", "http://scim_server:8080/v2", "https://id.example.com/~hr/scim;v=2"),
    ],
)
def test_an_address_that_is_one_is_taken_as_it_is(url: str) -> None:
    assert assemble("acme.x", "scim", {"url": url}).host == url


@pytest.mark.parametrize(
    "host", ["mail.example.com", "localhost", "10.1.2.3", "2001:db8::1", "post.müller.example"]
)
def test_a_host_that_is_one_is_taken_as_it_is(host: str) -> None:
    assert assemble("acme.x", "smtp", {"host": host, "sender": "hr@acme.example"}).host == host


def test_a_customer_of_googles_is_named_by_its_id() -> None:
    assert CUSTOMER_ID.parse("C03az79cb", source="customer") == "C03az79cb"
    for wrong in ("my_customer", "acme.example", "C03az79cb/x"):
        with pytest.raises(InvalidInput, match="no customer id"):
            CUSTOMER_ID.parse(wrong, source="customer")
