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
from officeflow.events.payloads import PayloadRules
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
    new = NewEvent(
        kind="employee.exit",
        organization="acme",
        employee="E1",
        payload={"end_date": "2026-02-01"},
        time=ARRIVED,
        source="hr",
    )
    event = decode(compose(new, org_id=None, envelope=envelope), own_source="officeflow")
    assert (event.kind, event.employee, event.time, event.payload) == (
        new.kind,
        "E1",
        ARRIVED,
        {"end_date": "2026-02-01"},
    )
    assert (event.id == new.id) is (envelope is not Envelope.BARE)


def test_a_bare_event_has_the_same_id_however_it_is_written() -> None:
    other = json.dumps({name: BARE[name] for name in reversed(list(BARE))}, indent=3).encode()
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
                topic=TOPIC,
                partition=0,
                offset=9,
                value=json.dumps(without(CLOUD, "time")).encode(),
                timestamp=ARRIVED.replace(year=2027),
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


NAMED = ("id", "source", "subject", "correlationid")


def said(value: bytes, **where: Any) -> str:
    with pytest.raises(InvalidEvent) as caught:
        decode(message(value, **where), own_source="officeflow")
    return str(caught.value)


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    "odd", ["ñ", "hire-\U0001f600", "a b", "\u202eabc", "x" * 255, "\U0001f600" * 255, "👩\u200d💻"]
)
def test_an_id_may_be_any_text_of_up_to_255_characters(name: str, odd: str) -> None:
    event = read({**CLOUD, name: odd})
    given = {
        "id": event.id,
        "source": event.source,
        "subject": event.employee,
        "correlationid": event.correlation_id,
    }
    assert given[name] == odd
    headers = tuple(
        (f"ce_{key}", str(value).encode()) for key, value in {**CLOUD, name: odd}.items() if key != "data"
    )
    assert (
        decode(message(json.dumps(CLOUD["data"]).encode(), headers=headers), own_source="officeflow") == event
    )


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    "control", ["\t", "\r\n", "\n", "\x1b", "\x7f", "\x85", "\u2028", "\ufffe", "\U0001ffff"]
)
def test_an_id_with_a_control_character_is_refused_with_field_and_place(name: str, control: str) -> None:
    body = json.dumps({**CLOUD, name: f"E1{control}x"}).encode()
    assert reason(body) == "invalid_attribute"
    assert f"{name}: holds the control character U+{ord(control[0]):04X} at place 3" in said(body)


def test_what_no_database_keeps_is_refused_with_field_and_place() -> None:
    assert "subject has the character NUL at place 3" in said(
        json.dumps({**CLOUD, "subject": "E1\0"}).encode()
    )
    deep = json.dumps({**CLOUD, "data": {"groups": ["a", "b\0"]}}).encode()
    assert "data.groups[1] has the character NUL at place 2" in said(deep)
    assert "id has half a surrogate pair at place 2" in said(b'{"id": "a\\ud800"}')
    assert "ce_id has the character NUL" in said(b"{}", headers=(("ce_id", b"a\0"),))


def test_a_bare_events_employee_is_held_to_the_same() -> None:
    body = json.dumps({**BARE, "employeeId": "E\t1"}).encode()
    assert "employeeId: holds the control character U+0009 at place 2" in said(body)
    assert read({**BARE, "employeeId": "ñ" * 255}).employee == "ñ" * 255


def test_an_id_that_is_too_long_is_refused_with_its_limit() -> None:
    text = said(json.dumps({**CLOUD, "subject": "x" * 256}).encode())
    assert "subject" in text
    assert "255" in text


def binary(prefix: str) -> Headers:
    return tuple((f"{prefix}{name}", str(value).encode()) for name, value in CLOUD.items() if name != "data")


def test_headers_of_the_http_binding_are_taken_where_the_value_is_no_event_by_itself() -> None:
    data = json.dumps(CLOUD["data"]).encode()
    assert decode(message(data, headers=binary("ce-")), own_source="officeflow") == read(CLOUD)
    assert decode(message(data, headers=binary("Ce-")), own_source="officeflow") == read(CLOUD)
    other = (("ce-id", b"another"),)
    assert decode(message(json.dumps(CLOUD).encode(), headers=other), own_source="officeflow").id == "1"
    assert (
        decode(message(json.dumps(BARE).encode(), headers=other), own_source="officeflow").id == read(BARE).id
    )
    assert decode(message(data, headers=(*binary("ce_"), *other)), own_source="officeflow").id == "1"


def test_a_message_without_an_envelope_is_told_which_attributes_make_one() -> None:
    text = said(b'{"given_name": "Ana"}')
    assert "no attribute of a CloudEvent (specversion in the value, or ce_" in text
    assert "organizationId: Field required" in text


def test_a_byte_order_mark_is_passed_over() -> None:
    assert decode(message(b"\xef\xbb\xbf" + json.dumps(CLOUD).encode()), own_source="officeflow") == read(
        CLOUD
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32-le"])
def test_other_encodings_are_named(encoding: str) -> None:
    assert "send UTF-8" in said(json.dumps(CLOUD).encode(encoding))


@pytest.mark.parametrize("data", [json.dumps(CLOUD).encode(), b"\x02\x06Ana", b""])
@pytest.mark.parametrize("schema", [1, 42, 100_001])
def test_the_frame_of_a_schema_registry_is_named_with_its_schema(schema: int, data: bytes) -> None:
    text = said(b"\0" + schema.to_bytes(4, "big") + data)
    assert f"magic byte 0, schema id {schema}" in text
    assert "produce plain JSON" in text


def test_empty_text_is_null_where_the_organization_says_so_and_else_told_what_to_send() -> None:
    body = json.dumps({**CLOUD, "data": {"start_date": "", "title": ""}}).encode()
    text = said(body)
    assert "payload.start_date" in text
    assert "send null, or leave it out" in text
    event = decode(message(body), own_source="officeflow", rules=PayloadRules(empty_text_is_null=True))
    assert event.payload == {"start_date": None, "title": None}
    assert event.content_hash != read({**CLOUD, "data": {"start_date": None, "title": None}}).content_hash, (
        "it is what was sent"
    )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
FIELD_NAMES = st.sampled_from(
    [*BARE, *CLOUD, "organizationid", "correlationid", "datacontenttype", "data_base64"]
) | st.text(max_size=5)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce_id", "ce_type", "ce_time", "content-type", "x"]),
        st.none() | st.binary(max_size=20),
    ),
    max_size=5,
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
def test_any_bytes_are_an_event_or_refused(
    value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    outcome(value, tuple(headers))


@given(
    changes=st.dictionaries(FIELD_NAMES, JSON_VALUES, max_size=4),
    base=st.sampled_from([BARE, CLOUD]),
    headers=HEADERS,
)
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
