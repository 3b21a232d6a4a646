"""What is told of a person in all systems: what is as it should be, and what is not."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from dataclasses import replace
from typing import Any

from officeflow.demo.identity import doors, report
from officeflow.demo.identity.expected import Step, missing, wanted
from officeflow.demo.identity.people import FIRST, HEAD, Newcomer, head
from officeflow.demo.identity.reading.seen import ACCOUNT, SESSIONS, Closing, Seen
from officeflow.demo.identity.report import Cell, Told
from officeflow.demo.identity.running import Ran
from officeflow.demo.identity.systems import SYSTEMS, System
from officeflow.demo.report import Teller
from officeflow.runs.follow import RunFound

NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
MEI = Newcomer("E1003", "Mei", "Okafor", FIRST, HEAD)
AIRFLOW = {"url": "http://127.0.0.1:8080", "login": "admin", "password": "p"}


def right(system: System, step: Step) -> Seen:
    """An account as it has to be."""
    return Seen(**{"id": "1", "login": "mei.okafor", **wanted(system, step, MEI)})


def cell(system: System, step: Step, *accounts: Seen) -> Cell:
    return Cell(system, step, accounts, missing(system, step, MEI, accounts))


def told(*cells: Cell, state: str = "success") -> Told:
    run = RunFound("acme__identity-joiner", "evt__1", uuid.UUID(int=1))
    return Told(MEI, {}, AIRFLOW, [Ran("e", NOW, run, state)], [*cells])


def lines(made: Told) -> str:
    teller = Teller(json_output=True)
    teller.stream = io.StringIO()
    report.tell(teller, made)
    return teller.stream.getvalue()


def test_an_account_that_is_as_it_should_be_misses_nothing_at_any_system_after_any_step() -> None:
    for system in SYSTEMS:
        for step in Step:
            assert cell(system, step, right(system, step)).missing == []


def test_whatever_is_otherwise_is_named_with_what_was_expected() -> None:
    for system in SYSTEMS:
        for step in Step:
            is_right = right(system, step)
            for name, value in wanted(system, step, MEI).items():
                other: Any = not value if isinstance(value, bool) else (("X",) if value == () else "X")
                changed: dict[str, Any] = {name: other}
                found = cell(system, step, replace(is_right, **changed))
                (said,) = found.missing
                assert said.startswith(f"{name} is "), (system, step)


def test_nobody_and_two_of_one_number_are_wrong() -> None:
    okta = SYSTEMS[1]
    account = right(okta, Step.HIRED)
    assert cell(okta, Step.HIRED).missing == ["expected one account, found 0"]
    assert cell(okta, Step.HIRED, account, account).missing == ["expected one account, found 2"]


def test_a_system_that_writes_units_in_another_case_means_the_same() -> None:
    ldap = SYSTEMS[-1]
    seen = right(ldap, Step.ENDED)
    assert cell(ldap, Step.ENDED, replace(seen, unit=seen.unit.upper())).missing == []


def test_the_head_of_all_has_no_manager() -> None:
    assert wanted(SYSTEMS[0], Step.HIRED, head())["manager"] == ""


def test_the_table_has_a_row_for_each_system_and_a_column_for_each_step() -> None:
    made = told(*(cell(each, step, right(each, step)) for step in Step for each in SYSTEMS))
    text = lines(made)
    assert made.complete
    assert "Not as it should be" not in text
    for system in SYSTEMS:
        (row,) = [line for line in text.splitlines() if line.startswith(f"{system.title} ")]
        assert row.count("✓") == len(Step)


def test_what_is_missing_and_runs_that_failed_are_told_and_make_it_incomplete() -> None:
    okta = SYSTEMS[1]
    left_in = replace(right(okta, Step.ENDED), active=True)
    made = told(cell(okta, Step.ENDED, left_in), state="failed")
    assert made.problems() == [
        "the run acme__identity-joiner / evt__1 ended as failed",
        "Okta, ended: active is True, expected False",
    ]
    assert "✗ active is True, expected False" in lines(made)
    assert (made.to_json()["complete"], made.to_json()["missing"]) == (False, made.problems())


def test_doors_are_in_the_order_in_which_they_were_closed_with_seconds_from_the_event() -> None:
    scim, okta = SYSTEMS[:2]
    late, soon = (NOW + dt.timedelta(seconds=seconds) for seconds in (3.5, 1.25))
    found = doors.in_order([(scim, Closing(ACCOUNT, late, "a")), (okta, Closing(ACCOUNT, soon, "b"))], NOW)
    assert [(each.system.key, each.seconds) for each in found] == [("okta", 1.25), ("scim", 3.5)]
    assert doors.left_open([scim, okta], found) == [
        "Okta: its journal does not tell that the way in by sessions and tokens was closed"
    ]


def test_only_what_can_end_sessions_has_a_door_of_sessions() -> None:
    both = {each.key for each in SYSTEMS if doors.doors_of(each) == (ACCOUNT, SESSIONS)}
    assert both == {"okta", "entra", "google", "keycloak"}
