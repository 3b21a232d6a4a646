"""`bench throughput`: nodes that are completed in a second, with ledger, audit log and outbox written,
against plain PythonOperators.

40 runs of a chain of five (notes on record, look-ups at a SCIM server) wait and are let go at once, after
some to warm up; counted from the first task's start to the last one's end. The PythonOperators of the same
graph make the same look-ups, and record nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks import chain, frame
from benchmarks.bench import Bench
from benchmarks.measure import cpu_by_service, most


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    runs = 4 if options.quick else options.runs
    return [measure_with(executor, runs) for executor in options.executor or ["local", "celery"]]


def measure_with(executor: str, runs: int) -> frame.Result:
    with frame.bench_stack(
        dags=chain.DAGS, environment={"PYTHONPATH": str(frame.extra_packages())}, executor=executor
    ) as bench:
        chain.prepare(bench)
        warm_up = max(2, runs // 5)
        for dag_id in (chain.THEIRS, chain.OURS):
            chain.at_once(bench, dag_id, warm_up)
        theirs, ours = (profiled(bench, dag_id, runs) for dag_id in (chain.THEIRS, chain.OURS))
    measured = {
        "PythonOperators, tasks/s": theirs.per_second,
        f"own, nodes/s, queue {ours.queue}": ours.per_second,
        "tasks of each": ours.tasks,
    }
    return frame.Result(f"throughput.{executor}", ours.per_second / theirs.per_second, "min:6", measured)


def profiled(bench: Bench, dag_id: str, runs: int) -> chain.Ran:
    """As `chain.at_once`; tells which processes took the time."""
    layout = bench.stack.layout
    before = cpu_by_service(layout)
    found = chain.at_once(bench, dag_id, runs)
    print(
        f"  {dag_id}: {found.per_second:.1f} a second; CPU:"
        f" {most(before, cpu_by_service(layout), above=0.3, unit='s')}",
        file=sys.stderr,
    )
    return found


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=40, help="How many runs of five nodes.")
    parser.add_argument(
        "--executor",
        action="append",
        choices=("local", "celery"),
        help="Only with this executor of Airflow's.",
    )
    parser.add_argument("--quick", action="store_true", help="A smoke test: few runs.")


if __name__ == "__main__":
    frame.main(measure, options)
