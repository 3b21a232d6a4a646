"""What a system says of a request may repeat it: secrets are taken out before it is told."""

from __future__ import annotations

import base64
import binascii
import json
import re
import urllib.parse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from officeflow.connectors.connection import Connection, proxy_of

if TYPE_CHECKING:
    import httpx

MASK = "***"
SECRETS = "secrets"
"""Name of a request's extension: texts that no error may hold, whatever the request makes of them."""
CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization"})
SECRET_PARTS = (
    "password", "passwd", "passphrase", "passcode", "secret", "token", "assertion", "credential",
    "privatekey", "apikey", "accesskey", "accountkey", "authkey", "sharedkey", "signingkey",
)  # fmt: skip
"""In the name of a field, they say that nobody should read its value."""
SECRET_WORDS = frozenset({"pin", "otp", "totp", "pwd", "pass", "sig"})
"""The same, as a whole word of the name."""
SECRET_PARAMETERS = frozenset({"key", "code", "auth", "signature"})
"""Names of parameters in a form or an address that hold credentials in some APIs."""
NAMING = ("type", "path", "name", "op", "attribute")
"""Fields that say what the `value` beside them is (RFC 7644 section 3.5.2 `path`; Keycloak's `type`)."""
SHORTEST = 4
"""Characters of what is taken out: what is shorter stands in every text."""
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


def secrets_of(connection: Connection) -> tuple[str, ...]:
    """What a connection has that nobody should read, for `SECRETS`: its password, also as a header has it,
    what is secret in it where it is JSON, its proxy's password, and fields whose names say so.
    """
    given = connection.password or ""
    proxied = urllib.parse.urlsplit(proxy_of(connection) or "").password or ""
    found = [given, given.strip(), *_secrets(_parsed(given)), proxied, urllib.parse.unquote(proxied)]
    return tuple(each for each in [*found, *_secrets(dict(connection.extra))] if each)


def without_secrets(told: str, response: httpx.Response) -> str:
    """`told` without what the request of this response had of secrets, and without its `SECRETS`, as they are
    and as addresses and JSON write them. Of a response that has no request nothing is taken out.
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
    yield urllib.parse.quote(secret, safe="", errors="surrogatepass")
    yield urllib.parse.quote_plus(secret, errors="surrogatepass")


def _sent(request: httpx.Request) -> Iterator[str]:
    yield from request.extensions.get(SECRETS, ())
    for name, value in request.headers.multi_items():
        if name.casefold() in CREDENTIAL_HEADERS:
            yield from _credential(value)
        elif name.casefold() == "cookie":
            yield from _cookies(value)
        elif _is_secret(name) or _is_key(name):
            yield value
    for name, value in request.url.params.multi_items():
        if _is_parameter(name):
            yield value
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


def _cookies(value: str) -> Iterator[str]:
    """RFC 6265 section 4.2.1; a value may be quoted."""
    for pair in value.split("; "):
        kept = pair.partition("=")[2]
        yield kept
        yield kept.strip('"')


def _in_body(request: httpx.Request) -> Iterator[str]:
    import httpx

    try:
        body = request.content.decode()
    except (httpx.RequestNotRead, UnicodeDecodeError):
        return
    if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        yield from (value for name, value in urllib.parse.parse_qsl(body) if _is_parameter(name))
        return
    yield from _secrets(_parsed(body))


def _parsed(text: str) -> Any:
    """None for what is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _secrets(value: Any) -> list[str]:
    """Texts and numbers in fields whose names, or what stands beside them, say that they are secret, and in
    whatever is within such a field. None of what is nested without end.
    """
    try:
        return list(_hidden(value, secret=False))
    except RecursionError:
        return []


def _hidden(value: Any, *, secret: bool) -> Iterator[str]:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        if secret:
            yield str(value)
    elif isinstance(value, list):
        for each in value:
            yield from _hidden(each, secret=secret)
    elif isinstance(value, dict):
        named = any(_is_secret(str(value.get(name, ""))) for name in NAMING)
        for name, each in value.items():
            if not (name in NAMING and isinstance(each, str)):
                hidden = secret or _is_secret(name) or (named and name == "value")
                yield from _hidden(each, secret=hidden)


def _is_secret(name: str) -> bool:
    plain = name.casefold().replace("-", "").replace("_", "")
    return any(part in plain for part in SECRET_PARTS) or not SECRET_WORDS.isdisjoint(_words(name))


def _is_parameter(name: str) -> bool:
    """Of a form or an address."""
    return _is_secret(name) or name.casefold() in SECRET_PARAMETERS


def _is_key(header: str) -> bool:
    """Whether it is one of the many headers that a key goes in, such as `Ocp-Apim-Subscription-Key`."""
    words = _words(header)
    return "key" in words and "idempotency" not in words


def _words(name: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(name)}
