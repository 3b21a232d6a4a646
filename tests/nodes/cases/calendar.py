from __future__ import annotations

from collections.abc import Mapping

from tests.nodes.case import Case, Params
from tests.nodes.world import World


def an_event(world: World) -> Params:
    made = world.run(
        "calendar.create_event", CASES["create_event"].params, connection="caldav", node="before"
    )
    return {"uid": made.output["uid"]}


def cancelled(world: World) -> int:
    return world.caldav.events().count("STATUS:CANCELLED")


def is_as_created(world: World) -> bool:
    text = world.caldav.events()
    return "DTSTART;TZID=Europe/Madrid:20261201T090000" in text and "LOCATION" not in text


CASES: Mapping[str, Case] = {
    "create_event": Case(
        params={
            "title": "First day",
            "date": "${{ event.payload.start_date }}",
            "time": "09:00",
            "time_zone": "Europe/Madrid",
        },
        wrong={"title": "First day", "date": "2026-13-01", "time": "09:00"},
        connection="caldav",
        effects=lambda world: world.caldav.events().count("BEGIN:VEVENT"),
        is_undone={"undo": lambda world: cancelled(world) == 1},
    ),
    "update_event": Case(
        params={"date": "2026-12-02", "time": "10:00", "location": "Room {{ 1 + 1 }}"},
        wrong={"uid": "x", "date": "2026-12-02"},
        connection="caldav",
        arrange=an_event,
        effects=lambda world: world.caldav.events().count("SEQUENCE:1"),
        is_undone={"undo": is_as_created},
    ),
    "cancel_event": Case(params={}, wrong={}, connection="caldav", arrange=an_event, effects=cancelled),
}
