"""Any order of attempts, errors, crashes, redos and answers leaves the ledger as the model says, and no
effect twice under one key.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization
from officeflow.errors import NothingHappened, NotYet, OutcomeUnknown, ParametersChanged, Rejected, Transient
from officeflow.runs import corrections, store
from officeflow.runs.acts import ActRequest, Attempt, Done, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from tests.ledger.conftest import CONF, DAG

pytestmark = pytest.mark.integration

OUTCOMES = [
    "done",
    "refused before",
    "refused after",
    "waits before",
    "waits after",
    "lost before",
    "lost after",
    "crash before",
    "crash after",
    "bug before",
    "bug after",
    "unseen after",
]
"""`lost`, `crash` and `bug` come `before` or `after` the effect, and the ledger cannot tell which; `refused`
and `waits` come instead of it, `before` or `after` the act has looked for what an earlier attempt may have
left. `unseen`: the system says yes, and shows nothing."""
RUNS = itertools.count()


class Death(BaseException):
    """The worker is gone: nothing of what follows in it happens, but the database frees its lock."""


@dataclass
class Generation:
    """What the model knows: `status` as the ledger's, `params` as begun, and whether the effect is there."""

    status: str
    params: str | None = None


class LedgerMachine(RuleBasedStateMachine):
    database: Database
    org: Organization

    @initialize(
        effect=st.sampled_from([Effect.IDEMPOTENT, Effect.KEYED, Effect.CHECK_THEN_ACT, Effect.AT_MOST_ONCE])
    )
    def begin(self, effect: Effect) -> None:
        self.effect = effect
        name = f"run-{next(RUNS)}"
        with self.database.tenant(self.org.org_id) as session:
            run_id = store.ensure_run(
                session, org_id=self.org.org_id, dag_id=DAG, dag_run_id=name, conf=CONF
            ).run_id
        self.run = RunRef(
            run_id=run_id,
            org_id=self.org.org_id,
            org="acme",
            dag_id=DAG,
            dag_run_id=name,
            correlation_id=name,
        )
        self.place = corrections.Place(run=self.run, node="n")
        self.person = corrections.Person(login="ada", why="because")
        self.ledger = Ledger(self.database, SystemClock(), lock_wait=0.1)
        self.system: Counter[str] = Counter()
        self.generations: list[Generation] = []
        self.decisions = 0

    @property
    def newest(self) -> Generation:
        return self.generations[-1]

    @property
    def key(self) -> str:
        return self.request("a").key(len(self.generations))

    def request(self, params: str) -> ActRequest:
        return ActRequest(run=self.run, node="n", type="x.y", effect=self.effect, params={"p": params})

    # ── what a worker does ──

    @rule(outcome=st.sampled_from(OUTCOMES), params=st.sampled_from("ab"))
    def attempt(self, outcome: str, params: str) -> None:
        expected = self.expected(params)
        before = self.system.copy()
        self.found_before = bool(self.generations) and self.system[self.key] > 0
        try:
            recorded = self.ledger.once(self.request(params), lambda attempt: self.act(attempt, outcome))
            happened = "replay" if recorded.replayed else "act"
        except ParametersChanged:
            happened = "refuse"
        except OutcomeUnknown:
            happened = "act" if expected == "act" else "ask"
        except (Rejected, Transient, NothingHappened, NotYet, LookupError, Death):
            happened = "act"
        assert happened == expected
        if happened == "act":
            self.acted(outcome, params)
        else:
            assert self.system == before
            self.newest.status = "ASKED" if happened == "ask" else self.newest.status

    def expected(self, params: str) -> str:
        if not self.generations or self.newest.status in {"QUEUED", "FAILED", "COMPENSATED"}:
            return "act"
        if self.newest.status == "ASKED":
            return "ask"
        if self.newest.params not in {params, None}:
            return "refuse"
        if self.newest.status == "SUCCEEDED":
            return "replay"
        return "ask" if self.effect is Effect.AT_MOST_ONCE else "act"

    def act(self, attempt: Attempt, outcome: str) -> Done:
        self.instead(outcome, "before")
        there = self.system[attempt.key] > 0
        looks = self.effect is Effect.CHECK_THEN_ACT and attempt.resuming
        if looks and not there:
            attempt.nothing_found()
        if looks and there:
            return Done(output={"changed": True})
        self.instead(outcome, "after")
        self.fail(outcome, "before")
        if not (there and self.effect is Effect.KEYED):
            self.system[attempt.key] += 1
        self.fail(outcome, "after")
        return Done(output={"changed": True})

    @staticmethod
    def instead(outcome: str, moment: str) -> None:
        if outcome == f"refused {moment}":
            raise Rejected("no")
        if outcome == f"waits {moment}":
            raise NotYet("later", until=SystemClock().now())

    @staticmethod
    def fail(outcome: str, moment: str) -> None:
        kind, _, when = outcome.partition(" ")
        if when == moment and kind in {"lost", "crash", "bug", "unseen"}:
            unseen = NothingHappened("it is not there", taken=True)
            raise {
                "lost": Transient("no answer", maybe_done=True),
                "crash": Death(),
                "bug": LookupError("bug"),
                "unseen": unseen,
            }[kind]

    def acted(self, outcome: str, params: str) -> None:
        if not self.generations or self.newest.status == "COMPENSATED":
            self.generations.append(Generation("STARTED"))
        generation = self.newest
        resumed = generation.status == "STARTED" and generation.params is not None
        assert not (resumed and self.effect is Effect.AT_MOST_ONCE)
        generation.params = params
        generation.status = self.status_after(outcome, resumed=resumed)

    def status_after(self, outcome: str, *, resumed: bool) -> str:
        kind, _, moment = outcome.partition(" ")
        looked = (
            self.effect is Effect.CHECK_THEN_ACT
            and resumed
            and (kind, moment) not in {("refused", "before"), ("waits", "before")}
        )
        if looked and self.found_before:
            return "SUCCEEDED"
        if kind in {"refused", "waits"} and resumed and not looked:
            return "STARTED"
        open_end = "ASKED" if self.effect is Effect.AT_MOST_ONCE else "STARTED"
        unseen = "ASKED" if self.effect is Effect.CHECK_THEN_ACT else open_end
        ends = {
            "done": "SUCCEEDED",
            "refused": "FAILED",
            "waits": "QUEUED",
            "lost": open_end,
            "bug": open_end,
            "crash": "STARTED",
        }
        return (ends | {"unseen": unseen})[kind]

    # ── what people do ──

    @precondition(lambda self: self.generations)
    @rule()
    def redo(self) -> None:
        allowed = self.newest.status == "QUEUED" and len(self.generations) > 1
        generation = corrections.redo(self.database, self.place, self.person)
        if not allowed:
            self.generations.append(Generation("QUEUED"))
            self.decisions += 1
        assert generation == len(self.generations)

    @precondition(lambda self: self.generations and self.newest.status in {"ASKED", "STARTED"})
    @rule()
    def resolve(self) -> None:
        """The person looks at the system and says what is true."""
        done = self.system[self.key] > 0
        corrections.resolve(self.database, SystemClock(), self.place, self.person, done=done)
        self.newest.status = "SUCCEEDED" if done else "FAILED"
        self.decisions += 1

    @precondition(lambda self: self.generations and self.newest.status == "SUCCEEDED")
    @rule()
    def compensate(self) -> None:
        with self.database.tenant(self.org.org_id) as session:
            session.execute(
                update(NodeRun).where(NodeRun.idempotency_key == self.key).values(status="COMPENSATED")
            )
        self.newest.status = "COMPENSATED"

    # ── what always holds ──

    @invariant()
    def the_ledger_is_as_the_model_says(self) -> None:
        with self.database.tenant(self.org.org_id) as session:
            rows = corrections.acts_of(session, self.run.run_id)
            decided = session.scalars(
                select(AuditRecord.actor).where(AuditRecord.correlation_id == self.run.correlation_id)
            ).all()
        assert [(r.generation, r.status) for r in sorted(rows, key=lambda r: r.generation)] == [
            (number, generation.status) for number, generation in enumerate(self.generations, 1)
        ]
        assert decided.count("airflow:ada") == self.decisions

    @invariant()
    def no_effect_is_there_twice_under_one_key(self) -> None:
        if self.effect is not Effect.IDEMPOTENT:
            assert all(times <= 1 for times in self.system.values())

    @invariant()
    def what_is_recorded_as_done_is_done(self) -> None:
        for number, generation in enumerate(self.generations, 1):
            if generation.status == "SUCCEEDED":
                assert self.system[self.request("a").key(number)] >= 1


def test_the_ledger_follows_its_model(database: Database, org: Organization) -> None:
    LedgerMachine.database, LedgerMachine.org = database, org
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
