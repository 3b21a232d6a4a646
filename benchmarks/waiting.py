"""`bench waiting`: what ten thousand runs that wait cost the others.

Runs that wait for an answer, for a time, for an event and for all three are made; then one run of a chain of
five nodes at a time is measured as in `bench latency`, and the processor time of Airflow's processes and the
steward in a quiet minute, both against the same stack before. The processor time is measured once more before
the half that asks is there: of open questions Airflow's scheduler reads a row each time it looks for tasks to
queue, whatever we do. Those that are answered later (`--asked`) and
some of each other kind (`--others`) are made through Airflow's API and wait as their nodes make them wait;
the rest are copies of those, row by row, in Airflow's tables and in ours. At the end those that were asked
are all answered at once, by Airflow's API, against as many fresh runs of one node; and the events come that
some wait for.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks import chain, frame, latency
from benchmarks.bench import Bench
from benchmarks.copies import copy_runs, waiting_rows
from benchmarks.measure import cpu_by_service, median, wait_for
from officeflow.airflow_api.client import AirflowApi
from officeflow.errors import Unavailable
from officeflow.events.producer import EventProducer, NewEvent, compose
from officeflow.events.topics import EMPLOYEE_ONBOARD, EMPLOYEE_UPDATE

AT = ("airflow-scheduler", "steward", "airflow-api", "airflow-triggerer")
"""Whose processor time counts."""

BESIDE = ("postgres",)
"""Whose processor time is shown too."""

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


ASK = {
    "type": "human.approval",
    "params": {"subject": "May {{ event.employee }} start?", "timeout": "P14D", "remind_before": "P2D"},
}
DELAY = {"type": "flow.delay", "params": {"duration": "P3D"}}
EVENT = {"type": "flow.wait_for_event", "params": {"kinds": [EMPLOYEE_UPDATE], "timeout": "P28D"}}
WAITS = (
    _workflow("bench-asks", ASK),
    _workflow("bench-delays", DELAY),
    _workflow("bench-events", EVENT),
    _workflow("bench-mixed", ASK, DELAY, EVENT),
)
ASKING, UNASKED = (WAITS[0], WAITS[3]), WAITS[1:3]
FRESH = _workflow("bench-fresh")
ASKS, EVENTS = "acme__bench-asks", "acme__bench-events"


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
    """Processor seconds of each of `AT`, and of what is shown beside them, while nothing is asked of them."""
    before = cpu_by_service(bench.stack.layout)
    time.sleep(seconds)
    after = cpu_by_service(bench.stack.layout)
    return {name: after[name] - before[name] for name in (*AT, *BESIDE)}


def counted(spent: Mapping[str, float]) -> float:
    return sum(spent[name] for name in AT)


def start(bench: Bench, dag_id: str, count: int) -> dict[str, str]:
    """So many runs, each about a person of its own, by several at once: the person of each run."""
    with ThreadPoolExecutor(THREADS) as threads:
        return dict(threads.map(lambda _: _start_one(bench, dag_id), range(count)))


def _start_one(bench: Bench, dag_id: str) -> tuple[str, str]:
    conf = chain.conf()
    (run_id,) = bench.trigger(dag_id, conf=conf)
    return run_id, conf["event"]["employee"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Persons by run, of the runs of each DAG that were really made; the seconds until all of them were
    parked.
    """

    made: Mapping[str, Mapping[str, str]]
    seconds: float

    @property
    def number(self) -> int:
        return sum(map(len, self.made.values()))

    def and_also(self, other: Waiting) -> Waiting:
        return Waiting({**self.made, **other.made}, self.seconds + other.seconds)


