"""The benchmarks' budgets, and how figures are told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import frame
from benchmarks.frame import Budget, Result
from officeflow.cli import bench as cli
from officeflow.cli.main import run
from officeflow.errors import InvalidInput


@pytest.mark.parametrize("text", ["min:5", "max:0.3", "max:0", "min:1200"])
def test_a_budget_is_written_as_it_was_read(text: str) -> None:
    assert str(Budget.parse(text)) == text


@pytest.mark.parametrize("text", ["", "5", "min", "min:", "least:5", "max:five", "max:nan", "min:5:6"])
def test_what_is_no_budget_is_refused_where_it_is_written(text: str) -> None:
    with pytest.raises(InvalidInput, match="min:5"):
        Result("figure", 1.0, text)


@pytest.mark.parametrize(
    ("budget", "value", "met"),
    [
        ("min:5", 5.0, True),
        ("min:5", 4.99, False),
        ("max:0.3", 0.3, True),
        ("max:0.3", 0.31, False),
        ("max:0", 0.0, True),
        ("min:5", float("nan"), False),
        ("max:5", float("nan"), False),
    ],
)
def test_a_budget_is_met_up_to_its_limit_and_never_by_what_is_no_number(
    budget: str, value: float, met: bool
) -> None:
    assert Result("figure", value, budget).met is met


def test_a_figure_is_one_line_for_programs_to_read() -> None:
    assert (
        str(Result("throughput.local", 5.1234567, "min:5"))
        == "RESULT throughput.local value=5.123 budget=min:5 met=yes"
    )
    assert (
        str(Result("events.p99", 0.0213, "max:0.02"))
        == "RESULT events.p99 value=0.0213 budget=max:0.02 met=no"
    )


def test_a_report_shows_what_a_figure_was_made_of_the_machine_and_its_load(
    capsys: pytest.CaptureFixture[str],
) -> None:
    measured = {"baseline, nodes/s": 4.0, "own, nodes/s": 22.0}
    status = frame.report([Result("throughput.local", 5.5, "min:5", measured)], load_before=[0.1, 0.2, 0.3])
    shown = capsys.readouterr().out
    assert status == 0
    assert "throughput.local: baseline, nodes/s 4; own, nodes/s 22" in shown
    assert f"cores {frame.machine()['cores']}" in shown
    assert "load: before 0.1 0.2 0.3, after " in shown


def test_a_missed_budget_is_the_exit_status_and_json_says_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    results = [Result("lost", 0, "max:0"), Result("doubled", 1, "max:0")]
    assert frame.report(results, json_output=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(result["name"], result["met"]) for result in told["results"]] == [
        ("lost", True),
        ("doubled", False),
    ]
    assert set(told) == {"results", "machine", "load"}


def test_benchmarks_are_the_modules_that_can_be_run(tmp_path: Path) -> None:
    (tmp_path / "idle.py").write_text(
        '"""What an idle system\ncosts.\n\nMore of it."""\n\nif __name__ == "__main__":\n    main()\n'
    )
    (tmp_path / "frame.py").write_text('"""What they share: if __name__ == "__main__": is theirs."""\n')
    assert cli.benchmarks(tmp_path) == {"idle": "What an idle system costs."}


def test_an_unknown_benchmark_names_the_known_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "idle.py").write_text('"""Idle."""\n\nif __name__ == "__main__":\n    main()\n')
    monkeypatch.setattr(cli, "FOLDER", tmp_path)
    with pytest.raises(SystemExit) as ended:
        run(["bench", "throughput"])
    assert ended.value.code == 2
    assert "known: idle" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        run(["bench"])
    assert ended.value.code == 0
    assert "idle" in capsys.readouterr().out


def test_a_measurement_ends_with_the_report_and_its_exit_status(tmp_path: Path) -> None:
    script = tmp_path / "tiny.py"
    script.write_text(
        '"""Nothing much."""\n\nfrom benchmarks import frame\n\nif __name__ == "__main__":\n'
        '    frame.main(lambda _: [frame.Result("tiny", 2.0, "max:1")])\n'
    )
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(frame.__file__).parents[1])},
    )
    assert done.returncode == 1
    assert "RESULT tiny value=2 budget=max:1 met=no" in done.stdout.splitlines()
    assert "measured in" in done.stderr
