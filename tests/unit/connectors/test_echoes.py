"""What a system repeats of a request is told without its secrets."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import Any

import httpx
import pytest

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.echoes import MASK, SECRETS, secrets_of, without_secrets
from officeflow.connectors.http_errors import status_error

SECRET = 'hunter/2+"and more"'


def asked(**options: Any) -> httpx.Request:
    return httpx.Request("POST", "https://acme.example/users", **options)


def told_of(text: str, request: httpx.Request) -> str:
    return without_secrets(text, httpx.Response(400, request=request))


@pytest.mark.parametrize(
    "body",
    [
        {"userName": "ana", "password": SECRET},
        {"credentials": {"password": {"value": SECRET}}},
        {"passwordProfile": {"password": SECRET, "forceChangePasswordNextSignIn": True}},
        {"type": "password", "temporary": False, "value": SECRET},
        {"Operations": [{"op": "replace", "path": "password", "value": SECRET}]},
        {"Operations": [{"op": "replace", "value": {"password": SECRET}}]},
        {"password": {"hash": {"algorithm": "plain", "value": SECRET}}},
        {"credentials": [{"type": "card", "data": [{"text": SECRET}]}]},
        {"userPIN": SECRET},
        {"otp_code": SECRET},
        {"accessKey": SECRET},
    ],
)
def test_a_password_that_was_sent_is_not_told_however_it_is_repeated(body: dict[str, Any]) -> None:
    request = asked(json=body)
    whole, address = json.dumps(body), urllib.parse.quote(SECRET, safe="")
    told = told_of(f"no: {SECRET}; {whole}; {address}; the user ana", request)
    for form in (SECRET, json.dumps(SECRET)[1:-1], address):
        assert form not in told
    assert told.startswith(f"no: {MASK}; ")
    assert told.endswith("; the user ana")


def test_neither_is_a_credential_nor_what_a_token_is_asked_for_with() -> None:
    basic = base64.b64encode(f"user:{SECRET}".encode()).decode()
    for value, parts in ((f"Bearer {SECRET}", [SECRET]), (f"Basic {basic}", [basic, SECRET])):
        request = asked(headers={"Authorization": value})
        for part in parts:
            assert told_of(f"what is {part}?", request) == f"what is {MASK}?"
    request = asked(data={"client_id": "officeflow", "client_secret": SECRET})
    assert told_of(f"officeflow: {SECRET}", request) == f"officeflow: {MASK}"


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X-Api-Key": SECRET}},
        {"headers": {"Ocp-Apim-Subscription-Key": SECRET}},
        {"headers": {"X-Vault-Token": SECRET}},
        {"headers": {"Cookie": f"lang=en; session={SECRET}"}},
        {"params": {"apikey": SECRET}},
        {"params": {"key": SECRET}},
        {"extensions": {SECRETS: (SECRET,)}},
    ],
)
def test_neither_is_a_key_wherever_it_was_sent(options: dict[str, Any]) -> None:
    assert told_of(f"no key {SECRET} of ana", asked(**options)) == f"no key {MASK} of ana"


def test_numbers_are_secrets_too_and_whether_something_is_so_is_none() -> None:
    request = asked(json={"pin": 4711, "shippingNumber": 1234, "token": {"valid": True, "at": 1.25}})
    assert told_of("4711 1234 True 1.25", request) == f"{MASK} 1234 True {MASK}"


def test_what_a_connection_has_of_secrets_is_known() -> None:
    given = Connection(
        id="acme.x",
        provider="google",
        host="https://acme.example",
        login="admin",
        password=json.dumps({"client_email": "a@acme.example", "private_key": "-----BEGIN\nabc"}),
        extra={"proxy": "http://ana:a%2Fb@proxy.example:3128", "client_secret": SECRET, "mark": "acme"},
    )
    assert {"-----BEGIN\nabc", "a/b", "a%2Fb", given.password, SECRET} == set(secrets_of(given))
    assert secrets_of(Connection(id="acme.x", provider="scim")) == ()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[" * 100_000, b"null", b"7", b'{"pin": "abc\\ud800"}']
)
def test_what_is_no_body_of_ours_hides_nothing_and_breaks_nothing(content: bytes) -> None:
    assert told_of("as it is", asked(content=content)) == "as it is"


def test_other_fields_are_told() -> None:
    request = asked(
        json={
            "title": "Engineer",
            "type": "user",
            "value": "x-ray",
            "password": "abc",
            "credentials": [{"type": "password", "value": SECRET}],
            "mapping": "email",
        },
        headers={"Idempotency-Key": "key-1"},
        params={"userKey": "ana@acme.example"},
    )
    text = "Engineer x-ray abc password email key-1 ana@acme.example"
    assert told_of(text, request) == text


def test_an_answer_that_has_no_request_is_told_as_it_is() -> None:
    """A part of a batch, say: its error counts, whatever it repeats."""
    error = status_error(httpx.Response(403), Call(provider="x", operation="y"), detail="no right")
    assert (error.status, "no right" in str(error)) == (403, True)
