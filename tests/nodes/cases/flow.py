from __future__ import annotations

from collections.abc import Mapping

from tests.nodes.case import Case

CASES: Mapping[str, Case] = {
    "branch": Case(
        params={"cases": [{"when": "event.employee == '1001'", "to": "welcome"}], "default": ["other"]},
        wrong={"cases": [{"when": "true", "to": "Welcome!"}]},
        changes=False,
    ),
    "join": Case(
        params={"mode": "all", "sources": {"a": "event.employee == '1001'", "b": "'b' in nodes"}},
        wrong={"mode": "some"},
        changes=False,
    ),
    "for_each": Case(
        params={"items": ["a", 2, {"b": None}], "at_once": 2},
        wrong={"items": "a, b"},
        changes=False,
    ),
    "set": Case(
        params={"values": {"desk": "Room 1", "days": 14}, "types": {"days": "integer"}},
        wrong={"values": {"changed": True}},
        changes=False,
    ),
    "fail": Case(
        params={"message": "{{ event.payload.first_name }} has no manager"},
        wrong={"message": ""},
        changes=False,
        stops=True,
    ),
    "wait_until": Case(
        params={"date": "2020-02-29", "offset": "P1Y", "at": "09:00", "skip": "weekends"},
        wrong={"date": "2027-02-29"},
        changes=False,
    ),
    "delay": Case(params={"duration": "PT0S"}, wrong={"duration": "tomorrow"}, changes=False),
}
