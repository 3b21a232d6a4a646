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
}
