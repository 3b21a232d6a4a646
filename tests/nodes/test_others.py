"""Mail, calendar, audit and delay, beyond the contract."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization
from officeflow.sdk import NodeResult
from tests.connectors.http_faults import Fault, FaultProxy
from tests.counterparts.caldav import OwnUidCalendar
from tests.nodes.world import World

pytestmark = pytest.mark.integration

MEETING = {
    "title": "First day",
    "date": "2026-12-01",
    "time": "09:00",
    "time_zone": "Europe/Madrid",
    "duration": "PT90M",
}


class TestDelay:
    def wait(self, world: World, **params: Any) -> NodeResult:
        return world.run("flow.delay", params)

    def test_the_due_time_counts_from_the_first_attempt(self, world: World) -> None:
        began = world.clock.now()
        first = self.wait(world, duration="PT1H")
        world.clock.moment += dt.timedelta(minutes=30)
        second = self.wait(world, duration="PT1H")
        assert [result.status for result in (first, second)] == ["retry", "retry"]
        assert first.reschedule_at == second.reschedule_at == began + dt.timedelta(hours=1)
        world.clock.moment += dt.timedelta(minutes=31)
        third = self.wait(world, duration="PT1H")
        assert third.status == "success"
        assert third.output["waited_seconds"] == 61 * 60

    def test_a_moment_that_is_past_is_not_waited_for(self, world: World) -> None:
        assert self.wait(world, until="2020-01-01T00:00:00Z").status == "success"

    def test_a_moment_ahead_is_waited_for(self, world: World) -> None:
        until = world.clock.now() + dt.timedelta(days=3)
        assert self.wait(world, until=until.isoformat()).reschedule_at == until


class TestMail:
    def test_templates_and_expressions_are_filled_in(self, world: World) -> None:
        params = {
            "to": "${{ 'ana@' + org.domain }}",
            "subject": "Welcome, {{ event.payload.first_name }}",
            "html": "<p>Hello {{ event.payload.first_name }}, see you on {{ event.payload.start_date }}</p>",
        }
        result = world.run("email.send", params, connection="smtp")
        assert result.output["accepted"] == ["ana@acme.example"]
        message = world.inbox.messages()[0]
        assert message["subject"] == "Welcome, Ana"
        assert "see you on 2026-12-01" in world.inbox.source(message["id"])
        assert result.key in result.output["message_id"]


FLOATING, ALL_DAY = "DTSTART:20261201T090000", "DTSTART;VALUE=DATE:20261201"
MOVED = {"date": "2026-12-02", "time": "10:00"}
MADRID = {"time_zone": "Europe/Madrid"}


class TestCalendar:
    def create(self, world: World, *, try_number: int = 1, **changes: Any) -> NodeResult:
        return world.run(
            "calendar.create_event",
            MEETING | changes,
            connection="caldav",
            node="meeting",
            try_number=try_number,
        )

    def test_a_meeting_is_created_and_cancelled_by_its_uid(self, world: World) -> None:
        made = self.create(world, attendees=["ana@acme.example"], location="Room {{ 1 + 1 }}")
        assert made.key in made.output["uid"]
        assert dt.datetime.fromisoformat(made.output["start"]) == dt.datetime(
            2026, 12, 1, 8, 0, tzinfo=dt.UTC
        )
        params = {"uid": "${{ nodes.meeting.output.uid }}"}
        done = [
            world.run("calendar.cancel_event", params, connection="caldav", node=node)
            for node in ("one", "two")
        ]
        assert [result.error for result in done] == [None, None]
        assert [result.output["changed"] for result in done] == [True, False]
        assert "Room 2" in world.caldav.events()
        assert "STATUS:CANCELLED" in world.caldav.events()

    def update(self, world: World, node: str, **params: Any) -> NodeResult:
        return world.run(
            "calendar.update_event",
            {"uid": "${{ nodes.meeting.output.uid }}", **params},
            connection="caldav",
            node=node,
        )

    def test_a_meeting_is_moved_in_its_own_zone_and_keeps_its_length(self, world: World) -> None:
        self.create(world, attendees=["ana@acme.example"])
        moved = self.update(
            world, "move", date="2027-07-02", time="10:00", title="Later: {{ event.payload.first_name }}"
        )
        assert moved.status == "success", moved.error
        assert (moved.output["start"], moved.output["end"]) == (
            "2027-07-02T10:00:00+02:00",
            "2027-07-02T11:30:00+02:00",
        )
        assert (moved.output["title"], moved.output["attendees"]) == ("Later: Ana", ["ana@acme.example"])
        shorter = self.update(world, "shorten", duration="PT30M")
        assert (shorter.output["start"], shorter.output["end"]) == (
            "2027-07-02T10:00:00+02:00",
            "2027-07-02T10:30:00+02:00",
        )

    def test_what_is_so_already_is_not_written(self, world: World) -> None:
        self.create(world, location="Room 1")
        before = len(world.caldav.writes())
        same = {
            "date": "2026-12-01",
            "time": "09:00",
            "title": "First day",
            "location": " Room 1",
            "attendees": [],
        }
        assert self.update(world, "same", **same).output["changed"] is False
        assert len(world.caldav.writes()) == before

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"date": "2027-03-28", "time": "02:30"}, "invalid_parameters"),
            ({"uid": "nobody", "title": "x"}, "not_found"),
        ],
    )
    def test_a_change_that_cannot_be_is_told(self, world: World, params: dict[str, Any], code: str) -> None:
        self.create(world)
        result = self.update(world, "change", **params)
        assert result.error is not None
        assert (result.status, result.error.code) == ("failed", code)

    def test_a_cancelled_meeting_is_not_changed(self, world: World) -> None:
        self.create(world)
        world.run(
            "calendar.cancel_event",
            {"uid": "${{ nodes.meeting.output.uid }}"},
            connection="caldav",
            node="cancel",
        )
        result = self.update(world, "change", title="x")
        assert result.error is not None
        assert result.error.code == "conflict"

    def test_cancelling_what_is_not_there_fails(self, world: World) -> None:
        result = world.run("calendar.cancel_event", {"uid": "nobody"}, connection="caldav")
        assert result.error is not None
        assert result.error.code == "not_found"

    def test_a_lost_answer_is_found_out_and_makes_no_second_meeting(self, world: World) -> None:
        with FaultProxy(world.caldav.url).running() as proxy:
            proxy.fault(Fault(kind="act_then_drop", methods=("PUT",)))
            world.changes = {"host": proxy.url}
            assert self.create(world).status == "retry"
            assert self.create(world).status == "success"
        assert [request["method"] for request in world.caldav.writes()].count("PUT") == 1

    def test_a_calendar_with_uids_of_its_own_gets_one_meeting(
        self, world: World, own_uid_calendar: OwnUidCalendar
    ) -> None:
        world.caldav = own_uid_calendar
        tries = [
            self.create(world, attendees=["ana@acme.example"], try_number=number) for number in (1, 2, 3, 4)
        ]
        assert [result.status for result in tries] == ["retry", "success", "success", "success"]
        assert own_uid_calendar.events().count("BEGIN:VEVENT") == 1
        cancelled = world.run(
            "calendar.cancel_event",
            {"uid": "${{ nodes.meeting.output.uid }}"},
            connection="caldav",
            node="cancel",
        )
        assert cancelled.status == "success"
        assert own_uid_calendar.events().count("STATUS:CANCELLED") == 1

    def test_a_meeting_that_only_may_be_ours_is_asked_about(
        self, world: World, own_uid_calendar: OwnUidCalendar
    ) -> None:
        """The answer was lost, and the calendar keeps nothing of ours: who else could have made it?"""
        world.caldav = own_uid_calendar
        with FaultProxy(own_uid_calendar.url).running() as proxy:
            proxy.fault(Fault(kind="act_then_drop", methods=("PUT",)))
            world.changes = {"host": proxy.url}
            tries = [self.create(world, try_number=number) for number in (1, 2, 3, 4, 5)]
        assert [result.error.code for result in tries if result.error] == [
            "transient",
            *["outcome_unknown"] * 4,
        ]
        assert own_uid_calendar.events().count("BEGIN:VEVENT") == 1

    def test_two_people_may_have_the_same_meeting(self, world: World) -> None:
        """What looks the same and bears another act's key is another meeting."""
        self.create(world)
        with FaultProxy(world.caldav.url).running() as proxy:
            proxy.fault(Fault(kind="answer", methods=("PUT",), status=502))
            world.changes = {"host": proxy.url}
            second = [
                world.run("calendar.create_event", MEETING, connection="caldav", node="second", try_number=n)
                for n in (1, 2)
            ]
        assert [result.status for result in second] == ["retry", "success"]
        assert world.caldav.events().count("BEGIN:VEVENT") == 2

    def put(self, world: World, *lines: str) -> dict[str, Any]:
        """An event that somebody else has made, as parameters name it."""
        event = [
            "BEGIN:VEVENT",
            "UID:theirs",
            "DTSTAMP:20260101T000000Z",
            "SUMMARY:Theirs",
            *lines,
            "END:VEVENT",
        ]
        text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *event, "END:VCALENDAR", ""])
        with world.caldav.client() as other:
            other.put(f"{world.caldav.calendar_url}theirs.ics", content=text.encode()).raise_for_status()
        return {"uid": "theirs"}

    @pytest.mark.parametrize(
        ("line", "change", "start", "written"),
        [
            (
                FLOATING,
                {"duration": "PT30M"},
                "2026-12-01T09:00:00",
                ["DTSTART:20261201T090000", "DTEND:20261201T093000"],
            ),
            (FLOATING, MOVED, "2026-12-02T10:00:00", ["DTSTART:20261202T100000"]),
            (
                FLOATING,
                MOVED | MADRID,
                "2026-12-02T10:00:00+01:00",
                ["DTSTART;TZID=Europe/Madrid:20261202T100000"],
            ),
            (ALL_DAY, {"duration": "P2D"}, "2026-12-01T00:00:00", [ALL_DAY, "DTEND;VALUE=DATE:20261203"]),
            (ALL_DAY, {"title": "Else"}, "2026-12-01T00:00:00", [ALL_DAY]),
        ],
    )
    def test_what_has_no_zone_is_given_none(
        self, world: World, line: str, change: dict[str, Any], start: str, written: list[str]
    ) -> None:
        result = world.run("calendar.update_event", self.put(world, line) | change, connection="caldav")
        assert result.status == "success", result.error
        assert result.output["start"] == start
        with world.caldav.client() as other:
            text = other.get(f"{world.caldav.calendar_url}theirs.ics").text
        assert set(written) <= set(text.splitlines())

    @pytest.mark.parametrize(
        ("line", "change"),
        [
            (FLOATING, {"start": "2026-12-02T10:00:00Z"}),
            (ALL_DAY, MOVED),
            (ALL_DAY, {"duration": "PT30M"}),
        ],
    )
    def test_where_only_a_zone_would_say_what_is_meant_it_is_asked_for(
        self, world: World, line: str, change: dict[str, Any]
    ) -> None:
        result = world.run("calendar.update_event", self.put(world, line) | change, connection="caldav")
        assert result.error is not None
        assert (result.status, result.error.code) == ("failed", "invalid_parameters")
        assert line in world.caldav.events()

    def test_an_event_that_was_moved_before_the_retry_is_a_conflict(self, world: World) -> None:
        with FaultProxy(world.caldav.url).running() as proxy:
            proxy.fault(Fault(kind="act_then_drop", methods=("PUT",)))
            world.changes = {"host": proxy.url}
            self.create(world)
            proxy.fault(
                Fault(
                    kind="rewrite",
                    methods=("GET",),
                    change=lambda body: body.replace(b"T090000", b"T083000"),
                    times=9,
                )
            )
            result = self.create(world)
        assert result.error is not None
        assert result.error.code == "conflict"


