"""The bytes that hashes and MACs are made over."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import math
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow import canonical_json
from officeflow.audit import tags
from officeflow.demo.setup import load_definition
from officeflow.errors import InvalidInput
from officeflow.events.envelope import decode
from officeflow.events.message import Message
from officeflow.statuses import ActStatus
from officeflow.workflows import revisions
from officeflow.workflows.models import Definition, content_hash, stored_hash, to_json

TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)
VALUE: dict[str, Any] = {
    "ä": "é😀\u2028",
    "a": [1, -0.0, 1.5, 1e22, True, None, {}],
    "b": {"y": '\t"\\/', "x": 10**20},
    " ": "",
}
STORED = (
    b'{" ":"","a":[1,-0.0,1.5,1e+22,true,null,{}],"b":{"x":100000000000000000000,"y":"\\t\\"\\\\/"},'
    b'"\xc3\xa4":"\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8"}'
)
"""What was written before; a change here makes everything stored worthless."""

DIGEST = "af4bf616ab5cada5d299b0cc39efb89bc6a348d2c8302964a427e1bbe4c4c773"


def test_a_value_has_the_bytes_that_are_stored_of_it() -> None:
    assert canonical_json.encode(VALUE) == STORED
    assert canonical_json.digest(VALUE) == stored_hash(VALUE) == DIGEST
    mac = hmac.digest(b"k" * 32, canonical_json.encode(VALUE), "sha256").hex()
    assert mac == "4e2c19437c2ab41102fb1100b9781617ccffa29d58d8fd107bcdb8c998163779"


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("preboarding.json", "134c992c5ba0de89b36424a9ece1d95af2fd6c21399e5b7a1c0776be937cd7a9"),
        ("exit.json", "6e96e18f1f0fbeb1663a5525cf17ab804ba430ad4aae937534de7d2bf0e46549"),
    ],
)
def test_a_definition_keeps_its_hash_and_is_rendered_under_the_same(name: str, stored: str) -> None:
    definition = Definition.model_validate(load_definition(name))
    assert content_hash(definition) == stored
    session = SimpleNamespace(execute=lambda _: [(stored, to_json(definition))])
    [(named, rendered)] = revisions.definitions(session, [stored])  # type: ignore[arg-type]
    assert (named, hashlib.sha256(rendered).hexdigest()) == (stored, stored)


def test_an_event_without_an_id_keeps_the_one_that_its_content_gives_it() -> None:
    body = {
        "type": "employee.onboard",
        "organizationId": "acme",
        "employeeId": "E-1",
        "payload": {"given_name": "Änne", "start_date": "2026-03-01"},
        "timestamp": "2026-01-31T09:00:00Z",
    }
    message = Message(
        topic="employee.onboard.acme", partition=0, offset=0, value=json.dumps(body, indent=1).encode()
    )
    event = decode(message, own_source="officeflow")
    assert (event.id, event.content_hash) == (
        "e0908020309252edda415a6710952cac4757554936e8050f10ad7c9a3007c3c8",
        "7973702c428b88c65f1c30b022624bbc2b015fc25dafd23d05fbe2466f57a6bc",
    )


def test_an_audit_record_keeps_its_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(tags.VARIABLE, "t" * 40)
    record = SimpleNamespace(
        org_id=uuid.UUID(int=1),
        record_id=uuid.UUID(int=2),
        actor="node:acme__welcome/mail",
        action="act.done",
        subject="employee:Ä-1",
        details={"attempt": 1, "seconds": 1.0, "status": ActStatus.SUCCEEDED},
        correlation_id=None,
        occurred_at=dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC),
    )
    assert tags.make(record).hex() == "7d0ffdc7d349c306bb4a3ba92f60ac69f55caa06033cbac2d5e95f9718ef9ec5"


@given(st.dictionaries(TEXT, JSON, max_size=4))
def test_equal_values_have_equal_bytes_and_the_bytes_say_the_value(value: dict[str, Any]) -> None:
    encoded = canonical_json.encode(value)
    assert json.loads(encoded) == value
    assert canonical_json.encode(dict(reversed(value.items()))) == encoded


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (math.nan, "float values are not JSON compliant"),
        (-math.inf, "float values are not JSON compliant"),
        (dt.date(2026, 1, 31), "date is not JSON serializable"),
        ("\ud800", "surrogates not allowed"),
    ],
)
def test_what_is_not_json_is_refused_by_name(value: Any, why: str) -> None:
    with pytest.raises(InvalidInput, match=f"what mail is given holds what is not JSON: .*{why}"):
        canonical_json.encode({"a": [value]}, what="what mail is given")
