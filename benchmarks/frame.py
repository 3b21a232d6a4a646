"""What all benchmarks share: budgets and how figures are told, the machine, and a stack of their own.

A benchmark is a file here whose first docstring says what it measures and which ends with

    if __name__ == "__main__":
        frame.main(measure, options)

where `measure` returns `Result`s, and `options`, where it is given, adds to what the command line takes.
`./officeflow bench NAME` runs it: progress goes to standard error, figures to standard output.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from benchmarks.bench import Bench, bench_stack, extra_packages
from officeflow.cli.interrupts import INTERRUPTED
from officeflow.errors import InvalidInput, OfficeFlowError

__all__ = ["Bench", "Budget", "Result", "bench_stack", "extra_packages", "machine", "main", "report"]

GIBIBYTE = 2**30


@dataclass(frozen=True, slots=True)
class Budget:
    """What a figure has to keep: `min:5` is 5 or more, `max:0.3` is 0.3 or less."""

    kind: str
    limit: float

    @classmethod
    def parse(cls, text: str) -> Budget:
        """`InvalidInput` where it is not `min:NUMBER` or `max:NUMBER`."""
        kind, _, number = text.partition(":")
        try:
            limit = float(number)
        except ValueError:
            limit = float("nan")
        if kind not in {"min", "max"} or limit != limit:  # noqa: PLR0124 - not a number
            raise InvalidInput(f"{text!r} is no budget", hint="write it as min:5 or max:0.3")
        return cls(kind, limit)

    def is_met(self, value: float) -> bool:
        """What is not a number meets nothing."""
        return value >= self.limit if self.kind == "min" else value <= self.limit

    def __str__(self) -> str:
        return f"{self.kind}:{number(self.limit)}"


@dataclass(frozen=True, slots=True)
class Result:
    """One figure and its budget (`min:5`, `max:0.3`).

    `measured` are the values that it was made of, by a name with the unit in it: `{"baseline, nodes/s": 4.1,
    "own, nodes/s": 22.0}`.
    """

    name: str
    value: float
    budget: str
    measured: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Budget.parse(self.budget)

    @property
    def met(self) -> bool:
        return Budget.parse(self.budget).is_met(self.value)

    def __str__(self) -> str:
        budget = Budget.parse(self.budget)
        return (
            f"RESULT {self.name} value={number(self.value)} budget={budget} met={'yes' if self.met else 'no'}"
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "budget": self.budget,
            "met": self.met,
            "measured": dict(self.measured),
        }


def number(value: float) -> str:
    """Four digits, and whole where it is large."""
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"


def machine() -> dict[str, Any]:
    """Cores that this process may use, their model, memory in GiB, kernel and Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _cpu_model(),
        "memory_gib": round(memory / GIBIBYTE, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def _cpu_model() -> str:
    """As x86 names it in /proc/cpuinfo; elsewhere the architecture."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def load() -> list[float]:
    """Load average of the last 1, 5 and 15 minutes."""
    return [round(value, 2) for value in os.getloadavg()]


def report(
    results: Sequence[Result], *, load_before: Sequence[float] | None = None, json_output: bool = False
) -> int:
    """Print the figures, what they were made of, the machine and its load.

    Returns the exit status: 0 where every budget is met, else 1.
    """
    loads = {"before": list(load_before) if load_before else None, "after": load()}
    if json_output:
        told = {"results": [result.as_json() for result in results], "machine": machine(), "load": loads}
        print(json.dumps(told, indent=2), flush=True)
    else:
        _print(results, loads)
    return 0 if all(result.met for result in results) else 1


def _print(results: Sequence[Result], loads: Mapping[str, Sequence[float] | None]) -> None:
    for result in results:
        if result.measured:
            print(
                f"{result.name}: "
                + "; ".join(f"{name} {number(value)}" for name, value in result.measured.items())
            )
    for result in results:
        print(result)
    print("machine: " + ", ".join(f"{name} {value}" for name, value in machine().items()))
    print(
        "load: "
        + ", ".join(f"{when} {' '.join(map(str, values))}" for when, values in loads.items() if values),
        flush=True,
    )


def main(
    measure: Callable[[argparse.Namespace], Sequence[Result]],
    options: Callable[[argparse.ArgumentParser], object] | None = None,
) -> NoReturn:
    """Measure, report and end; `measure` gets what the command line says.

    Exit status: 0 every budget is met, 1 one is not, 2 nothing could be measured, 130 Ctrl-C.
    """
    arguments = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    arguments.add_argument("--json", action="store_true", help="Print JSON, for programs.")
    if options is not None:
        options(arguments)
    given = arguments.parse_args()
    before, started = load(), time.monotonic()
    try:
        results = measure(given)
    except OfficeFlowError as error:
        print(f"officeflow: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)  # who pressed Ctrl-C is told by `officeflow bench`
    print(f"  measured in {time.monotonic() - started:.0f} s", file=sys.stderr)
    sys.exit(report(results, load_before=before, json_output=given.json))
