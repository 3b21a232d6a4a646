"""Who may deliver: proofs as vendors send them, and what is none."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from typing import Any

import pytest
from standardwebhooks import Webhook

from officeflow.errors import InvalidInput
from officeflow.events.webhooks.definition import Authentication, parse
from officeflow.gateway.presets import preset
from officeflow.gateway.problems import Refused
from officeflow.gateway.requests import Networks, client_address, headers_of
from officeflow.gateway.signatures import headers_that_prove, verify

SECRET, OLD = "a secret of the vendor", "the one before"
BODY = b'{"type": "employee.left"}'
NOW = 1_790_000_000.0


def checks(
    how: Authentication,
    headers: dict[str, str],
    body: bytes = BODY,
    *,
    secrets: Any = (SECRET, OLD),
    by_proxy: bool = False,
    now: float = NOW,
) -> str:
    """Why it is refused, in one word; "" where it is not."""
    try:
        verify(how, secrets, headers, body, now=now, by_proxy=by_proxy)
    except Refused as refused:
        return refused.reason if refused.status == 401 and SECRET not in refused.detail else "told too much"
    return ""


def authentication(**given: Any) -> Authentication:
    document = {"format": "json", "kind": "body.k", "employee": "body.e", "networks": ["10.0.0.0/8"]}
    return parse({**document, "authentication": given}).authentication


def test_hibob_signs_the_body_by_sha512_in_base64() -> None:
    """https://apidocs.hibob.com/docs/working-with-webhooks"""
    how = preset("hibob").definition.authentication
    signature = base64.b64encode(hmac.new(SECRET.encode(), BODY, hashlib.sha512).digest()).decode()
    assert checks(how, {"bob-signature": signature}) == ""
    assert checks(how, {"bob-signature": signature}, BODY + b" ") == "signature"
    assert checks(how, {"bob-signature": signature}, secrets=["another one"]) == "signature"
    assert checks(how, {"bob-signature": "***"}) == checks(how, {}) == "signature"


@pytest.mark.parametrize(
    "form", [lambda t: str(int(t)), lambda t: dt.datetime.fromtimestamp(t, dt.UTC).isoformat()]
)
def test_bamboohr_signs_the_body_and_then_the_timestamp(form: Any) -> None:
    """https://documentation.bamboohr.com/docs/webhooks-2"""
    how = preset("bamboohr").definition.authentication

    def signed(at: float, key: str = SECRET) -> dict[str, str]:
        stamp = form(at)
        signature = hmac.new(key.encode(), BODY + stamp.encode(), hashlib.sha256).hexdigest()
        return {"x-bamboohr-signature": signature, "x-bamboohr-timestamp": stamp}

    assert checks(how, signed(NOW)) == checks(how, signed(NOW - 290)) == checks(how, signed(NOW, OLD)) == ""
    assert checks(how, signed(NOW - 310)) == checks(how, signed(NOW + 310)) == "timestamp"
    assert checks(how, {**signed(NOW - 310), "x-bamboohr-timestamp": form(NOW)}) == "signature"


def test_a_prefix_and_a_separator_are_part_of_the_form() -> None:
    how = authentication(
        scheme="hmac",
        header="X-Sign",
        prefix="sha256=",
        signs=["timestamp", "body"],
        separator=".",
        timestamp_header="X-Time",
    )
    stamp = str(int(NOW * 1000))
    signature = hmac.new(SECRET.encode(), stamp.encode() + b"." + BODY, hashlib.sha256).hexdigest()
    assert checks(how, {"x-sign": f"sha256={signature}", "x-time": stamp}) == ""
    assert checks(how, {"x-sign": signature, "x-time": stamp}) == "signature"


@pytest.mark.parametrize(
    "stamp",
    ["nan", "inf", "1e9", "1_700_000_000", "+1700000000", "1700000000.5", "\u0661700000000", "9" * 400, ""],
)
def test_a_timestamp_is_digits_or_a_time_whoever_signed_it(stamp: str) -> None:
    how = preset("json-signed").definition.authentication
    sent = stamp.encode().decode("latin-1")
    signature = hmac.new(SECRET.encode(), stamp.encode() + b"." + BODY, hashlib.sha256).hexdigest()
    assert checks(how, {"x-signature": signature, "x-timestamp": sent}) == "timestamp"
    standard = authentication(scheme="standard-webhooks")
    headers = {"webhook-id": "1", "webhook-timestamp": sent, "webhook-signature": "v1,x"}
    assert checks(standard, headers) == "timestamp"


