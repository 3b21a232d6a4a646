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
    "delay": Case(params={"duration": "PT0S"}, wrong={"duration": "tomorrow"}, changes=False),
}
