"""The line that says whom a run is about."""

from __future__ import annotations

from officeflow.events.about import LONGEST, about


def test_it_names_the_person_and_why_the_run_was_started() -> None:
    assert (
        about("E1042", "Ana García", "employee.onboard")
        == "Ana García (E1042): employee.onboard, started by hand"
    )
    assert about("E_1042", "", "employee.exit", event="7f0c-1") == "E_1042: employee.exit, event 7f0c-1"


def test_what_others_wrote_is_text_and_no_markdown() -> None:
    assert about("![x](http://evil.example)", "<b>*Ana*</b>", "employee.exit").startswith(
        "\\<b\\>\\*Ana\\*\\</b\\> (\\!\\[x\\](http://evil.example)): "
    )
    assert about("_E1_", "", "employee.exit").startswith("\\_E1\\_: ")


def test_it_fits_into_what_airflow_keeps() -> None:
    assert len(about("*" * 255, "[" * 600, "employee.exit", event="`" * 255)) == LONGEST