def test_standard_webhooks_are_checked_by_their_library() -> None:
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    how, moment = authentication(scheme="standard-webhooks"), dt.datetime.now(dt.UTC)

    def signed(at: dt.datetime) -> dict[str, str]:
        signature = Webhook(secret).sign("m1", at, BODY.decode())
        return {
            "webhook-id": "m1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
        }

    both = (base64.b64encode(b"z" * 32).decode(), secret)
    assert checks(how, signed(moment), secrets=both) == ""
    assert checks(how, signed(moment), BODY + b" ", secrets=both) == "signature"
    assert checks(how, signed(moment - dt.timedelta(minutes=6)), secrets=both) == "timestamp"
    assert checks(how, {**signed(moment), "webhook-id": "m2"}, secrets=both) == "signature"
    assert checks(how, {**signed(moment), "webhook-signature": "v1;x"}, secrets=both) == "signature"
    assert checks(how, signed(moment), b"\xff", secrets=both) == "signature"


def test_basic_bearer_and_a_header_of_ones_own() -> None:
    basic = authentication(scheme="basic", username="workday")
    code = base64.b64encode(f"workday:{SECRET}".encode()).decode()
    assert checks(basic, {"authorization": f"Basic {code}"}) == ""
    assert checks(basic, {"authorization": f"Bearer {SECRET}"}) == "signature"
    assert checks(basic, {"authorization": "Basic d29ya2RheTp3cm9uZw=="}) == "credentials"
    bearer = authentication(scheme="bearer")
    assert checks(bearer, {"authorization": f"bearer {SECRET}"}) == ""
    assert checks(bearer, {"authorization": f"Bearer {SECRET} "}) == "credentials"
    own = authentication(scheme="bearer", header="X-Token", prefix="")
    assert checks(own, {"x-token": OLD}) == ""


def test_a_clients_certificate_counts_from_a_trusted_proxy_alone() -> None:
    how = authentication(scheme="mtls", header="X-Client", clients=["CN=hr", "CN=ü"])
    assert checks(how, {"x-client": "CN=hr"}, by_proxy=True) == ""
    assert checks(how, {"x-client": "CN=hr"}) == "client"
    assert checks(how, {"x-client": "CN=evil"}, by_proxy=True) == "client"


def test_without_authentication_a_source_says_where_deliveries_come_from() -> None:
    document = {
        "format": "json",
        "kind": "body.k",
        "employee": "body.e",
        "authentication": {"scheme": "none"},
    }
    with pytest.raises(InvalidInput, match="networks"):
        parse(document)
    assert checks(authentication(scheme="none"), {}) == ""


def test_a_timestamp_that_is_not_signed_is_no_timestamp() -> None:
    with pytest.raises(InvalidInput, match="not signed"):
        authentication(scheme="hmac", header="X-S", timestamp_header="X-T")


@pytest.mark.parametrize("name", [b"x-sign", b"authorization", b"content-type", b"ce-id", b"bob-signature"])
def test_a_header_that_is_there_twice_is_refused(name: bytes) -> None:
    proving = headers_that_prove(preset("hibob").definition.authentication)
    with pytest.raises(Refused, match="twice") as told:
        headers_of([(name, b"1"), (b"accept", b"a"), (name, b"2")], proving)
    assert told.value.status == 400
    assert headers_of([(b"accept", b"a"), (b"accept", b"b")], proving) == {"accept": "a, b"}


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", "198.51.100.1", ("203.0.113.9", False)),
        ("10.1.1.1", "198.51.100.1", ("198.51.100.1", True)),
        ("10.1.1.1", "192.0.2.66, 198.51.100.1, 10.2.2.2", ("198.51.100.1", True)),
        ("::ffff:10.1.1.1", "2001:db8::1", ("2001:db8::1", True)),
        ("10.1.1.1", "192.0.2.66, nonsense", ("None", True)),
        ("10.1.1.1", None, ("10.1.1.1", True)),
    ],
)
def test_an_address_counts_as_far_as_trusted_proxies_tell_it(
    peer: str, forwarded: str | None, found: tuple[str, bool]
) -> None:
    address, by_proxy = client_address(peer, forwarded, Networks.of(["10.0.0.0/8"]))
    assert (str(address), by_proxy) == found
