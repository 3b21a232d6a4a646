"""From a Kafka message to a lifecycle event."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.errors import InvalidEvent
from officeflow.events.envelope import MAX_EVENT_BYTES, LifecycleEvent, decode
from officeflow.events.message import Headers, Message
from officeflow.events.producer import Envelope, NewEvent, compose
from officeflow.events.quarantine import REASONS

TOPIC = "employee.onboard.acme"
ARRIVED = dt.datetime(2026, 1, 6, tzinfo=dt.UTC)

BARE: Mapping[str, Any] = {
    "type": "employee.onboard",
    "organizationId": "acme",
    "employeeId": "E1",
    "payload": {"department": "Engineering", "personal_email": "ana@home.example"},
    "timestamp": "2026-01-05T10:00:00+01:00",
}
CLOUD: Mapping[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "https://hr.example",
    "type": "employee.onboard",
    "subject": "E1",
    "time": "2026-01-05T09:00:00Z",
    "data": {"department": "Engineering", "personal_email": "ana@home.example"},
}


def message(value: bytes | None, *, topic: str = TOPIC, headers: Headers = ()) -> Message:
    return Message(topic=topic, partition=0, offset=0, value=value, headers=headers, timestamp=ARRIVED)


def read(body: Any, **where: Any) -> LifecycleEvent:
    return decode(message(json.dumps(body).encode(), **where), own_source="officeflow")


def reason(body: Any, **where: Any) -> str:
    value = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    with pytest.raises(InvalidEvent) as caught:
        decode(message(value, **where), own_source="officeflow")
    return caught.value.reason_code


def without(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def test_the_three_envelopes_say_the_same() -> None:
    headers = tuple((f"ce_{name}", str(value).encode()) for name, value in CLOUD.items() if name != "data")
    binary = decode(message(json.dumps(CLOUD["data"]).encode(), headers=headers), own_source="officeflow")
    structured = read(CLOUD)
    bare = read(BARE)
    assert binary == structured
    for event in (structured, bare):
        assert (event.kind, event.organization, event.employee) == ("employee.onboard", "acme", "E1")
        assert event.time == dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
        assert event.payload == {"department": "Engineering"}
        assert event.sensitive == {"personal_email": "ana@home.example"}


@pytest.mark.parametrize("envelope", list(Envelope))
def test_what_the_producer_composes_the_listener_reads(envelope: Envelope) -> None:
    new = NewEvent(kind="employee.exit", organization="acme", employee="E1", payload={"end_date": "2026-02-01"}, time=ARRIVED, source="hr")
    event = decode(compose(new, org_id=None, envelope=envelope), own_source="officeflow")
    assert (event.kind, event.employee, event.time, event.payload) == (new.kind, "E1", ARRIVED, {"end_date": "2026-02-01"})
    assert (event.id == new.id) is (envelope is not Envelope.BARE)


def test_a_bare_event_has_the_same_id_however_it_is_written() -> None:
    other = json.dumps(dict(reversed(BARE.items())), indent=3).encode()
    assert decode(message(other), own_source="officeflow").id == read(BARE).id
    assert read({**BARE, "employeeId": "E2"}).id != read(BARE).id


def test_the_correlation_id_is_the_extension_or_the_events_id() -> None:
    assert read({**CLOUD, "correlationid": "hire-7"}).correlation_id == "hire-7"
    assert read(CLOUD).correlation_id == "1"
    assert read(BARE).correlation_id == read(BARE).id


def test_an_event_without_time_happened_when_its_message_was_produced() -> None:
    event = read(without(CLOUD, "time"))
    assert event.time == ARRIVED
    assert (
        event.content_hash
        == decode(
            Message(
                topic=TOPIC, partition=0, offset=9, value=json.dumps(without(CLOUD, "time")).encode(), timestamp=ARRIVED.replace(year=2027)
            ),
            own_source="",
        ).content_hash
    )


def test_the_data_may_name_person_and_organization() -> None:
    data = {"organizationId": "acme", "employeeId": "E1", "payload": {"title": "Controller"}}
    event = read({**without(CLOUD, "subject"), "data": data})
    assert (event.employee, event.organization, event.payload) == ("E1", "acme", {"title": "Controller"})
    assert reason({**CLOUD, "data": {**data, "employeeId": "E2"}}) == "invalid_attribute"


def test_data_in_base64_is_read() -> None:
    encoded = base64.b64encode(json.dumps(CLOUD["data"]).encode()).decode()
    assert read({**without(CLOUD, "data"), "data_base64": encoded}) == read(CLOUD)
    assert reason({**without(CLOUD, "data"), "data_base64": "?"}) == "invalid_attribute"


def test_the_content_hash_tells_other_content() -> None:
    assert read({**CLOUD, "data": {"department": "Sales"}}).content_hash != read(CLOUD).content_hash
    assert read({**CLOUD, "source": "other"}).content_hash == read(CLOUD).content_hash


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        ("empty", None),
        ("not_json", b""),
        ("not_json", b"{"),
        ("not_json", b"\xff\xfe"),
        ("not_json", b'{"a": 1, "a": 2}'),
        ("not_json", b'{"a": NaN}'),
        ("too_deep", b"[" * 40 + b"]" * 40),
        ("too_deep", b"[" * 100_000),
        ("unstorable", {**BARE, "employeeId": "E\0"}),
        ("unstorable", b'{"type": "\\ud800"}'),
        ("unstorable", b'{"n": 1e999}'),
        ("wrong_shape", [1]),
        ("wrong_shape", "text"),
        ("too_large", b" " * (MAX_EVENT_BYTES + 1)),
        ("missing_attribute", {}),
        ("missing_attribute", without(CLOUD, "id")),
        ("missing_attribute", without(CLOUD, "source")),
        ("missing_attribute", without(CLOUD, "subject")),
        ("missing_attribute", without(CLOUD, "data")),
        ("missing_attribute", without(BARE, "timestamp")),
        ("invalid_attribute", {**CLOUD, "id": ""}),
        ("invalid_attribute", {**CLOUD, "id": 1}),
        ("invalid_attribute", {**CLOUD, "id": "x" * 256}),
        ("invalid_attribute", {**BARE, "employeeId": 7}),
        ("invalid_attribute", {**BARE, "payload": []}),
        ("unsupported_version", {**CLOUD, "specversion": "0.3"}),
        ("unsupported_content_type", {**CLOUD, "datacontenttype": "text/xml"}),
        ("unknown_kind", {**BARE, "type": "employee.promote"}),
        ("kind_mismatch", {**BARE, "type": "employee.exit"}),
        ("invalid_time", {**BARE, "timestamp": "2026-02-30T00:00:00Z"}),
        ("invalid_time", {**BARE, "timestamp": "2026-02-03T00:00:00"}),
        ("invalid_time", {**BARE, "timestamp": "yesterday"}),
        ("invalid_time", {**BARE, "timestamp": "0001-01-01T00:00:00+14:00"}),
        ("invalid_payload", {**CLOUD, "data": "text"}),
        ("invalid_payload", {**BARE, "payload": {"start_date": "2026-02-30"}}),
        ("invalid_payload", {**BARE, "payload": {"start_date": 20260203}}),
        ("invalid_payload", {**BARE, "payload": {"time_zone": "Mars/Olympus"}}),
        ("invalid_payload", {**BARE, "payload": {"groups": ["a", 1]}}),
        ("own_source", {**CLOUD, "source": "officeflow"}),
    ],
)
def test_what_cannot_be_taken_has_a_reason(expected: str, body: Any) -> None:
    assert reason(body) == expected


@pytest.mark.parametrize(
    ("expected", "headers"),
    [
        ("invalid_attribute", (("ce_id", b"1"), ("ce_id", b"2"))),
        ("invalid_attribute", (("ce_id", None),)),
        ("invalid_attribute", (("ce_id", b"\xff"),)),
        ("unstorable", (("ce_id", b"a\0"),)),
        ("missing_attribute", (("ce_specversion", b"1.0"),)),
        ("unsupported_content_type", (("content-type", b"application/xml"),)),
        ("unsupported_content_type", (("content-type", b"application/cloudevents+avro"),)),
    ],
)
def test_headers_that_cannot_be_taken_have_a_reason(expected: str, headers: Headers) -> None:
    assert reason(b"{}", headers=headers) == expected


def test_a_message_on_another_topic_is_refused() -> None:
    assert reason(BARE, topic="audit.events") == "kind_mismatch"


def test_every_problem_of_a_payload_is_told_without_its_value() -> None:
    with pytest.raises(InvalidEvent) as caught:
        read({**BARE, "payload": {"birth_date": "1980-02-31", "groups": ["a", 1], "salary": True}})
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {"payload.birth_date", "payload.groups[1]", "payload.salary"}
    assert "1980" not in str(caught.value)


@pytest.mark.parametrize("name", ["personalEmail", "PERSONAL-EMAIL", "iban", "dateOfBirth", "SSN"])
def test_private_fields_are_hidden_however_they_are_spelled(name: str) -> None:
    event = read({**BARE, "payload": {name: "x", "contact": {"deep": [{name: "y"}]}, "title": "z"}})
    assert event.payload == {"title": "z"}
    assert set(event.sensitive) == {name, "contact"}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
FIELD_NAMES = st.sampled_from([*BARE, *CLOUD, "organizationid", "correlationid", "datacontenttype", "data_base64"]) | st.text(max_size=5)
HEADERS = st.lists(
    st.tuples(st.sampled_from(["ce_id", "ce_type", "ce_time", "content-type", "x"]), st.none() | st.binary(max_size=20)), max_size=5
)


def outcome(value: bytes | None, headers: Headers) -> LifecycleEvent | InvalidEvent:
    """Any other exception fails the test."""
    event: LifecycleEvent | InvalidEvent
    try:
        event = decode(message(value, headers=headers), own_source="officeflow")
    except InvalidEvent as error:
        event = error
    assert isinstance(event, LifecycleEvent) or event.reason_code in REASONS
    return event


@given(value=st.none() | st.binary(), headers=HEADERS)
def test_any_bytes_are_an_event_or_refused(value: bytes | None, headers: list[tuple[str, bytes | None]]) -> None:
    outcome(value, tuple(headers))


@given(changes=st.dictionaries(FIELD_NAMES, JSON_VALUES, max_size=4), base=st.sampled_from([BARE, CLOUD]), headers=HEADERS)
def test_any_json_near_an_event_is_an_event_or_refused(
    changes: dict[str, Any], base: Mapping[str, Any], headers: list[tuple[str, bytes | None]]
) -> None:
    outcome(json.dumps({**base, **changes}).encode(), tuple(headers))


@given(payload=st.dictionaries(st.text(), JSON_VALUES, max_size=5))
def test_no_field_of_a_payload_is_lost(payload: dict[str, Any]) -> None:
    """What is not sensitive and what is are together what was sent."""
    event = outcome(json.dumps({**BARE, "payload": payload}).encode(), ())
    if isinstance(event, LifecycleEvent):
        assert {**event.payload, **event.sensitive} == payload
        assert not set(event.payload) & set(event.sensitive)
