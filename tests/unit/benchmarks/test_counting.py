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


def test_an_event_that_is_undone_has_no_mail() -> None:
    done = {("a", kind): 1 for kind in counting.KINDS}
    count = counting.count(["a"], done, doomed=["a"])
    assert (count.wanted, count.lost, count.doubled) == (2, 0, 1)


SUSPENDED = {"method": "PATCH", "path": "/v2/Users/1", "status": 200}
CANCELLED = {"method": "PUT", "path": "/people/onboarding/a.ics", "status": 204}


def test_accounts_that_are_suspended_and_meetings_that_are_cancelled_are_undone() -> None:
    undone = counting.undoings([entry(SUSPENDED, "a")], [entry(CANCELLED, "a"), entry(MEETING, "b")])
    assert undone == {("a", "account"): 1, ("a", "meeting"): 1}


@pytest.mark.parametrize(
    "request_",
    [entry(SUSPENDED, "a", status=412), entry(SUSPENDED, "a", path="/v2/Groups/1"), entry(ACCOUNT, "a")],
    ids=["refused", "a group", "created"],
)
def test_only_a_user_that_was_changed_is_suspended(request_: dict[str, Any]) -> None:
    assert counting.undoings([request_], []) == {}


DONE = {("a", kind): 1 for kind in counting.UNDONE_KINDS}


@pytest.mark.parametrize(
    ("undone", "still", "expected"),
    [
        (DONE, [], (2, 0, 0)),
        ({("a", "account"): 2, ("a", "meeting"): 1}, [], (2, 0, 1)),
        ({("a", "account"): 1}, [("a", "meeting")], (1, 1, 0)),
        (DONE, [("a", "account")], (2, 1, 0)),
        ({**DONE, ("b", "account"): 1}, [], (2, 0, 1)),
    ],
    ids=["each once", "one twice", "one not", "one is there again", "one that is to stay"],
)
def test_what_is_undone_is_undone_once(
    undone: dict[counting.Act, int], still: list[counting.Act], expected: tuple[int, int, int]
) -> None:
    count = counting.count_undone(["a"], DONE, undone, still)
    assert (count.acts, count.lost, count.doubled) == expected


def test_what_was_never_done_need_not_be_undone() -> None:
    assert counting.count_undone(["a"], {}, {}, []) == counting.Undone(acts=0, lost=0, doubled=0)
