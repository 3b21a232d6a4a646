"""`bench waiting`: what ten thousand runs that wait cost the others.

Runs that wait for an answer, for a time and for both are made; then one run of a chain of five nodes at a
time is measured as in `bench latency`, and the processor time of Airflow's processes and the steward in a
quiet minute, both against the same stack before. Some of the runs (`--real`) are made through Airflow's API
and wait as their nodes make them wait; the others are copies of those rows in Airflow's tables: through the
API ten thousand take most of an hour on two cores. At the end a thousand of them are answered at once, by
Airflow's API, against as many fresh runs of one node.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks import chain, frame, latency
from benchmarks.bench import Bench
from benchmarks.copies import copy_runs
from benchmarks.measure import cpu_by_service, median, wait_for
from officeflow.airflow_api.client import AirflowApi
from officeflow.errors import Unavailable
from officeflow.events.topics import EMPLOYEE_ONBOARD

AT = ("airflow-scheduler", "steward", "airflow-api", "airflow-triggerer")
"""Whose processor time counts."""

THREADS = 8


def _workflow(slug: str, *waits: Mapping[str, Any]) -> dict[str, Any]:
    keys = [f"wait{number}" for number in range(len(waits))]
    nodes = [{"id": key, **wait} for key, wait in zip(keys, waits, strict=True)]
    return {
        "slug": slug,
        "name": slug,
        "trigger": {"events": [EMPLOYEE_ONBOARD]},
        "nodes": [*nodes, {"id": "after", **chain.NOTE}],
        "edges": [{"from": key, "to": "after"} for key in keys],
    }


ASK = {"type": "human.approval", "params": {"subject": "May ${{ event.employee }} start?"}}
DELAY = {"type": "flow.delay", "params": {"duration": "P3D"}}
WAITS = (
    _workflow("bench-asks", ASK),
    _workflow("bench-delays", DELAY),
    _workflow("bench-both", ASK, DELAY),
)
FRESH = _workflow("bench-fresh")
ASKS = "acme__bench-asks"


def tell(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def parked(bench: Bench) -> int:
    query = "select count(*) from dag_run where state = 'running' and run_after > now()"
    row = bench.airflow_tables.execute(query).fetchone()
    return int(row[0]) if row else 0


def one_at_a_time(bench: Bench, options: argparse.Namespace) -> float:
    """Median seconds of a run of five nodes."""
    runs = []
    for _ in range(options.rounds):
        time.sleep(options.pause)
        runs.append(latency.one(bench, chain.OURS).whole)
    return median(runs)


def quiet(bench: Bench, seconds: float) -> dict[str, float]:
    """Processor seconds of each of `AT` while nothing is asked of them."""
    before = cpu_by_service(bench.stack.layout)
    time.sleep(seconds)
    after = cpu_by_service(bench.stack.layout)
    return {name: after[name] - before[name] for name in AT}


def start(bench: Bench, dag_id: str, count: int) -> list[str]:
    """So many runs, each about a person of its own, by several at once."""
    with ThreadPoolExecutor(THREADS) as threads:
        each = threads.map(lambda _: bench.trigger(dag_id, conf=chain.conf()), range(count))
        return [run_id for run_ids in each for run_id in run_ids]


def make_waiting(bench: Bench, options: argparse.Namespace) -> tuple[list[str], float]:
    """The ids of those that were really asked, and the seconds until all that were really made are parked."""
    began = time.monotonic()
    share = -(-options.real // len(WAITS))
    made = {f"acme__{each['slug']}": start(bench, f"acme__{each['slug']}", share) for each in WAITS}
    total = share * len(WAITS)
    tell(f"{total} runs are made in {time.monotonic() - began:.0f} s")
    wait_for(lambda: parked(bench) >= total, what="the runs to be parked", seconds=900, pause=1.0)
    seconds = time.monotonic() - began
    tell(f"all {total} are parked after {seconds:.0f} s")
    if (rest := options.runs - total) > 0:
        per_dag = {dag_id: -(-rest // len(made)) for dag_id in made}
        copy_runs(bench, {dag_id: (made[dag_id][0], count) for dag_id, count in per_dag.items()})
        tell(f"{parked(bench)} are parked, {sum(per_dag.values())} of them copies")
    return made[ASKS], seconds


def answer_all(bench: Bench, run_ids: Sequence[str]) -> float:
    """Seconds from the first answer to the end of the last run."""
    began = time.time()

    def answer(run_id: str) -> None:
        path = f"/api/v2/dags/{ASKS}/dagRuns/{run_id}/taskInstances/wait0/-1/hitlDetails"
        admin._call("PATCH", path, json={"chosen_options": ["Approve"]})  # noqa: SLF001 - no client of ours answers for people

    password = bench.stack.secrets["airflow_admin"]
    with (
        AirflowApi(bench.stack.airflow_url, "admin", password) as admin,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        list(threads.map(answer, run_ids))
    ended = bench.wait_for_end(ASKS, run_ids, seconds=900)
    if failed := [run for run in ended if run.state != "success"]:
        raise Unavailable(f"{len(failed)} of {len(ended)} answered runs failed, such as {failed[0].run_id}")
    return max(run.ended for run in ended) - began


def fresh(bench: Bench, count: int) -> float:
    """Seconds from the first of so many runs of one node to the end of the last."""
    began = time.time()
    dag_id = f"acme__{FRESH['slug']}"
    ended = bench.wait_for_end(dag_id, start(bench, dag_id, count), seconds=900)
    return max(run.ended for run in ended) - began


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    if options.quick:
        options.runs, options.real, options.woken = 60, 30, 10
        options.rounds, options.quiet, options.pause = 2, 10.0, 1.0
    with frame.bench_stack(executor=options.executor) as bench:
        chain.prepare(bench, theirs=False)
        for workflow in (*WAITS, FRESH):
            bench.publish(workflow)
        latency.warm_up(bench, chain.OURS)
        time.sleep(options.settle)
        alone, still = one_at_a_time(bench, options), quiet(bench, options.quiet)
        tell(f"with none: {alone:.2f} s a run, {sum(still.values()):.2f} s CPU in {options.quiet:.0f} s")
        asked, seconds = make_waiting(bench, options)
        time.sleep(options.settle)
        beside, busy = one_at_a_time(bench, options), quiet(bench, options.quiet)
        number = parked(bench)
        woken = min(options.woken, len(asked))
        answered, anew = answer_all(bench, asked[:woken]), fresh(bench, woken)
    measured = {"runs that wait": number, "with none, s, median": alone, "beside them, s, median": beside}
    cpu = {f"{name}, none, CPU s": value for name, value in still.items()}
    cpu |= {f"{name}, with them, CPU s": value for name, value in busy.items()}
    made = {"made through Airflow and parked, runs": options.real, "after, s": seconds}
    waking = {f"{woken} answered, s": answered, f"{woken} fresh runs of one node, s": anew, **made}
    return [
        frame.Result("waiting.latency", beside / alone, "max:1.25", measured),
        frame.Result("waiting.cpu", sum(busy.values()) / sum(still.values()), "max:1.1", cpu),
        frame.Result("waiting.waking", answered / anew, "max:inf", waking),
    ]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=10_000, help="How many runs wait.")
    parser.add_argument(
        "--real", type=int, default=3_000, help="How many of them are made through Airflow's API."
    )
    parser.add_argument("--woken", type=int, default=1_000, help="How many are answered at once, at most.")
    parser.add_argument("--rounds", type=int, default=9, help="How many runs of five nodes.")
    parser.add_argument("--pause", type=float, default=3.0, help="Seconds of rest before each.")
    parser.add_argument("--quiet", type=float, default=60.0, help="Seconds in which nothing is asked.")
    parser.add_argument("--settle", type=float, default=20.0, help="Seconds of rest before measuring.")
    parser.add_argument(
        "--executor", choices=("local", "celery"), default="local", help="Airflow's executor."
    )
    parser.add_argument("--quick", action="store_true", help="A smoke test: few runs.")


if __name__ == "__main__":
    frame.main(measure, options)
