"""A node of a run at one system of the matrix: planned, run, ended by force, run again, taken back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from officeflow.catalog.registry import node_type
from officeflow.connectors.opening import open_provider
from officeflow.database.engine import Database
from officeflow.database.tables import NameReservation, Organization, WorkflowRun
from officeflow.runner.run import run_node
from officeflow.runs import reservations
from officeflow.sdk import Act, NodeInput, NodeResult, Planned
from tests.nodes.ruled import surroundings
from tests.nodes.world import CONTEXT, CORRELATION, Journal, TestClock, services_of
from tests.systems.system import System, There

KEY = "b2" * 32
RUNS = itertools.count(1)


class Killed(BaseException):
    """Ends an attempt as SIGKILL does: nothing of ours catches it, and nothing is recorded."""


class Stage:
    """One system with Ana (`1001`), if she is to be there, and her boss (`1000`)."""

    def __init__(self, system: System, database: Database) -> None:
        self.system = system
        self.ana, self.boss = system.login("ana"), system.login("boss")
        self.ana_id = ""
        self.clock, self.log = TestClock(), Journal()
        self.services = services_of(database, lambda _: system.connection(), self.clock, self.log)
        self.dag_run_id = f"manual__{next(RUNS)}"
        system.add("boss", "1000", title="Director")

    def with_ana(self) -> None:
        self.ana_id = self.system.add("ana", "1001", title="Trainee")

    def there(self) -> There:
        return self.system.there()

    def by_connector(self, do: Callable[[Any, str], object]) -> None:
        """With the client, and Ana's id."""
        client = self._open()
        try:
            do(client, self.ana_id)
        finally:
            client.close()

    def plan(self, name: str, params: Mapping[str, Any]) -> Sequence[Planned]:
        """As plan mode makes it: by a client that only looks."""
        node = node_type(name)
        client = self._open(only_looks=True)
        try:
            act = dataclasses.replace(
                act_at(self.clock.now(), self.log, KEY), **surroundings(self, node, self.system.provider)
            )
            return node().plan(node.parse(params), client, act)
        finally:
            client.close()

    def run(self, name: str, params: Mapping[str, Any], *, node: str, try_number: int = 1) -> NodeResult:
        """Until it has ended: what waits for the system is run again when it wants to be."""
        given = NodeInput(
            node=node,
            type=name,
            org="acme",
            dag_id="acme__matrix",
            dag_run_id=self.dag_run_id,
            params=params,
            context=CONTEXT,
            connection=self.system.provider,
            try_number=try_number,
        )
        while (result := run_node(given, self.services)).reschedule_at is not None:
            self.clock.moment = result.reschedule_at
        return result

    def run_killed(
        self, name: str, params: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch, *, node: str
    ) -> None:
        """The process ends when the act is done, before it is written down."""

        def die(*_: object) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(node_type(name), "audit", die)
            with pytest.raises(Killed):
                self.run(name, params, node=node)

    def undo(self, name: str, params: Mapping[str, Any], done: NodeResult, way: str) -> None:
        """What was done, in this way."""
        node = node_type(name)
        act = dataclasses.replace(
            act_at(self.clock.now(), self.log, "c3" * 32), way=way, give_back=partial(self._give_back, done)
        )
        client = self._open()
        try:
            node().undo(node.parse(params), node.output_model.model_validate(done.output), client, act)
        finally:
            client.close()

    def kept_names(self) -> int:
        """How many are reserved for this run."""
        ours = WorkflowRun.dag_run_id == self.dag_run_id
        kept = select(func.count(NameReservation.digest)).join(
            WorkflowRun, WorkflowRun.run_id == NameReservation.run_id
        )
        with self.services.database.service() as session:
            return int(session.scalar(kept.where(ours)) or 0)

    def _give_back(self, done: NodeResult) -> int:
        with self.services.database.service() as session:
            org_id = session.scalars(select(Organization.org_id)).one()
        return reservations.give_back(self.services.database, org_id, done.key or "")

    def _open(self, *, only_looks: bool = False) -> Any:
        return open_provider(
            self.system.connection(), correlation_id=CORRELATION, family="identity", only_looks=only_looks
        )


def act_at(moment: dt.datetime, log: Journal, key: str) -> Act:
    """Ana's, in its first attempt."""
    return Act(
        key=key,
        node="it",
        org="acme",
        employee="1001",
        run="r",
        correlation_id=CORRELATION,
        attempt=1,
        resuming=False,
        began_at=moment,
        now=moment,
        log=log,
    )
