"""`bench hop`: from a node's end to its successor's start, with the hand-over against without it, and in a
chain of 500 nodes against a chain of five.

By the ledger's own times (the end of an act, the beginning of the next one), so the worker's and Airflow's
part are both in it. With and without take turns, each on a stack that is started with that setting; medians
are compared.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise

from sqlalchemy import select

from benchmarks import chain, frame
from benchmarks.bench import Bench, bench_stack
from benchmarks.measure import median
from officeflow.database.tables import NodeRun
from officeflow.errors import Unavailable
from officeflow.events.topics import EMPLOYEE_ONBOARD
from officeflow.ids import workflow_run_id

SWITCH = "OFFICEFLOW_HANDOVER"
SHORT, LONG = 5, 500
WARM_UP = 2
LONG_SECONDS = 1200.0

Times = tuple[dt.datetime, dt.datetime | None]
"""When an act began, and when it ended."""


def slug(nodes: int) -> str:
    return f"bench-hop-{nodes}"


def dag_id(nodes: int) -> str:
    return f"acme__{slug(nodes)}"


def workflow(nodes: int) -> dict[str, object]:
    """So many notes on record in a row."""
    keys = [f"note_{number}" for number in range(nodes)]
    return {
        "slug": slug(nodes),
        "name": f"Benchmark chain of {nodes}",
        "trigger": {"events": [EMPLOYEE_ONBOARD]},
        "nodes": [{"id": key, **chain.NOTE} for key in keys],
        "edges": [{"from": first, "to": second} for first, second in pairwise(keys)],
    }


def hops(acts: Sequence[Times]) -> list[float]:
    """Seconds from each act's end to the beginning of the next; `acts` in the order of the chain.

    `Unavailable` where one has not ended.
    """
    found = []
    for (_, ended), (began, _) in pairwise(acts):
        if ended is None:
            raise Unavailable("an act of the chain has no end in the ledger")
        found.append((began - ended).total_seconds())
    return found


def run(bench: Bench, nodes: int) -> list[float]:
    """The hops of one run of the chain."""
    (run_id,) = bench.trigger(dag_id(nodes), conf=chain.conf())
    (ended,) = bench.wait_for_end(dag_id(nodes), [run_id], seconds=LONG_SECONDS)
    if ended.state != "success":
        raise Unavailable(f"the run {run_id} of {dag_id(nodes)} failed")
    query = (
        select(NodeRun.started_at, NodeRun.ended_at)
        .where(NodeRun.run_id == workflow_run_id(dag_id(nodes), run_id))
        .order_by(NodeRun.started_at)
    )
    with bench.database.service() as session:
        acts = [(row.started_at, row.ended_at) for row in session.execute(query) if row.started_at]
    if len(acts) != nodes:
        raise Unavailable(f"the ledger has {len(acts)} acts of the {nodes} of {run_id}")
    return hops(acts)


@contextmanager
def switched(bench: Bench, way: str, executor: str) -> Iterator[Bench]:
    """The same stack with the hand-over `on` or `off`, warmed up."""
    home = bench.stack.layout.home
    with bench_stack(environment={SWITCH: way}, executor=executor, home=home) as turned:
        for _ in range(WARM_UP):
            run(turned, SHORT)
        yield turned


def several(bench: Bench, options: argparse.Namespace) -> list[float]:
    found: list[float] = []
    for _ in range(options.runs):
        time.sleep(options.pause)
        found += run(bench, SHORT)
    return found


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    turns, nodes = (1, 50) if options.quick else (options.turns, LONG)
    ways: dict[str, list[float]] = {"off": [], "on": []}
    with bench_stack(environment={SWITCH: "on"}, executor=options.executor) as bench:
        bench.publish(workflow(SHORT))
        publishing = _seconds(lambda: bench.publish(workflow(nodes)))
        for _ in range(turns):
            for way, found in ways.items():
                with switched(bench, way, options.executor) as turned:
                    found.extend(several(turned, options))
                _say(f"hand-over {way}: {median(found):.3f} s a hop")
        long: list[float] = []
        with switched(bench, "on", options.executor) as turned:
            short = several(turned, options)
            whole = _seconds(lambda: long.extend(run(turned, nodes)))
    measured = {f"publishing {nodes} nodes, s": publishing, f"the run of {nodes}, s": whole}
    return [*figures(ways["on"], ways["off"]), *figures_of_length(short, long, measured)]


def figures(on: Sequence[float], off: Sequence[float]) -> list[frame.Result]:
    measured = {
        "without the hand-over, s": median(off),
        "with it, s": median(on),
        "with it, s, slowest": max(on),
        "hops of each": len(on),
    }
    return [frame.Result("hop", median(on) / median(off), "max:0.2", measured)]


def figures_of_length(
    short: Sequence[float], long: Sequence[float], further: Mapping[str, float]
) -> list[frame.Result]:
    measured = {
        f"in a chain of {SHORT}, s": median(short),
        f"in a chain of {len(long) + 1}, s": median(long),
        "slowest of those, s": max(long),
        **further,
    }
    return [frame.Result("hop.500", median(long) / median(short), "max:1.5", measured)]


def _seconds(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--turns", type=int, default=2, help="How often each way is measured.")
    parser.add_argument("--runs", type=int, default=8, help="How many runs of five nodes in a turn.")
    parser.add_argument("--pause", type=float, default=2.0, help="Seconds of rest before each.")
    parser.add_argument(
        "--executor", choices=("local", "celery"), default="local", help="Airflow's executor."
    )
    parser.add_argument("--quick", action="store_true", help="A smoke test: one turn, a chain of 50.")


if __name__ == "__main__":
    frame.main(measure, options)
