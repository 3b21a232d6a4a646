"""The order in which the suite runs its sections, and what becomes of one that fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import sections
from tests.sections import Outcome, Queue, Section, run_side_by_side


def section(name: str, seconds: int, *, airflow: bool = False) -> Section:
    return Section((name,), seconds, airflow=airflow)


def test_what_takes_longest_begins_first_and_no_three_airflows_run_together_while_there_is_other_work() -> (
    None
):
    listed = [
        section("third", 8, airflow=True),
        section("second", 9, airflow=True),
        section("first", 10, airflow=True),
        section("short", 1),
        section("middling", 5),
    ]
    queue = Queue(listed)
    begun = [queue.take() for _ in range(4)]
    assert [each and each.title for each in begun] == ["first", "second", "middling", "short"]
    assert queue.take() == listed[0], "nothing else is left"
    assert queue.take() is None


def test_the_next_airflow_begins_when_one_of_those_before_has_ended() -> None:
    listed = [*(section(str(number), number, airflow=True) for number in (7, 8, 9)), section("short", 1)]
    queue = Queue(listed)
    first, _ = queue.take(), queue.take()
    queue.ended(first or listed[0])
    assert queue.take() == listed[0]


def test_every_section_is_run_once_and_a_failure_keeps_no_other_from_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = [section(str(number), number) for number in range(5)]
    outcomes = run_side_by_side(
        listed,
        lambda each: Outcome(each, int(each.title == "3"), f"said by {each.title}", 0.1, {"passed": 1}),
    )
    assert {(outcome.section.title, outcome.status) for outcome in outcomes} == {
        ("0", 0),
        ("1", 0),
        ("2", 0),
        ("3", 1),
        ("4", 0),
    }
    told = capsys.readouterr().out
    assert [f"said by {number}" in told for number in range(5)] == [False, False, False, True, False]


def test_every_folder_with_tests_is_in_one_section() -> None:
    listed = [folder for each in sections.sections() for folder in each.folders]
    assert sorted(listed) == sorted(
        {path.relative_to(sections.TESTS).parts[0] for path in sections.TESTS.glob("*/**/test_*.py")}
    )


def test_the_doors_are_tried_once_more_without_the_handover_among_the_long_ones() -> None:
    (further,) = [each for each in sections.sections(long=True) if each not in sections.sections()]
    (doors,) = [each for each in sections.sections() if each.folders == ("doors",)]
    assert (further.folders, further.variables) == (doors.folders, {"OFFICEFLOW_HANDOVER": "off"})
    assert further.key != doors.key


TESTS = """
import pytest

@pytest.fixture
def broken():
    raise RuntimeError

def test_fine(): pass
def test_failing(): assert False
def test_broken(broken): pass

@pytest.mark.skip
def test_skipped(): pass

@pytest.mark.long
def test_long(): pass
"""


@pytest.mark.parametrize("all_of_it", [False, True])
def test_a_section_tells_how_its_tests_ended_and_leaves_out_the_long_ones_and_coverage_unless_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, all_of_it: bool
) -> None:
    (tmp_path / "tests" / "small").mkdir(parents=True)
    (tmp_path / "tests" / "small" / "test_all.py").write_text(TESTS)
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\nmarkers = ["long"]\n')
    monkeypatch.setattr(sections, "ROOT", tmp_path)
    monkeypatch.setattr(sections, "PYTEST", [*sections.PYTEST, "-p", "no:hypothesispytest"])
    environment = {
        **os.environ,
        "PYTHONPATH": str(sections.TESTS.parent),
        "CI": "",
        "COVERAGE_PROCESS_CONFIG": "",
    }
    outcome = section("small", 1).run(environment, tmp_path, long=all_of_it, measured=all_of_it)
    assert outcome.status == 1
    assert outcome.counts == {"passed": 1 + all_of_it, "failed": 1, "error": 1, "skipped": 1}
    assert {phase.kind for phase in outcome.phases if phase.test.endswith("test_fine")} == {
        "setup",
        "call",
        "teardown",
    }
    assert any(tmp_path.glob(".coverage.small*")) is all_of_it
