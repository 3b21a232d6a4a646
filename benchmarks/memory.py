"""`bench memory`: main memory of the whole stack at rest, and again at rest after many runs.

Shared pages are counted once, in parts (PSS). At rest means that half a minute of samples differ by less than
1 %. The first rest that counts comes after some runs to warm up: what is loaded only when it is first needed
is no growth. The rest before them is told as well.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks import chain, frame
from benchmarks.bench import Bench
from benchmarks.measure import most, settled
from officeflow.runtime import processes
from officeflow.stack.supervision import control
from officeflow.stack.supervision.supervisor import Supervisor

MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Rest:
    """MiB: of all processes, and of each service with its children."""

    total: float
    services: Mapping[str, float]


def at_rest(bench: Bench, when: str, *, seconds: float) -> Rest:
    root = Supervisor(bench.stack.layout).pid()
    total = settled(
        lambda: processes.memory(processes.tree(root)).size / MEBIBYTE, seconds=seconds, tolerance=0.01
    )
    services = {
        each.name: each.memory_bytes / MEBIBYTE for each in control.status(bench.stack.layout).services
    }
    print(f"  at rest {when}: {total:.0f} MiB", file=sys.stderr, flush=True)
    return Rest(total, services)


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    runs, warm_up, rest = (10, 4, 10.0) if options.quick else (options.runs, options.warm_up, options.rest)
    with frame.bench_stack(executor=options.executor) as bench:
        chain.prepare(bench, theirs=False)
        cold = at_rest(bench, "before any run", seconds=rest)
        chain.at_once(bench, chain.OURS, warm_up)
        before = at_rest(bench, f"after {warm_up} runs", seconds=rest)
        chain.at_once(bench, chain.OURS, runs, seconds=1800)
        after = at_rest(bench, f"after {runs} more runs", seconds=rest)
    print(f"grown: {most(before.services, after.services, above=2, unit='MiB')}")
    measured = {
        "before any run, MiB": cold.total,
        f"after {warm_up} runs, MiB": before.total,
        f"after {runs} more, MiB": after.total,
    }
    return [frame.Result("memory", after.total / before.total - 1, "max:0.1", measured)]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=500, help="How many runs, of five nodes each.")
    parser.add_argument(
        "--warm-up", type=int, default=20, help="How many runs come before the first rest that counts."
    )
    parser.add_argument("--rest", type=float, default=30.0, help="For how many seconds samples must agree.")
    parser.add_argument(
        "--executor", choices=("local", "celery"), default="local", help="Airflow's executor."
    )
    parser.add_argument("--quick", action="store_true", help="A smoke test: few runs.")


if __name__ == "__main__":
    frame.main(measure, options)
