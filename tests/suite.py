"""Runs the checks and tests: `./officeflow test [unit | lint | PYTEST ARGUMENTS]`; called by the launcher in our environment.

Without arguments everything: lint, types, architecture, then all tests with coverage, in sections of which two run side by side: most of
them wait for servers. A few tests that fail then run once more when nothing else does, and are named: beside others a real broker may be
too slow for one, while a fault fails again. `unit` are the tests that need no server, `lint` all checks without tests. Anything else goes
to pytest as it is. Exit status 0 only if all is well.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import interrupted

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
BIN = Path(sys.executable).parent
SOURCES = [".", "officeflow"]
CHECKS = {
    "lint": [str(BIN / "ruff"), "check", *SOURCES],
    "format": [str(BIN / "ruff"), "format", "--check", *SOURCES],
    "types": [str(BIN / "mypy")],
    "architecture": [str(BIN / "lint-imports")],
}
PYTEST = [sys.executable, "-P", "-m", "pytest", "--timeout=600"]
LEAST_COVERED = 90
"""Per cent of lines and branches."""
MOST_REPEATED = 5
"""Failures of one section; more than these are no accident and run no second time."""

WITH_AIRFLOW = (("e2e",), ("doors",), ("airflow",), ("stack",))
WITHOUT = (("nodes", "ledger"), ("listeners",), ("connectors", "events"))
"""Folders of tests that run in one session. The ones with Airflow follow each other, and beside them those without, of which the last
section is all folders that are not named here."""

SOME_FAILED = int(pytest.ExitCode.TESTS_FAILED)
COUNT = re.compile(r"(\d+) (passed|failed|error|errors|skipped|xfailed)\b")


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    folders: tuple[str, ...]

    def run(self, environment: Mapping[str, str], scratch: Path, *, failed_only: bool = False) -> Outcome:
        """All tests of the section, or those that failed before; the coverage of what they ran stays in `scratch`."""
        started = time.monotonic()
        own_name = self.folders[0].rpartition("/")[2]
        coverage = ["--cov", "--cov-config=pyproject.toml", "--cov-branch", "--cov-report="]
        which = ["-o", f"cache_dir={scratch / own_name}", *(["--last-failed", "--last-failed-no-failures=none"] if failed_only else [])]
        own = {**environment, "COVERAGE_FILE": str(scratch / f".coverage.{own_name}{'.again' * failed_only}")}
        command = [*PYTEST, "--durations=5", *coverage, *which, *self.folders]
        done = subprocess.run(command, cwd=ROOT, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return Outcome(self, done.returncode, done.stdout, time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class Outcome:
    section: Section
    status: int
    said: str
    seconds: float

    @property
    def counts(self) -> Iterator[tuple[str, int]]:
        last = self.said.rstrip().rpartition("\n")[2]
        return ((word.removesuffix("s") if word == "errors" else word, int(number)) for number, word in COUNT.findall(last))

    def count(self, *words: str) -> int:
        return sum(number for word, number in self.counts if word in words)

    @property
    def may_be_chance(self) -> bool:
        return self.status == SOME_FAILED and self.count("failed", "error") <= MOST_REPEATED

    def repeated(self, again: Outcome) -> Outcome:
        """This one with what the second run of its failures showed."""
        passed = self.count("passed") + again.count("passed")
        closing = f"{again.count('failed', 'error')} failed, {passed} passed\n"
        return Outcome(self.section, again.status, self.said + again.said + closing, self.seconds + again.seconds)

    def tell(self, note: str = "") -> None:
        """One line where all is well; all that pytest said where not."""
        counts = ", ".join(f"{number} {word}" for word, number in self.counts) or "no result"
        print(f"{'✓' if self.status == 0 else '✗'} {self.section.name}{note}: {counts} ({self.seconds:.0f} s)", flush=True)
        if self.status:
            print(self.said, flush=True)


def lanes() -> tuple[list[Section], list[Section]]:
    """Two lists of sections to be run side by side."""
    named = {folder for folders in (*WITH_AIRFLOW, *WITHOUT) for folder in folders}
    others = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/test_*.py")} - named
    return [_section(folders) for folders in WITH_AIRFLOW], [*map(_section, WITHOUT), _section(sorted(others), "the others")]


def _section(folders: Sequence[str], name: str = "") -> Section:
    return Section(name or " and ".join(folders), tuple(f"tests/{folder}" for folder in folders))


def run_lane(listed: Sequence[Section], environment: Mapping[str, str], scratch: Path) -> list[Outcome]:
    outcomes = []
    for section in listed:
        outcomes.append(section.run(environment, scratch))
        outcomes[-1].tell()
    return outcomes


def repeat(outcome: Outcome, environment: Mapping[str, str], scratch: Path) -> Outcome:
    """The few tests that failed beside others once more, alone."""
    again = outcome.section.run(environment, scratch, failed_only=True)
    again.tell(", what failed once more and alone")
    return outcome.repeated(again)


def check(name: str, command: list[str], environment: Mapping[str, str]) -> bool:
    """One line where all is well, the tool's own words where not."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    fine = done.returncode == 0
    print(f"{'✓' if fine else '✗'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    if not fine:
        print(done.stdout + done.stderr, flush=True)
    return fine


def run_checks(environment: Mapping[str, str]) -> list[str]:
    """The names of those that found something."""
    return [name for name, command in CHECKS.items() if not check(name, command, environment)]


def run_all(environment: Mapping[str, str]) -> list[str]:
    """Every section, and the coverage of all together; the names of those that are not in order."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="officeflow-coverage-") as scratch, ThreadPoolExecutor() as pool:
        running = [pool.submit(run_lane, lane, environment, Path(scratch)) for lane in lanes()]
        first = [outcome for lane in running for outcome in lane.result()]
        outcomes = [repeat(outcome, environment, Path(scratch)) if outcome.may_be_chance else outcome for outcome in first]
        covered = report_coverage(environment, Path(scratch))
    total = {word: sum(outcome.count(word) for outcome in outcomes) for word in ("passed", "failed", "error", "skipped")}
    print(f"{', '.join(f'{number} {word}' for word, number in total.items())} in {time.monotonic() - started:.0f} s", flush=True)
    return [o.section.name for o in outcomes if o.status] + ([] if covered else ["coverage"])


def report_coverage(environment: Mapping[str, str], scratch: Path) -> bool:
    own = {**environment, "COVERAGE_FILE": str(scratch / ".coverage")}
    coverage = [sys.executable, "-m", "coverage"]
    combined = subprocess.run([*coverage, "combine", "--quiet", str(scratch)], cwd=ROOT, env=own, check=False).returncode == 0
    report = [*coverage, "report", "--skip-covered", f"--fail-under={LEAST_COVERED}"]
    return subprocess.run(report, cwd=ROOT, env=own, check=False).returncode == 0 and combined


def main(arguments: Sequence[str]) -> int:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
    match list(arguments):
        case []:
            wrong = run_checks(environment) + run_all(environment)
        case ["lint"]:
            wrong = run_checks(environment)
        case given:
            which = ["tests/unit"] if given == ["unit"] else given
            return subprocess.run([*PYTEST, "--durations=10", *which], cwd=ROOT, env=environment, check=False).returncode
    if wrong:
        print(f"not in order: {', '.join(wrong)} (see above)", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    with interrupted.told():
        sys.exit(main(sys.argv[1:]))
