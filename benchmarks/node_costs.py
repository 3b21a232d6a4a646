"""Processor time of nodes, and of the same calls made bare.

A node is run by `run_node` as a worker's node process runs it: its expressions, the ledger in PostgreSQL,
audit log and messages, the log's lines through a pipe. Its act is what is done between the ledger's two
transactions: the client opened, the node's own code and calls, the client closed. The bare calls are made by
the same client, opened and closed for each act as the node does it, or kept open. What PostgreSQL and the
customers' systems take is no part of any; what the evaluators of expressions take is the node's.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import Any

from benchmarks.measure import NotFinished
from benchmarks.node_acts import ACTS, Act, Person
from officeflow.connectors.connection import Connection
from officeflow.connectors.opening import open_provider
from officeflow.database.engine import Database
from officeflow.events.topics import EMPLOYEE_ONBOARD
from officeflow.expressions.evaluator.pool import computing_seconds
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.runs.acts import ActFunction, ActRequest, Attempt, Done, Judge, Recorded
from officeflow.runs.ledger import Ledger, no_retry
from officeflow.sdk import NodeInput
from officeflow.worker.task_log import TaskLog

WARM_UP = 3
BARE, KEPT, NODE, ACT = "bare", "kept open", "node", "its act"


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of processor time of each attempt, by the way it was done; `ACT` is a part of `NODE`."""

    type: str
    system: str
    seconds: Mapping[str, list[float]] = field(
        default_factory=lambda: {way: [] for way in (BARE, KEPT, NODE, ACT)}
    )


class TimedLedger(Ledger):
    """Notes what the act itself takes, without being looked for and recorded."""

    def __init__(self, *arguments: Any, acts: list[float], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._acts = acts

    def once(self, request: ActRequest, act: ActFunction, judge: Judge = no_retry) -> Recorded:
        def timed(attempt: Attempt) -> Done:
            before = time.process_time()
            done = act(attempt)
            self._acts.append(time.process_time() - before)
            return done

        return super().once(request, timed, judge)


@dataclass(frozen=True, slots=True)
class TimedServices(Services):
    acts: list[float] = field(default_factory=list)

    @property
    def ledger(self) -> Ledger:
        return TimedLedger(self.database, self.clock, acts=self.acts)


class Trial:
    """Does acts at one system, in each of the ways."""

    def __init__(self, system: str, connection: Connection, database: Database, log: Pipe) -> None:
        self.system, self._connection = system, connection
        self._services = TimedServices(database=database, connect=lambda _: connection, log=TaskLog(log))

    def costs(self, rounds: int) -> list[Costs]:
        """Of all acts. Each way has people of its own, and takes turns with the others."""
        found = [Costs(act.type, self.system) for act in ACTS]
        with _closing(self._open()) as client:
            ways: Mapping[str, Callable[[Act, Person], object]] = {
                BARE: self._bare,
                KEPT: lambda act, person: act.bare(client, person),
                NODE: self._node,
            }
            for number in range(-WARM_UP, rounds):
                for way, do in _turned(ways, number):
                    person = _person(self.system, way, number + WARM_UP)
                    for act, costs in zip(ACTS, found, strict=True):
                        took = _processor_time(lambda: do(act, person))  # noqa: B023 - called at once
                        if number >= 0:
                            costs.seconds[way].append(took)
                        if number >= 0 and way == NODE:
                            costs.seconds[ACT].append(self._services.acts[-1])
        return found

    def _open(self) -> Any:
        return open_provider(self._connection, correlation_id="bench", family="identity")

    def _bare(self, act: Act, person: Person) -> None:
        with _closing(self._open()) as client:
            act.bare(client, person)

    def _node(self, act: Act, person: Person) -> None:
        result = run_node(_given(act, person, self._connection), self._services)
        if result.status != "success" or result.replayed:
            raise NotFinished(f"{act.type} at {self.system}: {result.status} {result.error}")


def _given(act: Act, person: Person, connection: Connection) -> NodeInput:
    event = {
        "id": person.number,
        "source": "bench",
        "kind": EMPLOYEE_ONBOARD,
        "org": "acme",
        "employee": person.number,
        "time": dt.datetime.now(dt.UTC).isoformat(),
        "payload": person.payload(),
    }
    return NodeInput(
        node=act.type.partition(".")[2],
        type=act.type,
        org="acme",
        dag_id="acme__bench-connectors",
        dag_run_id=f"bench__{person.number}",
        params=act.params,
        context={"event": event, "correlation_id": person.number},
        connection=connection.id.partition(".")[2],
    )


def _person(system: str, way: str, number: int) -> Person:
    name = f"{system}{way[0]}{number}"
    return Person(f"{name}@acme.example", name)


def _turned(ways: Mapping[str, Any], number: int) -> list[tuple[str, Any]]:
    """In another order each time."""
    listed = list(ways.items())
    by = number % len(listed)
    return listed[by:] + listed[:by]


def _processor_time(do: Callable[[], object]) -> float:
    """Seconds, of this process and of the evaluators that work for it."""
    before = time.process_time() + computing_seconds()
    do()
    return time.process_time() + computing_seconds() - before


@contextmanager
def _closing(client: Any) -> Iterator[Any]:
    try:
        yield client
    finally:
        client.close()


@contextmanager
def log_pipe() -> Iterator[Pipe]:
    """Where nodes log to: another process reads it, as the worker does."""
    theirs, ours = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("spawn")
    reader = context.Process(target=_read, args=(theirs,), daemon=True)
    reader.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        reader.join(10)


def _read(pipe: Pipe) -> None:
    with suppress(EOFError):
        while True:
            pipe.recv_bytes()