def make_waiting(
    bench: Bench, options: argparse.Namespace, workflows: Sequence[Mapping[str, Any]]
) -> Waiting:
    """Each of these has as many runs that wait as each other of `WAITS` has or will have."""
    began, before = time.monotonic(), parked(bench)
    numbers = {
        f"acme__{each['slug']}": options.asked if each is WAITS[0] else options.others for each in workflows
    }
    made = {dag_id: start(bench, dag_id, number) for dag_id, number in numbers.items()}
    total = sum(numbers.values())
    tell(f"{total} runs are made in {time.monotonic() - began:.0f} s")
    wait_for(lambda: parked(bench) >= before + total, what="the runs to be parked", seconds=1800, pause=1.0)
    waiting = Waiting(made, time.monotonic() - began)
    tell(f"all {total} are parked after {waiting.seconds:.0f} s")
    copy_rest(bench, waiting, options.runs // len(WAITS))
    return waiting


def copy_rest(bench: Bench, waiting: Waiting, share: int) -> None:
    """Copies until there are so many of each kind."""
    wanted = {dag_id: (next(iter(made)), share - len(made)) for dag_id, made in waiting.made.items()}
    copy_runs(bench, {dag_id: each for dag_id, each in wanted.items() if each[1] > 0})
    open_rows = ", ".join(f"{name} {number}" for name, number in waiting_rows(bench).items())
    tell(f"{parked(bench)} are parked; open with us: {open_rows}")


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
    return last_end(bench, ASKS, run_ids) - began


def last_end(bench: Bench, dag_id: str, run_ids: Sequence[str]) -> float:
    """When the last of these runs ended, all of them well."""
    ended = bench.wait_for_end(dag_id, run_ids, seconds=1200)
    if failed := [run for run in ended if run.state != "success"]:
        raise Unavailable(f"{len(failed)} of {len(ended)} woken runs failed, such as {failed[0].run_id}")
    return max(run.ended for run in ended)


def send_all(bench: Bench, runs: Mapping[str, str]) -> float:
    """Seconds from the first event that a run waits for to the end of the last run."""
    began, org_id = time.time(), bench.org.org_id
    events = [
        NewEvent(
            kind=EMPLOYEE_UPDATE,
            organization=bench.org.slug,
            employee=employee,
            payload={"location": "Lisbon"},
            time=dt.datetime.now(dt.UTC),
            source="https://hr.example",
            id=f"came-{employee}",
        )
        for employee in runs.values()
    ]
    EventProducer(bench.stack.kafka).send([compose(each, org_id=org_id) for each in events])
    return last_end(bench, EVENTS, list(runs)) - began


def fresh(bench: Bench, count: int) -> float:
    """Seconds from the first of so many runs of one node to the end of the last."""
    began = time.time()
    dag_id = f"acme__{FRESH['slug']}"
    return last_end(bench, dag_id, list(start(bench, dag_id, count))) - began


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    if options.quick:
        options.runs, options.asked, options.others = 60, 10, 3
        options.rounds, options.quiet, options.pause = 2, 10.0, 1.0
    with frame.bench_stack(executor=options.executor) as bench:
        chain.prepare(bench, theirs=False)
        for workflow in (*WAITS, FRESH):
            bench.publish(workflow)
        latency.warm_up(bench, chain.OURS)
        time.sleep(options.settle)
        alone, still = one_at_a_time(bench, options), quiet(bench, options.quiet)
        tell(f"with none: {alone:.2f} s a run, {counted(still):.2f} s CPU in {options.quiet:.0f} s")
        unasked = make_waiting(bench, options, UNASKED)
        time.sleep(options.settle)
        half, unasked_busy = parked(bench), quiet(bench, options.quiet)
        tell(f"with {half} that ask nobody: {counted(unasked_busy):.2f} s CPU in {options.quiet:.0f} s")
        waiting = unasked.and_also(make_waiting(bench, options, ASKING))
        time.sleep(options.settle)
        beside, busy = one_at_a_time(bench, options), quiet(bench, options.quiet)
        number = parked(bench)
        tell(f"with {number}: {beside:.2f} s a run, {counted(busy):.2f} s CPU in {options.quiet:.0f} s")
        woken = woken_at_once(bench, waiting)
    measured = {"runs that wait": number, "with none, s, median": alone, "beside them, s, median": beside}
    cpu = {f"{name}, none, CPU s": value for name, value in still.items()}
    unasked_cpu = {"runs that wait": half, **cpu} | {
        f"{name}, with them, CPU s": value for name, value in unasked_busy.items()
    }
    cpu |= {f"{name}, with them, CPU s": value for name, value in busy.items()}
    return [
        frame.Result("waiting.latency", beside / alone, "max:1.25", measured),
        frame.Result("waiting.cpu_unasked", counted(unasked_busy) / counted(still), "max:1.1", unasked_cpu),
        frame.Result("waiting.cpu", counted(busy) / counted(still), "max:1.1", cpu),
        woken,
    ]


def woken_at_once(bench: Bench, waiting: Waiting) -> frame.Result:
    asked, awaiting = list(waiting.made[ASKS]), waiting.made[EVENTS]
    answered = answer_all(bench, asked)
    tell(f"{len(asked)} answered at once have ended after {answered:.0f} s")
    anew = fresh(bench, len(asked))
    tell(f"{len(asked)} fresh runs of one node have ended after {anew:.0f} s")
    measured = {
        f"{len(asked)} answered, s": answered,
        f"{len(asked)} fresh runs of one node, s": anew,
        f"{len(awaiting)} whose events came, s": send_all(bench, awaiting),
        "made through Airflow and parked, runs": waiting.number,
        "after, s": waiting.seconds,
    }
    return frame.Result("waiting.waking", answered / anew, "max:inf", measured)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runs", type=int, default=10_000, help="How many runs wait.")
    parser.add_argument(
        "--asked", type=int, default=1_000, help="How many of them are really asked, and answered at once."
    )
    parser.add_argument(
        "--others", type=int, default=50, help="How many of each other kind are made through Airflow's API."
    )
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
