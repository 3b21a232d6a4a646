"""An event that somebody sends by hand, before it is in Kafka."""

from __future__ import annotations

import json
import uuid

import pytest

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import InvalidEvent, InvalidInput, Unavailable
from officeflow.events import sending
from officeflow.events.envelope import read_message
from officeflow.events.producer import Envelope
from officeflow.settings import load_settings
from tests.events.test_cli import CLOUD

CLOCK = SystemClock()


def check(
    database: Database, target: sending.Target, body: bytes, envelope: Envelope | None = None
) -> sending.Checked:
    return sending.check(database, CLOCK, load_settings(), body, target, envelope=envelope)


@pytest.mark.parametrize("envelope", [None, *Envelope])
def test_the_message_is_what_the_listener_takes_for_the_event(
    database: Database, org: Organization, envelope: Envelope | None
) -> None:
    checked = check(database, sending.Target.of(org), json.dumps(CLOUD).encode(), envelope)
    assert (checked.message.topic, checked.message.key) == ("employee.onboard.acme", str(org.org_id).encode())
    assert (checked.event.kind, checked.event.employee) == ("employee.onboard", "E1")
    if envelope is not Envelope.BARE:  # which has no place for them
        assert (checked.event.id, checked.event.source) == ("1", "hr")
    assert read_message(checked.message).employee == "E1"


def test_an_event_for_another_organization_is_refused(database: Database, org: Organization) -> None:
    body = json.dumps({**CLOUD, "organizationid": "globex"}).encode()
    with pytest.raises(InvalidInput, match="is for 'globex', not for 'acme'"):
        check(database, sending.Target.of(org), body)


def test_what_is_no_event_is_refused_and_can_be_brought_to_the_topic_all_the_same(
    database: Database, org: Organization
) -> None:
    target = sending.Target.of(org)
    with pytest.raises(InvalidEvent):
        check(database, target, b"{")
    message = sending.as_it_is(CLOCK, b"{", target, "employee.exit")
    assert (message.topic, message.value, list(message.headers)) == ("employee.exit.acme", b"{", [])
    with pytest.raises(InvalidEvent, match="its type is not one of"):
        sending.as_it_is(CLOCK, b"{", target, "employee.vanish")


def test_an_organization_that_there_is_not_has_no_key(database: Database) -> None:
    message = sending.as_it_is(
        CLOCK, json.dumps(CLOUD).encode(), sending.Target("globex", None), CLOUD["type"]
    )
    assert (message.key, dict(message.headers)["content-type"]) == (None, b"application/cloudevents+json")


def test_waiting_for_an_event_that_never_arrives_ends(database: Database, org: Organization) -> None:
    sent = check(database, sending.Target.of(org), json.dumps({**CLOUD, "id": str(uuid.uuid4())}).encode())
    with pytest.raises(Unavailable, match="it is not in the inbox"):
        sending.dispatched(database, sent, timeout=0.1)
