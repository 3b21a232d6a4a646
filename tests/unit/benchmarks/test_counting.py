"""What `bench crash` counts in the journals of the customer's systems."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks import counting

ACCOUNT = {"method": "POST", "path": "/v2/Users", "status": 201}
MAIL = {"method": "DATA", "subject": "Welcome"}
MEETING = {"method": "PUT", "path": "/people/onboarding/a.ics", "status": 201}


def entry(kind: Mapping[str, Any], event: str, **changes: Any) -> dict[str, Any]:
    return {**kind, "correlation_id": event, **changes}


def test_each_effect_belongs_to_the_event_of_its_correlation_id() -> None:
    done = counting.effects(
        [entry(ACCOUNT, "a")], [entry(MAIL, "a"), entry(MAIL, "b")], [entry(MEETING, "b")]
    )
    assert done == {("a", "account"): 1, ("a", "mail"): 1, ("b", "mail"): 1, ("b", "meeting"): 1}


@pytest.mark.parametrize(
    "request_",
    [
        entry(ACCOUNT, "a", status=409),
        entry(ACCOUNT, "a", method="GET", status=200),
        entry(ACCOUNT, "a", path="/v2/Groups"),
    ],
    ids=["refused", "looked", "another resource"],
)
def test_only_a_user_that_was_created_is_an_account(request_: dict[str, Any]) -> None:
    assert counting.effects([request_], [], []) == {}


@pytest.mark.parametrize("status", [204, 412])
def test_a_meeting_that_was_there_already_is_no_effect(status: int) -> None:
    assert counting.effects([], [], [entry(MEETING, "a", status=status)]) == {}


def test_what_is_neither_done_nor_asked_is_lost() -> None:
    count = counting.count(["a"], {("a", "account"): 1}, asked=[("a", "mail")])
    assert (count.sent, count.effects, count.lost, count.doubled) == (1, 1, 1, 0)


def test_every_effect_after_the_first_is_a_double() -> None:
    count = counting.count(["a"], {("a", "account"): 1, ("a", "mail"): 3, ("a", "meeting"): 2})
    assert (count.lost, count.doubled, count.effects) == (0, 3, 6)


def test_a_double_does_not_make_up_for_a_loss() -> None:
    count = counting.count(["a", "b"], {("a", kind): 2 for kind in counting.KINDS})
    assert (count.lost, count.doubled) == (3, 3)


def test_effects_of_events_that_nobody_sent_are_told() -> None:
    assert counting.count([], {("x", "mail"): 2}).strange == 2


def test_a_line_that_is_being_written_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_text('{"method": "DATA"}\n{"meth')
    assert counting.journal(path) == [{"method": "DATA"}]
    assert counting.journal(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(
    ("attempts", "failures", "resumed"),
    [
        ({"k": 1}, {}, 0),
        ({"k": 2}, {}, 1),
        ({"k": 2}, {"k": 1}, 0),
        ({"k": 4}, {"k": 1}, 2),
        ({"k": 1}, {"k": 1}, 0),
        ({"k": 2, "l": 3}, {"l": 1}, 2),
    ],
)
def test_a_beginning_that_follows_no_recorded_failure_took_up_a_started_row(
    attempts: dict[str, int], failures: dict[str, int], resumed: int
) -> None:
    assert counting.resumed(attempts, failures) == resumed
