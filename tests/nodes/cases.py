"""What the contract of node types needs to know about each of them: parameters that do something, and how to
see what was done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.sdk import Answer
from tests.nodes.world import World

Params = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """`arrange` prepares the world and may give parameters beside `params`. `effects` counts what was done,
    by the system's own records. `wrong` are parameters that cannot do. `changes` is False for a type that
    changes nothing anywhere. `answer` is what a person has said. `stops` is True for a type that always
    fails, which is its purpose.
    """

    params: Params
    wrong: Params
    connection: str | None = None
    arrange: Callable[[World], Params] = lambda _: {}
    effects: Callable[[World], int] = lambda _: 0
    changes: bool = True
    answer: Answer | None = None
    stops: bool = False


def calls(method: str, path: str = "") -> Callable[[World], int]:
    """How many requests of that kind the SCIM server has answered with success."""

    def count(world: World) -> int:
        seen = [r for r in world.scim.requests() if r["method"] == method and re.search(path, r["path"])]
        return len([request for request in seen if request["status"] < 300])

    return count


def an_account(**fields: Any) -> Callable[[World], Params]:
    def arrange(world: World) -> Params:
        return {"account_id": world.create("ana@acme.example", externalId="1001", **fields)}

    return arrange


def a_member(world: World) -> Params:
    """An account that is in the groups Staff and Sales."""
    account = an_account()(world)
    provider = world.open("scim", "identity")
    provider.set_groups(account["account_id"], ["Sales", "Staff"], key="b2" * 32)
    provider.close()
    return account


def leavings(world: World) -> int:
    """How many of the two groups that a_member is in it has left."""
    return 2 - len(world.scim.groups_of("ana@acme.example"))


def an_event(world: World) -> Params:
    made = world.run(
        "calendar.create_event", CASES["calendar.create_event"].params, connection="caldav", node="before"
    )
    return {"uid": made.output["uid"]}


def cancelled(world: World) -> int:
    return world.caldav.events().count("STATUS:CANCELLED")


CASES: Mapping[str, Case] = {
    "identity.create_account": Case(
        params={"login": "ana@acme.example", "external_id": "1001", "given_name": "Ana"},
        wrong={"login": ["ana@acme.example"]},
        connection="scim",
        effects=calls("POST", "/Users$"),
    ),
    "identity.find_account": Case(
        params={"login": "ana@acme.example"},
        wrong={"required": True},
        connection="scim",
        arrange=an_account(),
        changes=False,
    ),
    "identity.set_groups": Case(
        params={"groups": ["Staff"]},
        wrong={"login": "x", "groups": "Staff"},
        connection="scim",
        arrange=an_account(),
        effects=calls("PATCH"),
    ),
    "identity.suspend_account": Case(
        params={}, wrong={}, connection="scim", arrange=an_account(), effects=calls("PATCH")
    ),
    "identity.reactivate_account": Case(
        params={}, wrong={}, connection="scim", arrange=an_account(active=False), effects=calls("PATCH")
    ),
    "identity.remove_groups": Case(
        params={"groups": ["Staff"]},
        wrong={"login": "x", "groups": []},
        connection="scim",
        arrange=a_member,
        effects=leavings,
    ),
    "identity.delete_account": Case(
        params={}, wrong={"id": "7"}, connection="scim", arrange=an_account(), effects=calls("DELETE")
    ),
    "email.send": Case(
        params={
            "to": "ana@acme.example",
            "subject": "Welcome, {{ event.payload.first_name }}",
            "html": "<p>Hello</p>",
        },
        wrong={"to": "ana", "subject": "x", "text": "x"},
        connection="smtp",
        effects=lambda world: len(world.inbox.messages()),
    ),
    "calendar.create_event": Case(
        params={
            "title": "First day",
            "date": "${{ event.payload.start_date }}",
            "time": "09:00",
            "time_zone": "Europe/Madrid",
        },
        wrong={"title": "First day", "date": "2026-13-01", "time": "09:00"},
        connection="caldav",
        effects=lambda world: world.caldav.events().count("BEGIN:VEVENT"),
    ),
    "calendar.update_event": Case(
        params={"date": "2026-12-02", "time": "10:00", "location": "Room {{ 1 + 1 }}"},
        wrong={"uid": "x", "date": "2026-12-02"},
        connection="caldav",
        arrange=an_event,
        effects=lambda world: world.caldav.events().count("SEQUENCE:1"),
    ),
    "calendar.cancel_event": Case(
        params={}, wrong={}, connection="caldav", arrange=an_event, effects=cancelled
    ),
    "http.request": Case(
        params={"method": "POST", "url": "/things", "body": {"who": "${{ event.employee }}"}},
        wrong={"url": "ftp://127.0.0.1/things"},
        connection="http",
        effects=lambda world: len(world.api.things),
    ),
    "audit.record": Case(
        params={"action": "onboarding.completed", "subject": "employee:1001"},
        wrong={"action": ""},
        changes=False,
    ),
    "human.approval": Case(
        params={"subject": "May {{ event.payload.first_name }} come in?"},
        wrong={"subject": "x", "default": "approve"},
        changes=False,
        answer=Answer(chosen="Approve", by="boss"),
    ),
    "flow.branch": Case(
        params={"cases": [{"when": "event.employee == '1001'", "to": "welcome"}], "default": ["other"]},
        wrong={"cases": [{"when": "true", "to": "Welcome!"}]},
        changes=False,
    ),
    "flow.join": Case(
        params={"mode": "all", "sources": {"a": "event.employee == '1001'", "b": "'b' in nodes"}},
        wrong={"mode": "some"},
        changes=False,
    ),
    "flow.set": Case(
        params={"values": {"desk": "Room 1", "days": 14}, "types": {"days": "integer"}},
        wrong={"values": {"changed": True}},
        changes=False,
    ),
    "flow.fail": Case(
        params={"message": "{{ event.payload.first_name }} has no manager"},
        wrong={"message": ""},
        changes=False,
        stops=True,
    ),
    "flow.delay": Case(params={"duration": "PT0S"}, wrong={"duration": "tomorrow"}, changes=False),
}
