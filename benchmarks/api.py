"""`bench api`: the ten routes that a dashboard polls, against Airflow's own `GET /api/v2/dags` on the same
api-server, with few rows and with many.

Clients ask as soon as they have their answer, in turns: Airflow's route, ours, and again. Then the database
gets so many runs and ledger rows that nobody would page through them, and ours are asked once more.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import httpx

from benchmarks import chain, frame, many_rows
from benchmarks.bench import PROGRESS, Bench
from benchmarks.measure import median
from benchmarks.polling import Polled, poll
from officeflow.api.paths import PATH

BASELINE = ("/api/v2/dags",)
ROUTES = tuple(
    f"{PATH}/organizations/acme/{each}"
    for each in (
        "runs",
        "runs?status=RUNNING",
        "runs?status=FAILED&limit=10",
        "requests",
        "inbox",
        "metrics/runs",
        "metrics/open-runs",
        "metrics/durations",
        "metrics/failures",
        "metrics/questions",
    )
)


def _token(bench: Bench) -> str:
    answer = httpx.post(
        f"{bench.stack.airflow_url}/auth/token",
        json={"username": "admin", "password": bench.stack.secrets["airflow_admin"]},
        timeout=30,
    )
    return str(answer.raise_for_status().json()["access_token"])


def _asked(bench: Bench, token: str, options: argparse.Namespace, paths: Sequence[str]) -> Polled:
    return poll(bench.stack.airflow_url, token, paths, clients=options.clients, seconds=options.seconds)


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    environment = {"OFFICEFLOW_API_RATE": "100000000 per 1 minute"}
    with frame.bench_stack(dags=chain.DAGS, environment=environment) as bench:
        chain.prepare(bench)
        token = _token(bench)
        with PROGRESS.step(f"{options.few:,} runs"):
            many_rows.add(bench, runs=options.few, acts=10 * options.few)
        for paths in (BASELINE, ROUTES):
            _asked(bench, token, options, paths)  # whatever is made at the first request is made now
        theirs, few = [], []
        for _ in range(options.rounds):
            theirs.append(_asked(bench, token, options, BASELINE))
            few.append(_asked(bench, token, options, ROUTES))
        with PROGRESS.step(f"{options.many:,} runs, {10 * options.many:,} ledger rows"):
            many_rows.add(bench, runs=options.many - options.few, acts=10 * (options.many - options.few))
        time.sleep(options.rest)
        many = [_asked(bench, token, options, ROUTES) for _ in range(options.rounds)]
    return _results(theirs, few, many)


def _results(theirs: list[Polled], few: list[Polled], many: list[Polled]) -> list[frame.Result]:
    speed = {
        name: median([each.per_second for each in polled])
        for name, polled in (("theirs", theirs), ("few", few), ("many", many))
    }
    slow = {
        name: median([each.p99 for each in polled])
        for name, polled in (("theirs", theirs), ("few", few), ("many", many))
    }
    return [
        frame.Result(
            "api",
            speed["few"] / speed["theirs"],
            "min:3",
            {"GET /api/v2/dags, requests/s": speed["theirs"], "own, requests/s": speed["few"]},
        ),
        frame.Result(
            "api.p99",
            slow["few"] / slow["theirs"],
            "max:0.5",
            {"GET /api/v2/dags, ms": 1000 * slow["theirs"], "own, ms": 1000 * slow["few"]},
        ),
        frame.Result(
            "api.many",
            speed["few"] / speed["many"],
            "max:1.5",
            {"few rows, requests/s": speed["few"], "many rows, requests/s": speed["many"]},
        ),
        frame.Result(
            "api.many.p99",
            slow["many"] / slow["few"],
            "max:1.5",
            {"few rows, ms": 1000 * slow["few"], "many rows, ms": 1000 * slow["many"]},
        ),
    ]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=3, help="How often each is asked.")
    parser.add_argument("--seconds", type=float, default=10.0, help="How long, each time.")
    parser.add_argument("--clients", type=int, default=4, help="How many ask at once.")
    parser.add_argument("--few", type=int, default=1000, help="Runs at first.")
    parser.add_argument("--many", type=int, default=100_000, help="Runs at last; ten ledger rows to each.")
    parser.add_argument("--rest", type=float, default=20.0, help="Seconds of rest after the rows came.")


if __name__ == "__main__":
    frame.main(measure, options)
