"""A calendar that does not keep the UID and the address that it is given."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest

from officeflow.connectors.caldav.client import CaldavCalendar
from officeflow.connectors.families.calendar import MeetingChange
from officeflow.errors import NothingHappened
from tests.connectors.contract import KEY
from tests.connectors.test_caldav import FIRST_DAY, connection
from tests.counterparts.caldav import CaldavServer, OwnUidCalendar

pytestmark = pytest.mark.integration


@pytest.fixture
def client(own_uid_calendar: OwnUidCalendar) -> Iterator[CaldavCalendar]:
    opened = CaldavCalendar(connection(own_uid_calendar), correlation_id="c-1")
    yield opened
    opened.close()


def test_what_was_taken_and_is_not_where_it_was_put_may_be_done(client: CaldavCalendar) -> None:
    with pytest.raises(NothingHappened) as caught:
        client.create_event(FIRST_DAY, key=KEY)
    assert (caught.value.taken, caught.value.maybe_done) == (True, True)
    (like,) = client.find_like(FIRST_DAY)
    assert (like.key, like.title, like.start) == (None, FIRST_DAY.title, FIRST_DAY.start)
    assert like.uid != FIRST_DAY.uid


def test_an_event_with_a_uid_of_the_calendars_own_is_changed_and_cancelled_by_it(
    client: CaldavCalendar,
) -> None:
    with pytest.raises(NothingHappened):
        client.create_event(FIRST_DAY, key=KEY)
    (like,) = client.find_like(FIRST_DAY)
    assert client.update_event(like.uid, MeetingChange(title="Later"), key=KEY).title == "Later"
    assert client.cancel_event(like.uid, key=KEY).cancelled  # type: ignore[union-attr]


def test_an_event_at_another_address_is_known_by_its_key(caldav_server: CaldavServer) -> None:
    """Whoever keeps properties that only their maker knows."""
    client = CaldavCalendar(connection(caldav_server), correlation_id="c-1")
    client.create_event(FIRST_DAY, key=KEY)
    (like,) = client.find_like(FIRST_DAY)
    assert like.key == KEY
    client.close()


@pytest.mark.parametrize(
    "other",
    [
        dataclasses.replace(FIRST_DAY, title="Another"),
        dataclasses.replace(FIRST_DAY, start=FIRST_DAY.start + dt.timedelta(minutes=15)),
        dataclasses.replace(FIRST_DAY, attendees=("bob@acme.example",)),
    ],
)
def test_another_meeting_is_not_alike(caldav_server: CaldavServer, other: object) -> None:
    client = CaldavCalendar(connection(caldav_server), correlation_id="c-1")
    client.create_event(FIRST_DAY, key=KEY)
    assert client.find_like(other) == []  # type: ignore[arg-type]
    client.close()
