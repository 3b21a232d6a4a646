"""Sections of the tests: folders that share one session of pytest, and so its servers; some of them run side
by side.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests import interrupted

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
PYTEST = [sys.executable, "-P", "-m", "pytest", "--timeout=600"]
COVERAGE = ["--cov", "--cov-config=pyproject.toml", "--cov-branch", "--cov-report="]
SIDE_BY_SIDE = 3
"""One more than the cores of the machine that the time is meant for: most tests wait for something."""
AIRFLOWS_AT_ONCE = 2
"""One after the other they would take longer than all else beside them."""


@dataclass(frozen=True, slots=True)
class Section:
    folders: tuple[str, ...]
    seconds: int
    """How long it takes beside others on a quiet machine of two cores: what takes longest begins first."""
    airflow: bool = False
    """Whether an Airflow runs during all of it, which keeps half a core busy."""
    name: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Of its environment."""

    @property
    def title(self) -> str:
        return self.name or " and ".join(self.folders)

    @property
    def key(self) -> str:
        """Names its files."""
        return "-".join([self.folders[0], *self.variables.values()])

    def run(
        self, environment: Mapping[str, str], scratch: Path, *, long: bool = False, measured: bool = False
    ) -> Outcome:
        """All its tests, those marked `long` where asked; where `measured`, the coverage of what they ran
        stays in `scratch`.
        """
        started, timing = time.monotonic(), scratch / f"timing.{self.key}"
        command = [*PYTEST, *(COVERAGE if measured else []), *self._asked(scratch, timing, long=long)]
        coverage = {"COVERAGE_FILE": str(scratch / f".coverage.{self.key}")}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**environment, **self.variables, **coverage},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        told = json.loads(timing.read_text()) if timing.exists() else {"counts": {}, "phases": []}
        phases = tuple(Phase(*phase) for phase in told["phases"])
        return Outcome(self, done.returncode, done.stdout, time.monotonic() - started, told["counts"], phases)

    def _asked(self, scratch: Path, timing: Path, *, long: bool) -> list[str]:
        kept = [
            "-p",
            "tests.timing",
            f"--timing={timing}",
            "-o",
            f"cache_dir={scratch / self.key}.cache",
        ]
        return [*kept, *([] if long else ["-m", "not long"]), *(f"tests/{folder}" for folder in self.folders)]


@dataclass(frozen=True, slots=True)
class Phase:
    test: str
    kind: str
    """`setup`, `call` or `teardown`."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    section: Section
    status: int
    said: str
    seconds: float
    counts: Mapping[str, int] = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()

    def tell(self) -> None:
        """One line where all is well; all that pytest said where not."""
        counts = ", ".join(f"{number} {word}" for word, number in self.counts.items()) or self._no_result()
        print(
            f"{'✓' if self.status == 0 else '✗'} {self.section.title}: {counts} ({self.seconds:.0f} s)",
            flush=True,
        )
        if self.status:
            print(self.said, flush=True)

    def _no_result(self) -> str:
        if self.status >= 0:
            return f"no result, exit status {self.status}"
        return f"no result, ended by {signal.Signals(-self.status).name}"


DOORS_SECONDS = 500
NAMED = (
    Section(("e2e",), 450, airflow=True),
    Section(("airflow",), 905, airflow=True),
    Section(("doors",), DOORS_SECONDS, airflow=True),
    Section(("listeners",), 400),
    Section(("nodes", "ledger"), 290),
    Section(("stack", "launcher"), 220),
    Section(("connectors", "counterparts", "systems", "events"), 420),
    Section(("api", "scim"), 280),
    Section(("gateway", "privacy"), 120),
)
OTHERS_SECONDS = 600
NOT_HANDED_ON = Section(
    ("doors",),
    DOORS_SECONDS,
    airflow=True,
    name="doors, handover off",
    variables={"OFFICEFLOW_HANDOVER": "off"},
)
"""The same tests once more, where each task comes by the scheduler; with the long ones alone."""


def sections(*, long: bool = False) -> list[Section]:
    """All; the last one has every folder of tests that no other names."""
    named = {folder for section in NAMED for folder in section.folders}
    others = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/test_*.py")} - named
    listed = [*NAMED, *([NOT_HANDED_ON] if long else [])]
    return [*listed, Section(tuple(sorted(others)), OTHERS_SECONDS, name="the others")]


class Queue:
    """What waits to be run, longest first.

    No more than two sections with an Airflow run side by side, unless nothing else is left.
    """

    def __init__(self, waiting: Iterable[Section]) -> None:
        self._waiting = sorted(waiting, key=lambda section: -section.seconds)
        self._with_airflow = 0
        self._lock = threading.Lock()

    def take(self) -> Section | None:
        """The next one to begin, None when none is left or the suite was interrupted; `ended` comes after
        it.
        """
        with self._lock:
            full = self._with_airflow >= AIRFLOWS_AT_ONCE
            free = [section for section in self._waiting if not (section.airflow and full)] or self._waiting
            if not free or interrupted.ENDING.is_set():
                return None
            taken = free[0]
            self._waiting.remove(taken)
            self._with_airflow += taken.airflow
            return taken

    def ended(self, section: Section) -> None:
        with self._lock:
            self._with_airflow -= section.airflow


def run_side_by_side(listed: Sequence[Section], run: Callable[[Section], Outcome]) -> list[Outcome]:
    """Every section's outcome, each told as soon as it is there."""
    queue, outcomes = Queue(listed), []

    def work() -> None:
        while section := queue.take():
            try:
                outcomes.append(run(section))
            finally:
                queue.ended(section)
            outcomes[-1].tell()

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for worker in [pool.submit(work) for _ in range(SIDE_BY_SIDE)]:
            worker.result()
    return outcomes
