"""`bench latency`: one run of a chain of five nodes on an idle system, against the same graph of
PythonOperators.

From the run's creation to its end, in turns with a pause between; the medians are compared.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import chain, frame
from benchmarks.bench import Bench
from benchmarks.measure import median
from officeflow.errors import Unavailable
from officeflow.stack.airflow.settings import tasks_at_once


@dataclass(frozen=True, slots=True)
class One:
    """Seconds of one run: from its creation to its end, and those of them in which one of its tasks ran."""

    whole: float
    in_tasks: float


def one(bench: Bench, dag_id: str) -> One:
    run_ids = bench.trigger(dag_id, conf=chain.conf())
    (ended,) = bench.wait_for_end(dag_id, run_ids)
    if ended.state != "success":
        raise Unavailable(f"the run {ended.run_id} of {dag_id} failed")
    return One(ended.ended - ended.queued, seconds_in_tasks(bench, dag_id, ended.run_id))


def warm_up(bench: Bench, dag_id: str) -> None:
    """So many runs at once that each of Airflow's workers has had a task before anything is measured."""
    for _ in range(2):
        bench.wait_for_end(dag_id, bench.trigger(dag_id, 2 * tasks_at_once(), chain.conf()))


def seconds_in_tasks(bench: Bench, dag_id: str, run_id: str) -> float:
    query = (
        "select sum(extract(epoch from end_date - start_date))::float8 from task_instance where dag_id = %s"
        " and run_id = %s"
    )
    row = bench.airflow_tables.execute(query, (dag_id, run_id)).fetchone()
    return float(row[0]) if row else 0.0


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    rounds = 2 if options.quick else options.rounds
    with frame.bench_stack(
        dags=chain.DAGS, environment={"PYTHONPATH": str(frame.extra_packages())}, executor=options.executor
    ) as bench:
        chain.prepare(bench)
        ways: dict[str, list[One]] = {chain.THEIRS: [], chain.OURS: []}
        for dag_id in ways:
            warm_up(bench, dag_id)
        for _ in range(rounds):
            for dag_id, runs in ways.items():
                time.sleep(options.pause)
                runs.append(one(bench, dag_id))
    theirs, ours = (median([run.whole for run in ways[dag_id]]) for dag_id in (chain.THEIRS, chain.OURS))
    measured = {
        "PythonOperators, s, median": theirs,
        "of which in tasks, s": median([run.in_tasks for run in ways[chain.THEIRS]]),
        "own, s, median": ours,
        "of which in nodes, s": median([run.in_tasks for run in ways[chain.OURS]]),
        "own, s, slowest": max(run.whole for run in ways[chain.OURS]),
        "runs of each": rounds,
    }
    return [frame.Result("latency", ours / theirs, "max:0.35", measured)]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=9, help="How many runs of each.")
    parser.add_argument("--pause", type=float, default=3.0, help="Seconds of rest before each.")
    parser.add_argument(
        "--executor", choices=("local", "celery"), default="local", help="Airflow's executor."
    )
    parser.add_argument("--quick", action="store_true", help="A smoke test: few runs.")


if __name__ == "__main__":
    frame.main(measure, options)