class TestAccountOverAFailingNetwork:
    def test_a_lost_answer_makes_no_second_account(self, world: World) -> None:
        params = {"login": "ana@acme.example", "external_id": "1001"}
        with FaultProxy(world.scim.url).running() as proxy:
            proxy.fault(Fault(kind="act_then_drop", methods=("POST",)))
            world.changes = {"host": proxy.url}
            results = [
                world.run("identity.create_account", params, connection="scim", try_number=number)
                for number in (1, 2)
            ]
        assert [result.status for result in results] == ["retry", "success"]
        assert results[1].output["created"] is True
        assert len([request for request in world.scim.writes() if request["method"] == "POST"]) == 1


def test_a_record_is_in_the_audit_log_beside_that_of_the_act(
    world: World, database: Database, org: Organization
) -> None:
    details = {"who": "${{ event.employee }}"}
    params = {
        "action": "onboarding.completed",
        "subject": "employee:1001",
        "actor": "airflow:admin",
        "details": details,
    }
    assert world.run("audit.record", params).status == "success"
    with database.tenant(org.org_id) as session:
        records = {record.action: record for record in session.scalars(select(AuditRecord))}
    assert (records["onboarding.completed"].subject, records["onboarding.completed"].actor) == (
        "employee:1001",
        "workflow:airflow:admin",
    )
    assert records["onboarding.completed"].details == {"who": "1001"}
