"""What a system says of a request may repeat it: secrets are taken out before it is told."""

from __future__ import annotations

import base64
import binascii
import json
import urllib.parse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

MASK = "***"
CREDENTIAL_HEADERS = ("Authorization", "Proxy-Authorization", "Cookie")
SECRET_WORDS = ("password", "passwd", "secret", "token", "assertion", "credential", "passcode", "private_key")
"""In the name of a field, they say that nobody should read its value."""
NAMING = ("type", "path", "name", "op", "attribute")
"""Fields that say what the `value` beside them is (RFC 7644 section 3.5.2 `path`; Keycloak's `type`)."""
SHORTEST = 4
"""Characters of what is taken out: what is shorter stands in every text."""


def without_secrets(told: str, response: httpx.Response) -> str:
    """`told` without what the request of this response had of secrets, as they are and as addresses and JSON
    write them. Of a response that has no request nothing is taken out.
    """
    request = _request_of(response)
    if not told or request is None:
        return told
    known = {form for secret in _sent(request) for form in _forms(secret)}
    for form in sorted(known, key=len, reverse=True):
        if len(form) >= SHORTEST:
            told = told.replace(form, MASK)
    return told


def _request_of(response: httpx.Response) -> httpx.Request | None:
    try:
        return response.request
    except RuntimeError:  # httpx's word for a response that was made without one
        return None


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield urllib.parse.quote(secret, safe="")
    yield urllib.parse.quote_plus(secret)


def _sent(request: httpx.Request) -> Iterator[str]:
    for name in CREDENTIAL_HEADERS:
        for value in request.headers.get_list(name):
            yield from _credential(value)
    yield from _in_body(request)


def _credential(value: str) -> Iterator[str]:
    """What comes behind the scheme, and the password in it where it is Basic (RFC 7617)."""
    yield value
    scheme, _, parameters = value.partition(" ")
    yield parameters
    if scheme.casefold() == "basic":
        try:
            yield base64.b64decode(parameters).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return


def _in_body(request: httpx.Request) -> Iterator[str]:
    import httpx

    try:
        body = request.content.decode()
    except (httpx.RequestNotRead, UnicodeDecodeError):
        return
    if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        yield from (value for name, value in urllib.parse.parse_qsl(body) if _is_secret(name))
        return
    try:
        yield from _secrets(json.loads(body))
    except (ValueError, RecursionError):
        return


def _secrets(value: Any, *, secret: bool = False) -> Iterator[str]:
    """Texts in fields whose names, or what stands beside them, say that they are secret."""
    if isinstance(value, str):
        if secret:
            yield value
    elif isinstance(value, list):
        for each in value:
            yield from _secrets(each, secret=secret)
    elif isinstance(value, dict):
        named = any(_is_secret(str(value.get(name, ""))) for name in NAMING)
        for name, each in value.items():
            hidden = _is_secret(name) or (name == "value" and (named or secret))
            yield from _secrets(each, secret=hidden)


def _is_secret(name: str) -> bool:
    plain = name.casefold().replace("-", "_")
    return any(word in plain for word in SECRET_WORDS)
