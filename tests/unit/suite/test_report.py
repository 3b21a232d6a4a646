"""What the suite says after its last section."""

from __future__ import annotations

from tests.report import busy_share, closing, slowest, table
from tests.sections import Outcome, Phase, Section

PHASES = (Phase("a.py::one", "setup", 40.0), Phase("a.py::one", "call", 2.0), Phase("a.py::two", "call", 3.0))
OUTCOMES = [
    Outcome(Section(("quick",), 1), 0, "", 5.0, {"passed": 3}),
    Outcome(Section(("slow", "steady"), 1), 1, "", 60.0, {"passed": 1, "failed": 1}, PHASES),
]


def test_the_table_says_where_the_time_of_each_section_went() -> None:
    lines = [line.split() for line in table(OUTCOMES)]
    assert lines[1:] == [
        ["slow", "and", "steady", "2", "60", "40", "5", "0", "15"],
        ["quick", "3", "5", "0", "0", "0", "5"],
    ]


def test_the_slowest_phases_are_named_slowest_first() -> None:
    assert [line.split() for line in slowest(OUTCOMES)] == [
        ["40.0", "setup", "a.py::one"],
        ["3.0", "call", "a.py::two"],
        ["2.0", "call", "a.py::one"],
    ]


def test_a_whole_that_exceeds_its_budget_says_so() -> None:
    assert list(closing(OUTCOMES, 65.0, budget=65.0)) == ["4 passed, 1 failed in 65 s"]
    assert len(list(closing(OUTCOMES, 65.0, budget=60.0))) == 2
    assert len(list(closing(OUTCOMES, 65.0, budget=None))) == 1


def test_the_share_of_busy_time_is_that_of_what_went_by() -> None:
    assert busy_share((100, 50), (300, 100)) == 0.75
    assert busy_share((100, 50), (100, 50)) == 0.0
