from __future__ import annotations

from collections.abc import Mapping

from officeflow.sdk import Answer
from tests.nodes.case import Case

CASES: Mapping[str, Case] = {
    "approval": Case(
        params={"subject": "May {{ event.payload.first_name }} come in?"},
        wrong={"subject": "x", "default": "approve"},
        changes=False,
        answer=Answer(chosen="Approve", by="boss"),
    ),
    "form": Case(
        params={
            "subject": "What does {{ event.payload.first_name }} need?",
            "form": {
                "properties": {"laptop": {"type": "string", "enum": ["light", "strong"]}},
                "required": ["laptop"],
            },
        },
        wrong={"subject": "x", "form": {"properties": {"laptop": {"type": "device"}}}},
        changes=False,
        answer=Answer(chosen="Submit", by="boss", values={"laptop": "light"}),
    ),
    "task": Case(
        params={"subject": "Hand out a laptop", "due": "2026-12-01T09:00:00+01:00"},
        wrong={"subject": "x", "remind_before": "PT1H"},
        changes=False,
        answer=Answer(chosen="Done", by="boss", values={"reason": "shelf 3"}),
    ),
}
