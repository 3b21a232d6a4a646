"""The inbox and the quarantine on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, InboxEvent, Organization
from officeflow.errors import InvalidEvent, NotKnown
from officeflow.events import inbox, lookup, quarantine
from officeflow.events.message import Message
from tests.events.arriving import START, counts, event, message, put


def test_an_event_is_stored_once_however_often_it_comes(database: Database, org: Organization) -> None:
    same = [message(event(), offset) for offset in range(100)]
    first, again = put(database, *same), put(database, *same)
    assert (len(first.new), len(first.known), len(first.refused)) == (1, 99, 0)
    assert (len(again.new), len(again.known), len(again.refused)) == (0, 100, 0)
    assert counts(database) == (1, 0)


def test_the_same_id_with_other_content_is_quarantined(database: Database, org: Organization) -> None:
    """In one batch and in a later one."""
    put(database, message(event(title="a"), 0), message(event(title="b"), 1))
    put(database, message(event(title="c"), 2))
    assert counts(database) == (1, 2)
    with database.service() as session:
        assert set(session.scalars(select(DeadLetter.reason))) == {"content_changed"}
        assert session.scalars(select(InboxEvent)).one().payload == {"title": "a"}


def test_two_sources_may_use_the_same_id(database: Database, org: Organization) -> None:
    put(database, message(event(), 0), message({**event(), "source": "other"}, 1))
    assert counts(database) == (2, 0)


def test_the_organization_may_be_given_by_its_uuid(database: Database, org: Organization) -> None:
    """In the event, in the topic, or in both."""
    by_uuid = str(org.org_id)
    stored = put(
        database,
        message(event(1, org=by_uuid), 0),
        message(event(2, org=by_uuid), 0, topic=f"employee.onboard.{by_uuid}"),
        message(event(3), 1, topic=f"employee.onboard.{by_uuid}"),
    )
    assert [item.org_id for item in stored.new] == [org.org_id] * 3


def test_unknown_and_wrong_organizations_are_quarantined(database: Database, org: Organization) -> None:
    with database.service() as session:
        session.add(Organization(org_id=uuid.uuid4(), slug="other", name="Other", domain="other.example"))
    stored = put(
        database,
        message(event(1, org="nobody"), 0),
        message(event(2), 0, topic="employee.onboard.nobody"),
        message(event(3, org="other"), 1),
    )
    assert [refused.error.reason_code for refused in stored.refused] == [
        "unknown_organization",
        "unknown_organization",
        "organization_mismatch",
    ]


def test_sensitive_fields_are_not_readable_in_the_database(database: Database, org: Organization) -> None:
    put(
        database, message(event(title="Controller", birth_date="1980-01-31", nested={"iban": "DE00 1234"}), 0)
    )
    with database.service() as session:
        row = session.scalars(select(InboxEvent)).one()
        raw = session.scalar(text("SELECT row_to_json(inbox_events)::text FROM inbox_events"))
    assert row.payload == {"title": "Controller"}
    assert row.sensitive == {"birth_date": "1980-01-31", "nested": {"iban": "DE00 1234"}}
    assert raw is not None
    assert "1980-01-31" not in raw
    assert "1234" not in raw


def test_a_quarantined_message_is_kept_whole(database: Database, org: Organization) -> None:
    odd = Message(
        topic="employee.exit.acme",
        partition=3,
        offset=42,
        value=b"\x00\xff not json",
        key=b"\xfe",
        headers=(("n", b"\xff\x00"), ("n", None), ("e", b"")),
        timestamp=START,
    )
    put(database, odd)
    put(database, odd)
    with database.service() as session:
        letter = session.scalars(select(DeadLetter)).one()
        assert (letter.topic, letter.partition, letter.offset, letter.reason) == (
            "employee.exit.acme",
            3,
            42,
            "not_json",
        )
        assert (letter.body, letter.key, letter.status, letter.org_id) == (
            odd.value,
            odd.key,
            "OPEN",
            org.org_id,
        )
        assert letter.headers == [["n", "\\xff\\x00"], ["n", None], ["e", ""]]


def test_an_organization_sees_its_own_events_and_quarantine_alone(
    database: Database, org: Organization
) -> None:
    put(database, message(event(), 0), message(b"{", 1), message(b"{", 0, topic="employee.exit.nobody"))
    with database.tenant(uuid.uuid4()) as session:
        assert session.scalars(select(InboxEvent)).all() == []
        assert session.scalars(select(DeadLetter)).all() == []
    with database.tenant(org.org_id) as session:
        assert len(session.scalars(select(InboxEvent)).all()) == 1
        assert len(session.scalars(select(DeadLetter)).all()) == 1


def test_a_corrected_message_is_taken_and_a_wrong_correction_is_not(
    database: Database, org: Organization
) -> None:
    put(database, message({**event(), "data": {"start_date": "2026-02-30"}}, 7))
    with database.service() as session:
        letter = session.scalars(select(DeadLetter)).one()
        with pytest.raises(InvalidEvent):
            inbox.accept(session, quarantine.message_of(letter, body=b"{}"), own_source="officeflow")
        corrected = json.dumps({**event(), "data": {"start_date": "2026-02-28"}}).encode()
        accepted = inbox.accept(
            session, quarantine.message_of(letter, body=corrected), own_source="officeflow"
        )
    assert accepted.event.payload == {"start_date": "2026-02-28"}
    assert counts(database) == (1, 1)


def test_a_message_in_binary_mode_can_be_replayed_as_it_was(database: Database, org: Organization) -> None:
    """Its attributes are in headers, and these are kept with it."""
    body = event()
    headers = tuple(
        (f"ce_{name}", str(value).encode())
        for name, value in body.items()
        if name not in {"data", "organizationid"}
    )
    unknown = Message(
        topic="employee.onboard.later",
        partition=0,
        offset=0,
        value=b'{"title": "x"}',
        headers=headers,
        timestamp=START,
    )
    assert put(database, unknown).refused[0].error.reason_code == "unknown_organization"
    with database.service() as session:
        session.add(Organization(org_id=uuid.uuid4(), slug="later", name="Later", domain="later.example"))
        session.flush()
        letter = session.scalars(select(DeadLetter)).one()
        assert inbox.accept(
            session, quarantine.message_of(letter), own_source="officeflow"
        ).event.payload == {"title": "x"}


def test_ids_are_found_by_their_beginning(database: Database, org: Organization) -> None:
    put(database, message(event(), 0), message(b"{", 1))
    with database.service() as session:
        stored, letter = session.scalars(select(InboxEvent)).one(), session.scalars(select(DeadLetter)).one()
        assert lookup.find(session, str(stored.inbox_id)[:8]) is stored
        assert lookup.find(session, str(letter.dead_letter_id)) is letter
        for unknown in ("ab", "%%%%%", str(uuid.uuid4())):
            with pytest.raises(NotKnown):
                lookup.find(session, unknown)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.binary(max_size=50) | st.builds(
    lambda changes: json.dumps({**event(), **changes}).encode(),
    st.dictionaries(
        st.sampled_from(["id", "subject", "time", "data", "correlationid", "x"]), JSON_VALUES, max_size=3
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(BODIES, max_size=4))
def test_every_message_is_an_event_or_quarantined(
    database: Database, org: Organization, bodies: list[bytes]
) -> None:
    """Whatever its bytes are, PostgreSQL takes the batch, and nothing of it is lost."""
    partition = uuid.uuid4().int % 2**31
    messages = [
        Message(topic="employee.onboard.acme", partition=partition, offset=n, value=body)
        for n, body in enumerate(bodies)
    ]
    stored = put(database, *messages)
    assert len(stored.new) + len(stored.known) + len(stored.refused) == len(bodies)
    with database.service() as session:
        kept = session.scalars(select(DeadLetter.offset).where(DeadLetter.partition == partition)).all()
        assert sorted(kept) == sorted(refused.message.offset for refused in stored.refused)
        for item in [*stored.new, *stored.known]:
            query = select(InboxEvent).where(
                InboxEvent.source == item.event.source, InboxEvent.event_id == item.event.id
            )
            row = session.scalars(query).one()
            assert (row.payload, row.sensitive or {}) == (item.event.payload, item.event.sensitive)


def ahead(**difference: float) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(**difference)).isoformat()


def test_an_event_dated_further_ahead_than_is_tolerated_is_quarantined_and_says_why(
    database: Database, org: Organization
) -> None:
    """Else its fields could be changed by no later event."""
    stored = put(
        database,
        message({**event(1), "time": ahead(hours=25)}, 1),
        message({**event(2), "time": ahead(days=200)}, 2),
    )
    assert [refused.error.reason_code for refused in stored.refused] == ["time_ahead"] * 2
    assert "a day to come belongs into the payload, as start_date" in stored.refused[0].detail
    assert len(put(database, message({**event(3), "time": ahead(hours=23)}, 3)).new) == 1
    with database.service() as session:
        letter = session.scalars(select(DeadLetter).where(DeadLetter.offset == 1)).one()
        with pytest.raises(InvalidEvent):
            inbox.accept(session, quarantine.message_of(letter), own_source="officeflow")
        accepted = inbox.accept(
            session, quarantine.message_of(letter), own_source="officeflow", ahead=dt.timedelta(hours=26)
        )
    assert accepted.event.id == "1"


def test_a_message_without_time_is_held_to_the_time_of_its_message(
    database: Database, org: Organization
) -> None:
    """Which its producer may set as well."""
    body = {name: value for name, value in event().items() if name != "time"}
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    sent = Message(
        topic="employee.onboard.acme", partition=0, offset=0, value=json.dumps(body).encode(), timestamp=later
    )
    assert [refused.error.reason_code for refused in put(database, sent).refused] == ["time_ahead"]


def test_messages_without_a_value_are_passed_over(database: Database, org: Organization) -> None:
    tombstones = [
        Message(topic="employee.onboard.acme", partition=0, offset=offset, value=None)
        for offset in range(100)
    ]
    stored = put(database, *tombstones, message(event(), 100))
    assert (len(stored.passed_over), len(stored.new), stored.refused) == (100, 1, [])
    assert counts(database) == (1, 0)


def test_each_organization_has_its_own_rules_for_payloads(database: Database, org: Organization) -> None:
    with database.service() as session:
        settings = {"shown_fields": ["shirtSize"], "empty_text_is_null": True}
        session.add(
            Organization(
                org_id=uuid.uuid4(), slug="other", name="Other", domain="other.example", settings=settings
            )
        )
    payload: dict[str, Any] = {"shirtSize": "M", "homeEmail": "ana@home.example", "title": ""}
    stored = put(
        database,
        message(event(1, **payload), 0),
        message(event(1, org="other", **payload), 0, topic="employee.onboard.other"),
    )
    first, second = stored.new
    assert (first.event.payload, set(first.event.sensitive)) == ({"title": ""}, {"shirtSize", "homeEmail"})
    assert (second.event.payload, set(second.event.sensitive)) == (
        {"title": None, "shirtSize": "M"},
        {"homeEmail"},
    )


def test_no_private_field_stands_plain_anywhere_in_the_inbox(database: Database, org: Organization) -> None:
    """What of the row is not encrypted."""
    names = [
        "homeEmail",
        "address1",
        "payRate",
        "sin",
        "nin",
        "bankAccountNumber",
        "annualSalary",
        "contact",
        "anything",
    ]
    secret = "geheim-4711"
    payload: dict[str, Any] = dict.fromkeys(names, secret) | {
        "nested": [{"homeEmail": secret}],
        "title": "Controller",
    }
    put(database, message(event(1, **payload), 0))
    with database.engine.connect() as connection:
        row = connection.execute(text("SELECT to_jsonb(i) - 'sensitive' FROM inbox_events i")).scalar_one()
    assert secret not in json.dumps(row)
    assert row["payload"] == {"title": "Controller"}


def test_an_identifier_of_255_characters_is_stored_and_claimed(database: Database, org: Organization) -> None:
    odd = "\U0001f600" * 255
    put(database, message({**event(1, employee=odd), "id": odd, "source": odd, "correlationid": odd}, 0))
    with database.service() as session:
        found = inbox.claim(session)
        assert found is not None
        assert (found.employee_key, found.event_id, found.source, found.correlation_id) == (odd,) * 4
