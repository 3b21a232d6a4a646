"""A worker process that does one node, or several of a run, and can be stopped at a point that matters.

The order says: `database`, `node` (a NodeInput's fields) or `nodes`, `connection`, and `stop`: "before act",
"after act", "after record" or "". At that point the worker sends `stopped` and goes on when it is sent
something, unless it is killed; `stop_node` names the node of the act at which it stops, otherwise it is any.
With `ledger: False` it acts as if there were no ledger. At the end of each node it sends the result as JSON.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import secrets
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection as PipeConnection
from typing import Any

import structlog

from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.runs.acts import ActFunction, ActRequest, Attempt, Done, Judge, Recorded
from officeflow.runs.ledger import Ledger, no_retry
from officeflow.sdk import NodeInput


class Watched(Ledger):
    """The ledger, with a place to stop."""

    point = ""
    node = ""
    """At whose acts it stops; "" for any."""
    door: PipeConnection

    def stop_at(self, point: str, request: ActRequest) -> None:
        if self.point == point and self.node in {"", request.node}:
            self.door.send("stopped")
            self.door.recv()

    def once(self, request: ActRequest, act: ActFunction, judge: Judge = no_retry) -> Recorded:
        def watched(attempt: Attempt) -> Done:
            self.stop_at("before act", request)
            done = act(attempt)
            self.stop_at("after act", request)
            return done

        recorded = self.ask(request, watched, judge)
        self.stop_at("after record", request)
        return recorded

    def ask(self, request: ActRequest, act: ActFunction, judge: Judge) -> Recorded:
        return super().once(request, act, judge)


class Bypassed(Watched):
    """No ledger: every call is the first, and its key is as random as a process without memory would make
    it.
    """

    def ask(self, request: ActRequest, act: ActFunction, judge: Judge) -> Recorded:
        now = self._clock.now()
        attempt = Attempt(key=secrets.token_hex(32), generation=1, number=1, resuming=False, began_at=now)
        output = act(attempt).output
        return Recorded(
            key=attempt.key,
            generation=1,
            attempt=1,
            try_number=1,
            output=output,
            public=output,
            story=[],
            ended_at=now,
            replayed=False,
        )


def main(order: Mapping[str, Any], door: PipeConnection) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    database = Database(order["database"])

    class WatchedServices(Services):
        @property
        def ledger(self) -> Ledger:
            kind = Watched if order.get("ledger", True) else Bypassed
            ledger = kind(self.database, self.clock, lock_wait=order.get("lock_wait", 5.0))
            ledger.point, ledger.door = order.get("stop", ""), door
            ledger.node = order.get("stop_node", "")
            return ledger

    services = WatchedServices(
        database, lambda name: Connection(id=name, **order["connection"]), settle=dt.timedelta(0)
    )
    for node in order.get("nodes") or [order["node"]]:
        door.send(json.dumps(dataclasses.asdict(run_node(NodeInput(**node), services)), default=str))
    database.dispose()
