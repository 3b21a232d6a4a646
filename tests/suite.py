"""Runs the checks and tests: `./officeflow test [unit | lint | PYTEST ARGUMENTS]`; called by the launcher in our environment.

Without arguments everything: lint, types, architecture, then all tests with coverage. `unit` are the tests that need no server, `lint`
all checks without tests. Anything else goes to pytest as it is. Ends with pytest's own last line; exit status 0 only if all is well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SOURCES = [".", "officeflow"]
CHECKS = {
    "lint": [str(BIN / "ruff"), "check", *SOURCES],
    "format": [str(BIN / "ruff"), "format", "--check", *SOURCES],
    "types": [str(BIN / "mypy")],
    "architecture": [str(BIN / "lint-imports")],
}
COVERAGE = ["--cov", "--cov-config=pyproject.toml", "--cov-branch", "--cov-report=term:skip-covered", "--cov-fail-under=90"]
PYTEST = [sys.executable, "-P", "-m", "pytest", "--timeout=600", "--durations=10"]


def check(name: str, command: list[str], environment: dict[str, str]) -> bool:
    """One line where all is well, the tool's own words where not."""
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    fine = done.returncode == 0
    print(f"{'✓' if fine else '✗'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    if not fine:
        print(done.stdout + done.stderr, flush=True)
    return fine


def main(arguments: list[str]) -> int:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
    failed = []
    if arguments in ([], ["lint"]):
        failed = [name for name, command in CHECKS.items() if not check(name, command, environment)]
    if arguments == ["lint"]:
        return 1 if failed else 0
    which = {(): COVERAGE, ("unit",): ["tests/unit"]}.get(tuple(arguments), arguments)
    status = subprocess.run([*PYTEST, *which], cwd=ROOT, env=environment, check=False).returncode
    if failed:
        print(f"not in order: {', '.join(failed)} (see above)", file=sys.stderr)
    return status or (1 if failed else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
