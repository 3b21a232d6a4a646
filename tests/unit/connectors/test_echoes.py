"""What a system repeats of a request is told without its secrets."""

from __future__ import annotations

import base64
import json
import urllib.parse
from typing import Any

import httpx
import pytest

from officeflow.connectors.call import Call
from officeflow.connectors.echoes import MASK, without_secrets
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


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 100_000, b"null", b"7"])
def test_what_is_no_body_of_ours_hides_nothing_and_breaks_nothing(content: bytes) -> None:
    assert told_of("as it is", asked(content=content)) == "as it is"


def test_other_fields_are_told() -> None:
    request = asked(json={"title": "Engineer", "type": "user", "value": "x-ray", "password": "abc"})
    assert told_of("Engineer x-ray abc", request) == "Engineer x-ray abc"


def test_an_answer_that_has_no_request_is_told_as_it_is() -> None:
    """A part of a batch, say: its error counts, whatever it repeats."""
    error = status_error(httpx.Response(403), Call(provider="x", operation="y"), detail="no right")
    assert (error.status, "no right" in str(error)) == (403, True)
