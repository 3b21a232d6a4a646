"""What Airflow is told of a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from officeflow.sdk import Question
from officeflow.statuses import RequestKind
from operators.questions import hitl_details

FORM = {
    "properties": {
        "desk": {"type": "integer", "title": "Desk"},
        "iban": {"type": "string", "title": "Account", "x-sensitive": True},
        "keys": {"type": "array", "items": {"type": "string", "enum": ["front", "lab"]}},
        "laptop": {"type": "string"},
    },
    "required": ["laptop", "desk"],
}


def question(form: Mapping[str, Any]) -> Question:
    return Question(
        subject="What is needed?", body="For Monday.", options=("Submit",), kind=RequestKind.FORM, form=form
    )


def test_private_fields_are_not_asked_for_and_are_said_to_be_asked_for_elsewhere() -> None:
    told = hitl_details(question(FORM))
    assert "iban" not in told["params"]
    assert told["body"].startswith("For Monday.\n\nNot to be filled in here, since it is private (Account)")


def test_fields_come_in_the_order_of_the_form_and_lists_are_chosen_from() -> None:
    assert list(hitl_details(question(FORM))["params"]) == ["laptop", "desk", "keys"]
    ordered = hitl_details(question({**FORM, "x-order": ["keys", "iban", "desk"]}))["params"]
    assert list(ordered) == ["keys", "desk", "laptop"]
    assert ordered["keys"]["schema"]["examples"] == ["front", "lab"]
