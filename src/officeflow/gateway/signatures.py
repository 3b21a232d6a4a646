"""Whether a delivery comes from who it should: what its source's authentication asks for.

Secrets are compared in a time that does not tell how much of them was right, and each of those that hold is
tried: while one is rotated there are two.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
import re
from collections.abc import Mapping, Sequence

from officeflow.events.webhooks.definition import (
    Authentication,
    Basic,
    Bearer,
    Hmac,
    MutualTls,
    Nobody,
    StandardWebhooks,
)
from officeflow.gateway.problems import Refused

MILLISECONDS_FROM = 100_000_000_000
"""A number of seconds that is larger lies beyond the year 5000: it counts milliseconds."""

_DIGITS = re.compile(r"[0-9]{1,15}")
"""How a stamp counts, at each vendor that sends one: no sign, no fraction, no exponent."""


def headers_that_prove(authentication: Authentication) -> frozenset[str]:
    """The headers that it reads: each may be there once."""
    match authentication:
        case Hmac():
            named = {authentication.header, authentication.timestamp_header or authentication.header}
            return frozenset(named)
        case StandardWebhooks():
            return frozenset({"webhook-signature", "webhook-timestamp", "webhook-id"})
        case Bearer() | MutualTls():
            return frozenset({authentication.header})
    return frozenset({"authorization"})


def hidden_headers(authentication: Authentication) -> frozenset[str]:
    """The headers that hold a secret itself: no mapping reads them, and none is kept."""
    own = {authentication.header} if isinstance(authentication, Bearer) else set()
    return frozenset({"authorization", "proxy-authorization", "cookie", *own})


def verify(
    authentication: Authentication,
    secrets: Sequence[str],
    headers: Mapping[str, str],
    raw: bytes,
    *,
    now: float,
    by_proxy: bool,
) -> None:
    """Returning means that the sender knows a secret. `now` is in seconds since 1970.

    `Refused` 401 says what is missing or wrong, and nothing of what would be right.
    """
    match authentication:
        case Hmac():
            _hmac(authentication, secrets, headers, raw, now)
        case StandardWebhooks():
            if not _DIGITS.fullmatch(_needed(headers, "webhook-timestamp")):
                raise _refused("its timestamp is no number of seconds since 1970", "timestamp")
            _standard(secrets, headers, raw)
        case Basic():
            given = f"{authentication.username}:"
            _same(secrets, _after("basic ", headers.get("authorization", "")), prefix=given, encoded=True)
        case Bearer():
            _same(secrets, _after(authentication.prefix, _needed(headers, authentication.header)))
        case MutualTls():
            _client(authentication, headers, by_proxy=by_proxy)
        case Nobody():
            pass


def _refused(detail: str, reason: str = "signature") -> Refused:
    return Refused(401, reason, detail)


def _needed(headers: Mapping[str, str], name: str) -> str:
    try:
        return headers[name]
    except KeyError:
        raise _refused(f"the header {name} is missing") from None


def _after(prefix: str, text: str) -> str:
    if not text[: len(prefix)].lower() == prefix.lower():
        raise _refused(f"its credentials do not begin with {prefix.strip()!r}")
    return text[len(prefix) :]


def _hmac(how: Hmac, secrets: Sequence[str], headers: Mapping[str, str], raw: bytes, now: float) -> None:
    given = _needed(headers, how.header)
    if not given.startswith(how.prefix):
        raise _refused(f"the header {how.header} does not begin with {how.prefix!r}")
    signature = _decoded(how, given[len(how.prefix) :].strip())
    signed = raw
    if how.timestamp_header is not None:
        stamp = _needed(headers, how.timestamp_header)
        parts = {"body": raw, "timestamp": stamp.encode("latin-1")}
        signed = how.separator.encode().join(parts[name] for name in how.signs)
    known = [
        hmac.compare_digest(hmac.digest(_key(each), signed, how.algorithm), signature) for each in secrets
    ]
    if not any(known):
        raise _refused("the signature is not that of this body")
    if how.timestamp_header is not None:
        _in_window(stamp, how.window_seconds, now)


def _key(secret: str) -> bytes:
    return secret.encode()


def _decoded(how: Hmac, text: str) -> bytes:
    try:
        return bytes.fromhex(text) if how.encoding == "hex" else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise _refused(f"the signature in {how.header} is not {how.encoding}") from None


def _in_window(text: str, seconds: int, now: float) -> None:
    stamp = _seconds(text)
    if abs(now - stamp) > seconds:
        when = "old" if stamp < now else "far ahead"
        raise _refused(
            f"its timestamp is too {when}: more than {seconds} s from now",
            "timestamp",
        )


def _seconds(text: str) -> float:
    if _DIGITS.fullmatch(text):
        number = int(text)
        return number / 1000 if number > MILLISECONDS_FROM else number
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise _refused("its timestamp is no time", "timestamp") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def _standard(secrets: Sequence[str], headers: Mapping[str, str], raw: bytes) -> None:
    from standardwebhooks import Webhook, WebhookVerificationError

    why = "the signature is not that of this body"
    for secret in secrets:
        try:
            Webhook(secret).verify(raw, dict(headers), json_parse=False)
        except WebhookVerificationError as error:
            why = str(error)
        except ValueError:  # a header or body that the library cannot take apart
            why = "the signature or the body is not of Standard Webhooks' form"
        else:
            return
    raise _refused(f"Standard Webhooks: {why}", "timestamp" if "timestamp" in why else "signature")


def _same(secrets: Sequence[str], given: str, *, prefix: str = "", encoded: bool = False) -> None:
    if encoded:
        try:
            sent = base64.b64decode(given, validate=True)
        except (ValueError, binascii.Error):
            raise _refused("its credentials are not base64") from None
    else:
        sent = given.encode("latin-1")
    known = [hmac.compare_digest(f"{prefix}{secret}".encode(), sent) for secret in secrets]
    if not any(known):
        raise _refused("its credentials are wrong", "credentials")


def _client(how: MutualTls, headers: Mapping[str, str], *, by_proxy: bool) -> None:
    if not by_proxy:
        raise _refused("a client's certificate is told by a trusted proxy, and this came by none", "client")
    given = _needed(headers, how.header).encode("latin-1")
    if not any([hmac.compare_digest(each.encode(), given) for each in how.clients]):  # noqa: C419 - all of them, always
        raise _refused("its certificate is of nobody who may deliver", "client")
