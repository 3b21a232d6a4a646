"""`bench connectors`: what connectors cost. Processor time of a node against the calls that it makes, by the
same client; import time of a worker with all connectors against one with none; 1,000 accounts that are
listed, against the vendor's own client.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from benchmarks import frame, importing, listing, systems
from benchmarks.bench import PROGRESS
from benchmarks.listing import List, Took
from benchmarks.measure import median
from benchmarks.node_costs import ACT, BARE, KEPT, NODE, Costs, Trial, log_pipe
from officeflow.connectors.connection import Connection
from officeflow.database import migrate
from officeflow.database.engine import Database
from officeflow.database.roles import Logins
from officeflow.demo import setup
from officeflow.demo.identity.systems import SYSTEMS, System

PARTS = frozenset({"postgres", "counterparts"})
FEW, FEWER = 30, 3
"""How often each act is done, each list read and each process started; and how often with `--quick`."""
MILLISECONDS = 1000.0


def nodes(bench: frame.Bench, here: Sequence[System], rounds: int) -> list[frame.Result]:
    stack = bench.stack
    logins = Logins(stack.database_tenant_url, stack.database_service_url, stack.database_gateway_url)
    migrate.upgrade(stack.database_url, logins=logins)
    setup.ensure_organization(bench.database)
    found: list[Costs] = []
    with Database.from_settings() as database, log_pipe() as log:
        for key, made in systems.connections(stack, here).items():
            with PROGRESS.step(f"Nodes at {key}"):
                found += Trial(key, systems.opened_by(made), database, log).costs(rounds)
    return [*map(_of_act, found), _of_all(found)]


def _of_all(found: Sequence[Costs]) -> frame.Result:
    bare, node = ([median(costs.seconds[way]) for costs in found] for way in (BARE, NODE))
    measured = {
        "acts": len(found),
        "bare calls, ms, median of the acts": median(bare) * MILLISECONDS,
        "slowest node, ms": max(node) * MILLISECONDS,
        "node with ledger against the bare calls, median": median(
            [whole / calls for whole, calls in zip(node, bare, strict=True)]
        ),
    }
    return frame.Result("connectors.node_ms", median(node) * MILLISECONDS, "max:15", measured)


def _of_act(costs: Costs) -> frame.Result:
    bare, kept, act, node = (median(costs.seconds[way]) * MILLISECONDS for way in (BARE, KEPT, ACT, NODE))
    measured = {
        "bare calls, ms": bare,
        "by a client that is open, ms": kept,
        "node's act, ms": act,
        "node with ledger and all, ms": node,
    }
    name = costs.type.partition(".")[2]
    return frame.Result(f"connectors.{costs.system}.{name}", act / bare, "max:1.5", measured)


def lists(bench: frame.Bench, here: Sequence[System], rounds: int) -> list[frame.Result]:
    found = {key: systems.opened_by(made) for key, made in systems.connections(bench.stack, here).items()}
    results = []
    scripts: Mapping[str, Callable[[Connection], AbstractContextManager[List]]] = {
        "google": lambda made: listing.google(made, bench.stack.secrets["google_secret"]),
        "ldap": listing.ldap,
    }
    for key in sorted(scripts.keys() & found.keys()):
        with (
            PROGRESS.step(f"Lists at {key}"),
            listing.ours(found[key]) as ours,
            scripts[key](found[key]) as theirs,
        ):
            results.append(_of_list(key, *listing.compared(theirs, ours, rounds)))
    return results


def _of_list(name: str, theirs: Took, ours: Took) -> frame.Result:
    measured = {
        "vendor's client, s": theirs.passed,
        "of which on a processor, s": theirs.computed,
        "own, s": ours.passed,
        "own on a processor, s": ours.computed,
    }
    return frame.Result(f"connectors.list.{name}", ours.passed / theirs.passed, "max:1", measured)


def imports(rounds: int) -> frame.Result:
    with PROGRESS.step("Imports"):
        found = importing.seconds(rounds)
    measured = {f"{name}, s": seconds for name, seconds in found.items()}
    return frame.Result(
        "connectors.imports", found[importing.ALL] / found[importing.NONE], "max:1.2", measured
    )


def measure(given: argparse.Namespace) -> Sequence[frame.Result]:
    rounds = FEWER if given.quick else given.rounds
    results = [imports(max(FEWER, rounds // 4))]
    here, left_out = systems.fetched(given.systems)
    for title, reason in left_out.items():
        print(f"  {title} is left out: {reason}", file=sys.stderr)
    with frame.bench_stack(parts=PARTS, further=systems.further(here)) as bench:
        results += nodes(bench, here, rounds)
        results += lists(bench, here, rounds)
    return results


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=FEW, help="How often each act is done in each way.")
    parser.add_argument(
        "--systems",
        nargs="+",
        choices=[each.key for each in SYSTEMS],
        default=[each.key for each in SYSTEMS],
        help="At which systems; at all unless told.",
    )
    parser.add_argument("--quick", action="store_true", help="A smoke test: few rounds.")


if __name__ == "__main__":
    frame.main(measure, options)
