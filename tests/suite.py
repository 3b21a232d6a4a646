"""Runs the checks and tests: `./officeflow test [all | coverage | unit | lint | PYTEST ARGUMENTS]`; called by
the launcher in our environment.

Without arguments lint, types, architecture, and all tests but the `long` ones; `coverage` runs the same and
measures what the tests go through, `all` has the long ones too and measures as well. Tests run in sections,
three side by side: most of them wait for servers. A test that fails has failed: none is repeated. `unit` are
the tests that need no server, `lint` all checks without tests. Anything else goes to pytest as it is. Exit
status 0 only if all is well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from coverage import CoverageData
from coverage.exceptions import CoverageException

from tests import interrupted, report
from tests.sections import PYTEST, ROOT, run_side_by_side, sections

BIN = Path(sys.executable).parent
SOURCES = [".", "officeflow"]
CHECKS = {
    "lint": [str(BIN / "ruff"), "check", *SOURCES],
    "format": [str(BIN / "ruff"), "format", "--check", *SOURCES],
    "types": [str(BIN / "mypy")],
    "architecture": [str(BIN / "lint-imports")],
    "code": [sys.executable, "-m", "tests.security", "code"],
    "dependencies": [sys.executable, "-m", "tests.security", "dependencies"],
}
TOLD = {"dependencies"}
"""Checks whose result is more than yes or no."""
LEAST_COVERED = 90
"""Per cent of lines and branches."""


def check(name: str, command: list[str], environment: Mapping[str, str]) -> bool:
    """One line where all is well, the tool's own words where not."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    fine = done.returncode == 0
    told = f": {done.stdout.strip()}" if fine and name in TOLD else ""
    print(f"{'✓' if fine else '✗'} {name}{told} ({time.monotonic() - started:.1f} s)", flush=True)
    if not fine:
        print(done.stdout + done.stderr, flush=True)
    return fine


def run_checks(environment: Mapping[str, str]) -> list[str]:
    """The names of those that found something."""
    return [name for name, command in CHECKS.items() if not check(name, command, environment)]


def run_all(environment: Mapping[str, str], *, long: bool = False, measured: bool = False) -> list[str]:
    """The checks beside the first sections, every section, and where `measured` the coverage of all together;
    the names of what is not in order.
    """
    started, before = time.monotonic(), report.processor_times()
    with tempfile.TemporaryDirectory(prefix="officeflow-coverage-") as folder, ThreadPoolExecutor(1) as pool:
        scratch = Path(folder)
        checks = pool.submit(run_checks, environment)
        outcomes = run_side_by_side(
            sections(long=long),
            lambda section: section.run(environment, scratch, long=long, measured=measured),
        )
        wrong = checks.result()
        covered = not measured or report_coverage(environment, scratch)
    seconds, busy = time.monotonic() - started, report.busy_share(before, report.processor_times())
    print(
        f"\nWhere the time went, in seconds (the cores were busy {busy:.0%} of it)",
        *report.table(outcomes),
        sep="\n",
    )
    print("\nWhat took longest", *report.slowest(outcomes), "", sep="\n")
    print(
        *report.closing(outcomes, seconds, budget=None if long or measured else report.BUDGET_SECONDS),
        sep="\n",
        flush=True,
    )
    return [
        *wrong,
        *(outcome.section.title for outcome in outcomes if outcome.status),
        *([] if covered else ["coverage"]),
    ]


def report_coverage(environment: Mapping[str, str], scratch: Path) -> bool:
    own = {**environment, "COVERAGE_FILE": str(scratch / ".coverage")}
    coverage = [sys.executable, "-m", "coverage"]
    drop_unwritten(scratch)
    combined = (
        subprocess.run(
            [*coverage, "combine", "--quiet", str(scratch)], cwd=ROOT, env=own, check=False
        ).returncode
        == 0
    )
    shown = [*coverage, "report", "--skip-covered", f"--fail-under={LEAST_COVERED}"]
    return subprocess.run(shown, cwd=ROOT, env=own, check=False).returncode == 0 and combined


def drop_unwritten(scratch: Path) -> None:
    """The files of processes that were killed while they wrote down what they had covered; a section's own
    file stays, whatever is in it.
    """
    for file in scratch.glob(".coverage.*.pid*"):
        try:
            CoverageData(str(file), read_only=True).read()
        except CoverageException:
            file.unlink()


def main(arguments: Sequence[str]) -> int:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
    match list(arguments):
        case []:
            wrong = run_all(environment)
        case ["coverage"]:
            wrong = run_all(environment, measured=True)
        case ["all"]:
            wrong = run_all(environment, long=True, measured=True)
        case ["lint"]:
            wrong = run_checks(environment)
        case given:
            which = ["tests/unit"] if given == ["unit"] else given
            return subprocess.run(
                [*PYTEST, "--durations=10", *which], cwd=ROOT, env=environment, check=False
            ).returncode
    if wrong:
        print(f"not in order: {', '.join(wrong)} (see above)", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    with interrupted.told():
        sys.exit(main(sys.argv[1:]))
